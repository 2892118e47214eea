//! An app that is visited while it is replaced: `visited KIND PORT`. What it does when it is told to
//! stop (SIGTERM) is its kind: `drains` ends what it began and takes nothing new, `ignores` goes on
//! until it is killed, `dies` is gone at once.
//!
//! It tells its version (the variable `VERSION`) on each page; `/slow` takes a second, `/events` ticks
//! (server-sent events), `/socket` gives back what it gets over an upgraded connection (RFC 9110, 7.8).

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::{get, post},
};
use futures::{Stream, StreamExt as _};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut words = std::env::args().skip(1);
    let kind = words.next().expect("a kind");
    let port = words.next().expect("a port");
    let mut stop = signal(SignalKind::terminate()).expect("a handler");
    let listener = TcpListener::bind(format!("0.0.0.0:{port}")).await.expect("the port");
    let page = || async { version() };
    let app = Router::new()
        .route("/", get(page).post(echo))
        .route("/index.html", get(page))
        .route("/slow", post(slow).get(slow))
        .route("/events", get(events))
        .route("/socket", get(socket))
        .route("/echo", post(echo));
    match kind.as_str() {
        "drains" => {
            let told = async move {
                stop.recv().await;
            };
            axum::serve(listener, app).with_graceful_shutdown(told).await.expect("it serves");
        }
        "ignores" => {
            let deaf = async move { while stop.recv().await.is_some() {} };
            tokio::spawn(deaf);
            axum::serve(listener, app).await.expect("it serves");
        }
        "dies" => {
            tokio::select! {
                _ = stop.recv() => std::process::exit(143),
                served = axum::serve(listener, app).into_future() => served.expect("it serves"),
            }
        }
        other => panic!("{other} is no kind: drains, ignores, dies"),
    }
}

fn version() -> String {
    format!("version {}", std::env::var("VERSION").unwrap_or_default())
}

async fn echo(body: Bytes) -> Bytes {
    body
}

/// Half of the answer at once, the other half a second later.
async fn slow() -> Body {
    let halves = futures::stream::iter(0..2).then(|half| async move {
        if half == 1 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok::<_, Infallible>(if half == 0 { "slow " } else { "done" })
    });
    Body::from_stream(halves)
}

async fn events() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let ticks = futures::stream::unfold(0_u64, |count| async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Some((Ok(Event::default().data(count.to_string())), count + 1))
    });
    Sse::new(ticks)
}

async fn socket(request: Request) -> Response {
    tokio::spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
        let mut stream = TokioIo::new(upgraded);
        let mut bytes = [0; 1024];
        while let Ok(count @ 1..) = stream.read(&mut bytes).await {
            if stream.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    });
    let mut headers = HeaderMap::new();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}
