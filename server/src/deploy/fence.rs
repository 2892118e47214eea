//! The right to write: a deployment's worker asks before each call that changes the swarm.

use crate::{db, domain::job::Claim};

use super::{parts::Parts, run::Stop};

/// A claim, and the database that knows whether it still holds.
#[derive(Clone)]
pub struct Fence {
    parts: Parts,
    claim: Claim,
}

impl Fence {
    /// A fence around what `claim` allows.
    #[must_use]
    pub const fn new(parts: Parts, claim: Claim) -> Self {
        Self { parts, claim }
    }

    /// Whether what it allows was tried before.
    #[must_use]
    pub const fn again(&self) -> bool {
        self.claim.attempt > 1
    }

    /// Renews the lease, or says that somebody else has it now.
    ///
    /// # Errors
    /// [`Stop::Lost`] if it is lost, [`Stop::Retry`] if the database does not answer.
    pub async fn hold(&self) -> Result<(), Stop> {
        let mut tx = self.parts.db.write().await?;
        let held = db::job::renew(&mut tx, &self.claim).await?;
        tx.commit().await?;
        if held { Ok(()) } else { Err(Stop::Lost) }
    }
}
