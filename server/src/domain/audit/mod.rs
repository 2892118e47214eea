//! The audit log: who did what, from where, to what, and what was refused to whom.
//!
//! Each team has a chain of entries; what belongs to the whole instance has one of its own. Each entry's
//! hash covers its content and the hash before it (`chain.rs`), and the newest hash is signed at
//! intervals (`checkpoint.rs`), so that [`Verifier`] finds what was altered, taken away or put in.
//!
//! A command says what it did as a [`Note`]; the database makes an [`Entry`] of it, which is text alone:
//! a row that somebody damaged can still be read, and is told as a finding.
//!
//! To add something that is recorded: a line in `action.rs`. To add a field of an entry: here, in
//! `chain.rs`, `line.rs` and a migration; chains that are there keep the number of their form.

mod action;
mod chain;
mod change;
mod checkpoint;
mod flood;
mod line;
mod object;
mod verify;

use std::net::IpAddr;

use super::{
    clock::Time,
    id::{SessionId, TeamId, TokenId, UserId},
};

pub use action::Action;
pub use chain::genesis;
pub use change::{Change, Field, Shown};
pub use checkpoint::{Checkpoint, HEAD, Key, PublicKey, REMOVED, WrongKey};
pub use flood::{Flood, LeftOut};
pub use line::{Head, Kept, Line, WrongLine};
pub use object::Object;
pub use verify::{Finding, Report, Trouble, Verifier};

/// The chain of what belongs to no team.
pub const INSTANCE: TeamId = TeamId::from_uuid(uuid::Uuid::nil());
/// Characters of a name or an id that are kept.
const LONGEST: usize = 200;

/// By what somebody acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Means {
    /// By nothing: nobody is signed in, or the machinery acts.
    #[default]
    None,
    /// A browser's session.
    Session(SessionId),
    /// An API token.
    Token(TokenId),
}

/// Where a request came from, as far as the log wants to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Who {
    /// By what.
    pub means: Means,
    /// The network address.
    pub address: Option<IpAddr>,
    /// The id by which the server's own log knows the request; empty if there is none.
    pub request: String,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doer {
    /// A person, and what they were called then.
    Person(UserId, String),
    /// A service account, and what it was called then.
    Service(UserId, String),
    /// Nobody who is known.
    Nobody,
    /// Skep itself.
    Machine,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, with the stable code of the answer: `forbidden`, `wrong_login`.
    Refused(String),
}

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whose chain: a team's, or [`INSTANCE`].
    pub team: TeamId,
    /// When.
    pub at: Time,
    /// Who.
    pub doer: Doer,
    /// From where, and by what.
    pub who: Who,
    /// What.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// To what.
    pub object: Object,
    /// What is other than before.
    pub change: Change,
}

/// A recorded entry, as it is kept. Absent texts are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose chain.
    pub team: TeamId,
    /// Its place in the chain, from 1 on.
    pub seq: i64,
    /// When: microseconds since 1970.
    pub at: i64,
    /// `person`, `service`, `nobody` or `machine`.
    pub doer: String,
    /// The person's id, or the service account's.
    pub person: String,
    /// What they were called then.
    pub called: String,
    /// `session`, `token` or empty.
    pub means: String,
    /// The id of the session or token.
    pub means_id: String,
    /// The network address.
    pub address: String,
    /// What: `app.configure`.
    pub action: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// Why it was refused: a stable code.
    pub code: String,
    /// What kind of thing: `app`.
    pub kind: String,
    /// Its id.
    pub object: String,
    /// What it was called then.
    pub name: String,
    /// The project that it belongs to.
    pub project: String,
    /// The environment that it belongs to.
    pub environment: String,
    /// What is other than before: JSON of [`Change`].
    pub changes: String,
    /// The request's id.
    pub request: String,
    /// SHA-256 over the hash before and all of this, hexadecimal.
    pub hash: String,
}

impl Note {
    /// The entry of it that stands at `seq` and follows the one with the hash `before`.
    #[must_use]
    pub fn follow(self, seq: i64, before: &str) -> Entry {
        let (doer, person, called) = match self.doer {
            Doer::Person(id, called) => ("person", id.to_string(), called),
            Doer::Service(id, called) => ("service", id.to_string(), called),
            Doer::Nobody => ("nobody", String::new(), String::new()),
            Doer::Machine => ("machine", String::new(), String::new()),
        };
        let (means, means_id) = match self.who.means {
            Means::None => ("", String::new()),
            Means::Session(id) => ("session", id.to_string()),
            Means::Token(id) => ("token", id.to_string()),
        };
        let (outcome, code) = match self.outcome {
            Outcome::Done => ("done", String::new()),
            Outcome::Refused(code) => ("refused", code),
        };
        let mut entry = Entry {
            team: self.team,
            seq,
            at: self.at.timestamp_micros(),
            doer: doer.to_owned(),
            person,
            called: short(&called),
            means: means.to_owned(),
            means_id,
            address: self.who.address.map(|address| address.to_string()).unwrap_or_default(),
            action: self.action.name().to_owned(),
            outcome: outcome.to_owned(),
            code: short(&code),
            kind: self.object.kind.to_owned(),
            object: short(&self.object.id),
            name: short(&self.object.name),
            project: self.object.project.map(|id| id.to_string()).unwrap_or_default(),
            environment: self.object.environment.map(|id| id.to_string()).unwrap_or_default(),
            changes: self.change.json(),
            request: short(&self.who.request),
            hash: String::new(),
        };
        entry.hash = entry.hash_after(before);
        entry
    }
}

impl Entry {
    /// When, unless somebody made a time of it that there is not.
    #[must_use]
    pub fn time(&self) -> Option<Time> {
        Time::from_timestamp_micros(self.at)
    }

    /// What is other than before; nothing if that cannot be read.
    #[must_use]
    pub fn change(&self) -> Change {
        Change::read(&self.changes).unwrap_or_default()
    }
}

/// On one line and not too long, whoever wrote it; what follows a cut is told by `…`.
fn short(text: &str) -> String {
    let mut plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut kept: String = plain.by_ref().take(LONGEST).collect();
    if plain.next().is_some() {
        kept.push('…');
    }
    kept
}
