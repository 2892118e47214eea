//! Secret stores, and what deployments read from them. The team is part of every query about stores.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{AppId, DeploymentId, StoreId, TeamId},
    name::Slug,
    right::Place,
    store::{Settings, Store, StoreAddress},
};

const INSERT: &str = "INSERT INTO secret_store (id, team_id, name, place, place_id, address, settings, sealed, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LIST: &str = "SELECT * FROM secret_store WHERE team_id = $1 ORDER BY name";
const GET: &str = "SELECT * FROM secret_store WHERE team_id = $1 AND id = $2";
const CHANGE: &str =
    "UPDATE secret_store SET address = $3, settings = $4, sealed = $5 WHERE team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM secret_store WHERE team_id = $1 AND id = $2";
const FORGET_PLACE: &str = "DELETE FROM secret_store WHERE place = $1 AND place_id = $2";
const KEEP_READING: &str = "INSERT INTO store_reading (deployment_id, sealed) VALUES ($1, $2) \
    ON CONFLICT (deployment_id) DO UPDATE SET sealed = excluded.sealed";
const READING: &str = "SELECT sealed FROM store_reading WHERE deployment_id = $1";
const READINGS: &str = "SELECT r.sealed FROM store_reading r JOIN deployment d ON d.id = r.deployment_id \
    WHERE d.app_id = $1 ORDER BY d.number DESC";
const DROP_OLD_READINGS: &str = "DELETE FROM store_reading WHERE deployment_id IN (SELECT d.id FROM deployment d \
    WHERE d.app_id = $1 AND d.finished_at IS NOT NULL \
    AND NOT EXISTS (SELECT 1 FROM release r WHERE r.deployment_id = d.id))";

pub(super) const QUERIES: &[&str] =
    &[INSERT, LIST, GET, CHANGE, REMOVE, FORGET_PLACE, KEEP_READING, READING, READINGS, DROP_OLD_READINGS];

#[derive(sqlx::FromRow)]
struct Row {
    id: StoreId,
    team_id: TeamId,
    name: Slug,
    place: String,
    place_id: Option<uuid::Uuid>,
    address: StoreAddress,
    settings: Json<Settings>,
    sealed: Vec<u8>,
    created_at: Time,
}

impl Row {
    /// A place that nobody knows any more is no place: the store is not there.
    fn store(self) -> Option<Store> {
        Some(Store {
            place: Place::of_parts(&self.place, self.place_id)?,
            id: self.id,
            team: self.team_id,
            name: self.name,
            address: self.address,
            settings: self.settings.0,
            sealed: self.sealed,
            created_at: self.created_at,
        })
    }
}

/// Keeps a store.
///
/// # Errors
/// The database's; a duplicate name within the team.
pub async fn insert(tx: &mut Tx, s: &Store) -> sqlx::Result<()> {
    let (kind, id) = s.place.parts();
    execute!(
        tx,
        INSERT,
        s.id,
        s.team,
        &s.name,
        kind,
        id,
        &s.address,
        Json(&s.settings),
        &s.sealed,
        s.created_at
    )
    .map(|_| ())
}

/// All stores of a team, by name.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Store>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().filter_map(Row::store).collect())
}

/// One store of a team.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: StoreId) -> sqlx::Result<Option<Store>> {
    Ok(fetch_optional!(tx, Row, GET, team, id)?.and_then(Row::store))
}

/// Changes a store's address, settings and credentials; whether there was one.
///
/// # Errors
/// The database's.
pub async fn change(tx: &mut Tx, s: &Store) -> sqlx::Result<bool> {
    Ok(execute!(tx, CHANGE, s.team, s.id, &s.address, Json(&s.settings), &s.sealed)? > 0)
}

/// Removes a store; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: StoreId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// Forgets all stores of a place: it is gone.
///
/// # Errors
/// The database's.
pub async fn forget_place(tx: &mut Tx, place: Place) -> sqlx::Result<()> {
    let (kind, Some(id)) = place.parts() else { return Ok(()) };
    execute!(tx, FORGET_PLACE, kind, id).map(|_| ())
}

/// Keeps what a deployment of the app read, encrypted; what ended ones read goes, unless a release of
/// theirs is kept.
///
/// # Errors
/// The database's.
pub async fn keep_reading(tx: &mut Tx, app: AppId, id: DeploymentId, sealed: &[u8]) -> sqlx::Result<()> {
    execute!(tx, DROP_OLD_READINGS, app)?;
    execute!(tx, KEEP_READING, id, sealed).map(|_| ())
}

/// What a deployment read, encrypted.
///
/// # Errors
/// The database's.
pub async fn reading(tx: &mut Tx, id: DeploymentId) -> sqlx::Result<Option<Vec<u8>>> {
    Ok(fetch_optional!(tx, (Vec<u8>,), READING, id)?.map(|(sealed,)| sealed))
}

/// What the deployments of an app read, as far as it is kept; newest first.
///
/// # Errors
/// The database's.
pub async fn readings(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<Vec<u8>>> {
    Ok(fetch_all!(tx, (Vec<u8>,), READINGS, app)?.into_iter().map(|(sealed,)| sealed).collect())
}
