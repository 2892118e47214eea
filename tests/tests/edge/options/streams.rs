//! A stream comes piece by piece under every option: nothing holds it back.

use std::time::Duration;

use axum::response::sse::{Event, Sse};
use futures::StreamExt as _;
use serde_json::json;
use skep::{
    domain::route::{Login, LoginName, LoginPassword},
    edge::Route,
};

use super::with;
use crate::stage::{Stage, serve};

#[tokio::test]
async fn server_sent_events_arrive_while_the_stream_is_open_under_each_option() {
    let stage = Stage::start().await;
    // One event, and then nothing for ever: it arrives only if nobody waits for the end.
    let app = axum::Router::new().fallback(async || {
        let first = futures::stream::once(async {
            Ok::<_, std::convert::Infallible>(Event::default().data("first"))
        });
        Sse::new(first.chain(futures::stream::pending()))
    });
    let (address, _) = serve(app).await;
    let all = [
        json!({"add_prefix": "/v1"}),
        json!({"priority": 3}),
        json!({"backend": "h2c"}),
        json!({"encoded_slash": true}),
        json!({"redirects": [{"from": "/old", "to": "/new"}]}),
        json!({"allow": ["127.0.0.1"]}),
        json!({"rate": {"average": 100}}),
        json!({"in_flight": 10}),
        json!({"body_bytes": 1000}),
        json!({"timeouts": {"response_seconds": 5}}),
        json!({"compress": true}),
        json!({"security_headers": true, "hsts": {}}),
        json!({"request_headers": {"X-A": "b"}, "response_headers": {"X-A": "b"}}),
        json!({"cors": {"origins": ["*"]}}),
        json!({"sticky": {}}),
        json!({"maintenance": {"on": true, "allow": ["127.0.0.1"]}}),
        json!({"errors": {"statuses": ["400-599"]}}),
        json!({}),
    ];
    let password: LoginPassword = serde_json::from_value(json!("correct horse")).unwrap();
    let login = Login::new(LoginName::parse("ops").unwrap(), password.hash([1; 16]).unwrap());
    let mut routes: Vec<Route> = all
        .iter()
        .enumerate()
        .map(|(n, of)| with(&format!("h{n}.example.org"), &[address], of.clone()))
        .collect();
    let last = routes.last_mut().unwrap();
    last.logins = vec![login];
    stage.publish(stage.input(routes)).await;
    for (n, of) in all.iter().enumerate() {
        let request = stage.ask(&format!("h{n}.example.org"), "/").header("accept-encoding", "gzip");
        let answer = request.basic_auth("ops", Some("correct horse")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{of}");
        let mut body = answer.bytes_stream();
        let piece = tokio::time::timeout(Duration::from_secs(5), body.next()).await;
        let piece = piece.unwrap_or_else(|_| panic!("{of} holds a stream back")).unwrap().unwrap();
        assert_eq!(&piece[..], b"data: first\n\n", "{of}");
    }
    assert_eq!(stage.traefik.faults(), [""; 0]);
}
