//! The outside of webhooks: addresses, methods, encodings; and one that goes through.

use axum::{
    body::Body,
    http::{Method, header},
};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use skep_tests::{app::TestApp, client::Client, db_test};

const NOWHERE: &str = "01900000-0000-7000-8000-000000000000";

/// An app from git with a webhook of GitHub: its path, and the secret.
async fn hooked(app: &TestApp, admin: &Client) -> (String, String, String) {
    app.git.push("https://git.example.org/acme/shop", "main", "first", &[("Dockerfile", "FROM scratch")]);
    let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
    let body = json!({"environment": project["environments"][0]["id"], "name": "web", "build": {"kind": "dockerfile"},
        "source": {"kind": "git", "url": "https://git.example.org/acme/shop", "follow": {"kind": "branch", "branch": "main"}}});
    let made = admin.post("/api/v1/apps", body).await.ok(201);
    let id = made["id"].as_str().expect("an id").to_owned();
    let hook =
        admin.post(&format!("/api/v1/apps/{id}/webhooks"), json!({"provider": "github"})).await.ok(201);
    let url = hook["url"].as_str().expect("a URL").to_owned();
    (id, url, hook["secret"].as_str().expect("a secret").to_owned())
}

async fn deliver(
    client: &Client,
    path: &str,
    secret: &str,
    id: &str,
    body: &Value,
) -> skep_tests::client::Answer {
    let bytes = body.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(bytes.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let request = client
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-hub-signature-256", signature)
        .header("x-github-event", "push")
        .header("x-github-delivery", id);
    client.ask(request.body(Body::from(bytes)).expect("a request")).await
}

db_test! {
    async fn case_013_a_compressed_body_is_never_opened(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let (_, path, _) = hooked(&app, &admin).await;
        for path in [path.as_str(), &format!("/hooks/github/{NOWHERE}")] {
            let answer = app.stranger().with("content-encoding", "gzip").post(path, json!({})).await;
            answer.refused(415, "unsupported_media_type");
        }
    }

    async fn case_031_another_method_and_an_unknown_address(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let (_, path, secret) = hooked(&app, &admin).await;
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = app.stranger().json(method, &path, json!({})).await;
            assert_eq!(answer.headers["allow"], "POST");
            answer.refused(405, "method_not_allowed");
        }
        let mut told = Vec::new();
        let wrong_provider = path.replace("github", "gitlab");
        let unknown = format!("/hooks/github/{NOWHERE}");
        for path in [unknown.as_str(), "/hooks/github/not-an-id", "/hooks/svn/x", &wrong_provider, "/hooks/github/%00"] {
            let mut problem = deliver(&app.stranger(), path, &secret, "d1", &json!({})).await.refused(404, "not_found");
            problem["request_id"].take();
            told.push(problem);
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    }

    async fn a_signed_push_queues_a_deployment_and_its_repeat_does_not(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let (id, path, secret) = hooked(&app, &admin).await;
        let sha = app.git.push("https://git.example.org/acme/shop", "main", "second", &[("Dockerfile", "FROM scratch")]);
        let push = json!({"ref": "refs/heads/main", "before": "1".repeat(40), "after": sha, "deleted": false, "forced": false,
            "repository": {"full_name": "acme/shop", "clone_url": "https://git.example.org/acme/shop"},
            "commits": [], "head_commit": {"id": sha, "message": "second", "author": {"name": "A"}}});
        let answer = deliver(&app.stranger(), &path, &secret, "d1", &push).await.ok(202);
        assert_eq!(answer["outcome"], "queued");
        let deployment = answer["deployment"].as_str().expect("every 202 carries it").to_owned();
        assert_eq!(deliver(&app.stranger(), &path, &secret, "d1", &push).await.ok(200)["outcome"], "duplicate");
        deliver(&app.stranger(), &path, "another secret", "d2", &push).await.refused(401, "signature_invalid");
        app.stranger().post(&path, push).await.refused(401, "signature_missing");
        let all = admin.get(&format!("/api/v1/apps/{id}/deployments")).await.ok(200);
        assert_eq!(all["items"].as_array().expect("items").len(), 1);
        assert_eq!(all["items"][0]["id"], deployment);
        let deliveries = admin.get(&format!("/api/v1/apps/{id}/deliveries")).await.ok(200);
        assert_eq!(deliveries["items"][0]["outcome"], "queued");
        assert!(!deliveries.to_string().contains(&secret));
    }
}
