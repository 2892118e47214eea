//! Roles: those that every team has, and those that a team makes of named rights.
//!
//! Nobody makes or gives more than they have themselves: who could give out a right that they lack
//! could give it to themselves by way of another.

use super::{Ctx, Error, audit, projects::taken};
use crate::{
    db::{self, Tx},
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        id::RoleId,
        name::DisplayName,
        right::{Place, Right, Rights, Role},
        team::TeamRole,
    },
};

/// Roles of one team at most.
const COUNT: usize = 50;

/// The roles that the team made, by name.
///
/// # Errors
/// [`Error::Forbidden`] for whoever does not see the team.
pub async fn list(cx: &Ctx) -> Result<Vec<TeamRole>, Error> {
    cx.allow_team(Right::View)?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::team::roles(&mut tx, cx.team()).await?)
}

/// Makes a role.
///
/// # Errors
/// [`Error::Forbidden`]; faults at `name` and `rights`; the name is taken.
pub async fn create(cx: &Ctx, name: DisplayName, rights: Rights) -> Result<TeamRole, Error> {
    cx.allow_team(Right::Members)?;
    let role = TeamRole { id: RoleId::new(&*cx.parts.clock), name, rights, created_at: cx.now() };
    check(cx, &role)?;
    let mut tx = cx.parts.db.write().await?;
    if db::team::roles(&mut tx, cx.team()).await?.len() >= COUNT {
        return Err(Error::conflict("quota", format!("a team has at most {COUNT} roles of its own")));
    }
    db::team::insert_role(&mut tx, cx.team(), &role).await.map_err(|e| taken(e, "role"))?;
    audit::record(
        cx,
        &mut tx,
        Action::RoleCreate,
        Object::new("role", role.id, role.name.as_str()),
        Change::made(&told(&role)),
    )
    .await?;
    tx.commit().await?;
    Ok(role)
}

/// Changes a role: all who have it may do at once what it says now.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`]; [`Error::Forbidden`] also if it gives now what the actor
/// does not have.
pub async fn change(
    cx: &Ctx,
    id: RoleId,
    name: Option<DisplayName>,
    rights: Option<Rights>,
) -> Result<TeamRole, Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.write().await?;
    let before = db::team::role(&mut tx, cx.team(), id).await?.ok_or(Error::NotFound("role"))?;
    within(cx, Place::Team, before.rights)?;
    let old = before.clone();
    let role = TeamRole { name: name.unwrap_or(old.name), rights: rights.unwrap_or(old.rights), ..old };
    check(cx, &role)?;
    db::team::change_role(&mut tx, cx.team(), &role).await.map_err(|e| taken(e, "role"))?;
    audit::record(
        cx,
        &mut tx,
        Action::RoleChange,
        Object::new("role", role.id, role.name.as_str()),
        Change::of(&told(&before), &told(&role)),
    )
    .await?;
    tx.commit().await?;
    Ok(role)
}

/// Removes a role that nobody has.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; somebody has it.
pub async fn remove(cx: &Ctx, id: RoleId) -> Result<(), Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.write().await?;
    let role = db::team::role(&mut tx, cx.team(), id).await?.ok_or(Error::NotFound("role"))?;
    let used = db::team::role_used(&mut tx, id).await?;
    if used > 0 {
        let rule = format!("{used} members or invitations have it: give them another role first");
        return Err(Error::conflict("in_use", rule));
    }
    db::team::remove_role(&mut tx, cx.team(), id).await?;
    audit::record(
        cx,
        &mut tx,
        Action::RoleRemove,
        Object::new("role", id, role.name.as_str()),
        Change::gone(&told(&role)),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// As the audit log compares it.
fn told(role: &TeamRole) -> serde_json::Value {
    serde_json::json!({"name": role.name.as_str(), "rights": role.rights.names()})
}

fn check(cx: &Ctx, role: &TeamRole) -> Result<(), Error> {
    let mut faults = Vec::new();
    if Role::BUILT_IN.iter().any(|built_in| built_in.name().eq_ignore_ascii_case(role.name.as_str())) {
        faults.push(Wrong::coded("name_taken", "is that of a role which every team has").at("name"));
    }
    if role.rights.is_empty() {
        faults.push(Wrong::new("must name a right").at("rights"));
    } else if !role.rights.has(Right::View) {
        faults
            .push(Wrong::new("must have `view`: without it nothing is there to do the rest to").at("rights"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    within(cx, Place::Team, role.rights)
}

/// Whether the actor has all these rights at a place, so that they may give or take them there.
pub(super) fn within(cx: &Ctx, place: Place, rights: Rights) -> Result<(), Error> {
    let more = cx.access.at(place).lacking(rights);
    if more.is_empty() {
        return Ok(());
    }
    let message =
        format!("nobody gives or takes rights that they do not have: you lack `{}` here", more.names());
    Err(Error::Forbidden(message))
}

/// What a role gives; a role of another team is none.
pub(super) async fn rights_of(cx: &Ctx, tx: &mut Tx, role: Role) -> Result<Rights, Error> {
    match role {
        Role::Custom(id) => {
            let found = db::team::role(tx, cx.team(), id).await?;
            found.map(|role| role.rights).ok_or(Error::NotFound("role"))
        }
        built_in => Ok(built_in.rights()),
    }
}
