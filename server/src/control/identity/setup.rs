//! Makes the first admin, and with them the team. Whoever does it shows the one-time token that
//! the start of the server told (case 113).

use std::net::IpAddr;

use subtle::ConstantTimeEq as _;

use super::{
    password,
    session::{SignedIn, begin},
    throttle::{Subject, clear, count},
};
use crate::{
    control::{Error, audit},
    db,
    deploy::parts::Parts,
    domain::{
        audit::{Action, Object, Who},
        fault::Wrong,
        id::{TeamId, UserId},
        identity::User,
        name::{DisplayName, Email},
        right::{Place, Role},
        secret::Secret,
        team::Team,
    },
};

/// Taken once, by the transaction that makes the first admin.
const DONE: &str = "setup_done";
/// What the first team is called until somebody renames it.
const FIRST_TEAM: &str = "team";

/// Whether there is no admin yet.
///
/// # Errors
/// The database.
pub async fn needs_setup(parts: &Parts) -> Result<bool, Error> {
    let mut tx = parts.db.read().await?;
    Ok(db::identity::count_users(&mut tx).await? == 0)
}

/// Makes the first admin and signs them in.
///
/// # Errors
/// `setup_done` if there is an admin; `setup_token_wrong`; [`Error::Busy`] after too many tries;
/// every wrong field at once.
pub async fn setup(
    parts: &Parts,
    token: &Secret,
    email: &str,
    password: &Secret,
    from: IpAddr,
    agent: &str,
) -> Result<SignedIn, Error> {
    if !needs_setup(parts).await? {
        return Err(done());
    }
    let subjects = [Subject::address(from)];
    let mut tx = parts.db.write().await?;
    count(&mut tx, &subjects, parts.clock.now()).await?;
    tx.commit().await?;
    let right = parts.instance.setup_token.as_ref();
    let fits = right
        .is_some_and(|right| bool::from(right.expose().as_bytes().ct_eq(token.expose().trim().as_bytes())));
    if !fits {
        return Err(Error::Unauthenticated {
            code: "setup_token_wrong",
            message: "the one-time token is not the one that the server told when it was first started"
                .to_owned(),
        });
    }
    let mut tx = parts.db.write().await?;
    clear(&mut tx, &subjects).await?;
    tx.commit().await?;
    first_admin(parts, email, password, agent).await
}

/// Makes the first admin for somebody who is trusted: with the token, or on the machine itself.
///
/// # Errors
/// `setup_done` if there is an admin; every wrong field at once.
pub async fn first_admin(
    parts: &Parts,
    email: &str,
    password: &Secret,
    agent: &str,
) -> Result<SignedIn, Error> {
    let mut faults = Vec::new();
    let parsed = Email::parse(email).map_err(|wrong| faults.push(wrong.at("email"))).ok();
    let names = parsed.as_ref().map(|email| password::names(email, [], parts.instance.public_url.as_ref()));
    if let Err(wrong) = password::check(password, &names.unwrap_or_default()) {
        faults.push(wrong.at("password"));
    }
    if password.expose().eq_ignore_ascii_case(email) {
        faults.push(Wrong::coded("password_is_email", "must not be the address itself").at("password"));
    }
    let Some(email) = parsed.filter(|_| faults.is_empty()) else { return Err(Error::Invalid(faults)) };
    let clock = &*parts.clock;
    let now = clock.now();
    let password_hash = password::hash(clock, password).await?;
    let user = User {
        id: UserId::new(clock),
        email,
        password_hash: Some(password_hash),
        owner: true,
        service: None,
        created_at: now,
    };
    let name = DisplayName::parse(FIRST_TEAM).map_err(|wrong| Error::wrong("team", wrong))?;
    let team = Team { id: TeamId::new(clock), name, created_at: now };
    let mut tx = parts.db.write().await?;
    // Of two at once one waits here for the other, and then finds it taken.
    if !db::setting::put_new(&mut tx, DONE, &now.to_rfc3339()).await?
        || db::identity::count_users(&mut tx).await? > 0
    {
        return Err(done());
    }
    db::identity::insert_user(&mut tx, &user).await?;
    db::team::insert(&mut tx, &team).await?;
    db::team::add_member(&mut tx, team.id, user.id, now).await?;
    db::team::give(&mut tx, team.id, user.id, Place::Team, Role::Owner).await?;
    let signed_in = begin(parts, &mut tx, user, agent).await?;
    let person = (signed_in.user.id, &signed_in.user.email);
    let object = Object::person(person.0, person.1.as_str());
    audit::record_of(parts, &mut tx, person, (team.id, Who::default()), Action::PersonCreate, object).await?;
    tx.commit().await?;
    Ok(signed_in)
}

fn done() -> Error {
    Error::conflict("setup_done", "there is an admin already; sign in")
}
