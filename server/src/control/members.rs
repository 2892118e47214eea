//! The members of a team: what role each has where, and taking one out.

use super::{Ctx, Error, audit, roles};
use crate::{
    db,
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        id::UserId,
        right::{Place, Right, Rights, Role},
        team::Member,
    },
};

/// Roles of one member at most.
const COUNT: usize = 100;

/// The members with their roles, by address, service accounts among them.
///
/// # Errors
/// [`Error::Forbidden`] for whoever does not see the team.
pub async fn list(cx: &Ctx) -> Result<Vec<Member>, Error> {
    cx.allow_team(Right::View)?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::team::members(&mut tx, cx.team()).await?)
}

/// Gives a member these roles in place of all that they had. Their sessions count on, with the new
/// rights from the next request on.
///
/// # Errors
/// [`Error::NotFound`] of member, role or place; [`Error::Forbidden`] for more than the actor has,
/// before or after; faults at `grants`; `last_owner`.
pub async fn change(cx: &Ctx, person: UserId, grants: &[(Place, Role)]) -> Result<Member, Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.write().await?;
    db::team::lock(&mut tx, cx.team()).await?;
    let before = find(cx, &mut tx, person).await?;
    apply(cx, tx, before, grants).await
}

/// Gives a member a role at one place in place of the one that they had there, or takes it.
///
/// # Errors
/// As [`change`].
pub async fn set_role(cx: &Ctx, person: UserId, place: Place, role: Option<Role>) -> Result<Member, Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.write().await?;
    db::team::lock(&mut tx, cx.team()).await?;
    let before = find(cx, &mut tx, person).await?;
    let others = before.grants.iter().filter(|grant| grant.place != place);
    let mut grants: Vec<_> = others.map(|grant| (grant.place, grant.role)).collect();
    grants.extend(role.map(|role| (place, role)));
    apply(cx, tx, before, &grants).await
}

async fn apply(cx: &Ctx, mut tx: db::Tx, before: Member, grants: &[(Place, Role)]) -> Result<Member, Error> {
    let person = before.user;
    let mut faults = Vec::new();
    if grants.len() > COUNT {
        faults.push(Wrong::coded("quota", format!("at most {COUNT} roles")).at("grants"));
    }
    for (i, (place, role)) in grants.iter().enumerate() {
        if grants[..i].iter().any(|(other, _)| other == place) {
            faults.push(Wrong::new("names a place that was named before").at(format!("grants[{i}].place")));
        }
        if *role == Role::Owner && *place != Place::Team {
            faults.push(
                Wrong::new("is `owner`, who owns the whole team; in a part of it give `admin`")
                    .at(format!("grants[{i}].role")),
            );
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut given: Vec<(Place, Rights)> =
        before.grants.iter().map(|grant| (grant.place, grant.rights)).collect();
    for (place, role) in grants {
        cx.there(&mut tx, *place).await?;
        given.push((*place, roles::rights_of(cx, &mut tx, *role).await?));
    }
    for (place, rights) in given {
        roles::within(cx, place, rights)?;
    }
    if before.owns() && !grants.contains(&(Place::Team, Role::Owner)) {
        another_owner(cx, &mut tx, person).await?;
    }
    db::team::take_all(&mut tx, cx.team(), person).await?;
    for (place, role) in grants {
        db::team::give(&mut tx, cx.team(), person, *place, *role).await?;
    }
    let after = find(cx, &mut tx, person).await?;
    audit::record(
        cx,
        &mut tx,
        Action::MemberChange,
        object(&after),
        Change::of(&told(&before), &told(&after)),
    )
    .await?;
    tx.commit().await?;
    Ok(after)
}

/// Takes a member out, with their roles and tokens for the team. Anybody can leave by themselves.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; `last_owner`; `service_account`.
pub async fn remove(cx: &Ctx, person: UserId) -> Result<(), Error> {
    if person != cx.actor.user {
        cx.allow_team(Right::Members)?;
    }
    let mut tx = cx.parts.db.write().await?;
    db::team::lock(&mut tx, cx.team()).await?;
    let member = find(cx, &mut tx, person).await?;
    if person != cx.actor.user {
        for grant in member.grants.iter().chain(&member.provided) {
            roles::within(cx, grant.place, grant.rights)?;
        }
    }
    if member.service {
        let rule = "it is a service account, which does not leave the team that made it: remove the account";
        return Err(Error::conflict("service_account", rule));
    }
    if member.owns() {
        another_owner(cx, &mut tx, person).await?;
    }
    db::identity::end_tokens_of_team(&mut tx, person, cx.team()).await?;
    db::team::remove_member(&mut tx, cx.team(), person).await?;
    audit::record(cx, &mut tx, Action::MemberRemove, object(&member), Change::gone(&told(&member))).await?;
    tx.commit().await?;
    Ok(())
}

/// A person or a service account, as the audit log calls them.
fn object(member: &Member) -> Object {
    let of = if member.service { Object::service_account } else { Object::person };
    of(member.user, member.email.as_str())
}

/// As the audit log compares their roles: `team`, `environment:ID`.
pub(super) fn told(member: &Member) -> serde_json::Value {
    member
        .grants
        .iter()
        .map(|grant| (grant.place.to_string(), serde_json::json!(grant.role.name())))
        .collect()
}

async fn find(cx: &Ctx, tx: &mut db::Tx, person: UserId) -> Result<Member, Error> {
    let members = db::team::members(tx, cx.team()).await?;
    members.into_iter().find(|member| member.user == person).ok_or(Error::NotFound("member"))
}

/// A team has an owner at all times, who is a person.
async fn another_owner(cx: &Ctx, tx: &mut db::Tx, than: UserId) -> Result<(), Error> {
    let members = db::team::members(tx, cx.team()).await?;
    if members.iter().any(|member| member.user != than && member.owns() && !member.service) {
        return Ok(());
    }
    Err(Error::conflict("last_owner", "they are the team's last owner: make somebody else one first"))
}
