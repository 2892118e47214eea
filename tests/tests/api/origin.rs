//! Writes from other sites, and what looks like a form's.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::json;
use skep_tests::{
    app::{ADMIN, TestApp},
    client::Client,
    db_test,
};

/// A browser with the admin's cookies whose requests carry these headers.
fn at(app: &TestApp, admin: &Client, headers: &[(&str, &str)]) -> Client {
    let browser = Client::browser(app.router.clone());
    browser.cookies.lock().unwrap().clone_from(&admin.cookies.lock().unwrap());
    headers.iter().fold(browser, |browser, (name, value)| browser.with(name, value))
}

db_test! {
    async fn case_116_a_write_from_another_site_is_refused(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        let body = || json!({"name": "shop"});
        let foreign: [&[(&str, &str)]; 7] = [
            &[("origin", "null")],
            &[("origin", "http://evil.example")],
            &[("origin", "https://127.0.0.1:3000")],
            &[("origin", "http://127.0.0.1:3001")],
            &[("origin", "http://127.0.0.1:3000.evil.example")],
            &[("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "cross-site")],
            &[("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-site")],
        ];
        for headers in foreign {
            at(&app, &admin, headers).post("/api/v1/projects", body()).await.refused(403, "foreign_origin");
        }
        // No origin at all, with the cookie.
        let cookie = format!("skep={}", admin.cookies.lock().unwrap()["skep"]);
        let bare = app.stranger().with("cookie", &cookie);
        bare.post("/api/v1/projects", body()).await.refused(403, "foreign_origin");
        bare.delete("/api/v1/sessions").await.refused(403, "foreign_origin");
        assert_eq!(admin.get("/api/v1/projects").await.ok(200)["items"], json!([]), "nothing was made");
        // Not even signing in.
        let login = json!({"email": ADMIN.0, "password": ADMIN.1});
        app.browser().with("origin", "http://evil.example").post("/api/v1/login", login).await.refused(403, "foreign_origin");
        // Our own page may.
        at(&app, &admin, &[("sec-fetch-site", "same-origin")]).post("/api/v1/projects", body()).await.ok(201);
    }

    async fn case_116_json_must_say_that_it_is(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
            let request = admin.request(Method::POST, "/api/v1/projects").header(header::CONTENT_TYPE, kind);
            let answer = admin.ask(request.body(Body::from(r#"{"name":"shop"}"#)).expect("a request")).await;
            answer.refused(415, "unsupported_media_type");
        }
        let request = admin.request(Method::POST, "/api/v1/projects").body(Body::from(r#"{"name":"shop"}"#));
        admin.ask(request.expect("a request")).await.refused(415, "unsupported_media_type");
    }

    async fn over_https_the_cookie_is_bound_to_the_host(db: TestDb) {
        let app = TestApp::with(db, |instance, _| {
            instance.public_url = Some("https://127.0.0.1:3000".parse().expect("a URL"));
        });
        let browser = app.browser().with("origin", "https://127.0.0.1:3000");
        let body = json!({"token": skep_tests::app::SETUP_TOKEN, "email": ADMIN.0, "password": ADMIN.1});
        let answer = browser.post("/api/v1/setup", body).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
        answer.ok(201);
        assert!(cookie.starts_with("__Host-skep="), "{cookie}");
        for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        browser.get("/api/v1/whoami").await.ok(200);
        // The weaker name, which another host could set, is not read.
        let value = browser.cookies.lock().unwrap()["__Host-skep"].clone();
        app.stranger().with("cookie", &format!("skep={value}")).get("/api/v1/whoami").await.refused(401, "sign_in");
    }

    async fn answers_forbid_what_a_browser_must_not_do(db: TestDb) {
        let app = TestApp::new(db);
        for path in ["/live", "/api/v1/setup", "/api/v1/projects", "/nowhere", "/api/openapi.json"] {
            let answer = app.stranger().get(path).await;
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
            assert_eq!(answer.headers["x-frame-options"], "DENY");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
            assert!(!answer.headers.contains_key("access-control-allow-origin"));
        }
        let page = app.stranger().get("/api").await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
        assert!(page.text.contains(&format!("<style nonce=\"{nonce}\">")));
        assert_eq!(page.text.matches("<style").count() + page.text.matches("<script").count(), 1);
    }
}
