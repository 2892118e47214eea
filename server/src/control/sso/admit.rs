//! Who is let in by the word of a provider, and what they may do then.
//!
//! A person is known by provider and subject. An address of mail alone opens nothing: a team's provider
//! can write anything there, so whoever has an account connects it themselves (`connect.rs`). The
//! instance's own provider is believed for an address that it verified, of somebody who was invited or
//! has no password that they would lose.

use std::net::IpAddr;

use serde_json::json;

use crate::{
    control::{Error, audit, invitations::still_given},
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        audit::{Action, Change, Doer, Note, Object, Outcome, Who},
        id::{TeamId, UserId},
        identity::User,
        name::Email,
        right::{Place, Role},
        sso::{Identity, Provider},
    },
    sso::Vouched,
};

/// Whether somebody is let in.
pub(super) enum Admitted {
    /// They are.
    In(User),
    /// They are not, and why.
    Out(Error),
}

fn out(code: &'static str, message: &str) -> Admitted {
    Admitted::Out(Error::Unauthenticated { code, message: message.to_owned() })
}

/// Somebody whom a team's provider vouches for: they have the roles of their groups, in place of those
/// that it gave before.
pub(super) async fn to_team(
    parts: &Parts,
    tx: &mut Tx,
    (provider, team): (&Provider, TeamId),
    vouched: &Vouched,
    from: IpAddr,
) -> Result<Admitted, Error> {
    let now = parts.clock.now();
    db::team::lock(tx, team).await?;
    let roles = provider.roles(&vouched.groups);
    let email = vouched.email.as_deref().and_then(|email| Email::parse(email).ok());
    let known = db::sso::known(tx, provider.id, &vouched.subject).await?;
    let user = match known {
        Some(known) => db::identity::user(tx, known.person).await?.ok_or(Error::NotFound("person"))?,
        None => match stranger(parts, tx, email.clone(), roles.is_empty()).await? {
            Ok(user) => {
                db::identity::insert_user(tx, &user).await?;
                know(tx, provider, vouched, &user, now).await?;
                user
            }
            Err(refused) => return Ok(refused),
        },
    };
    let member = db::team::is_member(tx, team, user.id).await?;
    let who = Who { address: Some(from), ..Who::default() };
    let told = |action, change| Note {
        team,
        at: now,
        doer: Doer::Person(user.id, user.email.to_string()),
        who: who.clone(),
        action,
        outcome: Outcome::Done,
        object: Object::person(user.id, user.email.as_str()),
        change,
    };
    if !member && !roles.is_empty() {
        db::team::add_member(tx, team, user.id, now).await?;
        db::audit::append(tx, told(Action::MemberJoin, Change::none())).await?;
    }
    let before = db::sso::roles(tx, provider.id, user.id).await?;
    if before != roles {
        db::sso::give(tx, (provider.id, team), user.id, &roles).await?;
        let change = Change::of(&shown(&before), &shown(&roles));
        db::audit::append(tx, told(Action::MemberChange, change)).await?;
    }
    // What was given by hand, or by another provider, stays.
    if db::team::access(tx, team, user.id, false).await?.anywhere().is_empty() {
        db::sso::end_sessions_of(tx, provider.id, user.id).await?;
        return Ok(out("no_group", NO_GROUP));
    }
    db::sso::used(tx, provider.id, &vouched.subject, email.as_ref(), now).await?;
    Ok(Admitted::In(user))
}

const NO_GROUP: &str = "you are in none of the provider's groups that may do something here; ask the team's owner, or \
                        whoever keeps the groups";

/// A person who is not here yet, if they can be made.
async fn stranger(
    parts: &Parts,
    tx: &mut Tx,
    email: Option<Email>,
    nothing: bool,
) -> Result<Result<User, Admitted>, Error> {
    let Some(email) = email else {
        let rule = "the provider does not tell your e-mail address; let it give the scope `email`";
        return Ok(Err(out("no_email", rule)));
    };
    if db::identity::user_by_email(tx, &email).await?.is_some() {
        let rule = "there is an account with your e-mail address: sign in to it as you do, and connect this provider \
                    on the account page";
        return Ok(Err(out("connect_first", rule)));
    }
    if nothing {
        return Ok(Err(out("no_group", NO_GROUP)));
    }
    Ok(Ok(fresh(parts, email)))
}

fn fresh(parts: &Parts, email: Email) -> User {
    let clock = &*parts.clock;
    User {
        id: UserId::new(clock),
        email,
        password_hash: None,
        owner: false,
        service: None,
        created_at: clock.now(),
    }
}

async fn know(
    tx: &mut Tx,
    provider: &Provider,
    vouched: &Vouched,
    user: &User,
    now: crate::domain::clock::Time,
) -> Result<(), Error> {
    let identity = Identity {
        provider: provider.id,
        subject: vouched.subject.clone(),
        person: user.id,
        email: Some(user.email.clone()),
        created_at: now,
        used_at: now,
    };
    Ok(db::sso::know(tx, &identity).await?)
}

/// Roles as the audit log compares them.
fn shown(roles: &[(Place, Role)]) -> serde_json::Value {
    let all = roles.iter().map(|(place, role)| (format!("{place} {}", role.name()), json!(true)));
    serde_json::Value::Object(all.collect())
}

/// Somebody whom the instance's provider vouches for: it says who they are, teams say what they may.
pub(super) async fn to_instance(
    parts: &Parts,
    tx: &mut Tx,
    provider: &Provider,
    vouched: &Vouched,
    from: IpAddr,
) -> Result<Admitted, Error> {
    let now = parts.clock.now();
    let email = vouched.email.as_deref().and_then(|email| Email::parse(email).ok());
    if let Some(known) = db::sso::known(tx, provider.id, &vouched.subject).await? {
        let user = db::identity::user(tx, known.person).await?.ok_or(Error::NotFound("person"))?;
        db::sso::used(tx, provider.id, &vouched.subject, email.as_ref(), now).await?;
        return Ok(Admitted::In(user));
    }
    let Some(email) = email.filter(|_| vouched.verified) else {
        let rule = "the provider does not say that your e-mail address is yours: sign in as you do, and connect it on \
                    the account page";
        return Ok(out("email_not_verified", rule));
    };
    let found = db::identity::user_by_email(tx, &email).await?;
    if found.as_ref().is_some_and(|user| user.password_hash.is_some() || user.owner) {
        let rule = "there is an account with your e-mail address: sign in to it as you do, and connect this provider \
                    on the account page";
        return Ok(out("connect_first", rule));
    }
    let mut open = Vec::new();
    for invitation in db::team::invited(tx, &email, now).await? {
        if still_given(tx, &invitation).await.is_ok() {
            open.push(invitation);
        }
    }
    let user = match found {
        Some(user) => user,
        None if open.is_empty() => {
            let rule =
                "nobody invited you yet: ask an owner of a team for an invitation to this e-mail address";
            return Ok(out("not_invited", rule));
        }
        None => {
            let user = fresh(parts, email);
            db::identity::insert_user(tx, &user).await?;
            user
        }
    };
    know(tx, provider, vouched, &user, now).await?;
    for invitation in open {
        db::team::withdraw(tx, invitation.team, invitation.id).await?;
        db::team::add_member(tx, invitation.team, user.id, now).await?;
        db::team::give(tx, invitation.team, user.id, invitation.place, invitation.role).await?;
        let who = Who { address: Some(from), ..Who::default() };
        let (person, object) = ((user.id, &user.email), Object::person(user.id, user.email.as_str()));
        audit::record_of(parts, tx, person, (invitation.team, who), Action::MemberJoin, object).await?;
    }
    Ok(Admitted::In(user))
}
