//! Bodies that are too long or too slow, and too many requests.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, header},
};
use bytes::Bytes;
use futures::StreamExt as _;
use serde_json::json;
use skep_tests::{app::TestApp, db_test};

const HOOK: &str = "/hooks/github/01900000-0000-7000-8000-000000000000";

db_test! {
    async fn case_016_a_body_that_is_too_long_is_refused_before_it_is_read(db: TestDb) {
        let app = TestApp::new(db);
        let stranger = app.stranger();
        let told = stranger.request(Method::POST, HOOK).header(header::CONTENT_LENGTH, (25 << 20) + 1);
        let never = Body::from_stream(futures::stream::pending::<Result<Bytes, Infallible>>());
        let answer = tokio::time::timeout(Duration::from_secs(5), stranger.ask(told.body(never).expect("a request")));
        answer.await.expect("nothing was read").refused(413, "too_large");
    }

    async fn case_016_a_body_without_a_length_is_cut_off(db: TestDb) {
        let app = TestApp::new(db);
        let stranger = app.stranger();
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let piece = Bytes::from(vec![b'x'; 1 << 20]);
        let endless = futures::stream::repeat_with(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(piece.clone())
        });
        let request = stranger.request(Method::POST, HOOK).body(Body::from_stream(endless)).expect("a request");
        stranger.ask(request).await.refused(413, "too_large");
        assert_eq!(sent.load(Ordering::Relaxed), 26, "and not a piece more was taken");
    }

    async fn case_017_a_body_that_trickles_is_given_up(db: TestDb) {
        let usual = skep::http::Limits::default();
        assert_eq!((usual.read, usual.hook), (Duration::from_secs(10), 25 << 20), "what counts unless a test says otherwise");
        let app = TestApp::with(db, |_, limits| limits.read = Duration::from_millis(300));
        for (client, path) in [(app.stranger(), HOOK), (app.program().await, "/api/v1/projects")] {
            let slow = futures::stream::repeat(Ok::<_, Infallible>(Bytes::from_static(b"x"))).then(|piece| async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                piece
            });
            let request = client.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
            let answer = client.ask(request.body(Body::from_stream(slow)).expect("a request")).await;
            answer.refused(408, "too_slow");
        }
    }

    async fn too_many_requests_at_once_are_told_to_come_back(db: TestDb) {
        let app = TestApp::with(db, |_, limits| {
            limits.requests = 1;
            limits.read = Duration::from_secs(2);
        });
        let stranger = app.stranger();
        // Told once its body is asked for: by then it holds the only place.
        let (asked, holds) = tokio::sync::oneshot::channel();
        let mut asked = Some(asked);
        let never = Body::from_stream(futures::stream::poll_fn(move |_| {
            let _ = asked.take().map(|asked| asked.send(()));
            std::task::Poll::<Option<Result<Bytes, Infallible>>>::Pending
        }));
        let held = stranger.request(Method::POST, HOOK).body(never).expect("a request");
        let other = app.stranger();
        let hold = tokio::spawn(async move { other.ask(held).await });
        holds.await.expect("its body is read");
        let refused = app.stranger().get("/api/v1/setup").await;
        assert!(refused.headers.contains_key("retry-after"));
        refused.refused(503, "overloaded");
        app.stranger().get("/live").await.ok(200);
        app.stranger().get("/ready").await.ok(200);
        hold.await.expect("answered").refused(408, "too_slow");
        app.stranger().get("/api/v1/setup").await.ok(200);
    }

    async fn only_some_long_bodies_are_held_at_once(db: TestDb) {
        // Longer than it takes a busy machine to begin all of them.
        let app = TestApp::with(db, |_, limits| limits.read = Duration::from_secs(60));
        let (begun, mut each) = tokio::sync::mpsc::unbounded_channel();
        let mut held = Vec::new();
        for _ in 0..8 {
            let (client, begun) = (app.stranger(), begun.clone());
            let first = futures::stream::once(async { Ok::<_, Infallible>(Bytes::from(vec![b'x'; 2 << 20])) });
            // Whoever asks for a second piece has found a place for the first.
            let second = futures::stream::once(async move {
                begun.send(()).expect("somebody counts");
                std::future::pending().await
            });
            let body = Body::from_stream(first.chain(second));
            let request = client.request(Method::POST, HOOK).body(body).expect("a request");
            held.push(tokio::spawn(async move { client.ask(request).await }));
        }
        for _ in 0..8 {
            each.recv().await.expect("it is held");
        }
        let client = app.stranger();
        let ninth = client.request(Method::POST, HOOK).body(Body::from(vec![b'x'; 2 << 20])).expect("a request");
        client.ask(ninth).await.refused(503, "overloaded");
        // Short ones pass all the same.
        client.post(HOOK, json!({})).await.refused(404, "not_found");
        for each in held {
            assert!(!each.is_finished(), "those that were there are not turned away");
            each.abort();
        }
    }
}
