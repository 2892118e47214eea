//! The form of an export: JSON lines, one thing each, named by `type`. For each chain its entries in
//! their order, then its checkpoints, then its head; in front of all the key, for who has it from nowhere
//! else. A changed text that is no longer as Skep writes it stays the text that it is.

use chrono::SecondsFormat;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Change, Checkpoint, Entry};
use crate::domain::{clock::Time, id::TeamId};

/// What a chain says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Whose chain.
    pub team: TeamId,
    /// Its newest entry; 0 if there is none.
    pub seq: i64,
    /// That entry's hash.
    pub hash: String,
    /// The number of its newest checkpoint; 0 if there is none.
    pub checkpoints: i64,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// The key that signs.
    Key {
        /// Ed25519, hexadecimal.
        key: String,
    },
    /// An entry.
    Entry(Box<Kept>),
    /// A signature.
    Checkpoint(Checkpoint),
    /// The end of a chain.
    Head(Head),
}

/// A line that is none of an export.
#[derive(Debug, thiserror::Error)]
#[error("line {number} is none of an audit export: {why}")]
pub struct WrongLine {
    /// Its number, from 1 on.
    pub number: usize,
    /// Why.
    pub why: String,
}

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// It is none.
    pub fn read(number: usize, text: &str) -> Result<Self, WrongLine> {
        serde_json::from_str(text).map_err(|error| WrongLine { number, why: error.to_string() })
    }

    /// Writes it, without an end of line.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// An entry as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Entry", deny_unknown_fields)]
struct Written {
    team: TeamId,
    seq: i64,
    #[serde(with = "moment")]
    at: i64,
    doer: String,
    person: String,
    called: String,
    means: String,
    means_id: String,
    address: String,
    action: String,
    outcome: String,
    code: String,
    kind: String,
    object: String,
    name: String,
    project: String,
    environment: String,
    #[serde(with = "changes")]
    changes: String,
    request: String,
    hash: String,
}

/// An entry that is a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kept(#[serde(with = "Written")] pub Entry);

/// A time in words, or its number where there are none for it.
mod moment {
    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Told {
        Number(i64),
        Words(String),
    }

    pub(super) fn serialize<S: Serializer>(at: &i64, to: S) -> Result<S::Ok, S::Error> {
        let words =
            Time::from_timestamp_micros(*at).map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true));
        words.map_or(Told::Number(*at), Told::Words).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        match Told::deserialize(from)? {
            Told::Number(at) => Ok(at),
            Told::Words(words) => match words.parse::<Time>() {
                Ok(at) => Ok(at.timestamp_micros()),
                Err(error) => Err(serde::de::Error::custom(error)),
            },
        }
    }
}

mod changes {
    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Told {
        Change(Change),
        Text(String),
    }

    pub(super) fn serialize<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        Change::read(text).map_or_else(|| Told::Text(text.to_owned()), Told::Change).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        Ok(match Told::deserialize(from)? {
            Told::Change(change) => change.json(),
            Told::Text(text) => text,
        })
    }
}
