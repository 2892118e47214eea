//! `GET /events/apps/{id}/logs?tail=N`: what a running app says.
//!
//! A reader that is too slow loses lines and is told how many (F31); an engine that goes away is
//! told, too, and asked again. The id is the time of the last line in microseconds, so that a
//! reconnect leaves out what it has.

use std::{collections::HashMap, time::Duration};

use axum::{
    extract::State as Extract,
    http::HeaderMap,
    response::{Response, sse::Event},
};
use futures::StreamExt as _;
use serde::Deserialize;
use skep_web::api::{AppLogEvent, AppLogLine};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_stream::wrappers::ReceiverStream;

use super::{answer, deployment::time, event, last_event};
use crate::{
    control::{Ctx, Error, apps, logs},
    domain::id::AppId,
    http::{Problem, State, auth::SignedInCaller, id::Id, query::Query},
    swarm::{LogLine, LogQuery},
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
}

/// The stream.
pub async fn app_logs(
    Extract(state): Extract<State>,
    known: SignedInCaller,
    Id(id): Id<AppId>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let name = apps::get(&known.cx, id).await?.name.to_string();
    let (tx, rx) = mpsc::channel(HELD);
    let reader = Reader {
        cx: known.cx.clone(),
        app: id,
        name,
        after: last_event(&headers).unwrap_or(i64::MIN),
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
    app: AppId,
    name: String,
    after: i64,
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
        let query = LogQuery { tail: Some(tail), follow: true, task: None };
        let mut lines = logs::follow(&self.cx, self.app, query).await?;
        while let Some(line) = lines.next().await {
            let line = line.map_err(|error| Error::Unavailable(error.to_string()))?;
            let id = line.at.map(|at| at.timestamp_micros());
            if id.is_some_and(|id| id <= self.after) {
                continue;
            }
            let replica = self.replica(&line).await;
            let told = AppLogEvent::Line(AppLogLine {
                at: line.at.map(time),
                replica,
                stderr: line.stderr,
                text: line.line,
            });
            self.after = id.unwrap_or(self.after);
            self.tell(id, &told);
        }
        Ok(())
    }

    /// `web.2`, from the engine's list of tasks, which is asked once for each new task.
    async fn replica(&mut self, line: &LogLine) -> String {
        let Some(task) = &line.task else { return self.name.clone() };
        if !self.replicas.contains_key(task) {
            for known in apps::tasks(&self.cx, self.app).await.unwrap_or_default() {
                let slot = known.slot.map_or_else(|| known.node.unwrap_or_default(), |slot| slot.to_string());
                self.replicas.insert(known.id, format!("{}.{slot}", self.name));
            }
        }
        let short = || format!("{}.{}", self.name, task.chars().take(8).collect::<String>());
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
