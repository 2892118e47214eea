//! `GET /events/apps/{id}/logs?tail=N`: what a running app says.
//!
//! A reader that is too slow loses lines and is told how many (F31); an engine that goes away is
//! told, too, and asked again. The id is the time of the last line in microseconds, so that a
//! reconnect leaves out what it has. What was said before is told in the order of its time, whichever
//! task said it; what comes from now on, as it comes.

use std::{collections::HashMap, time::Duration};

use axum::{
    extract::State as Extract,
    http::HeaderMap,
    response::{Response, sse::Event},
};
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use serde::Deserialize;
use skep_web::api::{AppLogEvent, AppLogLine};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_stream::wrappers::ReceiverStream;

use super::{answer, deployment::time, event, last_event};
use crate::{
    control::{Ctx, Error, apps, logs, services, standing},
    domain::{app::App, id::AppId},
    http::{Problem, State, auth::SignedInCaller, id::Id, query::Query},
    swarm::{EngineError, LogLine, LogQuery},
};

/// Lines held for a reader that is slow.
const HELD: usize = 1000;
/// The engine is asked again after this.
const AGAIN: Duration = Duration::from_secs(2);

/// From where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct From {
    /// So many of the last lines first: 200 if absent.
    tail: Option<u32>,
    /// Of one service of a Compose file only.
    service: Option<String>,
}

/// The stream.
pub async fn app_logs(
    Extract(state): Extract<State>,
    known: SignedInCaller,
    Id(id): Id<AppId>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let app = logs::readable(&known.cx, id).await?;
    if let Some(name) = &from.service {
        services::named(services::list(&known.cx, id).await?, name)?;
    }
    let (tx, rx) = mpsc::channel(HELD);
    let reader = Reader {
        cx: known.cx.clone(),
        app,
        service: from.service,
        had: last_event(&headers).unwrap_or(i64::MIN),
        told: HashMap::new(),
        replicas: HashMap::new(),
        dropped: 0,
        tx,
    };
    tokio::spawn(reader.run(from.tail.unwrap_or(200)));
    answer(&state, known, ReceiverStream::new(rx))
}

/// Reads the engine's stream for one reader; ends when the reader has gone.
struct Reader {
    cx: Ctx,
    app: App,
    service: Option<String>,
    /// Until when it has all lines already, in microseconds.
    had: i64,
    /// The newest line of each task that was told.
    told: HashMap<Option<String>, i64>,
    replicas: HashMap<String, String>,
    dropped: u64,
    tx: mpsc::Sender<Event>,
}

impl Reader {
    async fn run(mut self, mut tail: u32) {
        let gone = self.tx.clone();
        loop {
            let reason = tokio::select! {
                () = gone.closed() => return,
                reason = self.follow(tail) => reason,
            };
            match reason {
                Err(Error::NotFound(_)) => return,
                Err(error) => {
                    self.tell(None, &AppLogEvent::Unknown { reason: error.to_string() });
                }
                Ok(()) => {}
            }
            // What was said meanwhile is told, too; what was told already is left out by its time.
            tail = 200;
            tokio::select! {
                () = gone.closed() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }

    async fn follow(&mut self, tail: u32) -> Result<(), Error> {
        for line in self.before(tail).await? {
            self.line(line).await;
        }
        let mut lines = self.lines(tail, true).await?;
        while let Some(line) = lines.next().await {
            self.line(line.map_err(|error| Error::Unavailable(error.to_string()))?).await;
        }
        Ok(())
    }

    /// What was said until now, by time. Tasks of a dead node never answer: what came by then is told.
    async fn before(&self, tail: u32) -> Result<Vec<LogLine>, Error> {
        let lines = self.lines(tail, false).await?;
        let mut all: Vec<LogLine> = lines
            .take_until(tokio::time::sleep(AGAIN))
            .try_collect()
            .await
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        all.sort_by_key(|line| line.at);
        Ok(all)
    }

    async fn lines(
        &self,
        tail: u32,
        follow: bool,
    ) -> Result<BoxStream<'static, Result<LogLine, EngineError>>, Error> {
        let query = LogQuery { tail: Some(tail), follow, task: None };
        logs::follow(&self.cx, self.app.id, self.service.as_deref(), query).await
    }

    async fn line(&mut self, line: LogLine) {
        let id = line.at.map(|at| at.timestamp_micros());
        if let Some(id) = id {
            let told = self.told.entry(line.task.clone()).or_insert(self.had);
            if id <= *told {
                return;
            }
            *told = id;
        }
        let replica = self.replica(&line).await;
        let told = AppLogLine { at: line.at.map(time), replica, stderr: line.stderr, text: line.line };
        self.tell(id, &AppLogEvent::Line(told));
    }

    /// `web.2`, from the engine's list of tasks, which is asked once for each new task.
    async fn replica(&mut self, line: &LogLine) -> String {
        let name = |service: &str| standing::service(&self.app, service).to_owned();
        let Some(task) = &line.task else { return name(&line.service) };
        if !self.replicas.contains_key(task) {
            for known in apps::tasks(&self.cx, self.app.id).await.unwrap_or_default() {
                let place =
                    known.slot.map_or_else(|| known.node.unwrap_or_default(), |slot| slot.to_string());
                self.replicas.insert(known.id, format!("{}.{place}", name(&known.service_name)));
            }
        }
        let short = || format!("{}.{}", name(&line.service), task.chars().take(8).collect::<String>());
        self.replicas.entry(task.clone()).or_insert_with(short).clone()
    }

    /// Never waits: the engine's stream must go on.
    fn tell(&mut self, id: Option<i64>, what: &AppLogEvent) {
        if self.dropped > 0 {
            let Some(gap) = event(None, &AppLogEvent::Gap { count: self.dropped }) else { return };
            match self.tx.try_send(gap) {
                Ok(()) => self.dropped = 0,
                Err(_) => {
                    self.dropped += 1;
                    return;
                }
            }
        }
        let Some(event) = event(id, what) else { return };
        if matches!(self.tx.try_send(event), Err(TrySendError::Full(_))) {
            self.dropped += 1;
        }
    }
}
