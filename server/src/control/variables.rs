//! Variables of projects, environments and apps. Values go in, and come out for whoever has the right
//! to see them, in the audit log's sight.

mod deliver;
mod import;
mod required;

use serde_json::json;

pub use self::{
    deliver::deliver,
    import::{Draft, Import, Outcome, confirm, import, preview},
    required::{Standing, required},
};

use super::{Ctx, Error, audit, stores};
use crate::{
    db,
    domain::{
        audit::{Action, Change, Object},
        fault::{Fault, Wrong},
        id::VariableId,
        name::EnvKey,
        right::Right,
        secret::Secret,
        variable::{Scope, Variable},
    },
};

/// One value at most, bytes.
const VALUE: usize = 64 << 10;
/// All values of one scope at most: what a process' environment can hold with room to spare.
const TOTAL: usize = 512 << 10;
/// Variables of one scope at most.
const COUNT: usize = 500;

/// A variable as it is given.
#[derive(Debug, Clone)]
pub struct NewVariable {
    /// Its name.
    pub key: EnvKey,
    /// Its value, kept byte for byte.
    pub value: Secret,
    /// Masked in logs.
    pub secret: bool,
}

/// The variables of a scope, without values, by key.
///
/// # Errors
/// [`Error::NotFound`] of the scope.
pub async fn list(cx: &Ctx, scope: Scope) -> Result<Vec<Variable>, Error> {
    let mut tx = cx.parts.db.read().await?;
    mine(cx, &mut tx, scope, Right::View).await?;
    Ok(db::variable::list(&mut tx, scope).await?)
}

/// Sets variables; the others stay. They count from the next deployment on.
///
/// # Errors
/// Every wrong value at once; [`Error::NotFound`] of the scope.
pub async fn put_many(cx: &Ctx, scope: Scope, new: &[NewVariable]) -> Result<(), Error> {
    let faults = wrong_values(new);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults.into_iter().map(|(_, fault)| fault).collect()));
    }
    let mut tx = cx.parts.db.write().await?;
    let object = mine(cx, &mut tx, scope, Right::Variables).await?;
    referred(cx, &mut tx, scope, new).await?;
    let had = db::variable::list(&mut tx, scope).await?;
    let mut changed = Vec::new();
    for variable in new {
        // Who imports the same file again changes nothing, and makes no versions.
        if had.iter().any(|had| had.key == variable.key && same(cx, had, variable)) {
            continue;
        }
        put(cx, &mut tx, scope, variable).await?;
        changed.push(variable.key.as_str());
    }
    if changed.is_empty() {
        return Ok(());
    }
    if db::variable::list(&mut tx, scope).await?.len() > COUNT {
        return Err(Error::wrong("variables", Wrong::coded("quota", "at most 500 variables")));
    }
    touch(cx, &mut tx, scope).await?;
    let names = changed.join(", ");
    audit::record(cx, &mut tx, Action::VariableSet, object, Change::made(&json!({"names": names}))).await?;
    tx.commit().await?;
    Ok(())
}

/// What is wrong with values, with the place of the variable in the list.
fn wrong_values(new: &[NewVariable]) -> Vec<(Option<usize>, Fault)> {
    let mut faults = Vec::new();
    for (i, variable) in new.iter().enumerate() {
        let value = variable.value.expose();
        let mut wrong = |rule| faults.push((Some(i), Wrong::new(rule).at(format!("variables[{i}].value"))));
        if value.contains('\0') {
            wrong("must not contain a NUL character");
        }
        if value.len() > VALUE {
            wrong("must be at most 64 KiB; use a config file for more");
        }
    }
    if new.len() > COUNT || new.iter().map(|v| v.value.expose().len()).sum::<usize>() > TOTAL {
        let rule = "at most 500 variables and 512 KiB together";
        faults.push((None, Wrong::coded("quota", rule).at("variables")));
    }
    faults
}

/// Whether a variable has this value already, and is secret alike.
fn same(cx: &Ctx, had: &Variable, new: &NewVariable) -> bool {
    let value = cx.parts.seal.open_text("variable", &had.sealed);
    had.secret == new.secret && value.is_ok_and(|value| value.expose() == new.value.expose())
}

/// One variable, and the value that takes the place of the one before.
async fn put(cx: &Ctx, tx: &mut db::Tx, scope: Scope, variable: &NewVariable) -> Result<(), Error> {
    let clock = &*cx.parts.clock;
    let sealed = cx.parts.seal.seal(clock, "variable", variable.value.expose().as_bytes());
    let row = db::variable::New {
        id: VariableId::new(clock),
        before: VariableId::new(clock),
        key: &variable.key,
        sealed: &sealed,
        secret: variable.secret,
        by: cx.actor.user,
        at: cx.now(),
    };
    Ok(db::variable::put(tx, scope, row).await?)
}

/// The older versions of a scope's variables, by key, newest first, without values.
///
/// # Errors
/// [`Error::NotFound`] of the scope.
pub async fn versions(cx: &Ctx, scope: Scope) -> Result<Vec<Variable>, Error> {
    let mut tx = cx.parts.db.read().await?;
    mine(cx, &mut tx, scope, Right::View).await?;
    Ok(db::variable::versions(&mut tx, scope).await?)
}

/// The value of a variable. Each look is in the audit log.
///
/// # Errors
/// [`Error::NotFound`] of scope or variable; [`Error::Forbidden`].
pub async fn reveal(cx: &Ctx, scope: Scope, key: &EnvKey) -> Result<Secret, Error> {
    let mut tx = cx.parts.db.write().await?;
    let object = mine(cx, &mut tx, scope, Right::Reveal).await?;
    let all = db::variable::list(&mut tx, scope).await?;
    let found = all.into_iter().find(|variable| variable.key == *key).ok_or(Error::NotFound("variable"))?;
    let value = cx.parts.seal.open_text("variable", &found.sealed)?;
    let change = Change::made(&json!({"names": key.as_str()}));
    audit::record(cx, &mut tx, Action::VariableReveal, object, change).await?;
    tx.commit().await?;
    Ok(value)
}

/// Gives a variable the value of an older version again, as a new version.
///
/// # Errors
/// [`Error::NotFound`] of scope, variable or version; [`Error::Forbidden`].
pub async fn restore(cx: &Ctx, scope: Scope, key: &EnvKey, version: i64) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let object = mine(cx, &mut tx, scope, Right::Variables).await?;
    let older = db::variable::versions(&mut tx, scope).await?;
    let older = older.into_iter().find(|old| old.key == *key && old.version == version);
    let older = older.ok_or(Error::NotFound("version"))?;
    let value = cx.parts.seal.open_text("variable", &older.sealed)?;
    let new = NewVariable { key: older.key, value, secret: older.secret };
    referred(cx, &mut tx, scope, std::slice::from_ref(&new)).await?;
    put(cx, &mut tx, scope, &new).await?;
    touch(cx, &mut tx, scope).await?;
    let change = Change::made(&json!({"names": key.as_str(), "version": version}));
    audit::record(cx, &mut tx, Action::VariableSet, object, change).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a variable away with its older versions.
///
/// # Errors
/// [`Error::NotFound`] of scope or variable.
pub async fn remove(cx: &Ctx, scope: Scope, key: &EnvKey) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let object = mine(cx, &mut tx, scope, Right::Variables).await?;
    if !db::variable::remove(&mut tx, scope, key).await? {
        return Err(Error::NotFound("variable"));
    }
    touch(cx, &mut tx, scope).await?;
    audit::record(cx, &mut tx, Action::VariableRemove, object, Change::gone(&json!({"names": key.as_str()})))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// What an app's variables refer to in secret stores can be there; those of a project or environment
/// are never read for references.
async fn referred(cx: &Ctx, tx: &mut db::Tx, scope: Scope, new: &[NewVariable]) -> Result<(), Error> {
    let Scope::App(id) = scope else { return Ok(()) };
    let app = cx.app(tx, id, Right::Variables).await?;
    stores::referred(cx, tx, &app, new).await
}

async fn touch(cx: &Ctx, tx: &mut db::Tx, scope: Scope) -> Result<(), Error> {
    if let Scope::App(app) = scope {
        db::app::touch(tx, app, cx.now()).await?;
    }
    Ok(())
}

/// What has the variables, if the caller has the right there.
async fn mine(cx: &Ctx, tx: &mut db::Tx, scope: Scope, right: Right) -> Result<Object, Error> {
    Ok(match scope {
        Scope::Project(id) => Object::project(&cx.project(tx, id, right).await?),
        Scope::Environment(id) => Object::environment(&cx.environment(tx, id, right).await?),
        Scope::App(id) => Object::app(&cx.app(tx, id, right).await?),
    })
}
