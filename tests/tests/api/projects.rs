//! From a project to a live app, and what stands in the way.

use serde_json::json;
use skep_tests::{app::TestApp, db_test};

db_test! {
    async fn from_a_project_to_a_live_app(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        app.engine.add_image("nginx:1", skep::swarm::ImageFacts { id: "sha256:1".to_owned(), ..skep::swarm::ImageFacts::default() });
        let project = admin.post("/api/v1/projects", json!({"name": "shop", "title": "The Shop"})).await.ok(201);
        assert_eq!(project["environments"][0]["name"], "production");
        admin.post("/api/v1/projects", json!({"name": "shop"})).await.refused(409, "name_taken");
        let place = format!("/api/v1/projects/{}/environments", project["id"].as_str().expect("an id"));
        let staging = admin.post(&place, json!({"name": "staging"})).await.ok(201);
        let body = json!({"environment": staging["id"], "name": "web", "source": {"kind": "image", "image": "nginx:1"},
            "settings": {"port": 80, "update": {"monitor": "1s", "deadline": "30s"}}});
        let made = admin.post("/api/v1/apps", body).await.ok(201);
        assert_eq!(made["path"], "shop/staging/web");
        let path = format!("/api/v1/apps/{}", made["id"].as_str().expect("an id"));
        let variables = json!({"variables": [{"key": "TOKEN", "value": "hunter2"}, {"key": "MODE", "value": "x", "secret": false}]});
        let set = admin.patch(&format!("{path}/variables"), variables).await.ok(200);
        assert_eq!(set["items"].as_array().expect("items").len(), 2);
        assert!(!set.to_string().contains("hunter2"));
        let deployment = admin.post(&format!("{path}/deployments"), json!({"reason": "first"})).await;
        assert!(deployment.headers["location"].to_str().unwrap().starts_with("/api/v1/deployments/"));
        let deployment = deployment.ok(202);
        app.run_jobs().await;
        let shown = admin.get(&path).await.ok(200);
        assert_eq!(shown["newest"]["state"], "live", "{shown}");
        assert_eq!(shown["newest"]["id"], deployment["id"]);
        let at = format!("/api/v1/deployments/{}", deployment["id"].as_str().expect("an id"));
        let steps = admin.get(&format!("{at}/steps")).await.ok(200);
        assert!(steps["items"].as_array().expect("items").iter().all(|s| s["state"] == "done" || s["state"] == "skipped"), "{steps}");
        let log = admin.get(&format!("{at}/log")).await.ok(200);
        assert!(!log.to_string().contains("hunter2"));
        admin.post(&format!("{at}/cancel"), json!({})).await.refused(409, "ended");
        let releases = admin.get(&format!("{path}/releases")).await.ok(200);
        assert_eq!(releases["items"].as_array().expect("items").len(), 1);
        admin.post(&format!("{path}/scale"), json!({"replicas": 3})).await.ok(200);
        admin.post(&format!("{path}/scale"), json!({"replicas": 0})).await.refused(422, "quota");
        admin.delete(&format!("/api/v1/projects/{}", project["id"].as_str().expect("an id"))).await.refused(409, "not_empty");
        admin.delete(&path).await.ok(204);
        app.run_jobs().await;
        admin.get(&path).await.refused(404, "not_found");
    }

    async fn a_stale_change_is_refused(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let body = json!({"environment": project["environments"][0]["id"], "name": "web", "source": {"kind": "image", "image": "nginx:1"}});
        let made = admin.post("/api/v1/apps", body).await.ok(201);
        let path = format!("/api/v1/apps/{}", made["id"].as_str().expect("an id"));
        let read = made["generation"].as_i64().expect("a number");
        let changed = admin.patch(&path, json!({"generation": read, "settings": {"port": 80}})).await.ok(200);
        assert_eq!(changed["generation"], read + 1);
        admin.patch(&path, json!({"generation": read, "settings": {"port": 81}})).await.refused(409, "changed");
        assert_eq!(admin.get(&path).await.ok(200)["settings"]["port"], 80);
    }
}
