//! Paths and host names that are written so that two readers could understand them differently: whoever
//! asks for the right sees what the handler sees.

use serde_json::json;
use skep_tests::{app::TestApp, db_test};

db_test! {
    async fn case_134_a_path_in_disguise_leads_nowhere(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let (id, environment) = (project["id"].as_str().unwrap(), &project["environments"][0]["id"]);
        let source = json!({"kind": "image", "image": "nginx:1"});
        let body = json!({"environment": environment, "name": "web", "source": source});
        let made = admin.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
        for path in [
            "/api/v1/%2e%2e/v1/projects".to_owned(),
            "/api/v1/../v1/projects".to_owned(),
            "/api/v1/./projects".to_owned(),
            "/api/v1//projects".to_owned(),
            "//api/v1/projects".to_owned(),
            "/api/v1/projects;x=1".to_owned(),
            "/api/v1/projects%2f".to_owned() + id,
            format!("/api/v1/projects/{id};a=b"),
            format!("/api/v1/projects/{id}%00"),
            format!("/api/v1/projects/%2e%2e%2f{id}"),
            format!("/api/v1/apps/{made}%2fdeployments"),
            format!("/api/v1/apps/{made}/..%2f..%2fprojects"),
            format!("/api/v1/apps/{made};/deployments"),
            format!("/api/v1/apps/{made}//deployments"),
            format!("/api/v1/apps/{made}/%2e%2e/{made}"),
            format!("/api/v1/apps/{made}%5c..%5c"),
            format!("/events/%2e%2e/api/v1/apps/{made}"),
        ] {
            for client in [&admin, &app.stranger()] {
                let answer = client.get(&path).await;
                assert!(matches!(answer.status.as_u16(), 400 | 401 | 404), "{path}: {}", answer.text);
                assert!(!answer.text.contains("shop"), "{path}: {}", answer.text);
                let answer = client.delete(&path).await;
                // A method that nothing there takes is refused before anybody is asked for a right.
                assert!(matches!(answer.status.as_u16(), 400 | 401 | 404 | 405), "DELETE {path}: {}", answer.text);
            }
        }
        admin.get(&format!("/api/v1/apps/{made}")).await.ok(200);
        admin.get(&format!("/api/v1/projects/{id}")).await.ok(200);
    }

    async fn case_122_no_link_is_made_of_what_a_request_calls_the_server(db: TestDb) {
        let app = TestApp::with(db, |instance, _| {
            instance.public_url = Some("https://skep.example.org".parse().unwrap());
        });
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let source = json!({"kind": "image", "image": "nginx:1"});
        let body = json!({"environment": project["environments"][0]["id"], "name": "web", "source": source});
        let made = admin.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
        let forged = ["x-forwarded-host", "x-forwarded-server", "forwarded", "x-original-host", "x-host"];
        let liar = forged.iter().fold(admin.same(), |client, name| {
            client.with(name, if *name == "forwarded" { "host=evil.example" } else { "evil.example" })
        });
        let hook = liar.post(&format!("/api/v1/apps/{made}/webhooks"), json!({"provider": "generic"})).await;
        let url = hook.json["url"].as_str().unwrap_or_else(|| panic!("{}", hook.text)).to_owned();
        assert!(url.starts_with("https://skep.example.org/"), "{url}");
        let sso = liar.get("/api/v1/team/sso").await;
        assert!(sso.text.contains("https://skep.example.org/"), "{}", sso.text);
        let invited = liar.post("/api/v1/invitations", json!({"email": "x@example.org", "role": "viewer"})).await;
        for answer in [&hook, &sso, &invited] {
            assert!(answer.status.is_success() && !answer.text.contains("evil.example"), "{}", answer.text);
            assert!(!format!("{:?}", answer.headers).contains("evil.example"), "{:?}", answer.headers);
        }
    }

    async fn case_148_a_tail_is_a_number_and_another_teams_log_is_not_there(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let source = json!({"kind": "image", "image": "nginx:1"});
        let body = json!({"environment": project["environments"][0]["id"], "name": "web", "source": source});
        let made = admin.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
        for tail in ["1e12", "1000000000000", "-1", "%27%20OR%201=1", "all"] {
            let answer = admin.get(&format!("/events/apps/{made}/logs?tail={tail}")).await;
            assert_eq!(answer.status, 400, "{tail}: {}", answer.text);
        }
        let other = app.foreigner().await;
        let theirs = other.get(&format!("/events/apps/{made}/logs?tail=1")).await;
        let nobodys = other.get("/events/apps/01900000-0000-7000-8000-000000000000/logs?tail=1").await;
        assert_eq!((theirs.status.as_u16(), nobodys.status.as_u16()), (404, 404), "{}", theirs.text);
    }
}
