//! Connecting a provider to an account that is there.

use serde_json::json;
use skep_tests::{app::ADMIN, db_test};

use crate::scene::{Scene, back, form, id, map, provider};

fn link(page: &str) -> String {
    let at = page.find("https://login.example.org/authorize?state=").unwrap_or_else(|| panic!("{page}"));
    page[at..].split('"').next().unwrap().split("state=").nth(1).unwrap().to_owned()
}

db_test! {
    async fn only_who_is_signed_in_and_shows_the_password_connects(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let acme = scene.provider(&admin, json!([map(None, "viewer")])).await;
        let house = id(&admin.post("/api/v1/sso", provider("instance", json!([]))).await.ok(201));
        scene.vouch("root", &[]);
        let path = format!("/api/v1/identities/{house}/connect");
        admin.post(&path, json!({"password": "not it"})).await.refused(403, "reauthenticate");
        // The page leads on by a link: a form leads nowhere but to us.
        let fields = format!("provider={house}&name=x&password={}", ADMIN.1.replace(' ', "+"));
        let page = form(&admin, "/actions/account/identities/connect", &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let state = link(&page.text);
        // Whoever has the cookie and not the session connects nothing.
        let thief = scene.browser();
        let cookie = admin.cookies.lock().unwrap()["skep-sign-on"].clone();
        thief.cookies.lock().unwrap().insert("skep-sign-on".into(), cookie);
        assert_eq!(back(&thief, &format!("code=code&state={state}")).await.status, 401);
        assert_eq!(back(&admin, &format!("code=code&state={state}")).await.status, 401, "and it is used up");
        let page = form(&admin, "/actions/account/identities/connect", &fields).await;
        let answer = back(&admin, &format!("code=code&state={}", link(&page.text))).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let known = admin.get("/api/v1/identities").await.ok(200);
        let of = |provider: &str| known["items"].as_array().unwrap().iter().find(|i| i["provider"] == provider).unwrap().clone();
        assert_eq!((&of(&house)["connected"], &of(&house)["email"]), (&json!(true), &json!("root@acme.example")));
        assert_eq!(of(&acme)["connected"], false);
        // From now on it is a whole session.
        let browser = scene.browser();
        assert_eq!(scene.sign_in(&browser, &house).await.status, 303);
        browser.get("/api/v1/nodes").await.ok(200);
        // Somebody else does not get the same identity.
        let other = scene.member(&admin, "other@example.org", "viewer").await;
        let fields = format!("provider={house}&name=x&password={}", crate::scene::PASSWORD.replace(' ', "+"));
        let page = form(&other, "/actions/account/identities/connect", &fields).await;
        let answer = back(&other, &format!("code=code&state={}", link(&page.text))).await;
        assert!(answer.status == 401 && answer.text.contains("another account"), "{}", answer.text);
        // Disconnected, its sessions end, and the next sign-in is a stranger's.
        let path = format!("/api/v1/identities/{house}/disconnect");
        admin.post(&path, json!({"password": "not it"})).await.refused(403, "reauthenticate");
        admin.post(&path, json!({"password": ADMIN.1})).await.ok(204);
        browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        assert_eq!(scene.sign_in(&scene.browser(), &house).await.status, 401);
        for action in ["identity.connect", "identity.disconnect"] {
            let log = admin.get(&format!("/api/v1/audit?action={action}")).await.ok(200);
            assert_eq!(log["items"].as_array().unwrap().len(), 1, "{action}");
        }
    }
}
