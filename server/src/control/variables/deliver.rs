//! How an app's containers get a variable: in the environment, or as a file. It is kept beside the value,
//! so that another value, or an older one, comes the same way.

use serde_json::json;

use super::{mine, touch};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        fault::Wrong,
        id::AppId,
        name::EnvKey,
        right::Right,
        variable::{Scope, SecretFile},
    },
};

/// Services that one file can be given to.
const SERVICES: usize = 100;

/// Delivers a variable as this file, or in the environment if there is none. It counts from the next
/// deployment on; whether the app has the services is known then.
///
/// # Errors
/// [`Error::NotFound`] of app or variable; a fault at `services`, or at `name` if another variable has the
/// file already.
pub async fn deliver(cx: &Ctx, app: AppId, key: &EnvKey, file: Option<SecretFile>) -> Result<(), Error> {
    let scope = Scope::App(app);
    let named = file.iter().flat_map(|file| &file.services);
    if named.clone().count() > SERVICES || named.clone().any(|name| name.is_empty() || name.len() > 63) {
        let rule = "must be names of services of the Compose file, at most 100; none for all";
        return Err(Error::wrong("services", Wrong::new(rule)));
    }
    let mut tx = cx.parts.db.write().await?;
    let object = mine(cx, &mut tx, scope, Right::Variables).await?;
    let all = db::variable::list(&mut tx, scope).await?;
    let found = all.iter().find(|variable| variable.key == *key).ok_or(Error::NotFound("variable"))?;
    let name = file.as_ref().map(|file| &file.name);
    let taken = |other: &&crate::domain::variable::Variable| {
        other.key != *key && name.is_some() && other.file.as_ref().map(|file| &file.name) == name
    };
    if let Some(other) = all.iter().find(taken) {
        let rule = format!("is the file of {} already: choose another name", other.key);
        return Err(Error::wrong("name", Wrong::coded("taken", rule)));
    }
    if found.file == file {
        return Ok(());
    }
    db::variable::deliver(&mut tx, scope, key, file.as_ref()).await?;
    touch(cx, &mut tx, scope).await?;
    let told = |file: Option<&SecretFile>| match file {
        Some(file) => json!({"names": key.as_str(), "file": file}),
        None => json!({"names": key.as_str()}),
    };
    let change = Change::of(&told(found.file.as_ref()), &told(file.as_ref()));
    audit::record(cx, &mut tx, Action::VariableDeliver, object, change).await?;
    tx.commit().await?;
    Ok(())
}
