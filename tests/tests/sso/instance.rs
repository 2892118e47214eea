//! A provider of the whole instance: it says who somebody is.

use serde_json::json;
use skep::domain::{clock::Clock as _, totp::TotpKey};
use skep_tests::{app::ADMIN, client::Client, db_test};

use crate::scene::{Scene, id, provider, rights, vouched};

async fn house(admin: &Client) -> String {
    id(&admin.post("/api/v1/sso", provider("instance", json!([]))).await.ok(201))
}

db_test! {
    async fn case_127_who_was_invited_comes_in_and_nobody_takes_an_account_over(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let house = house(&admin).await;
        let login = scene.browser().get("/login").await;
        assert!(login.text.contains(&format!("/login/go/{house}")), "{}", login.text);
        let refused = async |told: &str| {
            let browser = scene.browser();
            let answer = scene.sign_in(&browser, &house).await;
            assert!(answer.status == 401 && answer.text.contains(told), "{told}: {}", answer.text);
        };
        let people = scene.people().await;
        scene.vouch("ada", &[]);
        refused("nobody invited you yet").await;
        let mut says = vouched("root", &[]);
        says.email = Some(ADMIN.0.to_owned());
        scene.says.say(Ok(says));
        refused("there is an account with your e-mail address").await;
        admin.post("/api/v1/invitations", json!({"email": "ada@acme.example", "role": "deployer"})).await.ok(201);
        let mut says = vouched("ada", &[]);
        says.verified = false;
        scene.says.say(Ok(says));
        refused("does not say that your e-mail address is yours").await;
        assert_eq!(scene.people().await, people);
        let ada = scene.come_in(&house, "ada", &["admins"]).await;
        assert_eq!(rights(&ada).await, ["view", "logs", "deploy"], "what the invitation said, and no group");
        let open = admin.get("/api/v1/invitations").await.ok(200);
        assert_eq!(open["items"], json!([]), "it was taken up");
        // Only the owner of the instance sets it up, and it gives nothing.
        ada.get("/api/v1/sso?of=instance").await.refused(403, "forbidden");
        let body = provider("instance", json!([crate::scene::map(None, "viewer")]));
        assert_eq!(admin.post("/api/v1/sso", body).await.status, 422);
        let other = scene.member(&admin, "owner@example.org", "owner").await;
        other.post("/api/v1/sso", provider("instance", json!([]))).await.refused(403, "forbidden");
        other.delete(&format!("/api/v1/sso/{house}")).await.refused(404, "not_found");
    }

    async fn who_has_a_second_step_shows_it_all_the_same(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let house = house(&admin).await;
        admin.post("/api/v1/invitations", json!({"email": "ada@acme.example", "role": "viewer"})).await.ok(201);
        let ada = scene.come_in(&house, "ada", &[]).await;
        let me = ada.get("/api/v1/whoami").await.ok(200)["id"].as_str().unwrap().parse().unwrap();
        // As if she had turned it on.
        let key = TotpKey::of(b"12345678901234567890");
        let sealed = scene.app.parts.seal.seal(&*scene.app.parts.clock, "totp", b"12345678901234567890");
        let mut tx = scene.app.parts.db.write().await.unwrap();
        skep::db::two_factor::begin(&mut tx, me, &sealed, scene.app.clock.now()).await.unwrap();
        skep::db::two_factor::confirm(&mut tx, me, scene.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let browser = scene.browser();
        let answer = scene.sign_in(&browser, &house).await;
        assert_eq!(answer.headers["location"].to_str().unwrap(), "/login/second?next=%2Fteam");
        browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        let code = key.code_at(scene.app.clock.now());
        browser.post("/api/v1/login/second", json!({"code": code})).await.ok(200);
        browser.get("/api/v1/whoami").await.ok(200);
        // What the provider began ends with it, also after the second step.
        admin.delete(&format!("/api/v1/sso/{house}")).await.ok(204);
        browser.get("/api/v1/whoami").await.refused(401, "sign_in");
    }
}
