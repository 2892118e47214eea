//! Whom a team's provider vouches for sees that team, and nothing else: it is trusted by nobody but the
//! team, whose owners may write into it what they like.

use serde_json::json;
use skep_tests::{app::ADMIN, client::Client, db_test};

use crate::scene::{Scene, form, map, rights, state_of};

/// The owner of the instance, by the word of their team's provider.
async fn connected(scene: &Scene, admin: &Client, acme: &str) -> Client {
    scene.vouch("root", &[]);
    let path = format!("/api/v1/identities/{acme}/connect");
    let url = admin.post(&path, json!({"password": ADMIN.1})).await.ok(200);
    let to = url::Url::parse(url["url"].as_str().unwrap()).unwrap();
    let state = to.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let answer = crate::scene::back(admin, &format!("code=code&state={state}")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.headers["location"].to_str().unwrap()),
        (303, "/account?done=connected")
    );
    let browser = scene.browser();
    let answer = scene.sign_in(&browser, acme).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser
}

db_test! {
    async fn it_is_neither_the_instance_nor_another_team_nor_the_account(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let own = admin.get("/api/v1/team").await.ok(200)["team"]["id"].clone();
        let other = admin.post("/api/v1/teams", json!({"name": "Other"})).await.ok(201)["id"].clone();
        let acme = scene.provider(&admin, json!([map(None, "viewer")])).await;
        admin.post("/api/v1/tokens", json!({"name": "mine"})).await.ok(201);
        let narrow = connected(&scene, &admin, &acme).await;
        // The team as ever, with the role that was given by hand.
        assert!(rights(&narrow).await.contains(&"team".to_owned()));
        let team = narrow.get("/api/v1/team").await.ok(200);
        assert_eq!((&team["team"]["id"], &team["instance_owner"]), (&own, &json!(false)));
        // Not the instance.
        for path in ["/api/v1/nodes", "/api/v1/sso?of=instance", "/api/v1/audit?chain=instance"] {
            narrow.get(path).await.refused(403, "forbidden");
        }
        narrow.post("/api/v1/teams", json!({"name": "More"})).await.refused(403, "forbidden");
        // Not another team of theirs.
        let teams = narrow.get("/api/v1/teams").await.ok(200);
        assert_eq!(teams["items"].as_array().unwrap().len(), 1, "{teams}");
        narrow.post("/api/v1/session/team", json!({"team": other})).await.refused(403, "forbidden");
        let look = form(&narrow, "/actions/account/team", &format!("team={}", other.as_str().unwrap())).await;
        assert_eq!(look.status, 403);
        let project = narrow.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let path = format!("/api/v1/projects/{}/move", project["id"].as_str().unwrap());
        narrow.post(&path, json!({"team": other})).await.refused(403, "forbidden");
        // Not how they sign in, even with the password.
        let proof = json!({"password": ADMIN.1});
        let key = "/api/v1/passkeys/01900000-0000-7000-8000-000000000000";
        narrow.delete(key).await.refused(403, "forbidden");
        narrow.patch(key, json!({"name": "mine"})).await.refused(403, "forbidden");
        narrow.post("/api/v1/two-factor", proof.clone()).await.refused(403, "forbidden");
        let change = json!({"current": ADMIN.1, "password": "another password, and long"});
        narrow.post("/api/v1/password", change).await.refused(403, "forbidden");
        narrow.post(&format!("/api/v1/identities/{acme}/disconnect"), proof).await.refused(403, "forbidden");
        // Nor the browsers in which they are somebody else.
        let sessions = narrow.get("/api/v1/sessions").await.ok(200);
        assert_eq!(sessions["items"].as_array().unwrap().len(), 1, "{sessions}");
        let all = admin.get("/api/v1/sessions").await.ok(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
        for session in all["items"].as_array().unwrap().iter().filter(|s| s["id"] != sessions["items"][0]["id"]) {
            let path = format!("/api/v1/sessions/{}", session["id"].as_str().unwrap());
            narrow.delete(&path).await.refused(404, "not_found");
        }
        narrow.delete("/api/v1/sessions").await.ok(204);
        narrow.get("/api/v1/whoami").await.refused(401, "sign_in");
        admin.get("/api/v1/whoami").await.ok(200);
    }

    async fn a_provider_that_ends_ends_what_it_began(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let acme = scene.provider(&admin, json!([map(None, "deployer")])).await;
        let ada = scene.come_in(&acme, "ada", &[]).await;
        let made = ada.post("/api/v1/tokens", json!({"name": "ci"})).await.ok(201);
        let program = Client::program(scene.router.clone(), made["value"].as_str());
        assert!(rights(&program).await.contains(&"deploy".to_owned()));
        let path = format!("/api/v1/sso/{acme}");
        // One that is on its way while it is turned off.
        scene.vouch("bob", &[]);
        let late = scene.browser();
        let state = state_of(&late.get(&format!("/login/go/{acme}")).await);
        admin.patch(&path, json!({"enabled": false})).await.ok(200);
        ada.get("/api/v1/whoami").await.refused(401, "sign_in");
        assert!(rights(&program).await.is_empty(), "what it gave counts no more");
        assert_eq!(scene.browser().get(&format!("/login/go/{acme}")).await.status, 404);
        let answer = crate::scene::back(&late, &format!("code=code&state={state}")).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        // On again: whoever comes in has it again.
        admin.patch(&path, json!({"enabled": true})).await.ok(200);
        let ada = scene.come_in(&acme, "ada", &[]).await;
        assert!(rights(&program).await.contains(&"deploy".to_owned()));
        admin.delete(&path).await.ok(204);
        ada.get("/api/v1/whoami").await.refused(401, "sign_in");
        assert!(rights(&program).await.is_empty());
    }
}
