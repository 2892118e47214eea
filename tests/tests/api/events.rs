//! Live streams.

use std::time::Duration;

use axum::{body::Body, http::Method};
use futures::StreamExt as _;
use serde_json::{Value, json};
use skep::swarm::LogLine;
use skep_tests::{
    app::{ADMIN, TestApp},
    client::Client,
    db_test,
};

/// An open stream and what of it was not read yet.
pub struct Stream {
    body: axum::body::BodyDataStream,
    rest: String,
}

impl Stream {
    pub async fn open(client: &Client, path: &str) -> Self {
        let request = client.request(Method::GET, path).body(Body::empty()).expect("a request");
        let response = client.send(request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"));
        Self { body: response.into_body().into_data_stream(), rest: String::new() }
    }

    /// The next event: its id and data; none at the end.
    pub async fn next(&mut self) -> Option<(Option<String>, Value)> {
        loop {
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.rest = rest;
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(|v| v.trim().to_owned())
                };
                if let Some(data) = field("data:") {
                    return Some((field("id:"), serde_json::from_str(&data).expect("JSON")));
                }
            }
            let piece = tokio::time::timeout(Duration::from_secs(20), self.body.next())
                .await
                .expect("something comes");
            self.rest.push_str(std::str::from_utf8(&piece?.expect("a piece")).expect("text"));
        }
    }

    async fn all(mut self) -> Vec<(Option<String>, Value)> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

pub async fn image_app(app: &TestApp, client: &Client) -> String {
    app.engine.add_image(
        "nginx:1",
        skep::swarm::ImageFacts { id: "sha256:1".to_owned(), ..skep::swarm::ImageFacts::default() },
    );
    let project = client.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
    let body = json!({"environment": project["environments"][0]["id"], "name": "web", "source": {"kind": "image", "image": "nginx:1"},
        "settings": {"port": 80, "update": {"monitor": "1s", "deadline": "30s"}}});
    client.post("/api/v1/apps", body).await.ok(201)["id"].as_str().expect("an id").to_owned()
}

db_test! {
    async fn a_deployment_is_told_from_its_beginning_to_its_end(db: TestDb) {
        let app = TestApp::new(db);
        let program = app.program().await;
        let id = image_app(&app, &program).await;
        let queued = program.post(&format!("/api/v1/apps/{id}/deployments"), json!({"reason": "try"})).await.ok(202);
        let path = format!("/events/deployments/{}", queued["id"].as_str().expect("an id"));
        let (events, ()) = tokio::join!(async { Stream::open(&program, &path).await.all().await }, app.run_jobs());
        let states: Vec<&str> = events.iter().filter(|(_, e)| e["kind"] == "state").map(|(_, e)| e["state"].as_str().expect("a state")).collect();
        assert_eq!(states.last(), Some(&"live"), "{events:?}");
        let (_, last) = events.last().expect("events");
        assert_eq!((&last["kind"], &last["ended"]), (&json!("state"), &json!(true)), "nothing follows the end");
        let lines: Vec<i64> = events.iter().filter(|(_, e)| e["kind"] == "log").map(|(_, e)| e["seq"].as_i64().expect("a number")).collect();
        assert!(!lines.is_empty() && lines.windows(2).all(|pair| pair[0] < pair[1]), "{lines:?}");
        // A reconnect goes on after the line it has, and says again where everything stands.
        let seen = lines[lines.len() / 2];
        let again = program_with(&program, "last-event-id", &seen.to_string());
        let events = Stream::open(&again, &format!("{path}?after=0")).await.all().await;
        let rest: Vec<i64> = events.iter().filter(|(_, e)| e["kind"] == "log").map(|(_, e)| e["seq"].as_i64().expect("a number")).collect();
        assert_eq!(rest, lines.iter().copied().filter(|seq| *seq > seen).collect::<Vec<_>>());
        assert!(events.iter().any(|(_, e)| e["kind"] == "step" && e["step"] == "publish" && e["state"] == "done"), "{events:?}");
    }

    async fn what_an_app_says_comes_with_its_replica_and_a_gone_engine_is_told(db: TestDb) {
        let app = TestApp::new(db);
        let program = app.program().await;
        let id = image_app(&app, &program).await;
        program.post(&format!("/api/v1/apps/{id}/deployments"), json!({})).await.ok(202);
        app.run_jobs().await;
        let stack = program.get(&format!("/api/v1/apps/{id}")).await.ok(200)["stack"].as_str().expect("a stack").to_owned();
        let tasks = program.get(&format!("/api/v1/apps/{id}/tasks")).await.ok(200);
        let task = tasks["items"].as_array().expect("items").iter().find(|t| t["state"] == "running").expect("one runs");
        let line = |text: &str| LogLine { at: Some(app.parts.clock.now()), service: stack.clone(), task: task["id"].as_str().map(str::to_owned), stderr: false, line: text.to_owned() };
        app.engine.add_log(line("hello"));
        let plain = program.get(&format!("/api/v1/apps/{id}/logs")).await.ok(200);
        assert_eq!(plain["items"][0]["line"], "hello");
        let mut stream = Stream::open(&program, &format!("/events/apps/{id}/logs?tail=10")).await;
        let (event_id, first) = stream.next().await.expect("a line");
        assert_eq!((&first["kind"], &first["text"], &first["replica"]), (&json!("line"), &json!("hello"), &json!("web.1")));
        assert!(event_id.is_some());
        app.engine.set_down(true);
        program.get(&format!("/api/v1/apps/{id}/tasks")).await.refused(503, "unavailable");
        assert_eq!(program.get("/api/v1/engine").await.ok(200)["state"], "unknown");
        let mut other = Stream::open(&program, &format!("/events/apps/{id}/logs")).await;
        let (_, told) = other.next().await.expect("an event");
        assert_eq!(told["kind"], "unknown", "{told}");
    }

    async fn case_115_a_stream_ends_with_its_session(db: TestDb) {
        let app = TestApp::new(db);
        let browser = app.admin().await;
        let id = image_app(&app, &browser).await;
        let queued = browser.post(&format!("/api/v1/apps/{id}/deployments"), json!({})).await.ok(202);
        let path = format!("/events/deployments/{}", queued["id"].as_str().expect("an id"));
        let stream = Stream::open(&browser, &path).await;
        let began = tokio::time::Instant::now();
        browser.post("/api/v1/logout", json!({})).await.ok(204);
        stream.all().await;
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
        // And with the server.
        let browser = app.browser();
        browser.post("/api/v1/login", json!({"email": ADMIN.0, "password": ADMIN.1})).await.ok(200);
        let stream = Stream::open(&browser, &path).await;
        app.stop.cancel();
        stream.all().await;
    }

    async fn fault_31_there_are_only_so_many_streams(db: TestDb) {
        let app = TestApp::with(db, |_, limits| limits.streams = 2);
        let program = app.program().await;
        let id = image_app(&app, &program).await;
        let path = format!("/events/apps/{id}/logs");
        let (one, _two) = (Stream::open(&program, &path).await, Stream::open(&program, &path).await);
        program.get(&path).await.refused(503, "overloaded");
        drop(one);
        Stream::open(&program, &path).await;
    }
}

fn program_with(program: &Client, name: &str, value: &str) -> Client {
    program.same().with(name, value)
}
