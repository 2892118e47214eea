//! Invitations: a code that is shown once, works once, for one address, and ends.
//!
//! The code is typed or pasted into a form: it is never part of an address (S14).

use super::{
    Ctx, Error, audit,
    identity::{
        self, password,
        session::{Entry, enter},
        throttle::{Subject, clear, count},
    },
    roles,
};
use crate::{
    db,
    deploy::parts::Parts,
    domain::{
        audit::{Action, Change, Object, Who},
        fault::Wrong,
        id::{InvitationId, UserId},
        identity::User,
        name::Email,
        right::{Place, Right, Role},
        secret::Secret,
        team::Invitation,
    },
};

/// What every code begins with, so that it is known where it does not belong.
const CODE: &str = "skep_join_";
/// Days that an invitation is open, unless it is said.
const DAYS: u32 = 7;
/// The most days.
const LONGEST: u32 = 30;
/// Open ones of one team at most.
const COUNT: usize = 200;

/// An invitation as it is asked for.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// For whom.
    pub email: Email,
    /// Where they get the role.
    pub place: Place,
    /// Which.
    pub role: Role,
    /// Open for so many days.
    pub days: Option<u32>,
}

/// Whoever takes an invitation up.
#[derive(Debug)]
pub struct Joining<'a> {
    /// The code.
    pub code: &'a Secret,
    /// Their password: a new one, or that of the account which they have here.
    pub password: &'a Secret,
    /// Where they come from.
    pub from: std::net::IpAddr,
    /// The browser's own words about itself.
    pub agent: &'a str,
}

/// The open invitations of the team, newest first, without codes.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(cx: &Ctx) -> Result<Vec<Invitation>, Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::team::invitations(&mut tx, cx.team(), cx.now()).await?)
}

/// Invites somebody; the code is told this once.
///
/// # Errors
/// [`Error::Forbidden`] also for a role above the actor's; [`Error::NotFound`] of role or place;
/// faults at `days` and `role`; they are a member.
pub async fn create(cx: &Ctx, new: NewInvitation) -> Result<(Invitation, Secret), Error> {
    cx.allow_team(Right::Members)?;
    let days = new.days.unwrap_or(DAYS);
    if !(1..=LONGEST).contains(&days) {
        return Err(Error::wrong("days", Wrong::new(format!("must be 1 to {LONGEST}"))));
    }
    if new.role == Role::Owner && new.place != Place::Team {
        let rule = "is `owner`, who owns the whole team; in a part of it give `admin`";
        return Err(Error::wrong("role", Wrong::new(rule)));
    }
    let mut tx = cx.parts.db.write().await?;
    cx.there(&mut tx, new.place).await?;
    let rights = roles::rights_of(cx, &mut tx, new.role).await?;
    roles::within(cx, new.place, rights)?;
    let members = db::team::members(&mut tx, cx.team()).await?;
    if members.iter().any(|member| member.email == new.email) {
        return Err(Error::conflict("member", "they are a member already: change their roles instead"));
    }
    if db::team::invitations(&mut tx, cx.team(), cx.now()).await?.len() >= COUNT {
        return Err(Error::conflict("quota", format!("{COUNT} invitations are open; take some back first")));
    }
    let code = Secret::new(format!("{CODE}{}", cx.parts.clock.token()));
    let invitation = Invitation {
        id: InvitationId::new(&*cx.parts.clock),
        team: cx.team(),
        email: new.email,
        place: new.place,
        role: new.role,
        invited_by: cx.actor.user,
        created_at: cx.now(),
        expires_at: cx.now() + chrono::Duration::days(i64::from(days)),
    };
    db::team::invite(&mut tx, &invitation, &identity::digest(code.expose())).await?;
    audit::record(
        cx,
        &mut tx,
        Action::MemberInvite,
        Object::new("invitation", invitation.id, &invitation.email),
        Change::made(&serde_json::json!({"role": invitation.role.name()})),
    )
    .await?;
    tx.commit().await?;
    Ok((invitation, code))
}

/// Takes an invitation back.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn withdraw(cx: &Ctx, id: InvitationId) -> Result<(), Error> {
    cx.allow_team(Right::Members)?;
    let mut tx = cx.parts.db.write().await?;
    if !db::team::withdraw(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("invitation"));
    }
    audit::record(cx, &mut tx, Action::MemberUninvite, Object::new("invitation", id, ""), Change::none())
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an invitation up and signs in. Whoever has an account here shows its password, and the code
/// of their second step after that; anybody else gets an account with the password that they give.
///
/// # Errors
/// `code_wrong` for a code that is unknown, used, ended or taken back; [`Error::Busy`] after too
/// many tries; a wrong password; the inviter may not give the role any more.
pub async fn accept(parts: &Parts, joining: Joining<'_>) -> Result<Entry, Error> {
    password::check_length(joining.password).map_err(|wrong| Error::wrong("password", wrong))?;
    let subjects = [Subject::address(joining.from)];
    let mut tx = parts.db.write().await?;
    count(&mut tx, &subjects, parts.clock.now()).await?;
    tx.commit().await?;
    let hash = identity::digest(joining.code.expose().trim());
    let mut tx = parts.db.read().await?;
    let found = db::team::invitation(&mut tx, &hash, parts.clock.now()).await?;
    let invitation = found.ok_or_else(code_wrong)?;
    let known = db::identity::user_by_email(&mut tx, &invitation.email).await?;
    drop(tx);
    let user = match known {
        Some(user) => {
            if !password::verify(user.password_hash.as_deref(), joining.password).await? {
                let rule = "is not that of your account here: you have one already";
                return Err(Error::wrong("password", Wrong::coded("wrong_password", rule)));
            }
            user
        }
        None => fresh(parts, &invitation, joining.password).await?,
    };
    let mut tx = parts.db.write().await?;
    // Of two who use it at once, one finds it gone.
    if !db::team::withdraw(&mut tx, invitation.team, invitation.id).await? {
        return Err(code_wrong());
    }
    still_given(&mut tx, &invitation).await?;
    if db::identity::user(&mut tx, user.id).await?.is_none() {
        db::identity::insert_user(&mut tx, &user)
            .await
            .map_err(|error| if db::is_duplicate(&error) { code_wrong() } else { error.into() })?;
    }
    db::team::add_member(&mut tx, invitation.team, user.id, parts.clock.now()).await?;
    db::team::give(&mut tx, invitation.team, user.id, invitation.place, invitation.role).await?;
    clear(&mut tx, &subjects).await?;
    let email = invitation.email.clone();
    let (person, object) = ((user.id, &email), Object::person(user.id, email.as_str()));
    let who = Who { address: Some(joining.from), ..Who::default() };
    audit::record_of(parts, &mut tx, person, (invitation.team, who), Action::MemberJoin, object).await?;
    let entry = enter(parts, &mut tx, user, joining.agent).await?;
    if let Entry::SignedIn(signed_in) = &entry {
        db::identity::look_at(&mut tx, signed_in.session.id, Some(invitation.team)).await?;
    }
    tx.commit().await?;
    Ok(entry)
}

async fn fresh(parts: &Parts, invitation: &Invitation, password: &Secret) -> Result<User, Error> {
    let mut tx = parts.db.read().await?;
    let team = db::team::get(&mut tx, invitation.team).await?;
    drop(tx);
    let team = team.as_ref().map(|team| team.name.as_str());
    let names = password::names(&invitation.email, team, parts.instance.public_url.as_ref());
    password::check(password, &names).map_err(|wrong| Error::wrong("password", wrong))?;
    if password.expose().eq_ignore_ascii_case(invitation.email.as_str()) {
        let wrong = Wrong::coded("password_is_email", "must not be the address itself");
        return Err(Error::wrong("password", wrong));
    }
    let clock = &*parts.clock;
    Ok(User {
        id: UserId::new(clock),
        email: invitation.email.clone(),
        password_hash: Some(password::hash(clock, password).await?),
        owner: false,
        service: None,
        created_at: clock.now(),
    })
}

/// Whoever invited may be gone by now, or may do less.
pub(super) async fn still_given(tx: &mut db::Tx, invitation: &Invitation) -> Result<(), Error> {
    let inviter = db::team::access(tx, invitation.team, invitation.invited_by, false).await?;
    let rights = match invitation.role {
        Role::Custom(id) => {
            let role = db::team::role(tx, invitation.team, id).await?.ok_or_else(code_wrong)?;
            role.rights
        }
        built_in => built_in.rights(),
    };
    let may = inviter.team().has(Right::Members) && inviter.at(invitation.place).covers(rights);
    if may { Ok(()) } else { Err(code_wrong()) }
}

fn code_wrong() -> Error {
    Error::wrong(
        "code",
        Wrong::coded("code_wrong", "is unknown, was used, or has ended; ask for another invitation"),
    )
}
