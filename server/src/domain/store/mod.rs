//! Secret stores that a team has elsewhere: where each is, how it is asked, who may use it. An app's
//! variables refer to what they hold by `${{store.NAME:path#key}}`; a deployment reads it.
//!
//! To add a kind: its settings in `settings.rs`, its file in `server/src/stores`, and its words in the
//! command line and the form (`cli/client/stores.rs`, `web/src/pages/team/stores.rs`).

mod address;
mod login;
mod reference;
mod settings;

pub use address::StoreAddress;
pub use login::Login;
pub use reference::Reference;
pub use settings::{KvVersion, Settings};

use super::{
    clock::Time,
    id::{StoreId, TeamId},
    name::Slug,
    project::Environment,
    right::Place,
};

/// A secret store, without what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Its id.
    pub id: StoreId,
    /// The owner.
    pub team: TeamId,
    /// What variables call it; unique within the team.
    pub name: Slug,
    /// Apps there and below may use it, no others.
    pub place: Place,
    /// Where it answers.
    pub address: StoreAddress,
    /// Its kind, and how that one is asked.
    pub settings: Settings,
    /// The [`Login`], encrypted.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Time,
}

impl Store {
    /// Whether apps of the environment may use it.
    #[must_use]
    pub fn serves(&self, environment: &Environment) -> bool {
        match self.place {
            Place::Team => true,
            Place::Project(id) => environment.project == id,
            Place::Environment(id) => environment.id == id,
        }
    }
}
