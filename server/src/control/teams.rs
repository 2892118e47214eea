//! Teams: the ones that a person is in, and which of them they look at. Only the owner of the
//! instance makes one; its own owners rename it.

use serde_json::json;

use super::{
    Ctx, Error, audit,
    identity::{Caller, Means},
    quotas::room_for_apps,
    stores,
};
use crate::{
    db::{self, Tx},
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        id::{ProjectId, TeamId, UserId},
        name::{DisplayName, Email},
        right::{Place, Right, Role},
        team::Team,
    },
};

/// The teams that the actor is in, by name; all of them for the owner of the instance.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Team>, Error> {
    let mut tx = cx.parts.db.read().await?;
    if cx.access.instance() {
        return Ok(db::team::all(&mut tx).await?);
    }
    theirs(cx, &mut tx).await
}

/// The teams that the actor is in, by name: those that they can look at.
///
/// # Errors
/// The database.
pub async fn mine(cx: &Ctx) -> Result<Vec<Team>, Error> {
    let mut tx = cx.parts.db.read().await?;
    theirs(cx, &mut tx).await
}

/// Their teams; the one alone whose provider vouched for them.
async fn theirs(cx: &Ctx, tx: &mut Tx) -> Result<Vec<Team>, Error> {
    let mut teams = db::team::of_person(tx, cx.actor.user).await?;
    teams.retain(|team| cx.allow_account().is_ok() || team.id == cx.team());
    Ok(teams)
}

/// The team that the actor looks at, if they are in one.
///
/// # Errors
/// The database.
pub async fn current(cx: &Ctx) -> Result<Option<Team>, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(db::team::get(&mut tx, cx.team()).await?)
}

/// Makes a team. Its first owner is the person with this address, who must be known already, or
/// whoever makes it.
///
/// # Errors
/// [`Error::Forbidden`] for all but the owner of the instance; a fault at `owner`.
pub async fn create(cx: &Ctx, name: DisplayName, owner: Option<Email>) -> Result<Team, Error> {
    cx.allow_instance()?;
    let team = Team { id: TeamId::new(&*cx.parts.clock), name, created_at: cx.now() };
    let mut tx = cx.parts.db.write().await?;
    let first = match owner {
        None => cx.actor.user,
        Some(email) => {
            let found = db::identity::user_by_email(&mut tx, &email).await?;
            let unknown = "is nobody here: make the team without it, and invite them";
            found.ok_or_else(|| Error::wrong("owner", Wrong::coded("unknown_person", unknown)))?.id
        }
    };
    db::team::insert(&mut tx, &team).await?;
    owns(&mut tx, team.id, first, cx).await?;
    audit::record(cx, &mut tx, Action::TeamCreate, Object::team(team.id, team.name.as_str()), Change::none())
        .await?;
    tx.commit().await?;
    Ok(team)
}

async fn owns(tx: &mut Tx, team: TeamId, person: UserId, cx: &Ctx) -> Result<(), Error> {
    db::team::add_member(tx, team, person, cx.now()).await?;
    Ok(db::team::give(tx, team, person, Place::Team, Role::Owner).await?)
}

/// Renames the team that the actor looks at.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn rename(cx: &Ctx, name: DisplayName) -> Result<Team, Error> {
    cx.allow_team(Right::Team)?;
    let mut tx = cx.parts.db.write().await?;
    let found = db::team::get(&mut tx, cx.team()).await?;
    let before = found.ok_or(Error::NotFound("team"))?;
    let team = Team { name, ..before.clone() };
    db::team::rename(&mut tx, team.id, &team.name).await?;
    audit::record(
        cx,
        &mut tx,
        Action::TeamChange,
        Object::team(team.id, team.name.as_str()),
        Change::of(&json!({"name": before.name.as_str()}), &json!({"name": team.name.as_str()})),
    )
    .await?;
    tx.commit().await?;
    Ok(team)
}

/// Removes a team that owns nothing any more, with its members' roles and tokens.
///
/// # Errors
/// [`Error::Forbidden`] for all but the owner of the instance; [`Error::NotFound`]; it has
/// projects, credentials, secret stores or DNS providers.
pub async fn delete(cx: &Ctx, id: TeamId) -> Result<(), Error> {
    cx.allow_instance()?;
    let mut tx = cx.parts.db.write().await?;
    let team = db::team::get(&mut tx, id).await?.ok_or(Error::NotFound("team"))?;
    let projects = db::project::list(&mut tx, id).await?.len();
    let credentials = db::credential::list(&mut tx, id).await?.len();
    let stores = db::secret_store::list(&mut tx, id).await?.len();
    let providers = db::dns_provider::list(&mut tx, id).await?.len();
    if projects + credentials + stores + providers > 0 {
        let rule = format!(
            "the team has {projects} projects, {credentials} credentials, {stores} secret stores and {providers} DNS providers: remove them, or move the projects to another team"
        );
        return Err(Error::conflict("not_empty", rule));
    }
    db::host_key::forget_team(&mut tx, id).await?;
    db::team::remove(&mut tx, id).await?;
    audit::record(cx, &mut tx, Action::TeamDelete, Object::team(id, team.name.as_str()), Change::none())
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Makes the actor's session look at another of their teams. A token stays with its own.
///
/// # Errors
/// [`Error::Forbidden`] for a token; [`Error::NotFound`] of a team that they are not in.
pub async fn look_at(cx: &Ctx, caller: &Caller, team: TeamId) -> Result<(), Error> {
    let Means::Session(session) = caller.means else {
        let message = "a token is for one team; make another one in the other team";
        return Err(Error::Forbidden(message.to_owned()));
    };
    cx.allow_account()?;
    let mut tx = cx.parts.db.write().await?;
    if !db::team::is_member(&mut tx, team, cx.actor.user).await? {
        return Err(Error::NotFound("team"));
    }
    db::identity::look_at(&mut tx, session, Some(team)).await?;
    tx.commit().await?;
    Ok(())
}

/// Moves a project with its environments and apps to another team of the actor's. Roles in the
/// project stay behind, as its people do. Its own credentials and trusted hosts, and those of its
/// environments, go along; the team's stay, so that none of its apps may use one, nor refer to a secret
/// store; stores and DNS providers of the project itself are removed.
///
/// # Errors
/// [`Error::NotFound`] of project or team; [`Error::Forbidden`] where the actor may not make or
/// remove projects; the other team has a project of that name, or no place for so many apps; an app uses
/// a credential of the team.
pub async fn move_project(cx: &Ctx, id: ProjectId, to: TeamId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let project = cx.project(&mut tx, id, Right::Projects).await?;
    if to == cx.team() {
        return Ok(());
    }
    cx.allow_account()?;
    let there = db::team::access(&mut tx, to, cx.actor.user, false).await?;
    if !db::team::is_member(&mut tx, to, cx.actor.user).await? {
        return Err(Error::NotFound("team"));
    }
    let closed = db::sso::is_only(&mut tx, to).await? && !there.team().has(Right::Team);
    if closed || !there.team().has(Right::Projects) {
        let message = "in the other team you may not make projects: it needs the right `projects` there";
        return Err(Error::Forbidden(message.to_owned()));
    }
    let environments = db::project::environments(&mut tx, cx.team()).await?;
    let within = environments.iter().filter(|environment| environment.project == id);
    let within: Vec<Place> =
        within.map(|environment| Place::Environment(environment.id)).chain([Place::Project(id)]).collect();
    let mut staying = db::credential::list(&mut tx, cx.team()).await?;
    staying.retain(|credential| !within.contains(&credential.place));
    let apps = db::app::list_in(&mut tx, cx.team(), Some(id)).await?;
    room_for_apps(&mut tx, to, i64::try_from(apps.len()).unwrap_or(i64::MAX)).await?;
    for app in apps {
        if staying.iter().any(|credential| super::credentials::uses(&app.source, credential.id)) {
            let rule = format!(
                "app {} uses a credential of this team, which stays: give it one of the project first, or none",
                app.name
            );
            return Err(Error::conflict("in_use", rule));
        }
    }
    if let Some(name) = stores::refers(cx, &mut tx, None, Some(id)).await?.first() {
        let rule = format!("{name} refers to a secret store of this team: give it another value first");
        return Err(Error::conflict("in_use", rule));
    }
    if db::project::by_name(&mut tx, to, &project.name).await?.is_some() {
        return Err(Error::conflict("name_taken", "the other team has a project of that name"));
    }
    for place in within {
        db::team::forget_place(&mut tx, place).await?;
        db::secret_store::forget_place(&mut tx, place).await?;
        db::dns_provider::forget_place(&mut tx, place).await?;
    }
    db::credential::give_to(&mut tx, cx.team(), id, to).await?;
    db::host_key::give_to(&mut tx, cx.team(), id, to).await?;
    db::project::give_to(&mut tx, cx.team(), id, to).await?;
    audit::record(
        cx,
        &mut tx,
        Action::ProjectChange,
        Object::project(&project),
        Change::of(&json!({"team": cx.team()}), &json!({"team": to})),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
