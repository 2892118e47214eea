//! What every page and form gets: the API of the actor, and how it was asked.

use std::sync::Arc;

use super::{Done, Entered, Form, FormState};
use crate::api::{Api, Time, Viewer};

/// What the server gives along with a request.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Fresh random text for this response; the only scripts that run carry it.
    pub nonce: String,
    /// Now.
    pub now: Time,
}

/// How the person wants to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The name in cookie and form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one of that name; `Auto` for any other.
    pub fn named(name: &str) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == name).unwrap_or_default()
    }
}

/// A request as pages and forms see it.
pub struct Cx<'a> {
    /// Bound to the actor.
    pub api: &'a dyn Api,
    /// Nonce and time.
    pub visit: &'a Visit,
    /// Who looks; none on login and setup.
    pub viewer: Option<Viewer>,
    /// The path asked for.
    pub path: String,
    /// The query's pairs.
    pub query: Form,
    /// Light or dark.
    pub theme: Theme,
    /// What was sent last and why it was refused, when a page is drawn again.
    pub entered: Option<Arc<Entered>>,
}

impl Cx<'_> {
    /// Whether whoever looks may do this somewhere in their team.
    pub fn may(&self, right: &str) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.may(right))
    }

    /// Now.
    pub const fn now(&self) -> Time {
        self.visit.now
    }

    /// The state of the form that posts to `action`: empty, or as it was sent. `key` is unique
    /// on the page and prefixes its ids.
    pub fn form(&self, key: impl Into<String>, action: impl Into<String>) -> FormState {
        FormState::new(key, action.into(), self.entered.clone())
    }

    /// What was just done, if this page follows a form.
    pub fn done(&self) -> Option<Done> {
        Done::named(self.query.text("done"))
    }
}
