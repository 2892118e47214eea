//! Another team's ids in a body are no ids (S3); those in a path are tried by the matrix.

use serde_json::{Value, json};
use skep_tests::{app::TestApp, client::Client, db_test};

struct Theirs {
    environment: String,
    credential: String,
    deployment: String,
    webhook: String,
    domain: String,
}

fn text(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

async fn make(admin: &Client) -> Theirs {
    let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
    let environment = text(&project["environments"][0]["id"]);
    let body =
        json!({"environment": environment, "name": "web", "source": {"kind": "image", "image": "nginx:1"}});
    let app = text(&admin.post("/api/v1/apps", body).await.ok(201)["id"]);
    let body = json!({"kind": "git_token", "title": "t", "host": "git.example.org", "secret": "hunter2"});
    let credential = text(&admin.post("/api/v1/credentials", body).await.ok(201)["id"]);
    let deployment =
        text(&admin.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await.ok(202)["id"]);
    let webhook = text(
        &admin.post(&format!("/api/v1/apps/{app}/webhooks"), json!({"provider": "generic"})).await.ok(201)["id"],
    );
    let domain = text(
        &admin
            .post(&format!("/api/v1/apps/{app}/domains"), json!({"host": "shop.example.org"}))
            .await
            .ok(201)["id"],
    );
    Theirs { environment, credential, deployment, webhook, domain }
}

db_test! {
    async fn case_105_another_teams_ids_in_a_body_are_a_404(db: TestDb) {
        let app = TestApp::new(db);
        let theirs = make(&app.program().await).await;
        let other = app.foreigner().await;
        let source = json!({"kind": "image", "image": "nginx:1"});
        let body = json!({"environment": theirs.environment, "name": "mine", "source": source});
        other.post("/api/v1/apps", body).await.refused(404, "not_found");
        let own = other.post("/api/v1/projects", json!({"name": "own"})).await.ok(201);
        let environment = &own["environments"][0]["id"];
        let stolen = json!({"kind": "image", "image": "nginx:1", "credential": theirs.credential});
        let body = json!({"environment": environment, "name": "mine", "source": stolen});
        other.post("/api/v1/apps", body).await.refused(404, "not_found");
        let body = json!({"environment": environment, "name": "mine", "source": source});
        let mine = text(&other.post("/api/v1/apps", body).await.ok(201)["id"]);
        other.patch(&format!("/api/v1/apps/{mine}"), json!({"source": stolen})).await.refused(404, "not_found");
        let release = json!({"release": theirs.deployment});
        other.post(&format!("/api/v1/apps/{mine}/rollback"), release).await.refused(404, "not_found");
        // A part of somebody else's under an app of one's own.
        other.delete(&format!("/api/v1/apps/{mine}/domains/{}", theirs.domain)).await.refused(404, "not_found");
        other.delete(&format!("/api/v1/apps/{mine}/webhooks/{}", theirs.webhook)).await.refused(404, "not_found");
        let rotate = format!("/api/v1/apps/{mine}/webhooks/{}/rotate", theirs.webhook);
        other.post(&rotate, json!({})).await.refused(404, "not_found");
        assert_eq!(other.get("/api/v1/apps").await.ok(200)["items"].as_array().expect("items").len(), 1);
    }
}
