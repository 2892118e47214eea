//! What tasks wrote. A dead node's task never answers, so a reading that does not follow ends
//! after a while and says that something may be missing.

use std::time::Duration;

use futures::{StreamExt, stream::BoxStream};
use http_body_util::BodyExt;
use hyper::Method;

use super::{
    EngineError, LogLine, LogQuery,
    client::{DockerEngine, SHORT},
    log_frames::Frames,
    wire,
};

/// A reading that does not follow ends when nothing came for this long.
const SILENCE: Duration = Duration::from_secs(5);
/// And after this long in all.
const WHOLE: Duration = Duration::from_secs(60);

impl DockerEngine {
    pub(super) async fn read_logs(
        &self,
        service: &str,
        query: &LogQuery,
    ) -> Result<BoxStream<'static, Result<LogLine, EngineError>>, EngineError> {
        let tail = query.tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string());
        let pairs = [
            ("stdout", "1"),
            ("stderr", "1"),
            ("timestamps", "1"),
            ("details", "1"),
            ("tail", tail.as_str()),
            ("follow", if query.follow { "1" } else { "0" }),
        ];
        let (kind, id) = match &query.task {
            Some(task) => ("tasks", task.as_str()),
            None => ("services", service),
        };
        let path = format!("{}/{kind}/{id}/logs?{}", self.prefix().await?, wire::query(&pairs));
        let request = wire::request(Method::GET, &path).body(wire::nothing()).map_err(wire::unsendable)?;
        let answer = match wire::send(&self.address, request, SHORT).await {
            Ok(answer) => wire::success(answer, SHORT).await?,
            // The engine sends its status with the first line only: a quiet or dead task looks like this.
            Err(EngineError::Unreachable(why)) if !query.follow => {
                return Ok(futures::stream::iter([Err(EngineError::Unreachable(why))]).boxed());
            }
            Err(error) => return self.heard(Err(error)).await,
        };
        let (response, connection) = answer.into_parts();
        let reading = Reading {
            body: response.into_body(),
            frames: Frames::default(),
            service: service.to_owned(),
            ends: (!query.follow).then(|| tokio::time::Instant::now() + WHOLE),
            over: false,
            _connection: connection,
        };
        Ok(futures::stream::unfold(reading, |mut reading| async move {
            let item = reading.next().await?;
            Some((item, reading))
        })
        .boxed())
    }
}

struct Reading {
    body: hyper::body::Incoming,
    frames: Frames,
    service: String,
    ends: Option<tokio::time::Instant>,
    over: bool,
    _connection: tokio_util::task::AbortOnDropHandle<()>,
}

impl Reading {
    async fn next(&mut self) -> Option<Result<LogLine, EngineError>> {
        loop {
            if let Some(line) = self.frames.next(&self.service) {
                return Some(Ok(line));
            }
            if self.over {
                return self.frames.last(&self.service).map(Ok);
            }
            let piece = match self.ends {
                None => self.body.frame().await,
                Some(ends) => {
                    let until = ends.min(tokio::time::Instant::now() + SILENCE);
                    match tokio::time::timeout_at(until, self.body.frame()).await {
                        Ok(piece) => piece,
                        Err(_) => {
                            self.over = true;
                            let why = "lines may be missing: a node does not answer".to_owned();
                            return Some(Err(EngineError::Unreachable(why)));
                        }
                    }
                }
            };
            match piece {
                None => self.over = true,
                Some(Err(error)) => {
                    self.over = true;
                    return Some(Err(EngineError::Unreachable(error.to_string())));
                }
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        self.frames.push(data);
                    }
                }
            }
        }
    }
}
