//! Log lines of running apps, secrets masked.

use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};

use super::{
    Ctx, Error,
    services::{self, Service},
};
use crate::{
    deploy::hidden,
    domain::{app::App, id::AppId, right::Right},
    swarm::{EngineError, LogLine, LogQuery},
};

/// The longest look back.
const TAIL: u32 = 5_000;

/// The app, if the caller may read what it writes.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn readable(cx: &Ctx, id: AppId) -> Result<App, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, id, Right::Logs).await
}

/// Lines of all services of an app, or of one; new ones as they come if `query.follow`. Those of each
/// task are in order, those of several come as the engine tells them.
///
/// # Errors
/// [`Error::NotFound`]; a fault at `service`; [`Error::Unavailable`] if the engine does not tell.
pub async fn follow(
    cx: &Ctx,
    id: AppId,
    service: Option<&str>,
    mut query: LogQuery,
) -> Result<BoxStream<'static, Result<LogLine, EngineError>>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, id, Right::Logs).await?;
    let mut all: Vec<String> = match service {
        None if !app.composed() => vec![app.stack.clone()],
        None => full(services::of(cx, tx, &app).await?),
        Some(name) => full([services::named(services::of(cx, tx, &app).await?, name)?]),
    };
    if all.is_empty() && app.composed() {
        // The first deployment is under way: what it has made so far may say why it does not come up.
        let observed = cx.parts.engine.observe(&app.stack).await;
        all.extend(observed.map_err(|error| Error::Unavailable(error.to_string()))?.services.into_keys());
    }
    query.tail = Some(query.tail.unwrap_or(200).min(TAIL));
    let mask = hidden::mask(&cx.parts, &app, None, &[]).await;
    let mask = mask.map_err(|stop| Error::Unavailable(stop.to_string()))?;
    let mut streams = Vec::new();
    for service in all {
        match cx.parts.engine.logs(&service, &query).await {
            Ok(lines) => streams.push(lines),
            // Never deployed: no lines, and no error.
            Err(EngineError::NotFound(_)) => {}
            Err(error) => return Err(Error::Unavailable(error.to_string())),
        }
    }
    let lines = futures::stream::select_all(streams);
    Ok(lines.map_ok(move |line| LogLine { line: mask.apply(&line.line), ..line }).boxed())
}

fn full(services: impl IntoIterator<Item = Service>) -> Vec<String> {
    services.into_iter().map(|service| service.full).collect()
}
