//! Where visitors are led while a new version is tried.

use std::collections::BTreeSet;

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{AppId, DeploymentId},
    shift::Shift,
};

const ALL: &str = "SELECT * FROM shift";
const GET: &str = "SELECT * FROM shift WHERE deployment_id = $1";
const PUT: &str = "INSERT INTO shift (deployment_id, app_id, services, position, positions, weight, since, until, by_hand, go_on) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (deployment_id) DO UPDATE SET \
    services = excluded.services, position = excluded.position, positions = excluded.positions, \
    weight = excluded.weight, since = excluded.since, until = excluded.until, by_hand = excluded.by_hand, \
    go_on = excluded.go_on";
const REMOVE: &str = "DELETE FROM shift WHERE app_id = $1";

pub(super) const QUERIES: &[&str] = &[ALL, GET, PUT, REMOVE];

#[derive(sqlx::FromRow)]
struct Row {
    deployment_id: DeploymentId,
    app_id: AppId,
    services: Json<BTreeSet<String>>,
    position: i64,
    positions: i64,
    weight: i64,
    since: Time,
    until: Time,
    by_hand: bool,
    go_on: bool,
}

impl From<Row> for Shift {
    fn from(row: Row) -> Self {
        Self {
            deployment: row.deployment_id,
            app: row.app_id,
            services: row.services.0,
            position: usize::try_from(row.position).unwrap_or_default(),
            positions: usize::try_from(row.positions).unwrap_or_default(),
            weight: u8::try_from(row.weight).unwrap_or_default(),
            since: row.since,
            until: row.until,
            by_hand: row.by_hand,
            go_on: row.go_on,
        }
    }
}

/// All that are on their way: for the edge.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<Shift>> {
    Ok(fetch_all!(tx, Row, ALL)?.into_iter().map(Into::into).collect())
}

/// The one of a deployment.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, deployment: DeploymentId) -> sqlx::Result<Option<Shift>> {
    Ok(fetch_optional!(tx, Row, GET, deployment)?.map(Into::into))
}

/// Saves one.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, shift: &Shift) -> sqlx::Result<()> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    execute!(
        tx,
        PUT,
        shift.deployment,
        shift.app,
        Json(&shift.services),
        number(shift.position),
        number(shift.positions),
        i64::from(shift.weight),
        shift.since,
        shift.until,
        shift.by_hand,
        shift.go_on,
    )
    .map(|_| ())
}

/// All visitors of an app are led to what serves again.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, app: AppId) -> sqlx::Result<()> {
    execute!(tx, REMOVE, app).map(|_| ())
}
