//! Stores through the API: what is refused, what is never told, and what stands in the way.

use serde_json::{Value, json};
use skep::domain::right::{Place, Role};
use skep_tests::{app::TestApp, client::Client, db_test, world};

const STORES: &str = "/api/v1/stores";

fn store(name: &str) -> Value {
    json!({
        "name": name, "place": {"kind": "team"}, "address": "https://vault.example.org:8200/",
        "settings": {"kind": "vault", "mount": "kv"}, "login": {"id": "role-1", "secret": "hunter2-hunter2"},
    })
}

fn with(mut body: Value, path: &str, value: Value) -> Value {
    *body.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
    body
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

/// An app's address, with that of its project and the id of its environment.
async fn app(owner: &Client, name: &str) -> (String, String, String) {
    let project = owner.post("/api/v1/projects", json!({"name": name})).await.ok(201);
    let environment = id(&project["environments"][0]);
    let source = json!({"kind": "image", "image": "nginx:1"});
    let body = json!({"environment": environment, "name": "web", "source": source});
    let app = id(&owner.post("/api/v1/apps", body).await.ok(201));
    (format!("/api/v1/apps/{app}"), format!("/api/v1/projects/{}", id(&project)), environment)
}

fn faults(answer: &Value) -> Vec<(String, String)> {
    let text = |fault: &Value, field: &str| fault[field].as_str().unwrap_or_default().to_owned();
    let all =
        answer["errors"].as_array().or(answer["faults"].as_array()).unwrap_or_else(|| panic!("{answer}"));
    all.iter().map(|fault| (text(fault, "field"), text(fault, "code"))).collect()
}

db_test! {
    async fn credentials_go_in_and_never_come_out(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let made = owner.post(STORES, store("vault")).await.ok(201);
        assert_eq!((&made["address"], &made["settings"]["version"]), (&json!("https://vault.example.org:8200"), &json!("v2")));
        owner.post(STORES, store("vault")).await.refused(409, "name_taken");
        let path = format!("{STORES}/{}", id(&made));
        let checked = owner.post(&format!("{path}/check"), json!({})).await.ok(200);
        assert_eq!(checked, json!({"ok": true, "code": null, "message": null}));
        let body = json!({"address": "https://other.example.org", "login": {"secret": "hunter3-hunter3"}});
        let changed = owner.patch(&path, body).await.ok(200);
        assert_eq!(changed["address"], "https://other.example.org");
        owner.patch(&path, json!({"address": "https://evil.example.org"})).await.refused(422, "missing");
        let other_kind = json!({"settings": {"kind": "doppler"}, "login": {"secret": "x"}});
        owner.patch(&path, other_kind).await.refused(422, "invalid");
        let list = owner.get(STORES).await.ok(200);
        assert_eq!(list["items"][0], changed);
        let log = owner.get("/api/v1/audit?limit=100").await.ok(200);
        for text in [made.to_string(), changed.to_string(), list.to_string(), log.to_string()] {
            assert!(!text.contains("hunter") && !text.contains("role-1"), "{text}");
        }
        for action in ["store.create", "store.change"] {
            assert!(log.to_string().contains(action), "{action}");
        }
        owner.delete(&path).await.ok(204);
        owner.delete(&path).await.refused(404, "not_found");
    }

    async fn what_cannot_be_a_store_is_refused_with_all_its_faults(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        for (body, field) in [
            (with(store("a"), "/name", json!("My Vault")), "name"),
            (with(store("a"), "/name", json!("a\r\nb")), "name"),
            (with(store("a"), "/name", json!("x".repeat(31))), "name"),
            (with(store("a"), "/address", json!("")), "address"),
            (with(store("a"), "/address", json!("ftp://vault.example.org")), "address"),
            (with(store("a"), "/address", json!("https://me:word@vault.example.org")), "address"),
            (with(store("a"), "/address", json!("https://vault.example.org?token=x")), "address"),
            (with(store("a"), "/address", json!("http://127.0.0.1:8200")), "address"),
            (with(store("a"), "/address", json!("http://169.254.169.254")), "address"),
            (with(store("a"), "/address", json!("http://[::1]:8200")), "address"),
            (with(store("a"), "/address", json!("http://localhost")), "address"),
            (with(store("a"), "/settings/mount", json!("../sys")), "settings.mount"),
            (with(store("a"), "/login/secret", json!("")), "login.secret"),
            (with(store("a"), "/login/secret", json!("a\r\nx-evil: 1")), "login.secret"),
            (with(store("a"), "/settings", json!({"kind": "aws", "region": "eu.evil.org/"})), "settings.region"),
            (with(store("a"), "/settings", json!({"kind": "doppler"})), "login.id"),
        ] {
            let answer = owner.post(STORES, body.clone()).await;
            assert_eq!(answer.status, 422, "{body}: {}", answer.text);
            assert!(faults(&answer.json).iter().any(|(at, _)| at == field), "{body}: {}", answer.text);
            assert!(!answer.text.contains("hunter2") && !answer.text.contains("word@"), "{}", answer.text);
        }
        let two = with(with(store("a"), "/address", json!("x")), "/login/secret", json!("é"));
        assert_eq!(faults(&owner.post(STORES, two).await.json).len(), 2);
        for wrong in [json!({"kind": "etcd"}), json!({"kind": "vault", "token": "x"})] {
            assert_eq!(owner.post(STORES, with(store("a"), "/settings", wrong)).await.status, 422);
        }
        assert_eq!(owner.get(STORES).await.ok(200)["items"], json!([]));
        let local = TestApp::with(skep_tests::database::TestDb::new(skep_tests::database::Kind::Sqlite).await, |instance, _| {
            instance.allow_addresses = vec!["127.0.0.0/8".to_owned()];
        });
        let body = with(store("a"), "/address", json!("http://127.0.0.1:8200"));
        local.program().await.post(STORES, body).await.ok(201);
    }

    async fn a_reference_is_looked_at_when_it_is_saved(db: TestDb) {
        let server = TestApp::new(db);
        let owner = server.program().await;
        let (app, project, _) = app(&owner, "shop").await;
        let made = owner.post(STORES, store("vault")).await.ok(201);
        let save = async |place: &str, value: &str| {
            let body = json!({"variables": [{"key": "A", "value": "x"}, {"key": "B", "value": value}]});
            owner.patch(&format!("{place}/variables"), body).await
        };
        for (value, code) in [
            ("${{store.other:a#k}}", "unknown_store"),
            ("${{store.vault}}", "invalid_reference"),
            ("${{store.vault:../x#k}}", "invalid_path"),
            ("${{store.vault:a\r\nb#k}}", "invalid_path"),
            ("x ${{ store.vault:a }} y", "invalid_key"),
            ("${{store.vault:a#\u{0}k}}", "invalid"),
        ] {
            let answer = save(&app, value).await;
            assert_eq!(answer.status, 422, "{value:?}: {}", answer.text);
            let told = faults(&answer.json);
            assert_eq!(told, [("variables[1].value".to_owned(), code.to_owned())], "{value:?}");
        }
        save(&app, "${{store.vault:a#k}}").await.ok(200);
        // Those of a project are never read for references, so they are nobody's in the way.
        save(&project, "${{store.other:a#k}}").await.ok(200);

        let path = format!("{STORES}/{}", id(&made));
        let refused = owner.delete(&path).await.refused(409, "in_use");
        assert!(refused["detail"].as_str().unwrap().contains("B of web refer to it"), "{refused}");
        save(&app, "plain").await.ok(200);
        owner.delete(&path).await.ok(204);
        let back = format!("{app}/variables/B/restore");
        owner.post(&back, json!({"version": 1})).await.refused(422, "unknown_store");
    }

    async fn a_store_is_seen_and_given_where_its_place_is(db: TestDb) {
        let server = TestApp::new(db);
        let owner = server.program().await;
        let (shop, shop_project, shop_environment) = app(&owner, "shop").await;
        let (_, _, blog) = app(&owner, "blog").await;
        let team = id(&owner.get("/api/v1/team").await.ok(200)["team"]);
        let place = |environment: &str| json!({"kind": "environment", "id": environment});
        let near = owner.post(STORES, with(store("near"), "/place", place(&shop_environment))).await.ok(201);
        let far = owner.post(STORES, with(store("far"), "/place", place(&blog))).await.ok(201);
        let whole = owner.post(STORES, store("whole")).await.ok(201);
        let grants = [(Place::Environment(shop_environment.parse().unwrap()), Role::Admin)];
        let ada = world::member(&server.parts, team.parse().unwrap(), "ada@example.org", &grants).await;
        let ada = server.program_of(ada).await;
        let seen = ada.get(STORES).await.ok(200);
        assert_eq!(seen["items"], json!([near]));
        ada.delete(&format!("{STORES}/{}", id(&far))).await.refused(404, "not_found");
        ada.delete(&format!("{STORES}/{}", id(&whole))).await.refused(403, "forbidden");
        ada.post(STORES, store("team-wide")).await.refused(403, "forbidden");
        ada.post(STORES, with(store("x"), "/place", place(&blog))).await.refused(404, "not_found");
        ada.post(STORES, with(store("own"), "/place", place(&shop_environment))).await.ok(201);
        // To use it, the right to set variables is enough.
        let body = json!({"variables": [{"key": "A", "value": "${{store.whole:a#k}}"}]});
        ada.patch(&format!("{shop}/variables"), body).await.ok(200);

        let other = world::owner(&server.parts, "other@example.org").await;
        let stranger = server.program_of(other).await;
        assert_eq!(stranger.get(STORES).await.ok(200)["items"], json!([]));
        stranger.delete(&format!("{STORES}/{}", id(&whole))).await.refused(404, "not_found");

        // With its place a store goes; without its apps nothing refers to it.
        owner.delete(&shop).await;
        server.run_jobs().await;
        owner.delete(&shop_project).await.ok(204);
        let left: Vec<_> = owner.get(STORES).await.ok(200)["items"].as_array().unwrap().iter().map(|s| s["name"].clone()).collect();
        assert_eq!(left, ["far", "whole"]);
    }
}
