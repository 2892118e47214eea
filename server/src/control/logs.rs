//! Log lines of running apps, secrets masked.

use std::sync::Arc;

use futures::{StreamExt as _, stream::BoxStream};

use super::{Ctx, Error};
use crate::{
    db,
    deploy::{mask::Mask, variables},
    domain::{app::App, id::AppId},
    swarm::{EngineError, LogLine, LogQuery},
};

/// The longest look back.
const TAIL: u32 = 5_000;

/// Lines of the app's service; new ones as they come if `query.follow`.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unavailable`] if the engine does not tell.
pub async fn follow(
    cx: &Ctx,
    id: AppId,
    mut query: LogQuery,
) -> Result<BoxStream<'static, Result<LogLine, EngineError>>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let app: App = db::app::get(&mut tx, cx.team(), id).await?.ok_or(Error::NotFound("app"))?;
    drop(tx);
    query.tail = Some(query.tail.unwrap_or(200).min(TAIL));
    let secrets = variables::load(&cx.parts, &app).await.map(|v| v.secrets).unwrap_or_default();
    let mask = Arc::new(Mask::new(&secrets));
    let lines = match cx.parts.engine.logs(&app.stack, &query).await {
        Ok(lines) => lines,
        // Never deployed: no lines, and no error.
        Err(EngineError::NotFound(_)) => return Ok(futures::stream::empty().boxed()),
        Err(error) => return Err(Error::Unavailable(error.to_string())),
    };
    Ok(lines
        .map(move |line| {
            line.map(|mut line| {
                line.line = mask.apply(&line.line);
                line
            })
        })
        .boxed())
}
