//! Another team's ids are no ids (S3).

use serde_json::{Value, json};
use skep_tests::{app::TestApp, client::Client, db_test};

struct Theirs {
    project: String,
    environment: String,
    app: String,
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
    Theirs { project: text(&project["id"]), environment, app, credential, deployment, webhook, domain }
}

/// A body that each operation takes, where it needs one.
fn body(operation: &str) -> Value {
    match operation {
        "adopt_environments" => {
            json!({"stack": "shop", "name": "shop", "compose": "services: {a: {image: a}}"})
        }
        "create_environments" => json!({"name": "staging"}),
        "scale_apps" => json!({"replicas": 2}),
        "add_domains" => json!({"host": "other.example.org"}),
        "create_webhooks" => json!({"provider": "github"}),
        name if name.starts_with("set_of_") => json!({"variables": [{"key": "A", "value": "b"}]}),
        _ => json!({}),
    }
}

db_test! {
    async fn case_105_every_operation_on_another_teams_thing_is_a_404(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let theirs = make(&admin).await;
        let before = everything(&admin, &theirs).await;
        let other = app.foreigner().await;
        let document = skep::http::api_document();
        let mut tried = 0;
        for (path, item) in document["paths"].as_object().expect("paths") {
            if !path.contains('{') {
                continue;
            }
            for (method, operation) in item.as_object().expect("operations") {
                let id = if path.contains("/projects/") { &theirs.project }
                    else if path.contains("/environments/") { &theirs.environment }
                    else if path.contains("/apps/") { &theirs.app }
                    else if path.contains("/deployments/") { &theirs.deployment }
                    else { &theirs.credential };
                let path = path
                    .replace("{id}", id)
                    .replace("{webhook}", &theirs.webhook)
                    .replace("{domain}", &theirs.domain)
                    .replace("{host}", "shop.example.org")
                    .replace("{delivery}", &theirs.domain)
                    .replace("{key}", "A");
                let method = method.to_uppercase().parse().expect("a method");
                let name = operation["operationId"].as_str().expect("a name");
                let answer = other.json(method, &path, body(name)).await;
                assert_eq!(answer.status, 404, "{name} {path}: {}", answer.text);
                answer.refused(404, "not_found");
                tried += 1;
            }
        }
        assert!(tried > 30, "{tried}");
        other.get(&format!("/events/deployments/{}", theirs.deployment)).await.refused(404, "not_found");
        other.get(&format!("/events/apps/{}/logs", theirs.app)).await.refused(404, "not_found");
        assert_eq!(everything(&admin, &theirs).await, before, "nothing was changed");
        for list in ["projects", "environments", "apps", "credentials"] {
            assert_eq!(other.get(&format!("/api/v1/{list}")).await.ok(200)["items"], json!([]), "{list}");
        }
    }

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

/// What the owner sees.
async fn everything(admin: &Client, theirs: &Theirs) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "projects".to_owned(),
        "environments".to_owned(),
        "apps".to_owned(),
        "credentials".to_owned(),
        format!("apps/{}/domains", theirs.app),
        format!("apps/{}/webhooks", theirs.app),
        format!("apps/{}/variables", theirs.app),
        format!("apps/{}/deployments", theirs.app),
    ] {
        seen.push(admin.get(&format!("/api/v1/{path}")).await.ok(200));
    }
    seen
}
