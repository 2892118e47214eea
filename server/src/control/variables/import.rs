//! Variables from the text of a `.env` file: first what it would do, then exactly that. What was shown
//! holds for one state of the variables: who confirms it after somebody else changed some is told so, and
//! nothing is written.
//!
//! A page keeps the text between the two sealed in its form ([`Draft`]), so that no page has a value in it
//! and nothing is stored of who goes away.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use skep_stack::dotenv;

use super::{COUNT, NewVariable, mine, put, same, touch, wrong_values};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        clock::Time,
        fault::{Fault, Wrong},
        name::EnvKey,
        right::Right,
        secret::Secret,
        variable::{Scope, Variable},
    },
};

/// How long a text waits for its confirmation.
const PATIENCE: Duration = Duration::hours(1);

/// A text, and how it is to be taken.
#[derive(Debug, Clone)]
pub struct Import {
    /// Lines of `KEY=value`.
    pub text: Secret,
    /// All of them are masked in logs.
    pub secret: bool,
    /// Variables that the text does not have are taken away.
    pub replace: bool,
}

/// What an import does, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// New ones.
    pub added: Vec<EnvKey>,
    /// With another value, or other in being secret.
    pub changed: Vec<EnvKey>,
    /// As they are.
    pub unchanged: Vec<EnvKey>,
    /// Taken away.
    pub removed: Vec<EnvKey>,
    /// The state of the variables before it, to be confirmed.
    pub state: String,
}

/// What an import would do.
///
/// # Errors
/// Each wrong line at `text`; [`Error::NotFound`] of the scope.
pub async fn preview(cx: &Ctx, scope: Scope, import: &Import) -> Result<Outcome, Error> {
    let new = read(import)?;
    let mut tx = cx.parts.db.read().await?;
    mine(cx, &mut tx, scope, Right::Variables).await?;
    compare(cx, &db::variable::list(&mut tx, scope).await?, &new, import.replace)
}

/// Imports; if a `state` is given, only what was shown for that.
///
/// # Errors
/// As [`preview`]; a conflict if the variables were changed since.
pub async fn import(cx: &Ctx, scope: Scope, import: &Import, state: Option<&str>) -> Result<Outcome, Error> {
    let new = read(import)?;
    let mut tx = cx.parts.db.write().await?;
    let object = mine(cx, &mut tx, scope, Right::Variables).await?;
    let had = db::variable::list(&mut tx, scope).await?;
    let outcome = compare(cx, &had, &new, import.replace)?;
    if state.is_some_and(|state| state != outcome.state) {
        let rule = "variables were changed after this was shown: look at what the import would do now";
        return Err(Error::conflict("changed", rule));
    }
    if outcome.added.is_empty() && outcome.changed.is_empty() && outcome.removed.is_empty() {
        return Ok(outcome);
    }
    for variable in new.iter().filter(|variable| !outcome.unchanged.contains(&variable.key)) {
        put(cx, &mut tx, scope, variable).await?;
    }
    for key in &outcome.removed {
        db::variable::remove(&mut tx, scope, key).await?;
    }
    if had.len() + outcome.added.len() - outcome.removed.len() > COUNT {
        return Err(Error::wrong("text", Wrong::coded("quota", "must leave at most 500 variables")));
    }
    touch(cx, &mut tx, scope).await?;
    let names = |keys: &[EnvKey]| {
        (!keys.is_empty()).then(|| keys.iter().map(EnvKey::as_str).collect::<Vec<_>>().join(", "))
    };
    let told = json!({
        "added": names(&outcome.added),
        "changed": names(&outcome.changed),
        "removed": names(&outcome.removed),
    });
    audit::record(cx, &mut tx, Action::VariableImport, object, Change::made(&told)).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Does what a page showed.
///
/// # Errors
/// As [`import`]; a conflict if the draft is too old, another's, or altered.
pub async fn confirm(cx: &Ctx, scope: Scope, draft: &str) -> Result<Outcome, Error> {
    let mut tx = cx.parts.db.read().await?;
    mine(cx, &mut tx, scope, Right::Variables).await?;
    drop(tx);
    let (given, state) = Draft::open(cx, scope, draft)?;
    import(cx, scope, &given, Some(&state)).await
}

/// The variables of the text.
fn read(import: &Import) -> Result<Vec<NewVariable>, Error> {
    let at = |line: usize, why: &str| Wrong::new(format!("line {line} {why}")).at("text");
    let entries = dotenv::read(import.text.expose());
    let entries =
        entries.map_err(|wrong| Error::Invalid(wrong.iter().map(|(line, why)| at(*line, why)).collect()))?;
    let (mut new, mut lines, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        match (EnvKey::parse(&entry.name), entry.value) {
            (Ok(key), Some(value)) => {
                new.push(NewVariable { key, value: Secret::new(value), secret: import.secret });
                lines.push(entry.line);
            }
            (Ok(_), None) => faults.push(at(entry.line, "has no `=`: write `KEY=value`")),
            (Err(wrong), _) => {
                faults.push(at(entry.line, &format!("has a wrong name: it {}", wrong.message)))
            }
        }
    }
    if new.is_empty() && faults.is_empty() {
        faults.push(Wrong::new("has no line of the form `KEY=value`").at("text"));
    }
    faults.extend(wrong_values(&new).into_iter().map(|(i, fault)| match i.and_then(|i| lines.get(i)) {
        Some(line) => {
            Fault { field: "text".to_owned(), message: format!("line {line} {}", fault.message), ..fault }
        }
        None => Fault { field: "text".to_owned(), ..fault },
    }));
    if faults.is_empty() { Ok(new) } else { Err(Error::Invalid(faults)) }
}

fn compare(cx: &Ctx, had: &[Variable], new: &[NewVariable], replace: bool) -> Result<Outcome, Error> {
    let mut outcome = Outcome { state: state(had), ..Outcome::default() };
    for variable in new {
        let list = match had.iter().find(|had| had.key == variable.key) {
            None => &mut outcome.added,
            Some(had) if same(cx, had, variable) => &mut outcome.unchanged,
            Some(_) => &mut outcome.changed,
        };
        list.push(variable.key.clone());
    }
    if replace {
        let gone = had.iter().filter(|had| !new.iter().any(|new| new.key == had.key));
        outcome.removed = gone.map(|had| had.key.clone()).collect();
    }
    Ok(outcome)
}

/// Tells two states of a scope's variables apart: by which there are, and by the versions that they have.
fn state(had: &[Variable]) -> String {
    let mut hash = Sha256::new();
    for variable in had {
        hash.update(variable.id.uuid().as_bytes());
        hash.update(variable.version.to_be_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

/// An import that was shown and waits for its confirmation: sealed for whom it was shown to, and for
/// these variables alone.
#[derive(Serialize, Deserialize)]
pub struct Draft {
    text: String,
    secret: bool,
    replace: bool,
    state: String,
    at: Time,
}

impl Draft {
    /// As a page keeps it.
    ///
    /// # Errors
    /// Never, unless memory is short.
    pub fn seal(cx: &Ctx, scope: Scope, import: &Import, outcome: &Outcome) -> Result<String, Error> {
        let draft = Self {
            text: import.text.expose().to_owned(),
            secret: import.secret,
            replace: import.replace,
            state: outcome.state.clone(),
            at: cx.now(),
        };
        let json = zeroize::Zeroizing::new(serde_json::to_vec(&draft).map_err(Error::internal)?);
        Ok(STANDARD.encode(cx.parts.seal.seal(&*cx.parts.clock, &place(cx, scope), &json)))
    }

    /// What was kept: the import, and the state that it was shown for.
    ///
    /// # Errors
    /// A conflict if it is too old, another's, or altered.
    fn open(cx: &Ctx, scope: Scope, sealed: &str) -> Result<(Import, String), Error> {
        let gone = || Error::conflict("changed", "this import waited for too long: give the text again");
        let sealed = STANDARD.decode(sealed).map_err(|_| gone())?;
        let json = cx.parts.seal.open(&place(cx, scope), &sealed).map_err(|_| gone())?;
        let json = zeroize::Zeroizing::new(json);
        let draft: Self = serde_json::from_slice(&json).map_err(|_| gone())?;
        if cx.now() - draft.at > PATIENCE {
            return Err(gone());
        }
        let Self { text, secret, replace, state, .. } = draft;
        Ok((Import { text: Secret::new(text), secret, replace }, state))
    }
}

fn place(cx: &Ctx, scope: Scope) -> String {
    let (kind, id) = scope.parts();
    format!("variable import {kind} {id} {}", cx.actor.user)
}
