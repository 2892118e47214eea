//! Every way to be refused has the same shape (RFC 9457), and names the field.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use skep_tests::{app::TestApp, client::Client, db_test};

async fn raw(client: &Client, method: Method, path: &str, body: &str) -> skep_tests::client::Answer {
    let request = client.request(method, path).header(header::CONTENT_TYPE, "application/json");
    client.ask(request.body(Body::from(body.to_owned())).expect("a request")).await
}

fn field(problem: &Value) -> &str {
    problem["errors"][0]["field"].as_str().expect("a field")
}

db_test! {
    async fn every_refusal_is_a_problem_document(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        app.stranger().get("/nowhere").await.refused(404, "not_found");
        app.stranger().get("/api/v1/nowhere").await.refused(404, "not_found");
        app.stranger().get("/api/v2").await.refused(404, "not_found");
        let answer = admin.json(Method::PUT, "/api/v1/projects", json!({})).await;
        assert!(answer.headers.contains_key("allow"));
        answer.refused(405, "method_not_allowed");
        app.stranger().get("/api/v1/projects").await.refused(401, "sign_in");
        admin.get("/api/v1/projects/0190").await.refused(404, "not_found");
        admin.get("/api/v1/projects/not%20an%20id").await.refused(404, "not_found");
        admin.get("/api/v1/projects/%ff").await.refused(404, "not_found");
        admin.get("/api/v1/projects/%2e%2e%2fapps").await.refused(404, "not_found");
        admin.delete("/api/v1/apps/01900000-0000-7000-8000-000000000000").await.refused(404, "not_found");
        raw(&admin, Method::POST, "/api/v1/projects", "{").await.refused(400, "invalid_json");
        raw(&admin, Method::POST, "/api/v1/projects", "").await.refused(400, "invalid_json");
        raw(&admin, Method::POST, "/api/v1/projects", &"[".repeat(10_000)).await.refused(422, "invalid");
        raw(&admin, Method::POST, "/api/v1/projects", &format!("{{\"name\":{}", "[".repeat(10_000))).await.refused(422, "invalid");
        raw(&admin, Method::POST, "/api/v1/projects", &" ".repeat((1 << 20) + 1)).await.refused(413, "too_large");
        admin.get("/api/v1/projects?limit=many").await.refused(400, "invalid_query");
    }

    async fn case_106_fields_that_nobody_asked_for_are_refused(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        for extra in ["team_id", "is_admin", "id", "team"] {
            let problem = admin.post("/api/v1/projects", json!({"name": "shop", extra: "x"})).await.refused(422, "unknown_field");
            assert_eq!(field(&problem), extra);
        }
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let environment = &project["environments"][0]["id"];
        let new = |settings: Value| json!({"environment": environment, "name": "web", "source": {"kind": "image", "image": "nginx"}, "settings": settings});
        for (settings, at) in [
            (json!({"prot": 80}), "settings.prot"),
            (json!({"mounts": [{"kind": "tmpfs", "target": "/x", "host": "/"}]}), "settings.mounts[0].host"),
            (json!({"resources": {"cpu": 1}}), "settings.resources.cpu"),
        ] {
            let problem = admin.post("/api/v1/apps", new(settings)).await.refused(422, "unknown_field");
            assert_eq!(field(&problem), at, "{problem}");
        }
        let app_row = admin.post("/api/v1/apps", new(json!({}))).await.ok(201);
        let path = format!("/api/v1/apps/{}", app_row["id"].as_str().unwrap());
        let problem = admin.patch(&path, json!({"id": environment, "auto_deploy": false})).await.refused(422, "unknown_field");
        assert_eq!(field(&problem), "id");
        assert_eq!(admin.get(&path).await.ok(200)["auto_deploy"], true, "nothing was changed");
    }

    async fn a_wrong_value_is_named_with_its_code_and_never_repeated(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let environment = &project["environments"][0]["id"];
        let git = |url: &str, branch: &str| json!({"environment": environment, "name": "web", "build": {"kind": "dockerfile"},
            "source": {"kind": "git", "url": url, "follow": {"kind": "branch", "branch": branch}}});
        for (body, code) in [
            (git("file:///etc/passwd", "main"), "scheme_not_allowed"),
            (git("https://git.example.org/a/b", "a..b"), "invalid_ref"),
            (json!({"environment": environment, "name": "Web", "source": {"kind": "upload"}}), "invalid_name"),
            (json!({"environment": environment, "name": "web", "source": {"kind": "image", "image": "a b"}}), "invalid_image"),
            (json!({"environment": "0190", "name": "web", "source": {"kind": "upload"}}), "invalid"),
        ] {
            let problem = admin.post("/api/v1/apps", body.clone()).await.refused(422, code);
            assert!(problem["errors"][0]["message"].as_str().unwrap().len() > 10, "{problem}");
        }
        let problem = admin.post("/api/v1/credentials", json!({"kind": "git_token", "title": "t", "host": "h", "secret": {"hunter2": 1}})).await;
        assert!(!problem.text.contains("hunter2"), "{}", problem.text);
        problem.refused(422, "invalid");
    }

    async fn compose_files_are_named_once_each_and_not_too_many(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let body = |build: Value| json!({"environment": project["environments"][0]["id"], "name": "web", "build": build,
            "source": {"kind": "git", "url": "https://git.example.org/a", "follow": {"kind": "branch", "branch": "main"}}});
        let many: Vec<String> = (0..17).map(|i| format!("{i}.yml")).collect();
        for (build, at, code) in [
            (json!({"path": "."}), "build.path", "invalid_path"),
            (json!({"path": "a.yml", "overrides": [""]}), "build.overrides[0]", "invalid_path"),
            (json!({"path": "a.yml", "overrides": ["b.yml", "./a.yml"]}), "build.overrides[1]", "duplicate"),
            (json!({"path": "a.yml", "overrides": ["b.yml", "b.yml"]}), "build.overrides[1]", "duplicate"),
            (json!({"path": "a.yml", "overrides": many}), "build.overrides", "too_many"),
        ] {
            let mut build = build;
            build["kind"] = "compose".into();
            let problem = admin.post("/api/v1/apps", body(build)).await.refused(422, code);
            assert_eq!(field(&problem), at, "{problem}");
        }
        let build = json!({"kind": "compose", "path": "docker-compose.coolify.yml", "overrides": ["deploy/live.yml"]});
        let made = admin.post("/api/v1/apps", body(build.clone())).await.ok(201);
        assert_eq!(made["build"], build);
        let path = format!("/api/v1/apps/{}", made["id"].as_str().unwrap());
        // As it was written before there were several.
        let one = json!({"build": {"kind": "compose", "path": "compose.yml"}});
        assert_eq!(admin.patch(&path, one).await.ok(200)["build"]["overrides"], json!([]));
    }

    async fn case_107_odd_limits_are_clamped_and_odd_queries_refused(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        for name in ["one", "two", "three"] {
            admin.post("/api/v1/projects", json!({"name": name})).await.ok(201);
        }
        let count = async |query: &str| {
            admin.get(&format!("/api/v1/projects?{query}")).await.ok(200)["items"].as_array().unwrap().len()
        };
        assert_eq!(count("limit=-1").await, 1);
        assert_eq!(count("limit=0").await, 1);
        assert_eq!(count("limit=1000000000").await, 3);
        assert_eq!(count("cursor=%27%20OR%201=1%20--").await, 3);
        assert_eq!(count("limit=2&cursor=%25").await, 2);
        for query in ["sort=password_hash", "limit=1e9", "limit=", "limit=1;drop", "filter[x]=%27"] {
            admin.get(&format!("/api/v1/projects?{query}")).await.refused(400, "invalid_query");
        }
        let first = admin.get("/api/v1/projects?limit=2").await.ok(200);
        let next = first["next"].as_str().expect("there is more");
        let second = admin.get(&format!("/api/v1/projects?limit=2&cursor={next}")).await.ok(200);
        assert_eq!(second["items"].as_array().unwrap().len(), 1);
        assert!(second["next"].is_null());
    }

    async fn case_107_every_list_clamps_its_limit_and_takes_no_other_words(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let environment = project["environments"][0]["id"].as_str().unwrap();
        let body = json!({"environment": environment, "name": "web", "source": {"kind": "image", "image": "nginx"}});
        let made = admin.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
        let queued = admin.post(&format!("/api/v1/apps/{made}/deployments"), json!({})).await.ok(202);
        let account = admin.post("/api/v1/service-accounts", json!({"name": "ci"})).await.ok(201);
        let document = skep::http::api_document();
        let mut tried = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            let limited = item["get"]["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == "limit"));
            let of = if path.contains("/apps/") { made.as_str() }
                else if path.contains("/deployments/") { queued["id"].as_str().unwrap() }
                else if path.contains("/projects/") { project["id"].as_str().unwrap() }
                else if path.contains("/service-accounts/") { account["id"].as_str().unwrap() }
                else { environment };
            let path = path.replace("{id}", of);
            if !limited || path.contains('{') {
                continue;
            }
            tried += 1;
            for fine in ["limit=-1", "limit=0", "limit=1000000000"] {
                let answer = admin.get(&format!("{path}?{fine}")).await;
                // What the engine does not tell is told as such, whatever the limit.
                assert!(matches!(answer.status.as_u16(), 200 | 503), "{path}?{fine}: {}", answer.text);
            }
            // A cursor that no page gave is refused, or leads nowhere; it is never read as anything else.
            let answer = admin.get(&format!("{path}?cursor=%27%20OR%201%3D1%20--")).await;
            assert!(matches!(answer.status.as_u16(), 200 | 400 | 503), "{path}: {}", answer.text);
            for odd in ["sort=password_hash", "limit=1e9", "limit=%27", "filter%5Bx%5D=%25", "limit=1&limit=2;drop"] {
                let answer = admin.get(&format!("{path}?{odd}")).await;
                assert_eq!(answer.status, 400, "{path}?{odd}: {}", answer.text);
                answer.refused(400, "invalid_query");
            }
        }
        assert!(tried > 8, "{tried}");
    }

    async fn a_database_that_does_not_answer_is_told_as_such(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        app.stranger().get("/ready").await.ok(200);
        app.parts.db.close().await;
        app.stranger().get("/live").await.ok(200);
        app.stranger().get("/ready").await.ok(503);
        let answer = admin.get("/api/v1/projects").await;
        assert!(answer.headers.contains_key("retry-after"));
        answer.refused(503, "unavailable");
    }
}
