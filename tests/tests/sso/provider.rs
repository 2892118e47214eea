//! Against a real provider, over HTTP: what it signs and says, not what we think it does.

use std::sync::Arc;

use serde_json::json;
use skep::{domain::outbound::Outbound, sso::Client as Voucher};
use skep_tests::{client::Client, client::HOST, db_test, idp::Idp};

use crate::scene::{Scene, id, map, rights};

/// To the provider and back, as somebody.
async fn sign_in(idp: &Idp, browser: &Client, provider: &str, name: &str) -> skep_tests::client::Answer {
    let answer = browser.get(&format!("/login/go/{provider}?next=/team")).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let back = idp.sign_in(answer.headers["location"].to_str().unwrap(), name).await;
    browser.get(&back).await
}

db_test! {
    async fn people_sign_in_by_a_real_provider(db: TestDb) {
        let idp = Idp::of_lab();
        let outbound = Outbound::parse("127.0.0.0/8").unwrap();
        let scene = Scene::with(db, Arc::new(Voucher::new(outbound)), Arc::default());
        let admin = scene.admin().await;
        let team = admin.get("/api/v1/team/sso").await.ok(200);
        assert_eq!(team["redirect"], format!("http://{HOST}/login/callback"));
        let (client, secret) = idp.register(team["redirect"].as_str().unwrap()).await;
        let body = json!({
            "name": "Acme", "kind": "oidc", "issuer": idp.issuer, "client": client, "secret": secret,
            "mappings": [map(Some("dev"), "deployer"), map(Some("ops"), "admin")],
        });
        let acme = id(&admin.post("/api/v1/sso", body.clone()).await.ok(201));
        let told = admin.post(&format!("/api/v1/sso/{acme}/test"), json!({})).await.ok(200);
        assert_eq!(told["ok"], true, "{told}");

        // Somebody new, in a group; names are of this test alone, as the provider is everybody's.
        let name = format!("ada{}", uuid::Uuid::now_v7().simple());
        idp.person(&name, &["dev"]).await;
        let ada = scene.browser();
        let answer = sign_in(&idp, &ada, &acme, &name).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert_eq!(ada.get("/api/v1/whoami").await.ok(200)["email"], format!("{name}@acme.example"));
        assert_eq!(rights(&ada).await, ["view", "logs", "deploy"]);
        // Another group.
        idp.person(&name, &["ops"]).await;
        let ada = scene.browser();
        sign_in(&idp, &ada, &acme, &name).await;
        assert!(rights(&ada).await.contains(&"configure".to_owned()));
        // None: she is out.
        idp.person(&name, &["sales"]).await;
        let answer = sign_in(&idp, &scene.browser(), &acme, &name).await;
        assert!(answer.status == 401 && answer.text.contains("none of the provider"), "{}", answer.text);
        ada.get("/api/v1/whoami").await.refused(401, "sign_in");
        idp.person(&name, &["ops"]).await;

        // Only so: the owner connects and comes in by it first.
        let owner = format!("owner-{name}");
        idp.person(&owner, &[]).await;
        let path = format!("/api/v1/identities/{acme}/connect");
        let url = admin.post(&path, json!({"password": skep_tests::app::ADMIN.1})).await.ok(200);
        let back = idp.sign_in(url["url"].as_str().unwrap(), &owner).await;
        assert_eq!(admin.get(&back).await.status, 303);
        let member = scene.member(&admin, "member@example.org", "viewer").await;
        let by_it = scene.browser();
        assert_eq!(sign_in(&idp, &by_it, &acme, &owner).await.status, 303);
        by_it.json("PUT".parse().unwrap(), "/api/v1/team/sso", json!({"only": true})).await.ok(200);
        assert!(rights(&member).await.is_empty());
        let ada = scene.browser();
        sign_in(&idp, &ada, &acme, &name).await;
        assert!(rights(&ada).await.contains(&"configure".to_owned()));
        by_it.json("PUT".parse().unwrap(), "/api/v1/team/sso", json!({"only": false})).await.ok(200);

        // A wrong secret is told by the test, and to who tries, in the provider's words.
        admin.patch(&format!("/api/v1/sso/{acme}"), json!({"secret": "not it"})).await.ok(200);
        let told = admin.post(&format!("/api/v1/sso/{acme}/test"), json!({})).await.ok(200);
        let client = told["findings"].as_array().unwrap().iter().find(|f| f["what"] == "client").unwrap();
        assert!(client["ok"] == false && client["text"].as_str().unwrap().contains("invalid_client"), "{told}");
        let answer = sign_in(&idp, &scene.browser(), &acme, &name).await;
        assert!(answer.status == 401 && answer.text.contains("invalid_client"), "{}", answer.text);

        // Removed: nobody is signed in by it.
        admin.delete(&format!("/api/v1/sso/{acme}")).await.ok(204);
        for browser in [&ada, &by_it] {
            browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        }
        admin.get("/api/v1/whoami").await.ok(200);
    }
}
