//! What a sender is told at the door, over HTTP (cases 1 to 35): the status, the code, and that a
//! refused delivery leaves nothing but its line in the log.

use axum::{body::Body, http::Method};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use skep_tests::{
    app::TestApp,
    client::{Answer, Client},
    database::rows,
    db_test,
};

const REPOSITORY: &str = "https://git.example.org/acme/shop";
const ZERO: &str = "0000000000000000000000000000000000000000";

/// An app with a webhook, and its commits.
struct Stage {
    app: TestApp,
    admin: Client,
    id: String,
    path: String,
    secret: String,
    first: String,
}

impl Stage {
    async fn new(db: skep_tests::database::TestDb, provider: &str, follow: Value) -> Self {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let first = app.git.push(REPOSITORY, "main", "first", &[("Dockerfile", "FROM scratch")]).to_string();
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let source = if provider == "registry" {
            json!({"kind": "image", "image": "registry.example.org/acme/shop:1"})
        } else {
            json!({"kind": "git", "url": REPOSITORY, "follow": follow, "watch": ["web/**"]})
        };
        let build = json!({"kind": if provider == "registry" { "none" } else { "dockerfile" }});
        let body = json!({"environment": project["environments"][0]["id"], "name": "web", "build": build, "source": source});
        let id = admin.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
        let hook =
            admin.post(&format!("/api/v1/apps/{id}/webhooks"), json!({"provider": provider})).await.ok(201);
        let text = |name: &str| hook[name].as_str().unwrap().to_owned();
        let (path, secret) = (text("url"), text("secret"));
        Self { app, admin, id, path, secret, first }
    }

    async fn github(db: skep_tests::database::TestDb) -> Self {
        Self::new(db, "github", json!({"kind": "branch", "branch": "main"})).await
    }

    /// Sends a body with these headers.
    async fn send(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let stranger = self.app.stranger();
        let mut request = stranger.request(Method::POST, &self.path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        stranger.ask(request.body(Body::from(body.to_vec())).unwrap()).await
    }

    fn signature(&self, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(body);
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    }

    /// Sends a body rightly signed, as GitHub does, with a new delivery id.
    async fn event(&self, event: &str, kind: &str, body: &[u8]) -> Answer {
        let id = uuid::Uuid::new_v4().to_string();
        let signature = self.signature(body);
        let headers = [
            ("content-type", kind),
            ("x-hub-signature-256", &signature),
            ("x-github-event", event),
            ("x-github-delivery", &id),
        ];
        self.send(&headers, body).await
    }

    async fn told(&self, event: &str, body: &Value) -> Answer {
        self.event(event, "application/json", body.to_string().as_bytes()).await
    }

    fn push(&self, after: &str) -> Value {
        json!({"ref": "refs/heads/main", "before": "1".repeat(40), "after": after, "deleted": false, "created": false,
            "forced": false, "repository": {"full_name": "acme/shop", "clone_url": REPOSITORY},
            "commits": [{"id": after, "message": "m", "added": ["web/a"], "modified": [], "removed": []}],
            "head_commit": {"id": after, "message": "m", "author": {"name": "A"}}})
    }

    async fn deployments(&self) -> Vec<Value> {
        let all = self.admin.get(&format!("/api/v1/apps/{}/deployments", self.id)).await.ok(200);
        all["items"].as_array().unwrap().clone()
    }

    async fn rows(&self) -> std::collections::BTreeMap<String, i64> {
        rows(&self.app.db.db).await
    }
}

#[track_caller]
fn ignored(answer: Answer, why: &str) {
    let told = answer.ok(200);
    assert_eq!(
        (told["outcome"].as_str(), told["ignored"].as_str()),
        (Some(format!("ignored:{why}").as_str()), Some(why))
    );
    assert!(told.get("deployment").is_none());
}

db_test! {
    async fn case_032_past_the_quota_the_sender_is_told_when(db: TestDb) {
        let stage = Stage::github(db).await;
        for n in 1..=60 {
            let body = stage.push(&format!("{n:040x}"));
            stage.told("push", &body).await.ok(202);
        }
        // One more is free each second that all this took.
        let mut refused = None;
        for n in 61..200 {
            let answer = stage.told("push", &stage.push(&format!("{n:040x}"))).await;
            if answer.status == 429 {
                refused = Some(answer);
                break;
            }
            answer.ok(202);
        }
        let refused = refused.expect("the quota is used up");
        let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        refused.refused(429, "too_many");
        let list = stage.admin.get(&format!("/api/v1/apps/{}/deployments", stage.id)).await.ok(200);
        let waiting = list["items"].as_array().unwrap().iter().filter(|d| d["ended"] == false).count();
        assert_eq!(waiting, 1, "{list}");
    }

    async fn case_001_to_008_what_is_not_signed_is_refused_and_leaves_nothing(db: TestDb) {
        let stage = Stage::github(db).await;
        let body = stage.push(&stage.first).to_string();
        let good = stage.signature(body.as_bytes());
        let before = stage.rows().await;
        let json = ("content-type", "application/json");
        let event = ("x-github-event", "push");
        let long = format!("sha256={}", "a".repeat(10_000));
        let (short, odd) = (good[..40].to_owned(), format!("sha256={}", "zz".repeat(32)));
        let bare = good.replace("sha256=", "");
        let sha1 = "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709";
        for (case, headers, status, code) in [
            (1, vec![], 401, "signature_missing"),
            (4, vec![("x-hub-signature-256", "")], 401, "signature_invalid"),
            (4, vec![("x-hub-signature-256", short.as_str())], 401, "signature_invalid"),
            (4, vec![("x-hub-signature-256", odd.as_str())], 401, "signature_invalid"),
            (4, vec![("x-hub-signature-256", long.as_str())], 401, "signature_invalid"),
            (4, vec![("x-hub-signature-256", bare.as_str())], 401, "signature_invalid"),
            (4, vec![("x-hub-signature-256", good.as_str()), ("x-hub-signature-256", good.as_str())], 400, "duplicate_header"),
            (5, vec![("x-hub-signature", sha1)], 401, "sha256_required"),
            (8, vec![("x-gitlab-token", stage.secret.as_str())], 401, "signature_missing"),
            (8, vec![("x-gitea-signature", bare.as_str())], 401, "signature_missing"),
            (8, vec![("x-skep-signature-256", good.as_str())], 401, "signature_missing"),
        ] {
            let headers = [vec![json, event], headers].concat();
            let answer = stage.send(&headers, body.as_bytes()).await;
            assert!(!answer.text.contains(&stage.secret) && !answer.text.contains(&bare), "case {case}");
            answer.refused(status, code);
        }
        // Case 3: one byte of the body is another.
        let altered = body.replace("\"deleted\":false", "\"deleted\":true ");
        stage.send(&[json, event, ("x-hub-signature-256", &good)], altered.as_bytes()).await.refused(401, "signature_invalid");
        // Case 19: what is no JSON is not even looked at without a signature.
        stage.send(&[json, event, ("x-hub-signature-256", &good)], b"{").await.refused(401, "signature_invalid");
        assert_eq!(stage.rows().await, before, "nothing was written");
        assert_eq!(stage.app.git.calls().len(), 0, "nobody was asked");
    }

    async fn case_010_and_011_signed_deliveries_of_gitlab(db: TestDb) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        use skep::domain::clock::Clock as _;
        let stage = Stage::new(db, "gitlab", json!({"kind": "branch", "branch": "main"})).await;
        let body = json!({"object_kind": "push", "ref": "refs/heads/main", "before": "1".repeat(40), "after": stage.first,
            "project": {"path_with_namespace": "acme/shop", "git_http_url": REPOSITORY}, "commits": [], "total_commits_count": 0}).to_string();
        let now = stage.app.clock.now().timestamp();
        let signed = |stamp: &str| {
            let key = stage.secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
            let key = key.unwrap_or_else(|| stage.secret.clone().into_bytes());
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(format!("m1.{stamp}.{body}").as_bytes());
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        };
        let before = stage.rows().await;
        let send = async |stamp: &str, signature: &str| {
            let headers = [("content-type", "application/json"), ("x-gitlab-event", "Push Hook"),
                ("webhook-id", "m1"), ("webhook-timestamp", stamp), ("webhook-signature", signature)];
            stage.send(&headers, body.as_bytes()).await
        };
        for off in [-301, 301, -86_400] {
            let stamp = (now + off).to_string();
            let told = send(&stamp, &signed(&stamp)).await.refused(401, "stale_delivery");
            assert!(told["detail"].as_str().unwrap().contains(&now.to_string()) || told["detail"].as_str().unwrap().contains('T'), "{told}");
        }
        for wrong in ["v2,aGVsbG8=", "v1,aGVsbG8=", ""] {
            send(&now.to_string(), wrong).await.refused(401, "signature_invalid");
        }
        assert_eq!(stage.rows().await, before);
    }

    async fn case_018_to_020_and_029_signed_nonsense_is_named(db: TestDb) {
        let stage = Stage::github(db).await;
        let body = stage.push(&stage.first);
        let text = body.to_string();
        let started = async || { let rows = stage.rows().await; (rows["deployment"], rows["job"]) };
        let before = started().await;
        for kind in ["text/plain", "multipart/form-data; boundary=x"] {
            let told = stage.event("push", kind, text.as_bytes()).await.refused(415, "unsupported_media_type");
            assert!(told["detail"].as_str().unwrap().contains("application/json"), "{told}");
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        for broken in ["", "{", "[]", "null", r#"{"ref":1,"ref":2}"#, deep.as_str()] {
            stage.event("push", "application/json", broken.as_bytes()).await.refused(400, "invalid_json");
        }
        stage.event("push", "application/json", b"{\"a\":\"\xff\"}").await.refused(400, "invalid_json");
        for field in ["commits", "repository", "ref", "after"] {
            for value in [None, Some(Value::Null), Some(json!(7))] {
                let mut body = body.clone();
                match value {
                    None => drop(body.as_object_mut().unwrap().remove(field)),
                    Some(value) => body[field] = value,
                }
                let answer = stage.told("push", &body).await;
                assert_eq!(answer.status, 422, "{field}: {}", answer.text);
                assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
            }
        }
        for name in ["-a", "a..b", "a\u{1}b", &"a".repeat(300), "a b", "a.lock"] {
            let mut body = body.clone();
            body["ref"] = format!("refs/heads/{name}").into();
            stage.told("push", &body).await.refused(422, "invalid_ref");
        }
        for sha in ["abc", &"g".repeat(40), &"a".repeat(41)] {
            let mut body = body.clone();
            body["after"] = (*sha).into();
            stage.told("push", &body).await.refused(422, "invalid_ref");
        }
        assert_eq!(started().await, before, "nothing was started");
        // Case 18: the form that GitHub can be set to send.
        let form = format!("payload={}", url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
        stage.event("push", "application/x-www-form-urlencoded", form.as_bytes()).await.ok(202);
    }

    async fn case_021_to_030_what_a_signed_event_does(db: TestDb) {
        let stage = Stage::github(db).await;
        assert_eq!(stage.told("ping", &json!({"zen": "x", "hook_id": 1})).await.ok(200)["outcome"], "pong");
        let unsigned = [("content-type", "application/json"), ("x-github-event", "ping")];
        stage.send(&unsigned, b"{}").await.refused(401, "signature_missing");
        // Case 24: the first push to a branch that was just made.
        let mut created = stage.push(&stage.first);
        created["before"] = ZERO.into();
        created["created"] = true.into();
        stage.told("push", &created).await.ok(202);
        stage.app.run_jobs().await;
        assert_eq!(stage.deployments().await[0]["state"], "live");
        let with = |field: &str, value: Value| { let mut body = stage.push(&"2".repeat(40)); body[field] = value; body };
        ignored(stage.told("star", &json!({"action": "created"})).await, "event");
        ignored(stage.told("push", &with("ref", "refs/heads/other".into())).await, "branch");
        ignored(stage.told("push", &with("ref", "refs/tags/v1".into())).await, "tag");
        let mut deleted = with("deleted", true.into());
        deleted["after"] = ZERO.into();
        deleted["head_commit"] = Value::Null;
        ignored(stage.told("push", &deleted).await, "branch_deleted");
        let elsewhere = json!({"full_name": "evil/shop", "clone_url": "https://git.example.org/evil/shop"});
        ignored(stage.told("push", &with("repository", elsewhere)).await, "repository_mismatch");
        let mut skipped = stage.push(&"2".repeat(40));
        skipped["head_commit"]["message"] = "x [skip ci]".into();
        ignored(stage.told("push", &skipped).await, "skip_marker");
        let mut beside = stage.push(&"2".repeat(40));
        beside["commits"][0]["added"] = json!(["docs/a"]);
        ignored(stage.told("push", &beside).await, "watch_paths");
        let fork = json!({"action": "opened", "number": 1, "pull_request": {"head": {"sha": "2".repeat(40), "ref": "x",
            "repo": {"full_name": "evil/shop", "fork": true}}, "base": {"repo": {"full_name": "acme/shop"}}},
            "repository": {"full_name": "acme/shop", "clone_url": REPOSITORY}});
        ignored(stage.told("pull_request", &fork).await, "needs_approval");
        assert_eq!(stage.deployments().await.len(), 1);
        assert_eq!(stage.deployments().await[0]["state"], "live", "the app keeps running");
        // Case 27: a list that is not there skips nothing. Case 26: a force push says so.
        let second = stage.app.git.push(REPOSITORY, "main", "second", &[("Dockerfile", "FROM scratch")]).to_string();
        let mut forced = stage.push(&second);
        forced["forced"] = true.into();
        forced["commits"] = json!([]);
        stage.told("push", &forced).await.ok(202);
        let newest = stage.deployments().await.remove(0);
        assert_eq!((newest["reason"].as_str(), newest["commit"].as_str()), (Some("force push"), Some(second.as_str())));
        // Case 34: a marker in an older commit of the same push counts for nothing.
        let third = stage.app.git.push(REPOSITORY, "main", "third", &[("Dockerfile", "FROM scratch")]).to_string();
        let mut old = stage.push(&third);
        old["commits"] = json!([{"id": "3".repeat(40), "message": "x [skip ci]", "added": ["web/a"], "modified": [], "removed": []},
            {"id": third, "message": "y", "added": [], "modified": ["web/a"], "removed": []}]);
        stage.told("push", &old).await.ok(202);
        // Case 22: pushes are not to deploy by themselves.
        stage.admin.patch(&format!("/api/v1/apps/{}", stage.id), json!({"auto_deploy": false})).await.ok(200);
        ignored(stage.told("push", &stage.push(&"4".repeat(40))).await, "auto_deploy_off");
        // All of it is in the log, with the answer.
        let log = stage.admin.get(&format!("/api/v1/apps/{}/deliveries?limit=100", stage.id)).await.ok(200);
        assert_eq!(log["items"].as_array().unwrap().len(), 13, "{log}");
    }

    async fn case_025_a_tag_for_an_app_that_follows_tags(db: TestDb) {
        let stage = Stage::new(db, "github", json!({"kind": "tags", "pattern": "v*"})).await;
        let mut push = stage.push(&"5".repeat(40));
        push["ref"] = "refs/tags/w1".into();
        ignored(stage.told("push", &push).await, "tag");
        push["after"] = stage.first.clone().into();
        push["head_commit"]["id"] = stage.first.clone().into();
        stage.app.git.tag(REPOSITORY, "v1", &skep::domain::name::Sha::parse(&stage.first).unwrap());
        push["ref"] = "refs/tags/v1".into();
        stage.told("push", &push).await.ok(202);
        stage.app.run_jobs().await;
        let newest = stage.deployments().await.remove(0);
        assert_eq!((newest["state"].as_str(), newest["commit"].as_str()), (Some("live"), Some(stage.first.as_str())), "{newest}");
    }

    async fn case_035_a_registry_tells_of_another_image(db: TestDb) {
        let stage = Stage::new(db, "registry", Value::Null).await;
        let bearer = format!("Bearer {}", stage.secret);
        let send = async |repository: &str, tag: &str| {
            let body = json!({"repository": {"repo_name": repository}, "push_data": {"tag": tag}}).to_string();
            let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
            stage.send(&headers, body.as_bytes()).await
        };
        ignored(send("registry.example.org/acme/other", "1").await, "image");
        ignored(send("registry.example.org/acme/shop", "2").await, "image");
        assert!(stage.deployments().await.is_empty());
        send("registry.example.org/acme/shop", "1").await.ok(202);
        assert_eq!(stage.deployments().await.len(), 1);
    }
}
