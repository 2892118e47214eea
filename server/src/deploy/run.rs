//! One run of a deployment by one worker: what it works with, and how it can stop.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::{fence::Fence, hidden, log::Log, parts::Parts, status, turn};
use crate::{
    db::{self, DbError},
    domain::{
        app::App,
        deployment::{Deployment, Failure, State},
        secret::Secret,
        step::Step,
    },
    swarm::EngineError,
};

/// Why a run stops before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Another worker has the lease: leave everything as it is.
    #[error("another worker has taken over")]
    Lost,
    /// Something that we need does not answer; the job is tried again later.
    #[error("{0}")]
    Retry(String),
    /// It is not its turn yet: as [`Stop::Retry`], and it counts as no try.
    #[error("{0}")]
    Waits(String),
    /// Somebody asked for it.
    #[error("cancelled")]
    Cancelled,
    /// A newer commit serves already.
    #[error("a newer commit serves already")]
    Superseded,
    /// It will not succeed.
    #[error("{}", .0.message)]
    Failed(Box<Failure>),
}

impl Stop {
    /// A failure with a stable code and words for people.
    #[must_use]
    pub fn failed(step: Step, code: &str, message: impl Into<String>) -> Self {
        Self::Failed(Box::new(Failure {
            step,
            code: code.to_owned(),
            message: message.into(),
            log_tail: Vec::new(),
        }))
    }

    /// An engine's error in a step: transient ones are tried again.
    #[must_use]
    pub fn engine(step: Step, error: &EngineError) -> Self {
        if error.transient() || matches!(error, EngineError::Conflict(_)) {
            Self::Retry(error.to_string())
        } else {
            Self::failed(step, "engine_refused", error.to_string())
        }
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Retry(format!("the database does not answer: {error}"))
    }
}

/// One run.
pub struct Run {
    /// The outside worlds.
    pub parts: Parts,
    /// The right to write.
    pub fence: Fence,
    /// Ends when somebody asks the deployment to stop, or the lease is lost.
    pub cancel: CancellationToken,
    /// The app as it was when the run began.
    pub app: App,
    /// The deployment as last saved.
    pub deployment: Deployment,
    /// Where its lines go.
    pub log: Log,
}

impl Run {
    /// The folder with the source of this deployment.
    #[must_use]
    pub fn workspace(&self) -> PathBuf {
        self.parts.instance.data.join("work").join(self.deployment.id.to_string())
    }

    /// Enters a step: saved and told before it runs.
    ///
    /// # Errors
    /// The deployment has ended meanwhile, or the database does not answer; [`Stop::Waits`].
    pub async fn enter(&mut self, step: Step) -> Result<(), Stop> {
        let now = self.parts.clock.now();
        let next = self.deployment.clone().enter(step, now).map_err(|_| Stop::Lost)?;
        let mut tx = self.parts.db.write().await?;
        if step == Step::Build {
            turn::take(&mut tx, &self.app, &self.deployment).await?;
        }
        let saved = db::deployment::save(&mut tx, self.deployment.state, &next).await;
        if saved.as_ref().is_err_and(db::is_duplicate) {
            return Err(Stop::Retry("an earlier deployment of this app has not ended".to_owned()));
        }
        if !saved? {
            return Err(Stop::Lost);
        }
        db::step::begin(&mut tx, next.id, step, now).await?;
        status::note(&mut tx, &self.parts, &self.app, self.deployment.state, &next).await?;
        tx.commit().await?;
        self.deployment = next;
        self.log.enter(step);
        self.tell().await;
        Ok(())
    }

    /// Saves what a transition changed.
    ///
    /// # Errors
    /// The row stands elsewhere by now, or the database does not answer.
    pub async fn save(&mut self, next: Deployment) -> Result<(), Stop> {
        let mut tx = self.parts.db.write().await?;
        if !db::deployment::save(&mut tx, self.deployment.state, &next).await? {
            return Err(Stop::Lost);
        }
        status::note(&mut tx, &self.parts, &self.app, self.deployment.state, &next).await?;
        tx.commit().await?;
        self.deployment = next;
        self.tell().await;
        Ok(())
    }

    /// The failure without secrets: what builds and engines say may hold them.
    #[must_use]
    pub fn masked(&self, failure: Failure) -> Failure {
        Failure {
            message: self.log.masked(&failure.message),
            log_tail: failure.log_tail.iter().map(|line| self.log.masked(line)).collect(),
            ..failure
        }
    }

    /// Ends the deployment in `to`.
    ///
    /// # Errors
    /// As [`Run::save`].
    pub async fn fail(&mut self, to: State, failure: Failure) -> Result<(), Stop> {
        let failure = self.masked(failure);
        let next =
            self.deployment.clone().fail(to, failure, self.parts.clock.now()).map_err(|_| Stop::Lost)?;
        self.save(next).await
    }

    /// Hides these in what is logged from now on, with all else that is known to be secret in the app.
    ///
    /// # Errors
    /// As [`hidden::mask`].
    pub async fn hide(&self, secrets: &[Secret]) -> Result<(), Stop> {
        self.log.mask(hidden::mask(&self.parts, &self.app, None, secrets).await?);
        Ok(())
    }

    /// Tells whoever watches.
    pub async fn tell(&self) {
        self.parts.bus.publish(crate::bus::Hint::Deployment { deployment: self.deployment.id }).await;
    }
}
