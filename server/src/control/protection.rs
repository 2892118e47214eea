//! What an environment asks of deployments: see it, set it, take it away.

use super::{Ctx, Error, audit};
use crate::{
    db::{self, Tx},
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        id::EnvironmentId,
        protection::{MOST_APPROVALS, MOST_BRANCHES, Protection},
        right::Right,
    },
    git::glob,
};

/// The rules of an environment; none if it is not protected.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(cx: &Ctx, id: EnvironmentId) -> Result<Option<Protection>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.environment(&mut tx, id, Right::View).await?;
    Ok(db::protection::get(&mut tx, id).await?)
}

/// Protects an environment by these rules, or by none any more. What awaits approval goes on waiting
/// for as many as it was asked for with.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; faults at `approvals` and `branches[n]`.
pub async fn set(
    cx: &Ctx,
    id: EnvironmentId,
    rules: Option<Protection>,
) -> Result<Option<Protection>, Error> {
    let mut tx = cx.parts.db.write().await?;
    let environment = cx.environment(&mut tx, id, Right::Environments).await?;
    let before = db::protection::get(&mut tx, id).await?;
    match &rules {
        Some(rules) => {
            check(rules)?;
            db::protection::put(&mut tx, id, rules).await?;
        }
        None => db::protection::remove(&mut tx, id).await?,
    }
    let change =
        Change::of(&serde_json::json!({"protection": before}), &serde_json::json!({"protection": rules}));
    audit::record(cx, &mut tx, Action::EnvironmentChange, Object::environment(&environment), change).await?;
    tx.commit().await?;
    Ok(rules)
}

/// Refuses what would take a protected environment away.
///
/// # Errors
/// The conflict `protected`.
pub(super) async fn unprotected(tx: &mut Tx, id: EnvironmentId, what: &str) -> Result<(), Error> {
    match db::protection::get(tx, id).await? {
        Some(_) => Err(Error::conflict(
            "protected",
            format!("{what} is protected: take the protection away first, if that is meant"),
        )),
        None => Ok(()),
    }
}

fn check(rules: &Protection) -> Result<(), Error> {
    let mut faults = Vec::new();
    if !(0..=MOST_APPROVALS).contains(&rules.approvals) {
        faults.push(Wrong::new(format!("must be 0 to {MOST_APPROVALS}")).at("approvals"));
    }
    if rules.branches.len() > MOST_BRANCHES {
        faults.push(Wrong::new(format!("must be {MOST_BRANCHES} at most; a glob takes many")).at("branches"));
    }
    for (i, text) in rules.branches.iter().enumerate() {
        // Those that take others out again are for paths alone.
        let wrong = match text.strip_prefix('!') {
            Some(_) => {
                Some(Wrong::coded("invalid_glob", "must name what is allowed, as `main` or `release/*`"))
            }
            None => glob::check(text).err(),
        };
        faults.extend(wrong.map(|wrong| wrong.at(format!("branches[{i}]"))));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
