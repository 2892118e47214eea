//! Makes a service account. It may do nothing until it is given a role, as members are.

use super::COUNT;
use crate::{
    control::{Ctx, Error, audit, projects::taken},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::UserId,
        name::{Email, Slug},
        right::Right,
        team::Member,
    },
};

/// Makes one without any role.
///
/// # Errors
/// [`Error::Forbidden`]; the name is taken; `quota`.
pub async fn create(cx: &Ctx, name: Slug) -> Result<Member, Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.write().await?;
    db::team::lock(&mut tx, cx.team()).await?;
    let members = db::team::members(&mut tx, cx.team()).await?;
    if members.iter().filter(|member| member.service).count() >= COUNT {
        return Err(Error::conflict("quota", format!("a team has at most {COUNT} service accounts")));
    }
    let made = Member {
        user: UserId::new(&*cx.parts.clock),
        email: Email::of_service(&name, cx.team()),
        service: true,
        created_at: cx.now(),
        grants: Vec::new(),
        provided: Vec::new(),
    };
    db::service_account::insert(&mut tx, cx.team(), made.user, &made.email, made.created_at)
        .await
        .map_err(|error| taken(error, "service account"))?;
    db::team::add_member(&mut tx, cx.team(), made.user, made.created_at).await?;
    let object = Object::service_account(made.user, made.email.as_str());
    audit::record(cx, &mut tx, Action::ServiceAccountCreate, object, Change::none()).await?;
    tx.commit().await?;
    Ok(made)
}
