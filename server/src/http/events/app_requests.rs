//! `GET /events/apps/{id}/requests?domain=ID`: requests as they end, while somebody looks.
//!
//! Nothing is kept of them: the edges are told that somebody watches and send the lines with their next
//! report, a second later. The events are those of an app's log, so that who shows one shows the other.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use axum::{
    extract::State as Extract,
    response::{Response, sse::Event},
};
use futures::{StreamExt as _, stream::BoxStream};
use serde::Deserialize;
use skep_web::api::{AppLogEvent, AppLogLine};
use tokio::time::Instant;

use super::{answer, deployment::time, event};
use crate::{
    bus::Hint,
    control::{Ctx, Error, traffic},
    domain::{
        clock::Time,
        id::{AppId, DomainId},
        traffic::Line,
    },
    http::{Problem, State, auth::SignedInCaller, id::Id, query::Query},
};

/// The edges are told anew after this.
const AGAIN: Duration = Duration::from_secs(3);

/// Which.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct From {
    /// Of one domain only.
    domain: Option<DomainId>,
}

/// The stream.
pub async fn app_requests(
    Extract(state): Extract<State>,
    known: SignedInCaller,
    Id(app): Id<AppId>,
    Query(from): Query<From>,
) -> Result<Response, Problem> {
    traffic::watched(&known.cx, app, from.domain).await?;
    let watch = Watch {
        hints: known.cx.parts.bus.subscribe(),
        cx: known.cx.clone(),
        app,
        domain: from.domain,
        watched: BTreeSet::new(),
        due: Instant::now(),
        waiting: VecDeque::new(),
    };
    let events = futures::stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((event, watch))
    });
    answer(&state, known, events)
}

struct Watch {
    cx: Ctx,
    hints: BoxStream<'static, Hint>,
    app: AppId,
    domain: Option<DomainId>,
    watched: BTreeSet<DomainId>,
    due: Instant,
    waiting: VecDeque<Event>,
}

impl Watch {
    /// The next request; none once the app or the right is gone.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.due <= Instant::now() {
                match traffic::watch(&self.cx, self.app, self.domain).await {
                    Ok(domains) => self.watched = domains.iter().map(|domain| domain.id).collect(),
                    Err(Error::NotFound(_) | Error::Forbidden(_) | Error::Invalid(_)) => return None,
                    Err(error) => tracing::debug!(%error, "a live stream waits for the database"),
                }
                self.due = Instant::now() + AGAIN;
            }
            tokio::select! {
                hint = self.hints.next() => {
                    if let Hint::Requests { lines, skipped } = hint? {
                        self.take(lines, skipped);
                    }
                }
                () = tokio::time::sleep_until(self.due) => {}
            }
        }
    }

    fn take(&mut self, lines: Vec<Line>, skipped: u64) {
        let ours = lines.into_iter().filter(|line| self.watched.contains(&line.domain));
        let ours: Vec<_> = ours.map(|line| AppLogEvent::Line(shown(line))).collect();
        // Left out were lines of all that is watched: told where there are any of ours.
        let gap = (skipped > 0 && !ours.is_empty()).then_some(AppLogEvent::Gap { count: skipped });
        self.waiting.extend(ours.into_iter().chain(gap).filter_map(|told| event(None, &told)));
    }
}

/// `GET shop.example.org/cart 200 12.4 ms 3000 B from 203.0.113.9`; beside it, which backend answered.
fn shown(line: Line) -> AppLogLine {
    let Line { at, method, host, path, status, micros, bytes, client, retries, protocol, .. } = line;
    let took = format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100);
    let again = if retries > 0 { format!(", asked {} times", retries + 1) } else { String::new() };
    AppLogLine {
        at: at.parse::<Time>().ok().map(time),
        replica: if line.backend.is_empty() { "edge".to_owned() } else { line.backend },
        stderr: status >= 500,
        text: format!("{method} {host}{path} {status} {took} {bytes} B from {client} by {protocol}{again}"),
    }
}
