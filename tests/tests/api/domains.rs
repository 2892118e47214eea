//! Who has a host (cases 86 to 99): one app on the whole instance, whoever asks and however it is
//! spelled.

use serde_json::{Value, json};
use skep_tests::{
    app::TestApp,
    client::{Answer, Client},
    database::{meddle, rows},
    db_test,
};

async fn image_app(client: &Client, name: &str) -> String {
    let project = client.post("/api/v1/projects", json!({"name": name})).await.ok(201);
    let body = json!({"environment": project["environments"][0]["id"], "name": "web",
        "source": {"kind": "image", "image": "nginx"}});
    client.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned()
}

async fn add(client: &Client, app: &str, body: Value) -> Answer {
    client.post(&format!("/api/v1/apps/{app}/domains"), body).await
}

async fn hosts(client: &Client, app: &str) -> Vec<String> {
    let list = client.get(&format!("/api/v1/apps/{app}/domains")).await.ok(200);
    list["items"].as_array().unwrap().iter().map(|d| d["host"].as_str().unwrap().to_owned()).collect()
}

db_test! {
    async fn case_087_a_host_of_another_app_is_taken_and_nobody_is_named(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let theirs = image_app(&admin, "theirs").await;
        let secret_path = json!({"host": "shop.example.net", "path": "/secret"});
        add(&admin, &theirs, secret_path).await.ok(201);
        let other = app.foreigner().await;
        for (client, mine) in [(&admin, image_app(&admin, "mine").await), (&other, image_app(&other, "foreign").await)] {
            let before = rows(&app.db.db).await;
            // Whatever the path: the host is what is owned.
            for path in ["/", "/secret", "/elsewhere"] {
                let answer = add(client, &mine, json!({"host": "shop.example.net", "path": path})).await;
                assert!(!answer.text.contains("theirs") && !answer.text.contains(&theirs), "{}", answer.text);
                answer.refused(409, "domain_taken");
            }
            assert_eq!(rows(&app.db.db).await, before, "nothing was written, no certificate is wanted");
        }
        // Given back, it is anybody's.
        let list = admin.get(&format!("/api/v1/apps/{theirs}/domains")).await.ok(200);
        let items = list["items"].as_array().unwrap();
        let id = items.iter().find(|d| d["host"] == "shop.example.net").unwrap()["id"].as_str().unwrap();
        let removed = admin.delete(&format!("/api/v1/apps/{theirs}/domains/{id}")).await;
        assert!(removed.status.is_success(), "{}", removed.text);
        let foreign = other.get("/api/v1/apps").await.ok(200)["items"][0]["id"].as_str().unwrap().to_owned();
        add(&other, &foreign, json!({"host": "shop.example.net"})).await.ok(201);
    }

    async fn case_088_and_089_every_spelling_of_a_taken_host_is_taken(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let (theirs, mine) = (image_app(&admin, "theirs").await, image_app(&admin, "mine").await);
        let shown = add(&admin, &theirs, json!({"host": "B\u{dc}CHER.example.net."})).await.ok(201);
        assert_eq!(shown["host"], "xn--bcher-kva.example.net", "stored and shown as punycode");
        for same in [
            "b\u{fc}cher.example.net", "xn--bcher-kva.example.net", "XN--BCHER-KVA.Example.NET",
            "bu\u{308}cher.example.net", "b\u{fc}cher.example.net.", "b\u{fc}cher\u{3002}example.net",
        ] {
            add(&admin, &mine, json!({"host": same})).await.refused(409, "domain_taken");
        }
        // A look-alike is another host, and looks like one.
        let odd = add(&admin, &mine, json!({"host": "b\u{fc}\u{441}her.example.net"})).await.ok(201);
        let odd = odd["host"].as_str().unwrap().to_owned();
        assert!(odd.starts_with("xn--") && odd != "xn--bcher-kva.example.net", "{odd}");
    }

    async fn case_091_the_platforms_own_hosts_are_reserved(db: TestDb) {
        let app = TestApp::with(db, |instance, _| {
            instance.public_url = Some("https://Skep.Example.net:8443/".parse().unwrap());
        });
        let admin = app.program().await;
        let mine = image_app(&admin, "mine").await;
        let before = rows(&app.db.db).await;
        for host in ["skep.example.net", "SKEP.example.net.", "apps.example.org", "Apps.Example.Org"] {
            add(&admin, &mine, json!({"host": host})).await.refused(409, "reserved");
        }
        assert_eq!(rows(&app.db.db).await, before);
        // Set later, by a person.
        admin.patch("/api/v1/settings", json!({"domain": "panel.example.net"})).await.ok(200);
        add(&admin, &mine, json!({"host": "panel.example.net", "path": "/x"})).await.refused(409, "reserved");
        // And the other way round: what an app has, the platform does not take.
        add(&admin, &mine, json!({"host": "shop.example.net"})).await.ok(201);
        admin.patch("/api/v1/settings", json!({"domain": "shop.example.net"})).await.refused(409, "domain_taken");
    }

    async fn case_092_below_a_host_that_another_team_proved_to_be_theirs(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let theirs = image_app(&admin, "alpha").await;
        add(&admin, &theirs, json!({"host": "shop.example.net"})).await.ok(201);
        let other = app.foreigner().await;
        let foreign = image_app(&other, "foreign").await;
        // Nothing is proven yet: a name that nobody showed to be theirs keeps nobody out.
        add(&other, &foreign, json!({"host": "early.shop.example.net"})).await.ok(201);
        // An authority asked the host itself, and gave its certificate to the first team.
        meddle(&app.db.db, "UPDATE certificate SET chain = 'a chain' WHERE host = 'shop.example.net'").await;
        let before = rows(&app.db.db).await;
        for host in ["a.shop.example.net", "a.b.c.shop.example.net", "A.SHOP.example.net"] {
            let answer = add(&other, &foreign, json!({"host": host})).await;
            assert!(!answer.text.contains("alpha") && !answer.text.contains(&theirs), "{}", answer.text);
            answer.refused(409, "domain_taken");
        }
        assert_eq!(rows(&app.db.db).await, before);
        // Not below it: beside it, above it, and a name that only ends alike.
        for host in ["example.net", "other.example.net", "myshop.example.net"] {
            add(&other, &foreign, json!({"host": host})).await.ok(201);
        }
        // The team itself may go on below.
        let second = image_app(&admin, "second").await;
        add(&admin, &second, json!({"host": "a.shop.example.net"})).await.ok(201);
        assert!(!hosts(&other, &foreign).await.contains(&"a.shop.example.net".to_owned()));
    }

    async fn case_094_a_port_that_is_none(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let mine = image_app(&admin, "mine").await;
        let before = rows(&app.db.db).await;
        for port in [json!(0), json!(70_000), json!(-1), json!("80"), json!(80.5)] {
            let answer = add(&admin, &mine, json!({"host": "shop.example.net", "port": port})).await;
            assert_eq!(answer.json["errors"][0]["field"], "port", "{}", answer.text);
            answer.refused(422, "invalid");
        }
        assert_eq!(rows(&app.db.db).await, before);
    }

    async fn case_099_of_two_claims_at_once_one_gets_the_host(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let other = app.foreigner().await;
        let (mine, foreign) = (image_app(&admin, "mine").await, image_app(&other, "foreign").await);
        for round in 0..10 {
            let body = json!({"host": format!("h{round}.example.net")});
            let (one, two) = tokio::join!(add(&admin, &mine, body.clone()), add(&other, &foreign, body));
            let mut statuses = [one.status.as_u16(), two.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409], "{} {}", one.text, two.text);
            if one.status == 409 { one.refused(409, "domain_taken") } else { two.refused(409, "domain_taken") };
        }
        assert_eq!(rows(&app.db.db).await["host_owner"], 12, "ten, and the two that were generated");
    }
}
