//! Values of variables: written, shown to few and in the audit log's sight, and brought back.

use serde_json::{Value, json};
use skep::domain::right::{Place, Role};
use skep_tests::{app::TestApp, client::Client, db_test, world};

async fn project(admin: &Client) -> String {
    let made = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
    format!("/api/v1/projects/{}", made["id"].as_str().expect("an id"))
}

async fn set(client: &Client, project: &str, key: &str, value: &str) {
    let body = json!({"variables": [{"key": key, "value": value}]});
    client.patch(&format!("{project}/variables"), body).await.ok(200);
}

async fn value(client: &Client, project: &str, key: &str) -> Value {
    client.post(&format!("{project}/variables/{key}/reveal"), json!({})).await.ok(200)["value"].clone()
}

async fn versions(client: &Client, project: &str) -> Vec<i64> {
    let all = client.get(&format!("{project}/variable-versions")).await.ok(200);
    all["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|old| old["version"].as_i64().expect("a number"))
        .collect()
}

db_test! {
    async fn a_value_is_kept_until_it_is_brought_back(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = project(&admin).await;
        set(&admin, &project, "MODE", "one").await;
        assert!(versions(&admin, &project).await.is_empty());
        set(&admin, &project, "MODE", "two").await;
        set(&admin, &project, "MODE", "two").await;
        assert_eq!(versions(&admin, &project).await, [1], "the same again is no change");
        let now = admin.get(&format!("{project}/variables")).await.ok(200)["items"][0].clone();
        assert_eq!((&now["version"], &now["changed_by"]), (&json!(2), &json!("admin@example.org")));
        let back = format!("{project}/variables/MODE/restore");
        admin.post(&back, json!({"version": 2})).await.refused(404, "not_found");
        admin.post(&back, json!({"version": 1})).await.ok(204);
        assert_eq!(value(&admin, &project, "MODE").await, "one");
        assert_eq!(versions(&admin, &project).await, [2, 1]);
        for i in 0..30 {
            set(&admin, &project, "MODE", &format!("v{i}")).await;
        }
        assert_eq!(versions(&admin, &project).await.len(), 20, "not without end");
        // Taken away is away, and begins anew.
        admin.delete(&format!("{project}/variables/MODE")).await.ok(204);
        assert!(versions(&admin, &project).await.is_empty());
        admin.post(&back, json!({"version": 30})).await.refused(404, "not_found");
        set(&admin, &project, "MODE", "new").await;
        assert_eq!(admin.get(&format!("{project}/variables")).await.ok(200)["items"][0]["version"], 1);
    }

    async fn a_value_is_shown_by_right_and_each_look_is_recorded(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = project(&admin).await;
        set(&admin, &project, "PASSWORD", "hunter2 \u{e9}\n${{x").await;
        let team = admin.get("/api/v1/team").await.ok(200)["team"]["id"].as_str().unwrap().parse().unwrap();
        let reveal = format!("{project}/variables/PASSWORD/reveal");
        for (i, role) in [Role::Viewer, Role::Deployer].into_iter().enumerate() {
            let actor = world::member(&app.parts, team, &format!("m{i}@example.org"), &[(Place::Team, role)]).await;
            app.program_of(actor).await.post(&reveal, json!({})).await.refused(403, "forbidden");
        }
        assert_eq!(value(&admin, &project, "PASSWORD").await, "hunter2 \u{e9}\n${{x", "byte for byte");
        admin.post(&format!("{project}/variables/NOTHING/reveal"), json!({})).await.refused(404, "not_found");
        let log = admin.get("/api/v1/audit?action=variable.").await;
        assert!(!log.text.contains("hunter2"));
        let log = log.ok(200);
        let actions: Vec<_> = log["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
        assert_eq!(actions, [json!("variable.reveal"), json!("variable.set")]);
        assert!(log.to_string().contains("admin@example.org"), "{log}");
    }
}
