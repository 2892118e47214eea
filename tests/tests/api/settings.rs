//! Settings of the whole instance, the edge's document, challenges and figures.

use serde_json::json;
use skep::db;
use skep_tests::{app::TestApp, db_test};

db_test! {
    async fn the_platforms_host_is_set_and_gets_a_certificate(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        admin.post("/api/v1/settings/tls", json!({"email": "a@example.org"})).await.refused(409, "no_domain");
        let wrong = json!({"domain": "localhost", "acme_email": "nobody", "acme_directory": "http://ca"});
        let told = admin.patch("/api/v1/settings", wrong).await.refused(422, "invalid");
        assert_eq!(told["errors"].as_array().expect("errors").len(), 3, "{told}");
        let set = admin.patch("/api/v1/settings", json!({"domain": "Skep.Example.org"})).await.ok(200);
        assert_eq!((&set["domain"], &set["public_url"]), (&json!("skep.example.org"), &json!("https://skep.example.org/")));
        let certificate = admin.post("/api/v1/settings/tls", json!({"email": "a@example.org"})).await.ok(200);
        assert_eq!((&certificate["host"], &certificate["state"]), (&json!("skep.example.org"), &json!("pending")));
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let body = json!({"environment": project["environments"][0]["id"], "name": "web", "source": {"kind": "image", "image": "nginx:1"}});
        let made = admin.post("/api/v1/apps", body).await.ok(201);
        let domains = format!("/api/v1/apps/{}/domains", made["id"].as_str().expect("an id"));
        admin.post(&domains, json!({"host": "skep.example.org"})).await.refused(409, "reserved");
        admin.post(&domains, json!({"host": "shop.example.org"})).await.ok(201);
        admin.patch("/api/v1/settings", json!({"domain": "shop.example.org"})).await.refused(409, "domain_taken");
        admin.patch("/api/v1/settings", json!({"domain": ""})).await.ok(200);
        assert!(admin.get("/api/v1/settings").await.ok(200)["domain"].is_null());
    }

    async fn what_is_given_at_start_cannot_be_changed(db: TestDb) {
        let app = TestApp::with(db, |instance, _| {
            instance.public_url = Some("https://skep.example.org".parse().expect("a URL"));
            instance.fixed.insert("domain");
        });
        skep::control::settings::given_at_start(&app.parts).await.expect("kept");
        let admin = app.program().await;
        admin.patch("/api/v1/settings", json!({"domain": "other.example.org"})).await.refused(422, "fixed");
        let shown = admin.get("/api/v1/settings").await.ok(200);
        assert_eq!((&shown["domain"], &shown["fixed"]), (&json!("skep.example.org"), &json!(["domain"])));
    }

    async fn only_traefik_gets_the_edges_document(db: TestDb) {
        let app = TestApp::new(db);
        let path = "/edge/traefik";
        app.stranger().get(path).await.refused(401, "edge_token_wrong");
        app.stranger().with("authorization", "Bearer edge-token-edge-token-edge-tokem").get(path).await.refused(401, "edge_token_wrong");
        app.admin().await.get(path).await.refused(401, "edge_token_wrong");
        let traefik = app.stranger().with("authorization", "Bearer edge-token-edge-token-edge-token");
        traefik.get(path).await.refused(503, "routes_unknown");
        skep::reconcile::edge_round(&app.parts).await.expect("a round");
        let answer = traefik.get(path).await;
        assert_eq!(answer.status, 200);
        assert!(answer.json["http"].is_object(), "{}", answer.text);
        let etag = answer.headers["etag"].to_str().unwrap().to_owned();
        let again = app.stranger().with("authorization", "Bearer edge-token-edge-token-edge-token").with("if-none-match", &etag);
        assert_eq!(again.get(path).await.status, 304);
    }

    async fn any_replica_answers_a_challenge(db: TestDb) {
        let app = TestApp::new(db);
        let mut tx = app.parts.db.write().await.expect("the database");
        let until = app.parts.clock.now() + chrono::Duration::minutes(5);
        db::acme::put_challenge(&mut tx, "tok-en_1", "tok-en_1.print", "shop.example.org", until).await.expect("kept");
        tx.commit().await.expect("the database");
        let answer = app.stranger().get("/.well-known/acme-challenge/tok-en_1").await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "tok-en_1.print"));
        for token in ["other", "..%2f..%2fetc%2fpasswd", "a.b"] {
            app.stranger().get(&format!("/.well-known/acme-challenge/{token}")).await.refused(404, "not_found");
        }
        app.pass(301);
        app.stranger().get("/.well-known/acme-challenge/tok-en_1").await.refused(404, "not_found");
    }

    async fn figures_are_told_inside_and_to_whom_we_know(db: TestDb) {
        let app = TestApp::new(db);
        let program = app.program().await;
        app.stranger().get("/nowhere/at/all").await.refused(404, "not_found");
        let answer = app.stranger().get("/metrics").await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("skep_engine_up 1"), "{}", answer.text);
        assert!(answer.text.ends_with("# EOF\n"));
        assert!(!answer.text.contains("/nowhere"), "a path is no label");
        app.stranger().with("x-forwarded-for", "203.0.113.1").get("/metrics").await.refused(401, "sign_in");
        assert_eq!(program.same().with("x-forwarded-for", "203.0.113.1").get("/metrics").await.status, 200);
        app.engine.set_down(true);
        assert!(app.stranger().get("/metrics").await.text.contains("skep_engine_up 0"));
    }
}
