//! DNS providers, and the records that are there for a while. The team is part of every query about
//! providers that a person asks.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    dns_provider::{DnsProvider, DnsRecord, Settings},
    domain_name::Hostname,
    id::{DnsProviderId, DnsRecordId, EnvironmentId, TeamId},
    name::Slug,
    right::Place,
};

const INSERT: &str = "INSERT INTO dns_provider (id, team_id, name, place, place_id, zones, settings, sealed, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LIST: &str = "SELECT * FROM dns_provider WHERE team_id = $1 ORDER BY name";
const AROUND: &str = "SELECT d.* FROM dns_provider d JOIN environment e ON e.id = $2 \
    WHERE d.team_id = $1 AND (d.place = 'team' OR (d.place = 'project' AND d.place_id = e.project_id) \
    OR (d.place = 'environment' AND d.place_id = e.id)) \
    ORDER BY CASE d.place WHEN 'environment' THEN 0 WHEN 'project' THEN 1 ELSE 2 END, d.name";
const GET: &str = "SELECT * FROM dns_provider WHERE team_id = $1 AND id = $2";
const BY_ID: &str = "SELECT * FROM dns_provider WHERE id = $1";
const CHANGE: &str =
    "UPDATE dns_provider SET zones = $3, settings = $4, sealed = $5 WHERE team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM dns_provider WHERE team_id = $1 AND id = $2";
const FORGET_PLACE: &str = "DELETE FROM dns_provider WHERE place = $1 AND place_id = $2";
const PUT_RECORD: &str = "INSERT INTO dns_record (id, dns_provider_id, name, value, due_at, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const DUE_RECORDS: &str = "SELECT * FROM dns_record WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
const PUT_OFF_RECORD: &str = "UPDATE dns_record SET due_at = $2 WHERE id = $1";
const DROP_RECORD: &str = "DELETE FROM dns_record WHERE id = $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    LIST,
    AROUND,
    GET,
    BY_ID,
    CHANGE,
    REMOVE,
    FORGET_PLACE,
    PUT_RECORD,
    DUE_RECORDS,
    PUT_OFF_RECORD,
    DROP_RECORD,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: DnsProviderId,
    team_id: TeamId,
    name: Slug,
    place: String,
    place_id: Option<uuid::Uuid>,
    zones: Json<Vec<Hostname>>,
    settings: Json<Settings>,
    sealed: Vec<u8>,
    created_at: Time,
}

impl Row {
    /// A place that nobody knows any more is no place: the provider is not there.
    fn provider(self) -> Option<DnsProvider> {
        Some(DnsProvider {
            place: Place::of_parts(&self.place, self.place_id)?,
            id: self.id,
            team: self.team_id,
            name: self.name,
            zones: self.zones.0,
            settings: self.settings.0,
            sealed: self.sealed,
            created_at: self.created_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    id: DnsRecordId,
    dns_provider_id: DnsProviderId,
    name: String,
    value: String,
    due_at: Time,
    created_at: Time,
}

/// Keeps a provider.
///
/// # Errors
/// The database's; a duplicate name within the team.
pub async fn insert(tx: &mut Tx, p: &DnsProvider) -> sqlx::Result<()> {
    let (kind, id) = p.place.parts();
    execute!(
        tx,
        INSERT,
        p.id,
        p.team,
        &p.name,
        kind,
        id,
        Json(&p.zones),
        Json(&p.settings),
        &p.sealed,
        p.created_at
    )
    .map(|_| ())
}

/// All providers of a team, by name.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<DnsProvider>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().filter_map(Row::provider).collect())
}

/// Those that apps of an environment may use: its own, its project's and the team's, in this order.
///
/// # Errors
/// The database's.
pub async fn around(tx: &mut Tx, team: TeamId, environment: EnvironmentId) -> sqlx::Result<Vec<DnsProvider>> {
    Ok(fetch_all!(tx, Row, AROUND, team, environment)?.into_iter().filter_map(Row::provider).collect())
}

/// One provider of a team, wherever in it.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: DnsProviderId) -> sqlx::Result<Option<DnsProvider>> {
    Ok(fetch_optional!(tx, Row, GET, team, id)?.and_then(Row::provider))
}

/// The provider of a record that was put: nobody asks for it but Skep itself.
///
/// # Errors
/// The database's.
pub async fn of_record(tx: &mut Tx, record: &DnsRecord) -> sqlx::Result<Option<DnsProvider>> {
    Ok(fetch_optional!(tx, Row, BY_ID, record.provider)?.and_then(Row::provider))
}

/// Changes a provider's zones, settings and credentials; whether there was one.
///
/// # Errors
/// The database's.
pub async fn change(tx: &mut Tx, p: &DnsProvider) -> sqlx::Result<bool> {
    Ok(execute!(tx, CHANGE, p.team, p.id, Json(&p.zones), Json(&p.settings), &p.sealed)? > 0)
}

/// Removes a provider; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: DnsProviderId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// Forgets all providers of a place: it is gone.
///
/// # Errors
/// The database's.
pub async fn forget_place(tx: &mut Tx, place: Place) -> sqlx::Result<()> {
    let (kind, Some(id)) = place.parts() else { return Ok(()) };
    execute!(tx, FORGET_PLACE, kind, id).map(|_| ())
}

/// Writes down a record that is about to be put.
///
/// # Errors
/// The database's; the provider is gone.
pub async fn put_record(tx: &mut Tx, r: &DnsRecord) -> sqlx::Result<()> {
    execute!(tx, PUT_RECORD, r.id, r.provider, &r.name, &r.value, r.due_at, r.created_at).map(|_| ())
}

/// The records that anybody may take away now, the oldest first.
///
/// # Errors
/// The database's.
pub async fn due_records(tx: &mut Tx, now: Time, limit: i64) -> sqlx::Result<Vec<DnsRecord>> {
    let rows = fetch_all!(tx, RecordRow, DUE_RECORDS, now, limit)?;
    let record = |row: RecordRow| DnsRecord {
        id: row.id,
        provider: row.dns_provider_id,
        name: row.name,
        value: row.value,
        due_at: row.due_at,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(record).collect())
}

/// A record that cannot be taken away now is tried again at this time.
///
/// # Errors
/// The database's.
pub async fn put_off_record(tx: &mut Tx, id: DnsRecordId, until: Time) -> sqlx::Result<()> {
    execute!(tx, PUT_OFF_RECORD, id, until).map(|_| ())
}

/// A record is not there any more.
///
/// # Errors
/// The database's.
pub async fn drop_record(tx: &mut Tx, id: DnsRecordId) -> sqlx::Result<()> {
    execute!(tx, DROP_RECORD, id).map(|_| ())
}
