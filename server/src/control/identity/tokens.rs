//! API tokens: make one, look at them, end one. A token is shown once.

use super::{Caller, Means, authenticate::TOKEN, digest};
use crate::{
    control::{Ctx, Error, audit},
    db::{self, Tx},
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        id::{TokenId, UserId},
        identity::Token,
        name::DisplayName,
        right::{Place, Rights},
        secret::Secret,
        team::NO_TEAM,
    },
};

/// The longest life of a token that ends, days.
const LONGEST: u32 = 3650;
/// Tokens of one person at most.
const COUNT: usize = 100;
/// Places of one token at most.
const PLACES: usize = 50;

/// A token as it is asked for.
#[derive(Debug, Clone, Default)]
pub struct NewToken<'a> {
    /// For people.
    pub name: &'a str,
    /// It ends after so many; never if absent.
    pub days: Option<u32>,
    /// What it is limited to; nothing but its person's own limits if absent.
    pub rights: Option<Rights>,
    /// Where it is limited to.
    pub places: Option<Vec<Place>>,
}

/// The actor's tokens for their team, newest first.
///
/// # Errors
/// The database.
pub async fn tokens(cx: &Ctx) -> Result<Vec<Token>, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(db::identity::tokens(&mut tx, cx.actor.user, cx.team()).await?)
}

/// Makes a token for the actor's team. Only a person who signed in can: a token cannot make one
/// that outlives it. Whatever it is limited to, it never does what its person may not.
///
/// # Errors
/// Every wrong field at once; [`Error::Forbidden`] for a token, for a right that its person has
/// nowhere, and for whoever is in no team; [`Error::NotFound`] of a place.
pub async fn create_token(cx: &Ctx, caller: &Caller, new: NewToken<'_>) -> Result<(Token, Secret), Error> {
    if matches!(caller.means, Means::Token(_)) {
        return Err(Error::Forbidden("a token cannot make tokens; sign in with your password".to_owned()));
    }
    if cx.team() == NO_TEAM {
        return Err(Error::Forbidden("you are in no team; a token is for one".to_owned()));
    }
    if cx.closed {
        let rule =
            "your team takes single sign-on alone: sign in through its provider, and make the token there";
        return Err(Error::Forbidden(rule.to_owned()));
    }
    let mut tx = cx.parts.db.write().await?;
    let (token, value) = mint(cx, &mut tx, cx.actor.user, cx.access.anywhere(), new).await?;
    audit::record(
        cx,
        &mut tx,
        Action::TokenCreate,
        Object::token(token.id, &token.name),
        Change::made(&serde_json::json!({"rights": token.rights.map(Rights::names)})),
    )
    .await?;
    tx.commit().await?;
    Ok((token, value))
}

/// Makes a token of a person or service account who may do `rights` somewhere, in the caller's transaction.
///
/// # Errors
/// Every wrong field at once; [`Error::Forbidden`] for a right that they have nowhere; [`Error::NotFound`]
/// of a place; `quota`.
pub(in crate::control) async fn mint(
    cx: &Ctx,
    tx: &mut Tx,
    whose: UserId,
    rights: Rights,
    new: NewToken<'_>,
) -> Result<(Token, Secret), Error> {
    let mut faults = Vec::new();
    let name = DisplayName::parse(new.name).map_err(|wrong| faults.push(wrong.at("name"))).ok();
    if new.days.is_some_and(|days| !(1..=LONGEST).contains(&days)) {
        faults.push(
            Wrong::new(format!("must be 1 to {LONGEST}; leave it out for a token without end")).at("days"),
        );
    }
    if new.rights.is_some_and(Rights::is_empty) {
        faults.push(Wrong::new("must name a right; leave it out for all that you may do").at("rights"));
    }
    if new.places.as_ref().is_some_and(|places| places.is_empty() || places.len() > PLACES) {
        faults.push(Wrong::new(format!("must name 1 to {PLACES}; leave it out for the team")).at("places"));
    }
    let Some(name) = name.filter(|_| faults.is_empty()) else { return Err(Error::Invalid(faults)) };
    if let Some(more) = new.rights.map(|wanted| rights.lacking(wanted)).filter(|more| !more.is_empty()) {
        let message = format!("a token cannot do more than its owner, who does not have `{}`", more.names());
        return Err(Error::Forbidden(message));
    }
    let now = cx.now();
    let value = Secret::new(format!("{TOKEN}{}", cx.parts.clock.token()));
    let token = Token {
        id: TokenId::new(&*cx.parts.clock),
        user: whose,
        team: cx.team(),
        name: name.to_string(),
        rights: new.rights,
        places: new.places.filter(|places| !places.contains(&Place::Team)),
        created_at: now,
        expires_at: new.days.map(|days| now + chrono::Duration::days(i64::from(days))),
        used_at: None,
    };
    for place in token.places.iter().flatten() {
        cx.there(tx, *place).await?;
    }
    if db::identity::tokens(tx, whose, cx.team()).await?.len() >= COUNT {
        return Err(Error::conflict(
            "quota",
            format!("there are {COUNT} tokens; end some that nobody needs"),
        ));
    }
    db::identity::insert_token(tx, &token, &digest(value.expose())).await?;
    Ok((token, value))
}

/// Ends one of the actor's tokens.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn end_token(cx: &Ctx, id: TokenId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    // Whom a team's provider vouches for ends what is the team's.
    let theirs = db::identity::tokens(&mut tx, cx.actor.user, cx.team()).await?;
    if cx.allow_account().is_err() && !theirs.iter().any(|token| token.id == id) {
        return Err(Error::NotFound("token"));
    }
    if !db::identity::end_token(&mut tx, cx.actor.user, id).await? {
        return Err(Error::NotFound("token"));
    }
    audit::record(cx, &mut tx, Action::TokenEnd, Object::token(id, ""), Change::none()).await?;
    tx.commit().await?;
    Ok(())
}
