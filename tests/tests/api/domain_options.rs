//! What holds for a domain beside its place: changed by parts, checked as a whole, shown without secrets.

use axum::http::Method;
use serde_json::{Value, json};
use skep_tests::{
    app::TestApp,
    client::Client,
    database::{meddle, rows},
    db_test,
};

/// An app with one domain; the address of that domain.
async fn domain(client: &Client, project: &str, host: &str) -> String {
    let project = client.post("/api/v1/projects", json!({"name": project})).await.ok(201);
    let body = json!({"environment": project["environments"][0]["id"], "name": "web",
        "source": {"kind": "image", "image": "nginx"}});
    let app = client.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/apps/{app}/domains");
    let made = client.post(&path, json!({"host": host})).await.ok(201);
    format!("{path}/{}", made["id"].as_str().unwrap())
}

fn options(of: Value) -> Value {
    json!({"options": of})
}

db_test! {
    async fn options_change_one_by_one_and_null_takes_away(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let path = domain(&admin, "shop", "shop.example.net").await;
        assert_eq!(admin.get(&path).await.ok(200)["options"], json!({}));
        admin.patch(&path, options(json!({"compress": true, "rate": {"average": 5}}))).await.ok(200);
        let both = json!({"port": 81, "options": {"compress": null, "allow": ["10.0.0.0/8", "::1"]}});
        let shown = admin.patch(&path, both).await.ok(200);
        let expected = json!({
            "rate": {"average": 5, "seconds": 1, "burst": 5}, "allow": ["10.0.0.0/8", "::1/128"],
        });
        assert_eq!((&shown["options"], &shown["port"]), (&expected, &json!(81)));
        assert_eq!(admin.get(&path).await.ok(200)["options"], expected);
        // Nothing given, nothing changed.
        assert_eq!(admin.patch(&path, json!({})).await.ok(200), admin.get(&path).await.ok(200));
    }

    async fn what_does_not_go_together_is_refused_with_its_field(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let path = domain(&admin, "shop", "shop.example.net").await;
        let before = (rows(&app.db.db).await, admin.get(&path).await.ok(200));
        for (body, field) in [
            (options(json!({"body_bytes": 10, "backend": "h2c"})), "options.body_bytes"),
            (json!({"https": false, "options": {"hsts": {}}}), "options.hsts"),
            (json!({"https": false, "options": {"sticky": {"same_site": "none"}}}), "options.sticky.same_site"),
            (options(json!({"hsts": {"preload": true}})), "options.hsts"),
            (options(json!({"hsts": {"seconds": 60, "subdomains": true, "preload": true}})), "options.hsts"),
            (options(json!({"cors": {"origins": ["*"], "credentials": true}})), "options.cors"),
            (options(json!({"cors": {"origins": []}})), "options.cors"),
            (options(json!({"priority": 101})), "options.priority"),
            (options(json!({"rate": {"average": 0}})), "options.rate"),
            (options(json!({"timeouts": {"response_seconds": 0}})), "options.timeouts"),
            (options(json!({"errors": {"statuses": ["500"], "path": "/x", "html": "x"}})), "options.errors"),
            (options(json!({"maintenance": {"html": "a".repeat(16_385)}})), "options.maintenance.html"),
            (options(json!({"redirects": [{"from": "/a", "to": "/a"}]})), "options.redirects[0]"),
            (options(json!({"redirects": [{"from": "/a", "regex": true, "to": "/$1"}]})), "options.redirects[0]"),
            (options(json!({"sticky": {"cookie": "__Host-a"}})), "options.sticky.cookie"),
            (options(json!({"nonsense": 1})), "options.nonsense"),
            (json!({"host": "other.example.net"}), "host"),
            (json!({"port": 0}), "port"),
            (json!({"logins": [{"name": "ops"}]}), "logins[0].password"),
            (json!({"logins": [{"name": "ops", "password": "short"}]}), "logins[0].password"),
        ] {
            let answer = admin.patch(&path, body.clone()).await;
            assert_eq!(answer.status, 422, "{body}: {}", answer.text);
            assert_eq!(answer.json["errors"][0]["field"], field, "{body}: {}", answer.text);
        }
        assert_eq!((rows(&app.db.db).await, admin.get(&path).await.ok(200)), before);
    }

    async fn case_133_headers_of_the_edge_are_not_a_users(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let path = domain(&admin, "shop", "shop.example.net").await;
        for name in [
            "Host", "connection", "Transfer-Encoding", "content-length", "Upgrade", "TE", "X-Forwarded-For",
            "x-forwarded-proto", "X-Skep-Edge", "x-skep-user", "X-Real-IP", "Forwarded", "Keep-Alive", "a b", "",
        ] {
            for list in ["request_headers", "response_headers"] {
                let answer = admin.patch(&path, options(json!({list: {name: "x"}}))).await;
                assert_eq!(answer.status, 422, "{name}: {}", answer.text);
                let field = answer.json["errors"][0]["field"].as_str().unwrap();
                assert!(field.starts_with(&format!("options.{list}")), "{name}: {field}");
            }
        }
        let twice = admin.patch(&path, options(json!({"request_headers": {"X-A": "1", "x-a": "2"}}))).await;
        twice.refused(422, "invalid_header");
    }

    async fn a_logins_password_is_never_shown_and_stays_by_its_name(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let path = domain(&admin, "shop", "shop.example.net").await;
        let both = json!({"logins": [
            {"name": "ops", "password": "correct horse battery"}, {"name": "eve", "password": "hunter2hunter2"},
        ]});
        let answer = admin.patch(&path, both).await;
        assert_eq!(answer.json["logins"], json!(["ops", "eve"]));
        let kept = stored(&app).await;
        assert!(kept.contains("$2y$10$") && !kept.contains("horse") && !kept.contains("hunter2"), "{kept}");
        let log = admin.get("/api/v1/audit").await;
        for text in [&answer.text, &admin.get(&path).await.text, &log.text] {
            assert!(!text.contains("horse") && !text.contains("hunter2") && !text.contains("$2y$"), "{text}");
        }
        assert!(log.text.contains("domain.change"), "{}", log.text);
        // One is taken away, the other keeps its password.
        admin.patch(&path, json!({"logins": [{"name": "ops"}]})).await.ok(200);
        let ops = kept.split("\"hash\":\"").nth(1).unwrap().split('"').next().unwrap();
        let kept = stored(&app).await;
        assert!(kept.contains(ops) && !kept.contains("eve"), "{kept}");
        admin.patch(&path, json!({"logins": []})).await.ok(200);
        assert_eq!(admin.get(&path).await.ok(200)["logins"], json!([]));
    }

    async fn the_name_beside_a_host_is_owned_too_and_given_back(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let other = app.foreigner().await;
        let mine = domain(&admin, "shop", "shop.example.net").await;
        let theirs = domain(&other, "theirs", "www.blog.example.net").await;
        let shown = admin.patch(&mine, json!({"redirect_www": true})).await.ok(200);
        assert_eq!(shown["other_host"], "www.shop.example.net");
        let taken = theirs.rsplit_once('/').unwrap().0;
        other.post(taken, json!({"host": "www.shop.example.net"})).await.refused(409, "domain_taken");
        let blog = domain(&admin, "blog", "blog.example.net").await;
        admin.patch(&blog, json!({"redirect_www": true})).await.refused(409, "domain_taken");
        other.patch(&theirs, json!({"redirect_www": true})).await.refused(409, "domain_taken");
        let wanted = |app: &TestApp| {
            let db = app.db.db.clone();
            async move { rows(&db).await["certificate"] }
        };
        let certificates = wanted(&app).await;
        admin.patch(&mine, json!({"redirect_www": false})).await.ok(200);
        other.post(taken, json!({"host": "www.shop.example.net"})).await.ok(201);
        assert_eq!(wanted(&app).await, certificates, "the certificate was wanted already");
        admin.patch(&mine, json!({"redirect_www": true})).await.refused(409, "domain_taken");
        // Both go with the domain.
        let third = domain(&admin, "third", "www.third.example.net").await;
        assert_eq!(
            admin.patch(&third, json!({"redirect_www": true})).await.ok(200)["other_host"],
            "third.example.net"
        );
        assert_eq!(admin.delete(&third).await.status, 204);
        other.post(taken, json!({"host": "third.example.net"})).await.ok(201);
    }

    async fn a_domain_that_cannot_be_read_is_left_out_alone(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        domain(&admin, "shop", "shop.example.net").await;
        domain(&admin, "blog", "blog.example.net").await;
        meddle(&app.db.db, "UPDATE domain SET options = '{\"allow\": [\"nonsense\"]}' WHERE host = 'blog.example.net'").await;
        let mut tx = app.db.db.read().await.unwrap();
        let all = skep::db::domain_name::all(&mut tx).await.unwrap();
        let hosts: Vec<&str> = all.iter().map(|domain| domain.host.as_str()).collect();
        assert!(hosts.contains(&"shop.example.net") && !hosts.contains(&"blog.example.net"), "{hosts:?}");
    }

    async fn visitors_of_an_app_that_is_away_see_a_page(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let path = domain(&admin, "shop", "shop.example.net").await;
        let id = path.rsplit('/').next().unwrap().to_owned();
        let html = "<h1>We paint the walls</h1><script>alert(1)</script>";
        let maintenance = json!({"maintenance": {"on": true, "retry_after_seconds": 77, "html": html},
            "errors": {"statuses": ["500-599"]}});
        admin.patch(&path, options(maintenance)).await.ok(200);
        offer(&app).await;
        let visitor = app.stranger();
        for method in [Method::GET, Method::POST, Method::PUT] {
            let request = visitor.request(method.clone(), &format!("/edge/page/{id}/maintenance"));
            let request = request.header("accept", "text/html,*/*").header("host", "shop.example.net");
            let answer = visitor.send(request.body(axum::body::Body::empty()).unwrap()).await;
            assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"77".parse().unwrap()), "{method}");
            let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.contains("sandbox") && !policy.contains("script-src"), "{policy}");
            let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            assert_eq!(&body[..], html.as_bytes());
        }
        let json = visitor.get(&format!("/edge/page/{id}/away")).await;
        assert_eq!((json.status.as_u16(), &json.json["code"]), (503, &json!("nobody_serves")), "{}", json.text);
        let html = visitor.same().with("accept", "text/html");
        let page = html.get(&format!("/edge/page/{id}/away")).await;
        assert!(page.text.contains("Not available right now") && page.text.contains("color-scheme"), "{}", page.text);
        assert!(!page.text.contains("<script") && !page.text.contains("style="), "{}", page.text);
        for (status, expected) in [("404", 404), ("502", 502), ("200", 500), ("x", 500)] {
            let page = html.get(&format!("/edge/page/{id}/error?status={status}")).await;
            assert_eq!(page.status.as_u16(), expected, "{status}");
        }
        for path in [format!("/edge/page/{id}/nonsense"), "/edge/page/x/y".to_owned()] {
            assert_eq!(visitor.get(&path).await.status, 404, "{path}");
        }
    }
}

/// What lies in the table.
async fn stored(app: &TestApp) -> String {
    let mut tx = app.db.db.read().await.unwrap();
    let all = skep::db::domain_name::all(&mut tx).await.unwrap();
    let logins: Vec<_> = all.iter().flat_map(|domain| &domain.logins).collect();
    serde_json::to_string(&logins).unwrap()
}

/// Publishes what is true now, as the reconciler does.
async fn offer(app: &TestApp) {
    let mut tx = app.db.db.read().await.unwrap();
    let all = skep::db::domain_name::all(&mut tx).await.unwrap();
    let routes =
        all.iter().map(|domain| skep::edge::Route::of(domain, skep::edge::Servers::Nobody)).collect();
    let input = skep::edge::EdgeInput { routes, ..skep::edge::EdgeInput::default() };
    app.parts.edge.offer(input, std::time::Instant::now());
}
