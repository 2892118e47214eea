//! Whether a team shows itself only to who comes in through a provider of its own. Its owners come in by
//! other ways, too, so that a provider that breaks locks nobody out for good. Tokens stay as they are.

use crate::{
    control::{Ctx, Error, audit},
    db::{self, Tx},
    domain::{
        audit::{Action, Change, Object},
        right::Right,
        sso::Provider,
    },
};

/// Whether it does.
///
/// # Errors
/// The database.
pub async fn only(cx: &Ctx) -> Result<bool, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(db::sso::is_only(&mut tx, cx.team()).await?)
}

/// Says whether it does. Whoever turns it on came in so themselves: it is known to work.
///
/// # Errors
/// [`Error::Forbidden`]; `not_signed_on` for who came in another way.
pub async fn set_only(cx: &Ctx, on: bool) -> Result<(), Error> {
    cx.allow_team(Right::Team)?;
    let through = cx.through.is_some_and(|through| through.team == Some(cx.team()));
    if on && !through {
        let rule = "sign in through the team's provider first, and turn it on then: so it is known to work; \
                    who has an account here connects it on the account page";
        return Err(Error::conflict("not_signed_on", rule));
    }
    let mut tx = cx.parts.db.write().await?;
    db::team::lock(&mut tx, cx.team()).await?;
    let before = db::sso::is_only(&mut tx, cx.team()).await?;
    db::sso::set_only(&mut tx, cx.team(), on).await?;
    let team = db::team::get(&mut tx, cx.team()).await?.ok_or(Error::NotFound("team"))?;
    let told = |only: bool| serde_json::json!({"only": only});
    let (object, change) = (Object::team(team.id, team.name.as_str()), Change::of(&told(before), &told(on)));
    audit::record(cx, &mut tx, Action::SsoOnly, object, change).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses to end the only way into a team.
pub(super) async fn last(tx: &mut Tx, provider: &Provider) -> Result<(), Error> {
    let Some(team) = provider.team else { return Ok(()) };
    db::team::lock(tx, team).await?;
    let others = db::sso::providers(tx, Some(team)).await?;
    let other = others.iter().any(|other| other.id != provider.id && other.enabled);
    if other || !provider.enabled || !db::sso::is_only(tx, team).await? {
        return Ok(());
    }
    let rule = "the team takes single sign-on alone, and this is its only provider: let people sign in by password first";
    Err(Error::conflict("sso_only", rule))
}
