//! Variables of projects, environments and apps. Values go in and do not come out.

use super::{Ctx, Error};
use crate::{
    db,
    domain::{
        fault::Wrong,
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
    let mut faults = Vec::new();
    for (i, variable) in new.iter().enumerate() {
        let value = variable.value.expose();
        if value.contains('\0') {
            faults.push(Wrong::new("must not contain a NUL character").at(format!("variables[{i}].value")));
        }
        if value.len() > VALUE {
            faults.push(
                Wrong::new("must be at most 64 KiB; use a config file for more")
                    .at(format!("variables[{i}].value")),
            );
        }
    }
    if new.len() > COUNT || new.iter().map(|v| v.value.expose().len()).sum::<usize>() > TOTAL {
        faults.push(Wrong::coded("quota", "at most 500 variables and 512 KiB together").at("variables"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut tx = cx.parts.db.write().await?;
    mine(cx, &mut tx, scope, Right::Variables).await?;
    for variable in new {
        let row = Variable {
            id: VariableId::new(&*cx.parts.clock),
            key: variable.key.clone(),
            sealed: cx.parts.seal.seal(&*cx.parts.clock, "variable", variable.value.expose().as_bytes()),
            secret: variable.secret,
            updated_at: cx.now(),
        };
        db::variable::put(&mut tx, scope, &row).await?;
    }
    if db::variable::list(&mut tx, scope).await?.len() > COUNT {
        return Err(Error::wrong("variables", Wrong::coded("quota", "at most 500 variables")));
    }
    touch(cx, &mut tx, scope).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a variable away.
///
/// # Errors
/// [`Error::NotFound`] of scope or variable.
pub async fn remove(cx: &Ctx, scope: Scope, key: &EnvKey) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    mine(cx, &mut tx, scope, Right::Variables).await?;
    if !db::variable::remove(&mut tx, scope, key).await? {
        return Err(Error::NotFound("variable"));
    }
    touch(cx, &mut tx, scope).await?;
    tx.commit().await?;
    Ok(())
}

async fn touch(cx: &Ctx, tx: &mut db::Tx, scope: Scope) -> Result<(), Error> {
    if let Scope::App(app) = scope {
        db::app::touch(tx, app, cx.now()).await?;
    }
    Ok(())
}

async fn mine(cx: &Ctx, tx: &mut db::Tx, scope: Scope, right: Right) -> Result<(), Error> {
    match scope {
        Scope::Project(id) => cx.project(tx, id, right).await.map(drop),
        Scope::Environment(id) => cx.environment(tx, id, right).await.map(drop),
        Scope::App(id) => cx.app(tx, id, right).await.map(drop),
    }
}
