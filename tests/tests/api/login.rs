//! Signing in: one answer for every wrong login, and waits that grow.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skep_tests::{
    app::{ADMIN, TestApp},
    client::Answer,
    db_test,
};

fn wrong() -> Value {
    json!({"email": ADMIN.0, "password": "not the password"})
}

fn right() -> Value {
    json!({"email": ADMIN.0, "password": ADMIN.1})
}

async fn sign_in(app: &TestApp, from: [u8; 4], body: Value) -> Answer {
    app.browser().from(from).post("/api/v1/login", body).await
}

db_test! {
    async fn case_110_an_unknown_person_and_a_wrong_password_look_the_same(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        let mut quickest = [Duration::MAX; 3];
        let mut told = Vec::new();
        for round in 0..4_u8 {
            let tries = [wrong(), json!({"email": "nobody@example.org", "password": "not the password"}), json!({"email": "no address", "password": "not the password"})];
            for (i, body) in tries.into_iter().enumerate() {
                let began = Instant::now();
                let answer = sign_in(&app, [198, 51, round, u8::try_from(i).unwrap()], body).await;
                quickest[i] = quickest[i].min(began.elapsed());
                assert!(!answer.headers.contains_key("set-cookie"));
                let mut problem = answer.refused(401, "wrong_login");
                problem["request_id"].take();
                told.push(problem);
            }
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
        // The hash takes most of the time: without it the unknown would be answered in no time.
        let known = quickest[0];
        assert!(quickest.iter().all(|unknown| *unknown > known / 3), "{quickest:?}");
    }

    async fn case_111_after_five_failures_each_try_waits_longer(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        for _ in 0..5 {
            sign_in(&app, [203, 0, 113, 1], wrong()).await.refused(401, "wrong_login");
        }
        let mut waits = Vec::new();
        for _ in 0..4 {
            let answer = sign_in(&app, [203, 0, 113, 1], wrong()).await;
            let wait: i64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            answer.refused(429, "busy");
            waits.push(wait);
            app.pass(wait);
            sign_in(&app, [203, 0, 113, 1], wrong()).await.refused(401, "wrong_login");
        }
        assert_eq!(waits, [2, 4, 8, 16]);
        // The right password has to wait as well, and then all is forgotten.
        sign_in(&app, [203, 0, 113, 1], right()).await.refused(429, "busy");
        app.pass(32);
        sign_in(&app, [203, 0, 113, 1], right()).await.ok(200);
        sign_in(&app, [203, 0, 113, 1], wrong()).await.refused(401, "wrong_login");
    }

    async fn case_111_a_header_gives_nobody_another_address(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        for i in 0..5 {
            let body = json!({"email": format!("p{i}@example.org"), "password": "not the password"});
            let browser = app.browser().with("x-forwarded-for", &format!("10.0.0.{i}"));
            browser.post("/api/v1/login", body).await.refused(401, "wrong_login");
        }
        let browser = app.browser().with("x-forwarded-for", "10.9.9.9").with("forwarded", "for=10.9.9.9");
        browser.post("/api/v1/login", right()).await.refused(429, "busy");
        sign_in(&app, [203, 0, 113, 9], right()).await.ok(200);
    }

    async fn case_111_a_trusted_proxy_tells_the_address_but_not_what_a_client_put_before_it(db: TestDb) {
        let app = TestApp::with(db, |instance, _| instance.trusted_proxies = vec!["192.0.2.0/24".to_owned()]);
        app.admin().await;
        for i in 0..5 {
            let body = json!({"email": format!("p{i}@example.org"), "password": "not the password"});
            let list = format!("10.0.0.{i}, 203.0.113.5");
            app.browser().with("x-forwarded-for", &list).post("/api/v1/login", body).await.refused(401, "wrong_login");
        }
        app.browser().with("x-forwarded-for", "203.0.113.5").post("/api/v1/login", right()).await.refused(429, "busy");
        app.browser().with("x-forwarded-for", "203.0.113.6").post("/api/v1/login", right()).await.ok(200);
    }

    async fn case_111_our_own_edge_is_believed_without_any_setting(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        let proof = app.parts.instance.edge_proof().expect("there is a token");
        let by_edge = |client: &str| app.browser().with("x-skep-edge", proof.expose()).with("x-forwarded-for", client);
        for i in 0..5 {
            let body = json!({"email": format!("p{i}@example.org"), "password": "not the password"});
            by_edge("203.0.113.5").post("/api/v1/login", body).await.refused(401, "wrong_login");
        }
        by_edge("203.0.113.5").post("/api/v1/login", right()).await.refused(429, "busy");
        by_edge("10.9.9.9, 203.0.113.5").post("/api/v1/login", right()).await.refused(429, "busy");
        by_edge("203.0.113.6").post("/api/v1/login", right()).await.ok(200);
        let forged = app.browser().with("x-skep-edge", "0").with("x-forwarded-for", "203.0.113.7");
        for _ in 0..5 {
            forged.post("/api/v1/login", wrong()).await.refused(401, "wrong_login");
        }
        forged.post("/api/v1/login", right()).await.refused(429, "busy");
        sign_in(&app, [192, 0, 2, 1], right()).await.refused(429, "busy");
    }

    async fn case_111_strangers_lock_nobody_out(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.admin().await;
        owner.post("/api/v1/logout", json!({})).await.ok(204);
        for i in 0..20_u8 {
            let answer = sign_in(&app, [203, 0, 113, i], wrong()).await;
            if answer.status == 429 {
                app.pass(answer.headers["retry-after"].to_str().unwrap().parse().unwrap());
            }
        }
        // A browser that signed in before does not wait for what strangers did.
        owner.post("/api/v1/login", right()).await.ok(200);
        // Anybody else waits a minute at most.
        app.pass(60);
        sign_in(&app, [198, 51, 100, 1], right()).await.ok(200);
    }

    async fn many_guesses_at_once_gain_nothing(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        let tries = (0..20_u8).map(|i| sign_in(&app, [203, 0, 113, i], wrong()));
        let answers = futures::future::join_all(tries).await;
        let compared = answers.iter().filter(|answer| answer.status == 401).count();
        assert_eq!(compared, 5, "the others had to wait");
    }

    async fn case_112_a_password_of_a_megabyte_is_never_hashed(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        let long = "x".repeat(900 << 10);
        let body = json!({"email": ADMIN.0, "password": long});
        let began = Instant::now();
        sign_in(&app, [203, 0, 113, 1], body).await.refused(422, "password_too_long");
        assert!(began.elapsed() < Duration::from_secs(2));
        let body = json!({"email": ADMIN.0, "password": "x".repeat(1 << 20)});
        sign_in(&app, [203, 0, 113, 1], body).await.refused(413, "too_large");
    }

    async fn case_117_nothing_signs_in_by_its_address(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        let path = format!("/api/v1/login?email={}&password={}", ADMIN.0, ADMIN.1.replace(' ', "+"));
        let answer = app.browser().get(&path).await;
        assert!(!answer.headers.contains_key("set-cookie"));
        assert!(!answer.text.contains("correct"), "it is not repeated either");
        answer.refused(405, "method_not_allowed");
    }
}
