//! An API in memory, for tests and for looking at the pages.
//!
//! It is deterministic: what it holds depends only on its [`Mood`] and the time it is given. It
//! misbehaves where a mood says so: the engine is away, everything is refused, nothing is there.
//!
//! To add a noun: its file with the trait's methods, its samples in `sample.rs`.

mod apps;
mod audit;
mod certificates;
mod cluster;
mod deployments;
mod dns;
mod history;
mod passkeys;
mod projects;
mod sample;
mod service_accounts;
mod session;
mod sso;
mod stores;
mod team;
mod traffic;
mod two_factor;
mod variables;
mod webhooks;

use std::sync::{Mutex, MutexGuard};

use crate::api::{
    AppView, Configuration, CredentialView, DeploymentView, DomainView, EnvironmentView, Error, HostKeyView,
    InstanceSettings, LogLine, ProjectView, Result, Time, VariableView, WebhookView,
};

/// What an instance is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Projects, apps in every state, an engine that answers.
    Rich,
    /// Set up, and nothing in it.
    Empty,
    /// Not set up.
    Fresh,
    /// Nobody is signed in.
    Out,
    /// The engine does not answer.
    EngineAway,
    /// The database does not answer: everything is refused but who is signed in.
    Down,
    /// So many apps, and 10,000 deployments of each.
    Large(usize),
}

/// All that it knows.
pub(crate) struct State {
    projects: Vec<ProjectView>,
    apps: Vec<(AppView, Configuration)>,
    deployments: Vec<DeploymentView>,
    log: Vec<LogLine>,
    variables: Vec<VariableView>,
    domains: Vec<DomainView>,
    webhooks: Vec<WebhookView>,
    credentials: Vec<CredentialView>,
    /// Environments of nodes, for people.
    node_of: std::collections::BTreeMap<String, String>,
    host_keys: Vec<HostKeyView>,
    instance: InstanceSettings,
    gate: Gate,
    two_factor: bool,
    count: u64,
}

/// How far somebody is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    Fresh,
    Out,
    In,
}

/// An API in memory.
pub struct Fake {
    mood: Mood,
    now: Time,
    state: Mutex<State>,
}

impl Fake {
    /// An instance of that mood at `now`.
    #[must_use]
    pub fn new(mood: Mood, now: Time) -> Self {
        Self { mood, now, state: Mutex::new(sample::state(mood, now)) }
    }

    /// What it knows, unless it is down.
    fn state(&self) -> Result<MutexGuard<'_, State>> {
        if self.mood == Mood::Down {
            return Err(Error::Unavailable("The database does not answer. Try again in a moment.".into()));
        }
        Some(self.all()).filter(|state| state.gate == Gate::In).ok_or(Error::Unauthenticated)
    }

    /// What it knows, whoever asks.
    fn all(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Refused while it is down or nobody is signed in.
    fn up(&self) -> Result<()> {
        self.state().map(drop)
    }

    /// Refused unless the engine answers.
    fn engine_answers(&self) -> Result<()> {
        match self.mood {
            Mood::EngineAway => Err(Error::Unavailable("No answer on its socket within 5 s.".into())),
            _ => Ok(()),
        }
    }
}

impl State {
    /// A new id.
    fn id(&mut self) -> String {
        self.count += 1;
        format!("new-{}", self.count)
    }

    fn environment(&mut self, id: &str) -> Result<&mut EnvironmentView> {
        let all = self.projects.iter_mut().flat_map(|project| &mut project.environments);
        all.into_iter().find(|environment| environment.id.0 == id).ok_or(Error::NotFound)
    }

    fn app(&mut self, id: &str) -> Result<&mut (AppView, Configuration)> {
        self.apps.iter_mut().find(|(app, _)| app.line.id.0 == id).ok_or(Error::NotFound)
    }
}

/// The rule of names, as the server has it.
fn check_name(field: &str, name: &str) -> Result<()> {
    let ok = (1..=30).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.as_bytes()[0].is_ascii_lowercase();
    if ok {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        "must be 1 to 30 lower-case letters, digits and single hyphens, starting with a letter: `my-shop`",
    ))
}
