//! Every place where something sealed is kept, in one list: what rotation seals anew. A row is found by
//! its key, a page at a time, and changed only while it still holds what was read: whoever changed it
//! meanwhile wins.
//!
//! To add a place: a line in [`PLACES`]. Until then a test fails that looks at the columns of both
//! schemas and at each call of `seal(` (`tests/tests/db/sealed.rs`).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sqlx::types::{Json, Uuid};

use super::{Tx, execute, fetch_all};
use crate::domain::data_key::KeyId;

/// Where something sealed is kept.
#[derive(Debug)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// Its column.
    pub column: &'static str,
    /// For which place it is sealed; see [`crate::domain::seal::Seal::seal`].
    pub what: &'static str,
    form: Form,
    page: &'static str,
    swap: &'static str,
}

/// How it is kept, and what its row is found by.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// As bytes, by an id.
    ById,
    /// As bytes, by a name.
    ByName,
    /// As base64 in this field of a recorded step's output, by the deployment.
    InStep(&'static str),
}

macro_rules! bytes {
    ($form:expr, $table:literal, $key:literal, $column:literal, $what:literal) => {
        Place {
            table: $table,
            column: $column,
            what: $what,
            form: $form,
            page: concat!(
                "SELECT ",
                $key,
                ", ",
                $column,
                " FROM ",
                $table,
                " WHERE ",
                $column,
                " IS NOT NULL AND substr(",
                $column,
                ", 2, 4) <> $2 AND ",
                $key,
                " > $1 ORDER BY ",
                $key,
                " LIMIT $3"
            ),
            swap: concat!(
                "UPDATE ",
                $table,
                " SET ",
                $column,
                " = $3 WHERE ",
                $key,
                " = $1 AND ",
                $column,
                " = $2"
            ),
        }
    };
}

macro_rules! step {
    ($step:literal, $field:literal, $what:literal) => {
        Place {
            table: "deployment_step",
            column: "output",
            what: $what,
            form: Form::InStep($field),
            page: concat!(
                "SELECT deployment_id, CAST(output AS TEXT) FROM deployment_step WHERE step = '",
                $step,
                "' AND output IS NOT NULL AND deployment_id > $1 ORDER BY deployment_id LIMIT $2"
            ),
            swap: concat!(
                "UPDATE deployment_step SET output = $3 WHERE deployment_id = $1 AND step = '",
                $step,
                "' AND CAST(output AS TEXT) = $2"
            ),
        }
    };
}

/// All of them. The data keys themselves and the canary are sealed under the master key (`keys/`).
pub const PLACES: &[Place] = &[
    bytes!(Form::ById, "variable", "id", "sealed", "variable"),
    bytes!(Form::ById, "credential", "id", "sealed", "credential"),
    bytes!(Form::ById, "webhook", "id", "sealed_secret", "webhook"),
    bytes!(Form::ById, "webhook", "id", "old_secret", "webhook"),
    bytes!(Form::ById, "release", "id", "sealed_spec", "release"),
    bytes!(Form::ById, "certificate", "id", "sealed_key", "certificate"),
    bytes!(Form::ById, "variable_version", "id", "sealed", "variable"),
    bytes!(Form::ById, "two_factor", "person_id", "sealed", "totp"),
    bytes!(Form::ById, "identity_provider", "id", "sealed", "identity provider"),
    bytes!(Form::ById, "secret_store", "id", "sealed", "store"),
    bytes!(Form::ById, "store_reading", "deployment_id", "sealed", "store reading"),
    bytes!(Form::ById, "dns_provider", "id", "sealed", "dns provider"),
    bytes!(Form::ById, "own_certificate", "id", "sealed_key", "own certificate"),
    bytes!(Form::ByName, "internal_ca", "name", "sealed_key", "internal ca"),
    bytes!(Form::ById, "acme_directory", "id", "sealed_hmac", "acme key"),
    bytes!(Form::ByName, "acme_account", "directory", "sealed", "acme account"),
    bytes!(Form::ByName, "audit_key", "name", "sealed", "audit key"),
    bytes!(Form::ByName, "name_key", "name", "sealed", "name key"),
    step!("build", "composed", "compose"),
    step!("plan", "sealed", "release"),
];

/// Both texts of each place.
pub(super) fn queries() -> impl Iterator<Item = &'static str> {
    PLACES.iter().flat_map(|place| [place.page, place.swap])
}

/// What a row is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKey {
    /// An id.
    Id(Uuid),
    /// A name.
    Name(String),
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.hyphenated().fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A row with what it holds.
#[derive(Debug)]
pub struct Found {
    /// What it is found by.
    pub key: RowKey,
    /// The sealed value; none if this step's output has none.
    pub sealed: Option<Vec<u8>>,
    /// The whole output of a step, as it is kept.
    output: String,
}

/// The next rows after that one, at most `limit`. Of bytes only what is not sealed with `current`.
///
/// # Errors
/// The database's.
pub async fn page(
    tx: &mut Tx,
    place: &Place,
    after: Option<&RowKey>,
    current: KeyId,
    limit: i64,
) -> sqlx::Result<Vec<Found>> {
    let bytes = |key, sealed| Found { key, sealed: Some(sealed), output: String::new() };
    let id = match after {
        Some(RowKey::Id(id)) => *id,
        _ => Uuid::nil(),
    };
    let name = match after {
        Some(RowKey::Name(name)) => name.as_str(),
        _ => "",
    };
    Ok(match place.form {
        Form::ById => fetch_all!(tx, (Uuid, Vec<u8>), place.page, id, current, limit)?
            .into_iter()
            .map(|(id, sealed)| bytes(RowKey::Id(id), sealed))
            .collect(),
        Form::ByName => fetch_all!(tx, (String, Vec<u8>), place.page, name, current, limit)?
            .into_iter()
            .map(|(name, sealed)| bytes(RowKey::Name(name), sealed))
            .collect(),
        Form::InStep(field) => fetch_all!(tx, (Uuid, String), place.page, id, limit)?
            .into_iter()
            .map(|(id, output)| Found { key: RowKey::Id(id), sealed: field_of(&output, field), output })
            .collect(),
    })
}

/// Puts `new` in the place of what was found; false if that is not there any more.
///
/// # Errors
/// The database's.
pub async fn swap(tx: &mut Tx, place: &Place, found: &Found, new: &[u8]) -> sqlx::Result<bool> {
    let old = found.sealed.as_deref().unwrap_or_default();
    let changed = match (place.form, &found.key) {
        (Form::InStep(field), RowKey::Id(id)) => {
            let mut output: serde_json::Value = serde_json::from_str(&found.output).unwrap_or_default();
            output[field] = STANDARD.encode(new).into();
            execute!(tx, place.swap, id, &found.output, Json(&output))?
        }
        (_, RowKey::Id(id)) => execute!(tx, place.swap, id, old, new)?,
        (_, RowKey::Name(name)) => execute!(tx, place.swap, name, old, new)?,
    };
    Ok(changed > 0)
}

/// The sealed value in a field of JSON. Text that is no base64 is given as it stands: it is no sealed
/// value, and told as such.
fn field_of(output: &str, field: &str) -> Option<Vec<u8>> {
    let output: serde_json::Value = serde_json::from_str(output).ok()?;
    let text = output.get(field)?.as_str()?;
    Some(STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec()))
}
