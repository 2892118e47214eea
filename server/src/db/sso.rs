//! Identity providers, whom they know, what they give, and who is on the way to one and back.

use super::{
    Tx, execute, fetch_all, fetch_optional,
    team::{place_parts, role_id, stored_place},
};
use crate::domain::{
    clock::Time,
    id::{ProviderId, TeamId, UserId},
    name::{DisplayName, Email},
    right::{Place, Role},
    sso::{Claim, ClientName, Identity, Issuer, Kind, Mapping, Provider, SignOn},
};

const INSERT: &str = "INSERT INTO identity_provider (id, team_id, name, kind, issuer, client, sealed, claim, enabled, \
    created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const GET: &str = "SELECT * FROM identity_provider WHERE id = $1";
const OF_TEAM: &str = "SELECT * FROM identity_provider WHERE team_id = $1 ORDER BY name, id";
const OF_INSTANCE: &str = "SELECT * FROM identity_provider WHERE team_id IS NULL ORDER BY name, id";
const CHANGE: &str =
    "UPDATE identity_provider SET name = $2, client = $3, claim = $4, enabled = $5 WHERE id = $1";
const SECRET: &str = "SELECT sealed FROM identity_provider WHERE id = $1";
const SET_SECRET: &str = "UPDATE identity_provider SET sealed = $2 WHERE id = $1";
const REMOVE: &str = "DELETE FROM identity_provider WHERE id = $1";
const MAPPINGS: &str = "SELECT name, place, place_id, role FROM identity_group WHERE provider_id = $1 \
    ORDER BY name, place, place_id";
const MAP: &str = "INSERT INTO identity_group (provider_id, name, place, place_id, role, role_id) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const UNMAP: &str = "DELETE FROM identity_group WHERE provider_id = $1";
const END_SESSIONS: &str = "DELETE FROM session WHERE provider_id = $1";
const END_SESSIONS_OF: &str = "DELETE FROM session WHERE provider_id = $1 AND person_id = $2";
const END_PENDING: &str = "DELETE FROM pending_login WHERE provider_id = $1";
const KNOWN: &str = "SELECT * FROM identity WHERE provider_id = $1 AND subject = $2";
const OF_PERSON: &str = "SELECT * FROM identity WHERE person_id = $1 ORDER BY created_at";
const KNOW: &str = "INSERT INTO identity (provider_id, subject, person_id, email, created_at, used_at) \
    VALUES ($1, $2, $3, $4, $5, $5)";
const USE: &str = "UPDATE identity SET email = $3, used_at = $4 WHERE provider_id = $1 AND subject = $2";
const FORGET: &str = "DELETE FROM identity WHERE provider_id = $1 AND person_id = $2";
const ROLES: &str = "SELECT place, place_id, role FROM identity_role WHERE provider_id = $1 AND person_id = $2 \
    ORDER BY place, place_id, role";
const GIVE: &str = "INSERT INTO identity_role (provider_id, team_id, person_id, place, place_id, role, role_id) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const TAKE: &str = "DELETE FROM identity_role WHERE provider_id = $1 AND person_id = $2";
const BEGIN: &str = "INSERT INTO sign_on (hash, provider_id, person_id, next, address, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const BEGUN_BY: &str = "SELECT count(*) FROM sign_on WHERE address = $1 AND expires_at > $2";
const BEGUN: &str = "SELECT provider_id, person_id, next FROM sign_on WHERE hash = $1 AND expires_at > $2";
const END: &str = "DELETE FROM sign_on WHERE hash = $1";
const SWEEP: &str = "DELETE FROM sign_on WHERE expires_at <= $1";
const ONLY: &str = "SELECT sso_only FROM team WHERE id = $1";
const SET_ONLY: &str = "UPDATE team SET sso_only = $2 WHERE id = $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    GET,
    OF_TEAM,
    OF_INSTANCE,
    CHANGE,
    SECRET,
    SET_SECRET,
    REMOVE,
    MAPPINGS,
    MAP,
    UNMAP,
    END_SESSIONS,
    END_SESSIONS_OF,
    END_PENDING,
    KNOWN,
    OF_PERSON,
    KNOW,
    USE,
    FORGET,
    ROLES,
    GIVE,
    TAKE,
    BEGIN,
    BEGUN_BY,
    BEGUN,
    END,
    SWEEP,
    ONLY,
    SET_ONLY,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: ProviderId,
    team_id: Option<TeamId>,
    name: DisplayName,
    kind: Kind,
    issuer: Issuer,
    client: ClientName,
    claim: Claim,
    enabled: bool,
    created_at: Time,
}

/// A role at a place, as it is kept: the place's kind and id, and the role.
type Given = (String, uuid::Uuid, String);

fn read((place, id, role): Given) -> Option<(Place, Role)> {
    Some((stored_place(&place, id)?, Role::named(&role)?))
}

#[derive(sqlx::FromRow)]
struct IdentityRow {
    provider_id: ProviderId,
    subject: String,
    person_id: UserId,
    email: Option<Email>,
    created_at: Time,
    used_at: Time,
}

impl From<IdentityRow> for Identity {
    fn from(row: IdentityRow) -> Self {
        Self {
            provider: row.provider_id,
            subject: row.subject,
            person: row.person_id,
            email: row.email,
            created_at: row.created_at,
            used_at: row.used_at,
        }
    }
}

async fn whole(tx: &mut Tx, row: Row) -> sqlx::Result<Provider> {
    let rows = fetch_all!(tx, (String, String, uuid::Uuid, String), MAPPINGS, row.id)?;
    let mapping = |(group, place, id, role): (String, String, uuid::Uuid, String)| {
        let (place, role) = read((place, id, role))?;
        Some(Mapping { group: Some(group).filter(|group| !group.is_empty()), place, role })
    };
    Ok(Provider {
        id: row.id,
        team: row.team_id,
        name: row.name,
        kind: row.kind,
        issuer: row.issuer,
        client: row.client,
        claim: row.claim,
        enabled: row.enabled,
        created_at: row.created_at,
        mappings: rows.into_iter().filter_map(mapping).collect(),
    })
}

/// Enters a provider with its sealed secret, and its mappings.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, provider: &Provider, sealed: &[u8]) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        provider.id,
        provider.team,
        &provider.name,
        provider.kind,
        &provider.issuer,
        &provider.client,
        sealed,
        &provider.claim,
        provider.enabled,
        provider.created_at
    )?;
    map(tx, provider).await
}

/// A provider, whoever asks.
///
/// # Errors
/// The database's.
pub async fn provider(tx: &mut Tx, id: ProviderId) -> sqlx::Result<Option<Provider>> {
    match fetch_optional!(tx, Row, GET, id)? {
        Some(row) => whole(tx, row).await.map(Some),
        None => Ok(None),
    }
}

/// The providers of a team, or of the instance, by name.
///
/// # Errors
/// The database's.
pub async fn providers(tx: &mut Tx, team: Option<TeamId>) -> sqlx::Result<Vec<Provider>> {
    let rows = match team {
        Some(team) => fetch_all!(tx, Row, OF_TEAM, team)?,
        None => fetch_all!(tx, Row, OF_INSTANCE)?,
    };
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(whole(tx, row).await?);
    }
    Ok(all)
}

/// Changes what of a provider can be changed, and its mappings.
///
/// # Errors
/// The database's.
pub async fn change(tx: &mut Tx, provider: &Provider) -> sqlx::Result<()> {
    execute!(tx, CHANGE, provider.id, &provider.name, &provider.client, &provider.claim, provider.enabled)?;
    map(tx, provider).await
}

async fn map(tx: &mut Tx, provider: &Provider) -> sqlx::Result<()> {
    execute!(tx, UNMAP, provider.id)?;
    let Some(team) = provider.team else { return Ok(()) };
    for mapping in &provider.mappings {
        let (kind, id) = place_parts(team, mapping.place);
        let group = mapping.group.as_deref().unwrap_or_default();
        execute!(tx, MAP, provider.id, group, kind, id, mapping.role.name(), role_id(mapping.role))?;
    }
    Ok(())
}

/// A provider's secret, sealed for the place `identity provider`.
///
/// # Errors
/// The database's.
pub async fn secret(tx: &mut Tx, id: ProviderId) -> sqlx::Result<Option<Vec<u8>>> {
    Ok(fetch_optional!(tx, (Vec<u8>,), SECRET, id)?.map(|(sealed,)| sealed))
}

/// Puts another secret in its place.
///
/// # Errors
/// The database's.
pub async fn set_secret(tx: &mut Tx, id: ProviderId, sealed: &[u8]) -> sqlx::Result<()> {
    execute!(tx, SET_SECRET, id, sealed).map(|_| ())
}

/// Removes a provider, with the sessions that it vouched for and the roles that it gave.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, id: ProviderId) -> sqlx::Result<()> {
    execute!(tx, REMOVE, id).map(|_| ())
}

/// Ends all that a provider vouched for.
///
/// # Errors
/// The database's.
pub async fn end_sessions(tx: &mut Tx, id: ProviderId) -> sqlx::Result<()> {
    execute!(tx, END_PENDING, id)?;
    execute!(tx, END_SESSIONS, id).map(|_| ())
}

/// Ends what a provider vouched for of one person.
///
/// # Errors
/// The database's.
pub async fn end_sessions_of(tx: &mut Tx, id: ProviderId, person: UserId) -> sqlx::Result<()> {
    execute!(tx, END_SESSIONS_OF, id, person).map(|_| ())
}

/// Who somebody is, by the provider's own name of them.
///
/// # Errors
/// The database's.
pub async fn known(tx: &mut Tx, id: ProviderId, subject: &str) -> sqlx::Result<Option<Identity>> {
    Ok(fetch_optional!(tx, IdentityRow, KNOWN, id, subject)?.map(Into::into))
}

/// By which providers a person is known.
///
/// # Errors
/// The database's.
pub async fn identities(tx: &mut Tx, person: UserId) -> sqlx::Result<Vec<Identity>> {
    Ok(fetch_all!(tx, IdentityRow, OF_PERSON, person)?.into_iter().map(Into::into).collect())
}

/// Remembers whom a provider knows.
///
/// # Errors
/// The database's; they are known already.
pub async fn know(tx: &mut Tx, identity: &Identity) -> sqlx::Result<()> {
    execute!(
        tx,
        KNOW,
        identity.provider,
        &identity.subject,
        identity.person,
        identity.email.as_ref(),
        identity.created_at
    )
    .map(|_| ())
}

/// Notes that somebody signed in, and their address there now.
///
/// # Errors
/// The database's.
pub async fn used(
    tx: &mut Tx,
    id: ProviderId,
    subject: &str,
    email: Option<&Email>,
    now: Time,
) -> sqlx::Result<()> {
    execute!(tx, USE, id, subject, email, now).map(|_| ())
}

/// Forgets by whom a provider knows a person; whether it did.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, id: ProviderId, person: UserId) -> sqlx::Result<bool> {
    Ok(execute!(tx, FORGET, id, person)? > 0)
}

/// The roles that a person has by a provider's word.
///
/// # Errors
/// The database's.
pub async fn roles(tx: &mut Tx, id: ProviderId, person: UserId) -> sqlx::Result<Vec<(Place, Role)>> {
    let rows = fetch_all!(tx, Given, ROLES, id, person)?;
    let mut roles: Vec<_> = rows.into_iter().filter_map(read).collect();
    roles.sort_unstable();
    Ok(roles)
}

/// Gives a member these roles by a provider's word, in place of all that it gave before.
///
/// # Errors
/// The database's; they are no member.
pub async fn give(
    tx: &mut Tx,
    (id, team): (ProviderId, TeamId),
    person: UserId,
    roles: &[(Place, Role)],
) -> sqlx::Result<()> {
    execute!(tx, TAKE, id, person)?;
    for (place, role) in roles {
        let (kind, at) = place_parts(team, *place);
        execute!(tx, GIVE, id, team, person, kind, at, role.name(), role_id(*role))?;
    }
    Ok(())
}

/// Remembers who goes to a provider; `hash` is the SHA-256 of the cookie's value.
///
/// # Errors
/// The database's.
pub async fn begin(
    tx: &mut Tx,
    hash: &[u8],
    begun: &SignOn,
    (address, until): (&str, Time),
) -> sqlx::Result<()> {
    execute!(tx, BEGIN, hash, begun.provider, begun.person, &begun.next, address, until).map(|_| ())
}

/// How many from this address are on their way.
///
/// # Errors
/// The database's.
pub async fn begun_by(tx: &mut Tx, address: &str, now: Time) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), BEGUN_BY, address, now)?.map_or(0, |(count,)| count))
}

/// Who comes back from a provider: once. None if they did already, or too late.
///
/// # Errors
/// The database's.
pub async fn come_back(tx: &mut Tx, hash: &[u8], now: Time) -> sqlx::Result<Option<SignOn>> {
    let found = fetch_optional!(tx, (ProviderId, Option<UserId>, String), BEGUN, hash, now)?;
    // Of two at once, one finds it gone.
    let first = execute!(tx, END, hash)? > 0;
    Ok(found.filter(|_| first).map(|(provider, person, next)| SignOn { provider, person, next }))
}

/// Forgets who did not come back.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP, now).map(|_| ())
}

/// Whether sessions that no provider of the team vouches for do not see the team.
///
/// # Errors
/// The database's.
pub async fn is_only(tx: &mut Tx, team: TeamId) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (bool,), ONLY, team)?.is_some_and(|(only,)| only))
}

/// Says whether they do.
///
/// # Errors
/// The database's.
pub async fn set_only(tx: &mut Tx, team: TeamId, only: bool) -> sqlx::Result<()> {
    execute!(tx, SET_ONLY, team, only).map(|_| ())
}
