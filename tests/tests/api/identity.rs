//! The first admin, sessions, passwords and tokens.

use serde_json::json;
use skep_tests::{
    app::{ADMIN, SETUP_TOKEN, TestApp},
    client::Client,
    db_test,
};

fn first(token: &str) -> serde_json::Value {
    json!({"token": token, "email": ADMIN.0, "password": ADMIN.1})
}

db_test! {
    async fn case_113_the_first_admin_needs_the_token_and_is_made_once(db: TestDb) {
        let app = TestApp::new(db);
        let stranger = app.stranger();
        assert_eq!(stranger.get("/api/v1/setup").await.ok(200)["needed"], true);
        stranger.post("/api/v1/setup", first("")).await.refused(401, "setup_token_wrong");
        stranger.post("/api/v1/setup", first("setup-token-setup-tokem")).await.refused(401, "setup_token_wrong");
        let weak = json!({"token": SETUP_TOKEN, "email": "nobody", "password": "short"});
        let told = stranger.post("/api/v1/setup", weak).await.refused(422, "invalid");
        let fields: Vec<_> = told["errors"].as_array().expect("errors").iter().map(|e| e["field"].clone()).collect();
        assert_eq!(fields, ["email", "password"], "every fault at once");
        let (one, other) = (app.browser().from([192, 0, 2, 8]), app.browser().from([192, 0, 2, 9]));
        let make = async |browser: &Client| browser.post("/api/v1/setup", first(SETUP_TOKEN)).await;
        let two = tokio::join!(make(&one), make(&other));
        let mut statuses = [two.0.status.as_u16(), two.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "two at once make one");
        assert_eq!(stranger.get("/api/v1/setup").await.ok(200)["needed"], false);
        stranger.post("/api/v1/setup", first(SETUP_TOKEN)).await.refused(409, "setup_done");
        stranger.post("/api/v1/setup", first("wrong")).await.refused(409, "setup_done");
    }

    async fn guessing_the_setup_token_is_slowed_down(db: TestDb) {
        let app = TestApp::new(db);
        for _ in 0..5 {
            app.stranger().post("/api/v1/setup", first("wrong")).await.refused(401, "setup_token_wrong");
        }
        app.stranger().post("/api/v1/setup", first(SETUP_TOKEN)).await.refused(429, "busy");
        app.pass(3);
        app.stranger().post("/api/v1/setup", first(SETUP_TOKEN)).await.ok(201);
    }

    async fn case_114_a_session_that_was_there_before_does_not_live_on(db: TestDb) {
        let app = TestApp::new(db);
        let browser = app.admin().await;
        let old = browser.copy();
        browser.post("/api/v1/login", json!({"email": ADMIN.0, "password": ADMIN.1})).await.ok(200);
        assert_ne!(browser.cookies.lock().unwrap()["skep"], old.cookies.lock().unwrap()["skep"]);
        browser.get("/api/v1/whoami").await.ok(200);
        old.get("/api/v1/whoami").await.refused(401, "sign_in");
        // A value that an attacker planted is never taken over.
        let planted = app.browser();
        planted.cookies.lock().unwrap().insert("skep".into(), "A".repeat(43));
        planted.post("/api/v1/login", json!({"email": ADMIN.0, "password": ADMIN.1})).await.ok(200);
        assert_ne!(planted.cookies.lock().unwrap()["skep"], "A".repeat(43));
    }

    async fn case_115_a_cookie_counts_no_longer_after_its_session(db: TestDb) {
        let app = TestApp::new(db);
        let first = app.admin().await;
        let sign_in = async || {
            let browser = app.browser();
            browser.post("/api/v1/login", json!({"email": ADMIN.0, "password": ADMIN.1})).await.ok(200);
            browser
        };
        // Signed out.
        let copy = first.copy();
        first.post("/api/v1/logout", json!({})).await.ok(204);
        assert!(!first.cookies.lock().unwrap().contains_key("skep"), "the browser is told to forget it");
        copy.get("/api/v1/whoami").await.refused(401, "sign_in");
        // The password changed elsewhere.
        let (one, two) = (sign_in().await, sign_in().await);
        let wrong = json!({"current": "not my password", "password": "another long password"});
        one.post("/api/v1/password", wrong).await.refused(422, "wrong_password");
        let right = json!({"current": ADMIN.1, "password": "another long password"});
        one.post("/api/v1/password", right).await.ok(204);
        one.get("/api/v1/whoami").await.ok(200);
        two.get("/api/v1/whoami").await.refused(401, "sign_in");
        app.browser().post("/api/v1/login", json!({"email": ADMIN.0, "password": ADMIN.1})).await.refused(401, "wrong_login");
        // Ended from another browser, one or all.
        let login = json!({"email": ADMIN.0, "password": "another long password"});
        let three = app.browser();
        three.post("/api/v1/login", login.clone()).await.ok(200);
        let sessions = one.get("/api/v1/sessions").await.ok(200);
        let other = sessions["items"].as_array().expect("items").iter().find(|s| s["current"] == false).expect("another");
        one.delete(&format!("/api/v1/sessions/{}", other["id"].as_str().expect("an id"))).await.ok(204);
        three.get("/api/v1/whoami").await.refused(401, "sign_in");
        let four = app.browser();
        four.post("/api/v1/login", login).await.ok(200);
        let copy = one.copy();
        one.delete("/api/v1/sessions").await.ok(204);
        for gone in [four, copy] {
            gone.get("/api/v1/whoami").await.refused(401, "sign_in");
        }
    }

    async fn a_session_ends_by_itself(db: TestDb) {
        let app = TestApp::new(db);
        let browser = app.admin().await;
        app.pass(14 * 86_400 - 1);
        browser.get("/api/v1/whoami").await.ok(200);
        app.pass(2);
        browser.get("/api/v1/whoami").await.refused(401, "sign_in");
    }

    async fn case_120_a_token_that_ended_is_no_token(db: TestDb) {
        let app = TestApp::new(db);
        let browser = app.admin().await;
        let made = browser.post("/api/v1/tokens", json!({"name": "ci", "days": 1})).await.ok(201);
        let value = made["value"].as_str().expect("a value").to_owned();
        assert!(value.starts_with("skep_") && value.len() == 48);
        let program = Client::program(app.router.clone(), Some(&value));
        assert_eq!(program.get("/api/v1/whoami").await.ok(200)["email"], ADMIN.0);
        let listed = browser.get("/api/v1/tokens").await.ok(200);
        assert!(!listed.to_string().contains(&value), "the value is told once");
        assert!(listed["items"][0]["used_at"].is_string());
        app.pass(86_401);
        program.get("/api/v1/whoami").await.refused(401, "sign_in");
        let lasting = browser.post("/api/v1/tokens", json!({"name": "ci"})).await.ok(201);
        let program = Client::program(app.router.clone(), lasting["value"].as_str());
        program.get("/api/v1/whoami").await.ok(200);
        browser.delete(&format!("/api/v1/tokens/{}", lasting["id"].as_str().expect("an id"))).await.ok(204);
        program.get("/api/v1/whoami").await.refused(401, "sign_in");
    }

    async fn case_121_a_token_makes_no_token_and_changes_no_password(db: TestDb) {
        let app = TestApp::new(db);
        let program = app.program().await;
        program.post("/api/v1/tokens", json!({"name": "wider"})).await.refused(403, "forbidden");
        let change = json!({"current": ADMIN.1, "password": "another long password"});
        program.post("/api/v1/password", change).await.refused(403, "forbidden");
    }

    async fn case_118_nothing_that_calls_itself_a_jwt_is_believed(db: TestDb) {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as text};
        let app = TestApp::new(db);
        let me = app.admin().await.get("/api/v1/whoami").await.ok(200);
        let claims = json!({"sub": me["id"], "email": ADMIN.0, "iss": "skep", "aud": "skep", "exp": 4_102_444_800_u64});
        for head in [
            json!({"alg": "none", "typ": "JWT"}),
            json!({"alg": "HS256", "typ": "JWT"}),
            json!({"alg": "RS256", "typ": "JWT", "kid": "../../key"}),
        ] {
            let body = format!("{}.{}", text.encode(head.to_string()), text.encode(claims.to_string()));
            for signature in ["", "AAAA"] {
                let bearer = format!("Bearer {body}.{signature}");
                app.stranger().with("authorization", &bearer).get("/api/v1/projects").await.refused(401, "sign_in");
            }
        }
    }

    async fn case_119_a_token_in_the_address_is_ignored(db: TestDb) {
        let app = TestApp::new(db);
        let made = app.admin().await.post("/api/v1/tokens", json!({"name": "t"})).await.ok(201);
        let value = made["value"].as_str().expect("a value");
        for name in ["token", "access_token", "api_key", "authorization"] {
            app.stranger().get(&format!("/api/v1/projects?{name}={value}")).await.refused(401, "sign_in");
        }
        // And a wrong one in its right place is not helped out by a cookie.
        let browser = app.browser().with("authorization", "Bearer skep_wrong");
        browser.post("/api/v1/login", json!({"email": ADMIN.0, "password": ADMIN.1})).await.ok(200);
        browser.get("/api/v1/whoami").await.refused(401, "sign_in");
    }

    async fn nothing_secret_is_kept_as_it_is(db: TestDb) {
        let app = TestApp::new(db);
        let browser = app.admin().await;
        let made = browser.post("/api/v1/tokens", json!({"name": "t"})).await.ok(201);
        let mut tx = app.parts.db.read().await.expect("the database");
        let email = skep::domain::name::Email::parse(ADMIN.0).expect("an address");
        let user = skep::db::identity::user_by_email(&mut tx, &email).await.expect("the database").expect("them");
        assert!(user.password_hash.is_some_and(|hash| hash.starts_with("$argon2id$")));
        let cookie = browser.cookies.lock().unwrap()["skep"].clone();
        for secret in [cookie.as_str(), made["value"].as_str().expect("a value")] {
            let found = skep::db::identity::session(&mut tx, secret.as_bytes(), app.parts.clock.now()).await;
            assert!(found.expect("the database").is_none(), "only a digest is a key");
        }
    }
}
