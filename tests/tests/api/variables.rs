//! Values of variables: written, shown to few and in the audit log's sight, and brought back.

use axum::http::Method;
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

    async fn an_import_does_what_was_shown_or_nothing(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = project(&admin).await;
        let to = format!("{project}/variable-imports");
        for (key, value) in [("SAME", "1"), ("OTHER", "old"), ("GONE", "x")] {
            set(&admin, &project, key, value).await;
        }
        let text = "SAME=1\nexport OTHER='hunter2 new' # note\nNEW=\"hunter2\\nline\"\n";
        let shown = admin.post(&to, json!({"text": text, "replace": true, "dry_run": true})).await;
        assert!(!shown.text.contains("hunter2"), "{}", shown.text);
        let shown = shown.ok(200);
        assert_eq!((&shown["added"], &shown["changed"]), (&json!(["NEW"]), &json!(["OTHER"])));
        assert_eq!((&shown["unchanged"], &shown["removed"]), (&json!(["SAME"]), &json!(["GONE"])));
        assert_eq!(value(&admin, &project, "OTHER").await, "old", "nothing was written");

        set(&admin, &project, "SAME", "2").await;
        let body = json!({"text": text, "replace": true, "state": shown["state"]});
        admin.post(&to, body.clone()).await.refused(409, "changed");
        assert_eq!(value(&admin, &project, "GONE").await, "x");
        let again = admin.post(&to, json!({"text": text, "replace": true, "dry_run": true})).await.ok(200);
        let body = json!({"text": text, "replace": true, "state": again["state"]});
        let done = admin.post(&to, body.clone()).await.ok(200);
        assert_eq!(done["changed"], json!(["SAME", "OTHER"]));
        assert_eq!(value(&admin, &project, "NEW").await, "hunter2\nline");
        assert_eq!(value(&admin, &project, "OTHER").await, "hunter2 new");
        let all = admin.get(&format!("{project}/variables")).await.ok(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 3);
        admin.post(&to, body).await.refused(409, "changed");
        let same = admin.post(&to, json!({"text": text})).await.ok(200);
        assert_eq!((&same["unchanged"], &same["added"]), (&json!(["SAME", "OTHER", "NEW"]), &json!([])));
        let log = admin.get("/api/v1/audit?action=variable.import").await;
        assert!(!log.text.contains("hunter2") && log.text.contains("GONE"), "{}", log.text);
        assert_eq!(log.ok(200)["items"].as_array().unwrap().len(), 1, "what changes nothing is not there");
    }

    async fn every_wrong_line_of_an_import_is_told_without_what_stands_there(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = project(&admin).await;
        let to = format!("{project}/variable-imports");
        let text = "A=1\nhunter2\n1B=hunter2\nA=hunter2\nC='hunter2\n";
        let answer = admin.post(&to, json!({"text": text})).await;
        assert!(!answer.text.contains("hunter2"), "{}", answer.text);
        let told = answer.ok(422);
        let told: Vec<&str> = told["errors"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap()).collect();
        assert!(told.iter().any(|rule| rule.starts_with("line 4 gives a name again that line 1 has")), "{told:?}");
        assert!(told.iter().any(|rule| rule.starts_with("line 5 has a ' that is not closed")), "{told:?}");
        for (text, rule) in [("hunter2", "line 1 has no `=`"), ("1B=hunter2", "line 1 has a wrong name"), ("# x", "no line"),
            ("\nA=hunter2\0", "line 2 must not contain a NUL")] {
            let answer = admin.post(&to, json!({"text": text})).await;
            assert!(answer.text.contains(rule) && !answer.text.contains("hunter2"), "{}", answer.text);
        }
        assert_eq!(admin.get(&format!("{project}/variables")).await.ok(200)["items"], json!([]));
    }

    async fn delivery_stays_with_other_values_and_is_an_apps_own(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let made = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let source = json!({"kind": "image", "image": "nginx:1"});
        let body = json!({"environment": made["environments"][0]["id"], "name": "web", "source": source});
        let made = admin.post("/api/v1/apps", body).await.ok(201);
        let path = format!("/api/v1/apps/{}", made["id"].as_str().unwrap());
        let first = |all: &Value| all["items"][0]["delivery"].clone();
        set(&admin, &path, "DB_PASSWORD", "hunter2").await;
        let list = admin.get(&format!("{path}/variables")).await.ok(200);
        assert_eq!(first(&list), json!({"kind": "environment"}));
        let to = format!("{path}/variables/DB_PASSWORD/delivery");
        let body = json!({"kind": "file", "services": ["web"], "owner": "1000:1000"});
        admin.json(Method::PUT, &to, body).await.ok(204);
        set(&admin, &path, "DB_PASSWORD", "hunter3").await;
        admin.post(&format!("{path}/variables/DB_PASSWORD/restore"), json!({"version": 1})).await.ok(204);
        let list = admin.get(&format!("{path}/variables")).await.ok(200);
        assert_eq!(
            first(&list),
            json!({"kind": "file", "name": "DB_PASSWORD", "services": ["web"], "owner": "1000:1000"})
        );
        for body in [
            json!({"kind": "file", "name": "../x"}),
            json!({"kind": "file", "name": ".."}),
            json!({"kind": "file", "owner": "root"}),
            json!({"kind": "file", "owner": "1:2:3"}),
            json!({"kind": "file", "services": [""]}),
            json!({"kind": "file", "mode": "0777"}),
            json!({"kind": "socket"}),
        ] {
            let answer = admin.json(Method::PUT, &to, body.clone()).await;
            assert!(matches!(answer.status.as_u16(), 400 | 422), "{body}: {} {}", answer.status, answer.text);
        }
        set(&admin, &path, "SECOND", "x").await;
        let body = json!({"kind": "file", "name": "DB_PASSWORD"});
        let answer = admin.json(Method::PUT, &format!("{path}/variables/SECOND/delivery"), body).await;
        assert!(answer.text.contains("is the file of DB_PASSWORD already"), "{}", answer.text);
        admin.json(Method::PUT, &format!("{path}/variables/NONE/delivery"), json!({"kind": "file"})).await.refused(404, "not_found");
        admin.json(Method::PUT, &to, json!({"kind": "environment"})).await.ok(204);
        let list = admin.get(&format!("{path}/variables")).await.ok(200);
        assert_eq!(first(&list), json!({"kind": "environment"}));
    }
}
