//! The dashboard over an API in memory, to look at: `preview [listen] [mood]`.
//!
//! Moods: rich, empty, fresh, out, away, down, large. Live streams are played by a clock of their
//! own, so that islands can be seen at work.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    response::{
        Response,
        sse::{Event, Sse},
    },
    routing::get,
};
use skep_web::{
    Visit,
    api::{AppLogEvent, AppLogLine, DeploymentEvent, LogLine, StepName, StepState, Time},
    fake::{Fake, Mood},
};
use tokio_stream::{Stream, StreamExt as _, wrappers::IntervalStream};

fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or_default())
}

async fn page(State(api): State<Arc<Fake>>, request: Request) -> Response {
    let visit = Visit { nonce: format!("n{}", now().0), now: now() };
    skep_web::handle(request, api, visit).await
}

fn ticks() -> impl Stream<Item = i64> {
    let mut count = 0;
    IntervalStream::new(tokio::time::interval(Duration::from_millis(400))).map(move |_| {
        count += 1;
        count
    })
}

fn event<T: serde::Serialize>(id: i64, value: &T) -> Result<Event, Infallible> {
    Ok(Event::default().id(id.to_string()).data(serde_json::to_string(value).unwrap_or_default()))
}

async fn deployment() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(ticks().map(|n| {
        let seq = n + 10;
        let told = match n {
            8 | 16 => DeploymentEvent::Step {
                step: if n == 8 { StepName::Build } else { StepName::Push },
                state: StepState::Done,
                started_at: Some(Time(now().0 - 9_000)),
                finished_at: Some(now()),
            },
            9 => DeploymentEvent::State { state: skep_web::api::DeploymentState::Pushing, ended: false },
            _ => DeploymentEvent::Log(LogLine {
                seq,
                at: now(),
                step: None,
                text: format!("line {seq} <b>is text</b>"),
            }),
        };
        event(seq, &told)
    }))
}

async fn app_log() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(ticks().map(|n| {
        let line = AppLogLine {
            at: Some(now()),
            replica: format!("web.{}", n % 2 + 1),
            stderr: n % 7 == 0,
            text: format!("GET /products/{n} 200 <i>text</i>"),
        };
        event(n, &AppLogEvent::Line(line))
    }))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let listen = args.next().unwrap_or_else(|| "127.0.0.1:3100".to_owned());
    let mood = match args.next().as_deref() {
        Some("empty") => Mood::Empty,
        Some("fresh") => Mood::Fresh,
        Some("out") => Mood::Out,
        Some("away") => Mood::EngineAway,
        Some("down") => Mood::Down,
        Some("large") => Mood::Large(1_000),
        _ => Mood::Rich,
    };
    let app = Router::new()
        .route("/events/deployments/{id}", get(deployment))
        .route("/events/apps/{id}/logs", get(app_log))
        .fallback(page)
        .with_state(Arc::new(Fake::new(mood, now())));
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await
}
