//! Who is given what: by groups, at each sign-in, beside what was given by hand.

use serde_json::{Value, json};
use skep_tests::db_test;

use crate::scene::{Scene, map, provider, rights};

fn role(name: &str) -> Value {
    json!([{"place": {"kind": "team"}, "role": name}])
}

db_test! {
    async fn roles_follow_the_groups_and_what_was_given_by_hand_stays(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let mappings = json!([map(Some("dev"), "deployer"), map(Some("ops"), "admin")]);
        let acme = scene.provider(&admin, mappings).await;
        let ada = scene.come_in(&acme, "ada", &["dev"]).await;
        assert!(rights(&ada).await.contains(&"deploy".to_owned()));
        assert!(!rights(&ada).await.contains(&"configure".to_owned()));
        // Another group: more, and in each session from then on.
        scene.come_in(&acme, "ada", &["ops"]).await;
        assert!(rights(&ada).await.contains(&"configure".to_owned()));
        assert!(!rights(&ada).await.contains(&"team".to_owned()), "never an owner");
        // By hand she looks on.
        let members = admin.get("/api/v1/members").await.ok(200);
        let she = members["items"].as_array().unwrap().iter().find(|m| m["email"] == "ada@acme.example").unwrap();
        assert_eq!(she["grants"], json!([]), "what the provider gives is not given by hand");
        assert_eq!(she["provided"], json!([{"place": {"kind": "team"}, "role": "admin"}]));
        let path = format!("/api/v1/members/{}", she["id"].as_str().unwrap());
        admin.json("PUT".parse().unwrap(), &path, json!({"grants": role("viewer")})).await.ok(200);
        let ada = scene.come_in(&acme, "ada", &["nothing"]).await;
        assert_eq!(rights(&ada).await, ["view", "logs"]);
        // With nothing left she is out, and so are the browsers that she came in with.
        admin.json("PUT".parse().unwrap(), &path, json!({"grants": []})).await.ok(200);
        scene.vouch("ada", &["nothing"]);
        let browser = scene.browser();
        let answer = scene.sign_in(&browser, &acme).await;
        assert_eq!(answer.status, 401);
        assert!(answer.text.contains("none of the provider"), "{}", answer.text);
        ada.get("/api/v1/whoami").await.refused(401, "sign_in");
        // Back in a group she is the same person.
        let ada = scene.come_in(&acme, "ada", &["dev"]).await;
        let me = ada.get("/api/v1/whoami").await.ok(200);
        assert_eq!(me["id"], she["id"]);
        let changes = admin.get("/api/v1/audit?action=member.change").await.ok(200);
        assert!(changes["items"].as_array().unwrap().len() >= 5, "{changes}");
    }

    async fn a_stranger_in_no_group_is_not_made(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let acme = scene.provider(&admin, json!([map(Some("dev"), "deployer")])).await;
        let people = scene.people().await;
        for (subject, email, told) in [
            ("eve", Some("eve@acme.example"), "none of the provider"),
            ("eve", None, "does not tell your e-mail address"),
            // An address that is somebody's opens nothing, whatever the provider says of it.
            ("eve", Some("admin@example.org"), "there is an account with your e-mail address"),
        ] {
            let mut says = crate::scene::vouched(subject, if email == Some("admin@example.org") { &["dev"] } else { &[] });
            says.email = email.map(str::to_owned);
            scene.says.say(Ok(says));
            let browser = scene.browser();
            let answer = scene.sign_in(&browser, &acme).await;
            assert!(answer.status == 401 && answer.text.contains(told), "{told}: {}", answer.text);
            browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        }
        assert_eq!(scene.people().await, people);
    }

    async fn nobody_gives_more_than_they_have(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let owners = json!({"name": "half an owner", "rights": ["view", "team"]});
        let half = admin.post("/api/v1/roles", owners).await.ok(201);
        let somebody = scene.member(&admin, "half@example.org", half["id"].as_str().unwrap()).await;
        let with = |mappings: Value| provider("team", mappings);
        somebody.post("/api/v1/sso", with(json!([map(None, "admin")]))).await.refused(403, "forbidden");
        let made = somebody.post("/api/v1/sso", with(json!([map(None, half["id"].as_str().unwrap())]))).await.ok(201);
        assert!(!made.to_string().contains("hunter2"), "the secret is never shown");
        let path = format!("/api/v1/sso/{}", made["id"].as_str().unwrap());
        somebody.patch(&path, json!({"mappings": [map(None, "admin")]})).await.refused(403, "forbidden");
        // A role that is mapped is not removed under it.
        admin.delete(&format!("/api/v1/roles/{}", half["id"].as_str().unwrap())).await.refused(409, "in_use");
        for (mappings, field) in [
            (json!([map(None, "owner")]), "mappings[0].role"),
            (json!([map(Some(""), "viewer")]), "mappings[0].group"),
            (json!([map(Some("a"), "viewer"), map(Some("a"), "admin")]), "mappings[1].group"),
        ] {
            let problem = admin.post("/api/v1/sso", with(mappings)).await;
            assert_eq!((problem.status.as_u16(), &problem.json["errors"][0]["field"]), (422, &json!(field)), "{}", problem.text);
        }
        // Where it is, is checked as all addresses that users enter.
        for (issuer, code) in [
            ("https://10.0.0.1", "address_not_allowed"),
            ("https://169.254.169.254", "address_not_allowed"),
            ("http://login.example.org", "invalid_issuer"),
        ] {
            let mut body = with(json!([]));
            body["issuer"] = json!(issuer);
            admin.post("/api/v1/sso", body).await.refused(422, code);
        }
        let log = admin.get("/api/v1/audit?action=sso.create").await.ok(200);
        assert!(log.to_string().contains("everybody at team") && !log.to_string().contains("hunter2"), "{log}");
    }
}
