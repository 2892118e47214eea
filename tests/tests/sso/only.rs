//! A team that takes single sign-on alone.

use serde_json::json;
use skep_tests::{app::ADMIN, client::Client, db_test};

use crate::scene::{Scene, map, rights};

const PATH: &str = "/api/v1/team/sso";

async fn set(who: &Client, only: bool) -> skep_tests::client::Answer {
    who.json("PUT".parse().unwrap(), PATH, json!({"only": only})).await
}

db_test! {
    async fn members_with_a_password_see_nothing_and_are_told_where_to_go(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let acme = scene.provider(&admin, json!([map(Some("dev"), "deployer")])).await;
        let member = scene.member(&admin, "member@example.org", "admin").await;
        let old = member.post("/api/v1/tokens", json!({"name": "old"})).await.ok(201);
        let program = Client::program(scene.router.clone(), old["value"].as_str());
        // Whoever turns it on came in so.
        set(&admin, true).await.refused(409, "not_signed_on");
        set(&member, true).await.refused(403, "forbidden");
        scene.vouch("root", &[]);
        let url = admin.post(&format!("/api/v1/identities/{acme}/connect"), json!({"password": ADMIN.1})).await.ok(200);
        let to = url::Url::parse(url["url"].as_str().unwrap()).unwrap();
        let state = to.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        assert_eq!(crate::scene::back(&admin, &format!("code=code&state={state}")).await.status, 303);
        let owner = scene.browser();
        assert_eq!(scene.sign_in(&owner, &acme).await.status, 303);
        assert_eq!(set(&owner, true).await.ok(200)["only"], true);
        // By password a member sees nothing of it, and is told where to go.
        assert!(rights(&member).await.is_empty());
        member.get("/api/v1/members").await.refused(403, "forbidden");
        let page = member.get("/").await;
        let team = admin.get("/api/v1/team").await.ok(200)["team"]["id"].as_str().unwrap().to_owned();
        assert!(page.text.contains(&format!("href=\"/login/{team}\"")), "{}", page.text);
        member.post("/api/v1/tokens", json!({"name": "new"})).await.refused(403, "forbidden");
        let login = member.get(&format!("/login/{team}")).await;
        assert!(login.status == 200 && login.text.contains(&format!("/login/go/{acme}")), "{}", login.text);
        assert!(login.text.contains("Acme &lt;ID"), "{}", login.text);
        // Nor with a new session, nor a project of another team moved in.
        let again = scene.browser();
        let body = json!({"email": "member@example.org", "password": crate::scene::PASSWORD});
        again.post("/api/v1/login", body).await.ok(200);
        assert!(rights(&again).await.is_empty());
        // Tokens stay, owners come in, and so do those whom the provider vouches for.
        assert!(rights(&program).await.contains(&"configure".to_owned()));
        assert!(rights(&admin).await.contains(&"team".to_owned()));
        let ada = scene.come_in(&acme, "ada", &["dev"]).await;
        assert!(rights(&ada).await.contains(&"deploy".to_owned()));
        ada.post("/api/v1/tokens", json!({"name": "ada's"})).await.ok(201);
        // Its only provider does not go before.
        let path = format!("/api/v1/sso/{acme}");
        admin.delete(&path).await.refused(409, "sso_only");
        admin.patch(&path, json!({"enabled": false})).await.refused(409, "sso_only");
        // An owner with a password ends it, whatever became of the provider.
        set(&admin, false).await.ok(200);
        assert!(rights(&member).await.contains(&"configure".to_owned()));
        admin.delete(&path).await.ok(204);
        let log = admin.get("/api/v1/audit?action=sso.only").await.ok(200);
        assert_eq!(log["items"].as_array().unwrap().len(), 2, "{log}");
    }
}
