//! The engine and the nodes of the swarm, as they tell it now. An engine that does not answer is
//! `unknown`, never "stopped".

mod reserve;
mod whose;

use std::time::Duration;

pub(super) use reserve::share;
pub use reserve::{release, reserve};
pub use whose::{Whose, whose};

use super::{Ctx, Error};
use crate::swarm::{EngineInfo, Task};

/// A person waits for the answer.
const WITHIN: Duration = Duration::from_secs(3);

/// What is known of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineState {
    /// It answered.
    Known(Box<EngineInfo>),
    /// It did not, and why.
    Unknown(String),
}

/// What the engine says of itself; never an error when it is away.
///
/// # Errors
/// None by now.
pub async fn engine(cx: &Ctx) -> Result<EngineState, Error> {
    Ok(match within(cx.parts.engine.info()).await {
        Ok(info) => EngineState::Known(Box::new(info)),
        Err(reason) => EngineState::Unknown(reason),
    })
}

/// All nodes with their environments, managers first.
///
/// # Errors
/// [`Error::Unavailable`] if the engine does not tell.
pub async fn list(cx: &Ctx) -> Result<Vec<Whose>, Error> {
    cx.allow_instance()?;
    let mut nodes = within(cx.parts.engine.nodes()).await.map_err(Error::Unavailable)?;
    nodes.sort_by(|a, b| {
        (a.role != "manager", &a.hostname, &a.id).cmp(&(b.role != "manager", &b.hostname, &b.id))
    });
    let tasks: Option<Vec<Task>> = within(cx.parts.engine.tasks_labelled(skep_stack::labels::APP)).await.ok();
    whose(cx, nodes, tasks.as_deref()).await
}

async fn within<T>(ask: impl Future<Output = Result<T, crate::swarm::EngineError>>) -> Result<T, String> {
    match tokio::time::timeout(WITHIN, ask).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the engine does not answer within {} s", WITHIN.as_secs())),
    }
}
