//! What a deployment would do, asked for before there is one.

use serde_json::{Value, json};
use skep::swarm::ImageFacts;
use skep_tests::{app::TestApp, client::Client, db_test};

const GIT: &str = "https://git.example.org/acme/shop";

/// An app of this source in an environment of its own; its address.
async fn app(program: &Client, name: &str, source: Value, build: Value) -> String {
    let project = program.post("/api/v1/projects", json!({"name": format!("p-{name}")})).await.ok(201);
    let environment = &project["environments"][0]["id"];
    let settings = json!({"port": 8080, "update": {"monitor": "1s"}});
    let body = json!({"environment": environment, "name": name, "source": source, "build": build, "settings": settings});
    let made = program.post("/api/v1/apps", body).await.ok(201);
    format!("/api/v1/apps/{}", made["id"].as_str().expect("an id"))
}

async fn plan(program: &Client, app: &str) -> Value {
    program.post(&format!("{app}/plan"), json!({})).await.ok(200)
}

async fn deploy(server: &TestApp, program: &Client, app: &str) {
    let queued = program.post(&format!("{app}/deployments"), json!({})).await.ok(202);
    server.run_jobs().await;
    let ended = program.get(&format!("/api/v1/deployments/{}", queued["id"].as_str().unwrap())).await.ok(200);
    assert_eq!(ended["state"], "live", "{ended:#}");
}

async fn set(program: &Client, app: &str, key: &str, value: &str) {
    let body = json!({"variables": [{"key": key, "value": value}]});
    program.patch(&format!("{app}/variables"), body).await.ok(200);
}

fn actions(plan: &Value) -> Vec<(&str, bool)> {
    let actions = plan["actions"].as_array().expect("actions");
    actions.iter().map(|a| (a["action"].as_str().unwrap(), a["restarts"].as_bool().unwrap())).collect()
}

/// What may not have been called for a plan.
fn writes(server: &TestApp) -> u64 {
    ["perform", "pull", "push", "tag", "ensure_network"].iter().map(|verb| server.engine.calls(verb)).sum()
}

db_test! {
    async fn an_image_is_planned_without_asking_its_registry_and_without_a_write(db: TestDb) {
        let server = TestApp::new(db);
        let program = server.program().await;
        let image = "registry.example.org/shop:1";
        server.engine.add_image(image, ImageFacts { id: "sha256:1".to_owned(), ..ImageFacts::default() });
        let app = app(&program, "shop", json!({"kind": "image", "image": image}), json!({"kind": "none"})).await;
        let before = writes(&server);
        let first = plan(&program, &app).await;
        assert!(actions(&first).contains(&("create_service", false)), "{first:#}");
        assert!(first["notes"][0].as_str().unwrap().contains("would be asked for at its registry"), "{first:#}");
        assert_eq!((writes(&server), server.builder.builds()), (before, 0));
        let deployments = program.get(&format!("{app}/deployments")).await.ok(200);
        assert_eq!(deployments["items"], json!([]), "no deployment was made");

        deploy(&server, &program, &app).await;
        let same = plan(&program, &app).await;
        assert_eq!((actions(&same), &same["restarts"]), (vec![], &json!(false)), "{same:#}");

        set(&program, &app, "PASSWORD", "hunter2hunter2").await;
        let turned = plan(&program, &app).await;
        assert_eq!((actions(&turned), &turned["restarts"]), (vec![("update_service", true)], &json!(true)), "{turned:#}");
        let change = &turned["actions"][0]["changes"][0];
        assert_eq!((&change["path"], &change["to"]), (&json!("TaskTemplate.ContainerSpec.Env.PASSWORD"), &json!("set")));
        assert!(!turned.to_string().contains("hunter2"), "{turned:#}");
    }

    async fn a_repository_is_planned_with_the_commit_that_serves(db: TestDb) {
        let server = TestApp::new(db);
        let program = server.program().await;
        let source = json!({"kind": "git", "url": GIT, "follow": {"kind": "branch", "branch": "main"}});
        let sha = server.git.push(GIT, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = app(&program, "shop", source, json!({"kind": "dockerfile"})).await;
        let first = plan(&program, &app).await;
        assert!(actions(&first).contains(&("create_service", false)), "{first:#}");
        assert_eq!(first["commit"], Value::Null);
        assert!(first["notes"][0].as_str().unwrap().contains("not built yet"), "{first:#}");
        deploy(&server, &program, &app).await;
        server.git.push(GIT, "main", "Two", &[("Dockerfile", "FROM scratch\n# two\n")]);
        let asked = server.git.calls().len();
        let second = plan(&program, &app).await;
        assert_eq!((actions(&second), &second["commit"]), (vec![], &json!(sha.as_str())), "{second:#}");
        assert!(second["notes"][0].as_str().unwrap().contains(sha.short()), "{second:#}");
        assert_eq!(server.git.calls().len(), asked);
    }

    async fn a_compose_file_is_planned_service_by_service_and_its_faults_are_told(db: TestDb) {
        let server = TestApp::new(db);
        let program = server.program().await;
        let source = json!({"kind": "git", "url": GIT, "follow": {"kind": "branch", "branch": "main"}});
        let file = "services:\n  web: {build: ., environment: {TITLE: \"${TITLE:-none}\"}}\n  db: {image: registry.example.org/db:1}\n";
        server.git.push(GIT, "main", "One", &[("compose.yaml", file), ("Dockerfile", "FROM scratch\n")]);
        let app = app(&program, "shop", source, json!({"kind": "compose"})).await;
        let unknown = plan(&program, &app).await;
        assert_eq!(actions(&unknown), []);
        assert!(unknown["notes"][0].as_str().unwrap().contains("never fetched"), "{unknown:#}");
        deploy(&server, &program, &app).await;
        assert_eq!(actions(&plan(&program, &app).await), []);
        set(&program, &app, "TITLE", "spring").await;
        let turned = plan(&program, &app).await;
        assert_eq!(actions(&turned), [("update_service", true)], "{turned:#}");
        assert!(turned["actions"][0]["name"].as_str().unwrap().ends_with("_web"));

        let text = json!({"kind": "compose", "text": "services:\n  web: {image: 'registry.example.org/db:1', privileged: true}\n"});
        let wrong = self::app(&program, "wrong", text, json!({"kind": "none"})).await;
        let refused = program.post(&format!("{wrong}/plan"), json!({})).await.refused(409, "not_plannable");
        assert!(refused.to_string().contains("privileged"), "{refused:#}");
    }

    async fn some_services_are_planned_alone(db: TestDb) {
        let server = TestApp::new(db);
        let program = server.program().await;
        let source = |title: &str, more: &str| {
            let file = format!(
                "services:\n  web: {{image: 'registry.example.org/web:1', environment: {{TITLE: {title}}}{more}}}\n  api: {{image: 'registry.example.org/api:1', environment: {{TITLE: {title}}}}}\n"
            );
            json!({"kind": "compose", "text": file})
        };
        let app = app(&program, "shop", source("one", ""), json!({"kind": "none"})).await;
        deploy(&server, &program, &app).await;
        let file = source("two", ", depends_on: [cache]")["text"].as_str().unwrap().to_owned()
            + "  cache: {image: 'registry.example.org/cache:1'}\n";
        program.patch(&app, json!({"source": {"kind": "compose", "text": file}})).await.ok(200);
        let ends = |plan: &Value| {
            let name = |action: &Value| action["name"].as_str().unwrap().rsplit('_').next().unwrap().to_owned();
            plan["actions"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
        };
        let whole = ends(&plan(&program, &app).await);
        assert!(["web", "api", "cache"].iter().all(|name| whole.contains(&(*name).to_owned())), "{whole:?}");

        let part = program.post(&format!("{app}/plan"), json!({"services": ["web"]})).await.ok(200);
        assert_eq!(ends(&part), ["cache", "web"], "{part:#}");
        assert!(part["notes"].to_string().contains("Service cache does not run yet"), "{part:#}");
        assert!(!part["notes"].to_string().contains("api:1"), "what stays is not asked for: {part:#}");
        let alone = program.post(&format!("{app}/plan"), json!({"services": ["api"]})).await.ok(200);
        assert_eq!((ends(&alone), actions(&alone)), (vec!["api".to_owned()], vec![("update_service", true)]));

        let unknown = program.post(&format!("{app}/plan"), json!({"services": ["api", "nope"]})).await;
        let unknown = unknown.refused(422, "unknown_service");
        assert_eq!(unknown["errors"][0]["field"], "services[1]", "{unknown:#}");
        program.post(&format!("{app}/stop"), json!({})).await.ok(200);
        program.post(&format!("{app}/plan"), json!({"services": ["api"]})).await.refused(409, "stopped");
    }

    async fn another_teams_app_has_no_plan(db: TestDb) {
        let server = TestApp::new(db);
        let program = server.program().await;
        let image = json!({"kind": "image", "image": "registry.example.org/shop:1"});
        let app = app(&program, "shop", image, json!({"kind": "none"})).await;
        let stranger = server.foreigner().await;
        stranger.post(&format!("{app}/plan"), json!({})).await.refused(404, "not_found");
    }
}
