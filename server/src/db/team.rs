//! Teams, their members, the roles each has where, roles that a team made, and invitations.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{EnvironmentId, InvitationId, ProjectId, RoleId, TeamId, UserId},
    name::{DisplayName, Email},
    right::{Access, Place, Rights, Role},
    team::{Grant, Invitation, Member, Team, TeamRole},
};

const INSERT: &str = "INSERT INTO team (id, name, created_at) VALUES ($1, $2, $3)";
const GET: &str = "SELECT * FROM team WHERE id = $1";
const ALL: &str = "SELECT * FROM team ORDER BY name";
const OF_PERSON: &str =
    "SELECT t.* FROM team t JOIN member m ON m.team_id = t.id WHERE m.person_id = $1 ORDER BY t.name";
const RENAME: &str = "UPDATE team SET name = $2 WHERE id = $1";
const REMOVE: &str = "DELETE FROM team WHERE id = $1";
const LOCK: &str = "UPDATE team SET name = name WHERE id = $1";
const ADD_MEMBER: &str = "INSERT INTO member (team_id, person_id, created_at) VALUES ($1, $2, $3) \
    ON CONFLICT (team_id, person_id) DO NOTHING";
const REMOVE_MEMBER: &str = "DELETE FROM member WHERE team_id = $1 AND person_id = $2";
const MEMBERS: &str = "SELECT m.person_id, p.email, p.service_team_id, m.created_at FROM member m JOIN person p ON p.id = m.person_id \
    WHERE m.team_id = $1 ORDER BY p.email";
const EMAILS: &str =
    "SELECT m.person_id, p.email FROM member m JOIN person p ON p.id = m.person_id WHERE m.team_id = $1";
const IS_MEMBER: &str = "SELECT count(*) FROM member WHERE team_id = $1 AND person_id = $2";
const GRANTS: &str = "SELECT g.person_id, g.place, g.place_id, g.role, r.rights FROM member_role g \
    LEFT JOIN team_role r ON r.id = g.role_id WHERE g.team_id = $1 ORDER BY g.place, g.place_id";
// What a provider gave that is still trusted.
const PROVIDED: &str = "SELECT g.person_id, g.place, g.place_id, g.role, r.rights FROM identity_role g \
    JOIN identity_provider i ON i.id = g.provider_id AND i.enabled \
    LEFT JOIN team_role r ON r.id = g.role_id WHERE g.team_id = $1 ORDER BY g.place, g.place_id";
const GRANTS_OF: &str = "SELECT g.person_id, g.place, g.place_id, g.role, r.rights FROM member_role g \
    LEFT JOIN team_role r ON r.id = g.role_id WHERE g.team_id = $1 AND g.person_id = $2 \
    UNION ALL SELECT g.person_id, g.place, g.place_id, g.role, r.rights FROM identity_role g \
    JOIN identity_provider i ON i.id = g.provider_id AND i.enabled \
    LEFT JOIN team_role r ON r.id = g.role_id WHERE g.team_id = $1 AND g.person_id = $2";
// The project's team is asked for again: a project that moved away takes no grant along.
const ENVIRONMENTS_OF: &str = "WITH g AS (SELECT place, place_id FROM member_role WHERE team_id = $1 AND person_id = $2 \
    UNION ALL SELECT place, place_id FROM identity_role WHERE team_id = $1 AND person_id = $2) \
    SELECT DISTINCT g.place, g.place_id, e.id, e.project_id FROM g JOIN environment e ON e.project_id = g.place_id \
    JOIN project p ON p.id = e.project_id AND p.team_id = $1 WHERE g.place = 'project' \
    UNION ALL SELECT DISTINCT g.place, g.place_id, e.id, e.project_id FROM g JOIN environment e ON e.id = g.place_id \
    JOIN project p ON p.id = e.project_id AND p.team_id = $1 WHERE g.place = 'environment'";
const GIVE: &str = "INSERT INTO member_role (team_id, person_id, place, place_id, role, role_id) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (team_id, person_id, place, place_id) \
    DO UPDATE SET role = excluded.role, role_id = excluded.role_id";
const TAKE_ALL: &str = "DELETE FROM member_role WHERE team_id = $1 AND person_id = $2";
const FORGET_PLACE: &str = "DELETE FROM member_role WHERE place = $1 AND place_id = $2";
const FORGET_INVITED_PLACE: &str = "DELETE FROM invitation WHERE place = $1 AND place_id = $2";
const FORGET_PROVIDED_PLACE: &str = "DELETE FROM identity_role WHERE place = $1 AND place_id = $2";
const FORGET_MAPPED_PLACE: &str = "DELETE FROM identity_group WHERE place = $1 AND place_id = $2";
const INSERT_ROLE: &str =
    "INSERT INTO team_role (id, team_id, name, rights, created_at) VALUES ($1, $2, $3, $4, $5)";
const ROLES: &str = "SELECT id, name, rights, created_at FROM team_role WHERE team_id = $1 ORDER BY name";
const ROLE: &str = "SELECT id, name, rights, created_at FROM team_role WHERE team_id = $1 AND id = $2";
const CHANGE_ROLE: &str = "UPDATE team_role SET name = $3, rights = $4 WHERE team_id = $1 AND id = $2";
const REMOVE_ROLE: &str = "DELETE FROM team_role WHERE team_id = $1 AND id = $2";
const ROLE_USED: &str = "SELECT (SELECT count(*) FROM member_role WHERE role_id = $1) \
    + (SELECT count(*) FROM invitation WHERE role_id = $1) \
    + (SELECT count(*) FROM identity_group WHERE role_id = $1) \
    + (SELECT count(*) FROM identity_role WHERE role_id = $1)";
const INVITE: &str = "INSERT INTO invitation (id, team_id, email, place, place_id, role, role_id, hash, inviter_id, \
    created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const INVITATIONS: &str = "SELECT id, team_id, email, place, place_id, role, inviter_id, created_at, expires_at \
    FROM invitation WHERE team_id = $1 AND expires_at > $2 ORDER BY created_at DESC";
const INVITATION: &str = "SELECT id, team_id, email, place, place_id, role, inviter_id, created_at, expires_at \
    FROM invitation WHERE hash = $1 AND expires_at > $2";
const INVITED: &str = "SELECT id, team_id, email, place, place_id, role, inviter_id, created_at, expires_at \
    FROM invitation WHERE email = $1 AND expires_at > $2 ORDER BY team_id, created_at";
const WITHDRAW: &str = "DELETE FROM invitation WHERE team_id = $1 AND id = $2";
const SWEEP_INVITATIONS: &str = "DELETE FROM invitation WHERE expires_at <= $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    GET,
    ALL,
    OF_PERSON,
    RENAME,
    REMOVE,
    LOCK,
    ADD_MEMBER,
    REMOVE_MEMBER,
    MEMBERS,
    EMAILS,
    IS_MEMBER,
    GRANTS,
    PROVIDED,
    GRANTS_OF,
    ENVIRONMENTS_OF,
    GIVE,
    TAKE_ALL,
    FORGET_PLACE,
    FORGET_INVITED_PLACE,
    FORGET_PROVIDED_PLACE,
    FORGET_MAPPED_PLACE,
    INSERT_ROLE,
    ROLES,
    ROLE,
    CHANGE_ROLE,
    REMOVE_ROLE,
    ROLE_USED,
    INVITE,
    INVITATIONS,
    INVITATION,
    INVITED,
    WITHDRAW,
    SWEEP_INVITATIONS,
];

#[derive(sqlx::FromRow)]
struct TeamRow {
    id: TeamId,
    name: DisplayName,
    created_at: Time,
}

impl From<TeamRow> for Team {
    fn from(row: TeamRow) -> Self {
        Self { id: row.id, name: row.name, created_at: row.created_at }
    }
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    person_id: UserId,
    place: String,
    place_id: uuid::Uuid,
    role: String,
    rights: Option<String>,
}

impl GrantRow {
    /// A place or role that nobody knows any more gives nothing.
    fn read(self) -> Option<(UserId, Grant)> {
        let role = Role::named(&self.role)?;
        let rights = self.rights.as_deref().map_or_else(|| role.rights(), Rights::of_names);
        Some((self.person_id, Grant { place: stored_place(&self.place, self.place_id)?, role, rights }))
    }
}

/// A grant's place, with one environment that it reaches and that one's project.
type Reach = (String, uuid::Uuid, EnvironmentId, ProjectId);

#[derive(sqlx::FromRow)]
struct RoleRow {
    id: RoleId,
    name: DisplayName,
    rights: String,
    created_at: Time,
}

impl From<RoleRow> for TeamRole {
    fn from(row: RoleRow) -> Self {
        Self { id: row.id, name: row.name, rights: Rights::of_names(&row.rights), created_at: row.created_at }
    }
}

#[derive(sqlx::FromRow)]
struct InvitationRow {
    id: InvitationId,
    team_id: TeamId,
    email: Email,
    place: String,
    place_id: uuid::Uuid,
    role: String,
    inviter_id: UserId,
    created_at: Time,
    expires_at: Time,
}

impl InvitationRow {
    fn read(self) -> Option<Invitation> {
        Some(Invitation {
            id: self.id,
            team: self.team_id,
            email: self.email,
            place: stored_place(&self.place, self.place_id)?,
            role: Role::named(&self.role)?,
            invited_by: self.inviter_id,
            created_at: self.created_at,
            expires_at: self.expires_at,
        })
    }
}

/// The place of a stored kind and id; none that nobody knows any more.
pub(super) fn stored_place(kind: &str, id: uuid::Uuid) -> Option<Place> {
    if kind == "team" { Some(Place::Team) } else { Place::of_parts(kind, Some(id)) }
}

/// The kind of a place and its id; the team's own for the whole team.
pub(super) fn place_parts(team: TeamId, place: Place) -> (&'static str, uuid::Uuid) {
    let (kind, id) = place.parts();
    (kind, id.unwrap_or(team.uuid()))
}

pub(super) const fn role_id(role: Role) -> Option<RoleId> {
    match role {
        Role::Custom(id) => Some(id),
        _ => None,
    }
}

/// Makes a team.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, team: &Team) -> sqlx::Result<()> {
    execute!(tx, INSERT, team.id, &team.name, team.created_at).map(|_| ())
}

/// One team, whoever asks.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: TeamId) -> sqlx::Result<Option<Team>> {
    Ok(fetch_optional!(tx, TeamRow, GET, id)?.map(Into::into))
}

/// All teams, by name: for the instance's owner.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<Team>> {
    Ok(fetch_all!(tx, TeamRow, ALL)?.into_iter().map(Into::into).collect())
}

/// The teams that a person is a member of, by name.
///
/// # Errors
/// The database's.
pub async fn of_person(tx: &mut Tx, person: UserId) -> sqlx::Result<Vec<Team>> {
    Ok(fetch_all!(tx, TeamRow, OF_PERSON, person)?.into_iter().map(Into::into).collect())
}

/// Renames a team.
///
/// # Errors
/// The database's.
pub async fn rename(tx: &mut Tx, id: TeamId, name: &DisplayName) -> sqlx::Result<bool> {
    Ok(execute!(tx, RENAME, id, name)? > 0)
}

/// Removes a team; refused by the database while it owns something.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, id: TeamId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, id)? > 0)
}

/// Holds a team's row until the transaction ends: what two change at once is changed one after the
/// other.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx, id: TeamId) -> sqlx::Result<()> {
    execute!(tx, LOCK, id).map(|_| ())
}

/// Makes a person a member, without any role.
///
/// # Errors
/// The database's.
pub async fn add_member(tx: &mut Tx, team: TeamId, person: UserId, now: Time) -> sqlx::Result<()> {
    execute!(tx, ADD_MEMBER, team, person, now).map(|_| ())
}

/// Takes a member out with all their roles; whether they were one.
///
/// # Errors
/// The database's.
pub async fn remove_member(tx: &mut Tx, team: TeamId, person: UserId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE_MEMBER, team, person)? > 0)
}

/// Whether a person is a member.
///
/// # Errors
/// The database's.
pub async fn is_member(tx: &mut Tx, team: TeamId, person: UserId) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (i64,), IS_MEMBER, team, person)?.is_some_and(|(count,)| count > 0))
}

/// The addresses of a team's members.
///
/// # Errors
/// The database's.
pub async fn emails(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<(UserId, Email)>> {
    fetch_all!(tx, (UserId, Email), EMAILS, team)
}

/// A team's members with their roles, by address, its service accounts among them.
///
/// # Errors
/// The database's.
pub async fn members(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Member>> {
    let rows = fetch_all!(tx, (UserId, Email, Option<TeamId>, Time), MEMBERS, team)?;
    let grants = fetch_all!(tx, GrantRow, GRANTS, team)?;
    let grants: Vec<_> = grants.into_iter().filter_map(GrantRow::read).collect();
    let provided = fetch_all!(tx, GrantRow, PROVIDED, team)?;
    let provided: Vec<_> = provided.into_iter().filter_map(GrantRow::read).collect();
    let of = |all: &[(UserId, Grant)], user: UserId| {
        all.iter().filter(|(whose, _)| *whose == user).map(|(_, grant)| grant.clone()).collect()
    };
    let member = |(user, email, service, created_at): (UserId, Email, Option<TeamId>, Time)| Member {
        user,
        email,
        service: service.is_some(),
        created_at,
        grants: of(&grants, user),
        provided: of(&provided, user),
    };
    Ok(rows.into_iter().map(member).collect())
}

/// What a person may do in a team by their roles; nothing if they are no member.
///
/// # Errors
/// The database's.
pub async fn access(tx: &mut Tx, team: TeamId, person: UserId, instance: bool) -> sqlx::Result<Access> {
    let mut access = Access::nothing(instance);
    let grants = fetch_all!(tx, GrantRow, GRANTS_OF, team, person)?;
    let grants: Vec<Grant> =
        grants.into_iter().filter_map(|row| row.read().map(|(_, grant)| grant)).collect();
    for grant in &grants {
        match grant.place {
            Place::Team => access.give_team(grant.rights),
            Place::Project(id) => access.give_project(id, grant.rights),
            Place::Environment(_) => {}
        }
    }
    if grants.iter().all(|grant| grant.place == Place::Team) {
        return Ok(access);
    }
    for (kind, id, environment, project) in fetch_all!(tx, Reach, ENVIRONMENTS_OF, team, person)? {
        let place = stored_place(&kind, id);
        for grant in grants.iter().filter(|grant| Some(grant.place) == place) {
            access.give_environment(project, environment, grant.rights);
        }
    }
    Ok(access)
}

/// Gives a member a role at a place, in place of the one that they had there.
///
/// # Errors
/// The database's; they are no member.
pub async fn give(tx: &mut Tx, team: TeamId, person: UserId, place: Place, role: Role) -> sqlx::Result<()> {
    let (kind, id) = place_parts(team, place);
    execute!(tx, GIVE, team, person, kind, id, role.name(), role_id(role)).map(|_| ())
}

/// Takes all roles of a member.
///
/// # Errors
/// The database's.
pub async fn take_all(tx: &mut Tx, team: TeamId, person: UserId) -> sqlx::Result<()> {
    execute!(tx, TAKE_ALL, team, person).map(|_| ())
}

/// Forgets all roles at a place, and invitations to it: it is gone, or it is another team's now.
///
/// # Errors
/// The database's.
pub async fn forget_place(tx: &mut Tx, place: Place) -> sqlx::Result<()> {
    let (kind, Some(id)) = place.parts() else { return Ok(()) };
    execute!(tx, FORGET_PLACE, kind, id)?;
    execute!(tx, FORGET_PROVIDED_PLACE, kind, id)?;
    execute!(tx, FORGET_MAPPED_PLACE, kind, id)?;
    execute!(tx, FORGET_INVITED_PLACE, kind, id).map(|_| ())
}

/// Makes a role of a team.
///
/// # Errors
/// The database's; a duplicate name within the team.
pub async fn insert_role(tx: &mut Tx, team: TeamId, role: &TeamRole) -> sqlx::Result<()> {
    execute!(tx, INSERT_ROLE, role.id, team, &role.name, role.rights.names(), role.created_at).map(|_| ())
}

/// The roles that a team made, by name.
///
/// # Errors
/// The database's.
pub async fn roles(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<TeamRole>> {
    Ok(fetch_all!(tx, RoleRow, ROLES, team)?.into_iter().map(Into::into).collect())
}

/// One role that a team made.
///
/// # Errors
/// The database's.
pub async fn role(tx: &mut Tx, team: TeamId, id: RoleId) -> sqlx::Result<Option<TeamRole>> {
    Ok(fetch_optional!(tx, RoleRow, ROLE, team, id)?.map(Into::into))
}

/// Changes a role: all who have it have the new rights at once.
///
/// # Errors
/// The database's; a duplicate name within the team.
pub async fn change_role(tx: &mut Tx, team: TeamId, role: &TeamRole) -> sqlx::Result<bool> {
    Ok(execute!(tx, CHANGE_ROLE, team, role.id, &role.name, role.rights.names())? > 0)
}

/// Removes a role that nobody has.
///
/// # Errors
/// The database's.
pub async fn remove_role(tx: &mut Tx, team: TeamId, id: RoleId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE_ROLE, team, id)? > 0)
}

/// How many members and invitations have a role.
///
/// # Errors
/// The database's.
pub async fn role_used(tx: &mut Tx, id: RoleId) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), ROLE_USED, id)?.map_or(0, |(count,)| count))
}

/// Makes an invitation; `hash` is the SHA-256 of its code.
///
/// # Errors
/// The database's.
pub async fn invite(tx: &mut Tx, invitation: &Invitation, hash: &[u8]) -> sqlx::Result<()> {
    let (kind, id) = place_parts(invitation.team, invitation.place);
    execute!(
        tx,
        INVITE,
        invitation.id,
        invitation.team,
        &invitation.email,
        kind,
        id,
        invitation.role.name(),
        role_id(invitation.role),
        hash,
        invitation.invited_by,
        invitation.created_at,
        invitation.expires_at
    )
    .map(|_| ())
}

/// A team's invitations that are open, newest first.
///
/// # Errors
/// The database's.
pub async fn invitations(tx: &mut Tx, team: TeamId, now: Time) -> sqlx::Result<Vec<Invitation>> {
    let rows = fetch_all!(tx, InvitationRow, INVITATIONS, team, now)?;
    Ok(rows.into_iter().filter_map(InvitationRow::read).collect())
}

/// The open invitation whose code has this hash.
///
/// # Errors
/// The database's.
pub async fn invitation(tx: &mut Tx, hash: &[u8], now: Time) -> sqlx::Result<Option<Invitation>> {
    Ok(fetch_optional!(tx, InvitationRow, INVITATION, hash, now)?.and_then(InvitationRow::read))
}

/// The open invitations of an address, of all teams, in their order.
///
/// # Errors
/// The database's.
pub async fn invited(tx: &mut Tx, email: &Email, now: Time) -> sqlx::Result<Vec<Invitation>> {
    let rows = fetch_all!(tx, InvitationRow, INVITED, email, now)?;
    Ok(rows.into_iter().filter_map(InvitationRow::read).collect())
}

/// Takes an invitation back, or up; whether it was there, so that it is used once.
///
/// # Errors
/// The database's.
pub async fn withdraw(tx: &mut Tx, team: TeamId, id: InvitationId) -> sqlx::Result<bool> {
    Ok(execute!(tx, WITHDRAW, team, id)? > 0)
}

/// Removes invitations that have ended.
///
/// # Errors
/// The database's.
pub async fn sweep_invitations(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP_INVITATIONS, now).map(|_| ())
}
