//! One request: who asks, and what there is to answer with.

use crate::{
    deploy::parts::Parts,
    domain::{clock::Time, id::TeamId, identity::Actor},
};

/// Who asks, and what there is to answer with.
#[derive(Clone)]
pub struct Ctx {
    /// The outside worlds.
    pub parts: Parts,
    /// Who asks.
    pub actor: Actor,
}

impl Ctx {
    /// The team that every query of this request is bound to.
    #[must_use]
    pub const fn team(&self) -> TeamId {
        self.actor.team
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.parts.clock.now()
    }
}
