//! One look at the engine for everybody who asks within a second: a page never asks app by app,
//! never waits longer than [`WITHIN`], and many viewers are one question to the engine.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;

use crate::{
    domain::clock::{Clock, Time},
    swarm::{Engine, EngineError, EngineInfo, Node, Task},
};

/// The longest that a page waits for the engine.
pub const WITHIN: Duration = Duration::from_secs(1);
/// How long a look is shown to others.
const FRESH: chrono::Duration = chrono::Duration::seconds(1);
/// How long a silent engine is not asked again.
const SILENT: chrono::Duration = chrono::Duration::seconds(3);

/// What the engine told, or why it did not: each part for itself.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it is.
    pub info: Result<EngineInfo, String>,
    /// The swarm's nodes.
    pub nodes: Result<Vec<Node>, String>,
    /// The tasks of all apps.
    pub tasks: Result<Vec<Task>, String>,
    /// When it last answered.
    pub answered_at: Option<Time>,
}

/// Looks at the engine.
pub struct Looker {
    engine: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<(Time, Arc<Seen>)>>,
}

impl Looker {
    /// A looker that has not seen anything yet.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, clock: Arc<dyn Clock>) -> Self {
        Self { engine, clock, last: Mutex::new(None) }
    }

    /// What the engine tells now, or told a moment ago.
    pub async fn look(&self) -> Arc<Seen> {
        // Whoever comes while somebody looks waits here, and takes what that one saw.
        let mut last = self.last.lock().await;
        if let Some((at, seen)) = &*last {
            let for_how_long = if seen.info.is_ok() { FRESH } else { SILENT };
            if self.is_younger(*at, for_how_long) {
                return Arc::clone(seen);
            }
        }
        let (info, nodes, tasks) = tokio::join!(
            within(self.engine.info()),
            within(self.engine.nodes()),
            within(self.engine.tasks_labelled(skep_stack::labels::APP)),
        );
        let before = last.as_ref().and_then(|(_, seen)| seen.answered_at);
        let now = self.clock.now();
        let answered_at = if info.is_ok() { Some(now) } else { before };
        let seen = Arc::new(Seen { info, nodes, tasks, answered_at });
        *last = Some((now, Arc::clone(&seen)));
        seen
    }

    /// A clock that was set back makes nothing young.
    fn is_younger(&self, at: Time, than: chrono::Duration) -> bool {
        let age = self.clock.now() - at;
        chrono::Duration::zero() <= age && age < than
    }

    /// The tasks of one stack as they are now.
    ///
    /// # Errors
    /// Why the engine does not tell.
    pub async fn tasks(&self, stack: &str) -> Result<Vec<Task>, String> {
        if let Some((at, seen)) = &*self.last.lock().await
            && self.is_younger(*at, SILENT)
            && let Err(why) = &seen.info
        {
            return Err(why.clone());
        }
        let tasks = within(self.engine.tasks(stack)).await?;
        if tasks.is_empty() && self.look().await.tasks.as_ref().is_ok_and(Vec::is_empty) {
            return Err(NOTHING.to_owned());
        }
        Ok(tasks)
    }
}

/// Why an empty list says nothing.
pub const NOTHING: &str =
    "the engine lists no task of any app; see what `docker service ls` says on a manager";

/// An answer in time, or why there is none.
pub(super) async fn within<T>(ask: impl Future<Output = Result<T, EngineError>>) -> Result<T, String> {
    match tokio::time::timeout(WITHIN, ask).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("the engine does not answer within a second".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::clock::{MockClock, SystemClock},
        swarm::fake::FakeEngine,
    };

    #[tokio::test]
    async fn many_viewers_are_one_question() {
        let engine = Arc::new(FakeEngine::calm());
        let looker = Looker::new(engine.clone(), Arc::new(SystemClock));
        futures::future::join_all((0..50).map(|_| looker.look())).await;
        assert_eq!(engine.calls("tasks_labelled"), 1);
    }

    #[tokio::test]
    async fn fault_29_a_silent_engine_is_known_as_such_and_when_it_last_answered() {
        let engine = Arc::new(FakeEngine::calm());
        let clock = Arc::new(MockClock::at(SystemClock.now()));
        let looker = Looker::new(engine.clone(), clock.clone());
        let answered = looker.look().await.answered_at;
        assert!(answered.is_some());
        engine.set_down(true);
        clock.advance(FRESH);
        let seen = looker.look().await;
        assert!(seen.info.is_err() && seen.tasks.is_err());
        assert_eq!(seen.answered_at, answered);
        assert!(looker.tasks("shop").await.is_err());
        engine.set_down(false);
        assert!(looker.look().await.info.is_err(), "not asked again at once");
        clock.advance(SILENT);
        assert!(looker.look().await.info.is_ok());
        assert_eq!(looker.tasks("shop").await.unwrap_err(), NOTHING, "an empty list is not `all gone`");
    }
}
