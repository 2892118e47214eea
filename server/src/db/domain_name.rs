//! Domains of apps, who owns a host, and the task addresses that routes lead to.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    domain_name::{Domain, PathPrefix},
    host_pattern::HostPattern,
    id::{AppId, DomainId, EnvironmentId, ProjectId, TeamId},
    route::{Login, RouteOptions},
};

const OWN: &str = "INSERT INTO host_owner (host, app_id) VALUES ($1, $2) ON CONFLICT (host) DO NOTHING";
const OWNER: &str = "SELECT app_id FROM host_owner WHERE host = $1";
const PLACE: &str = "SELECT p.team_id, e.id FROM host_owner h JOIN app a ON a.id = h.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id WHERE h.host = $1";
const TEAMS: &str = "SELECT h.host, p.team_id FROM host_owner h JOIN app a ON a.id = h.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id";
const OWNERS: &str = "SELECT h.host, h.app_id, a.environment_id FROM host_owner h JOIN app a ON a.id = h.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id WHERE p.team_id = $1";
const OWNER_OF: &str = "SELECT h.host, h.app_id, a.environment_id FROM host_owner h JOIN app a ON a.id = h.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id \
    WHERE p.team_id = $1 AND h.host = $2";
const PROVEN_ELSEWHERE: &str = "SELECT count(*) FROM host_owner h JOIN certificate c ON c.host = h.host \
    JOIN app a ON a.id = h.app_id JOIN environment e ON e.id = a.environment_id \
    JOIN project p ON p.id = e.project_id \
    WHERE h.host = $1 AND c.chain IS NOT NULL AND p.team_id <> $2";
const DISOWN: &str = "DELETE FROM host_owner WHERE host = $1 AND NOT EXISTS \
    (SELECT 1 FROM domain WHERE domain.host = host_owner.host OR domain.other_host = host_owner.host)";
const INSERT: &str = "INSERT INTO domain (id, app_id, host, path, strip, service, port, https, generated, created_at, \
    options, logins, other_host) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
/// Whoever reads and then writes does it alone: the second one sees what the first has changed.
const LOCK: &str = "UPDATE domain SET port = port WHERE app_id = $1 AND id = $2";
const CHANGE: &str = "UPDATE domain SET path = $2, strip = $3, service = $4, port = $5, https = $6, options = $7, \
    logins = $8, other_host = $9 WHERE id = $1";
const OF_APP: &str = "SELECT * FROM domain WHERE app_id = $1 ORDER BY created_at";
const CERTIFIED: &str = "SELECT d.*, c.not_after FROM domain d LEFT JOIN certificate c \
    ON c.host = d.host AND (c.chain IS NOT NULL OR c.state = 'covered') WHERE d.app_id = $1 ORDER BY d.created_at";
const OF_TEAM: &str = "SELECT d.*, c.not_after FROM project p JOIN environment e ON e.project_id = p.id \
    JOIN app a ON a.environment_id = e.id JOIN domain d ON d.app_id = a.id \
    LEFT JOIN certificate c ON c.host = d.host AND (c.chain IS NOT NULL OR c.state = 'covered') \
    WHERE p.team_id = $1 AND (p.id = $2 OR $2 IS NULL) ORDER BY d.created_at";
const ALL: &str = "SELECT * FROM domain ORDER BY id";
const GET: &str = "SELECT * FROM domain WHERE app_id = $1 AND id = $2";
const ONE: &str = "SELECT * FROM domain WHERE id = $1";
const REMOVE: &str = "DELETE FROM domain WHERE app_id = $1 AND id = $2";
const LEAD: &str = "UPDATE domain SET service = $1 WHERE id = $2 AND service IS NULL";
const ROUTES: &str = "SELECT app_id, service, address FROM route ORDER BY app_id, service, address";
const ADD_ROUTE: &str = "INSERT INTO route (app_id, service, address) VALUES ($1, $2, $3) \
    ON CONFLICT (app_id, service, address) DO NOTHING";
const CLEAR_ROUTES: &str = "DELETE FROM route WHERE app_id = $1";

pub(super) const QUERIES: &[&str] = &[
    OWN,
    OWNER,
    PLACE,
    TEAMS,
    OWNERS,
    OWNER_OF,
    PROVEN_ELSEWHERE,
    DISOWN,
    INSERT,
    LOCK,
    CHANGE,
    OF_APP,
    CERTIFIED,
    OF_TEAM,
    ALL,
    GET,
    ONE,
    REMOVE,
    LEAD,
    ROUTES,
    ADD_ROUTE,
    CLEAR_ROUTES,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: DomainId,
    app_id: AppId,
    host: HostPattern,
    path: PathPrefix,
    strip: bool,
    service: Option<String>,
    port: i64,
    https: bool,
    generated: bool,
    other_host: Option<HostPattern>,
    options: Option<String>,
    logins: Option<String>,
    created_at: Time,
}

impl TryFrom<Row> for Domain {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.id,
            app: row.app_id,
            host: row.host,
            path: row.path,
            strip: row.strip,
            service: row.service,
            port: u16::try_from(row.port).unwrap_or(0),
            https: row.https,
            generated: row.generated,
            other_host: row.other_host,
            options: stored::<RouteOptions>(row.options.as_deref())?,
            logins: stored::<Vec<Login>>(row.logins.as_deref())?,
            created_at: row.created_at,
        })
    }
}

/// What lies in a column as JSON; nothing, if it is empty.
fn stored<T: serde::de::DeserializeOwned + Default>(text: Option<&str>) -> sqlx::Result<T> {
    text.map_or_else(|| Ok(T::default()), |text| serde_json::from_str(text))
        .map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The text for such a column.
fn kept<T: serde::Serialize + Default + PartialEq>(value: &T) -> sqlx::Result<Option<String>> {
    if *value == T::default() {
        return Ok(None);
    }
    serde_json::to_string(value).map(Some).map_err(|error| sqlx::Error::Encode(error.into()))
}

#[derive(sqlx::FromRow)]
struct Certified {
    #[sqlx(flatten)]
    domain: Row,
    not_after: Option<Time>,
}

/// Where requests for a service of an app go: `ip` of one task on the edge network.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Route {
    /// The app.
    pub app_id: AppId,
    /// The service's name in Swarm.
    pub service: String,
    /// An IPv4 address.
    pub address: String,
}

/// Takes a host for an app; whose it is now.
///
/// # Errors
/// The database's.
pub async fn own(tx: &mut Tx, host: &HostPattern, app: AppId) -> sqlx::Result<Option<AppId>> {
    execute!(tx, OWN, host, app)?;
    Ok(fetch_optional!(tx, (AppId,), OWNER, host)?.map(|(app,)| app))
}

/// The team and the environment of the app that has a host.
///
/// # Errors
/// The database's.
pub async fn place(tx: &mut Tx, host: &HostPattern) -> sqlx::Result<Option<(TeamId, EnvironmentId)>> {
    fetch_optional!(tx, (TeamId, EnvironmentId), PLACE, host)
}

/// Every host that an app has, with the app's team.
///
/// # Errors
/// The database's.
pub async fn teams(tx: &mut Tx) -> sqlx::Result<Vec<(HostPattern, TeamId)>> {
    fetch_all!(tx, (HostPattern, TeamId), TEAMS)
}

/// Whose a host is.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Owner {
    /// The host.
    pub host: HostPattern,
    /// Its app.
    #[sqlx(rename = "app_id")]
    pub app: AppId,
    /// The environment of that.
    #[sqlx(rename = "environment_id")]
    pub environment: EnvironmentId,
}

/// All hosts of a team.
///
/// # Errors
/// The database's.
pub async fn owners(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Owner>> {
    fetch_all!(tx, Owner, OWNERS, team)
}

/// Whose a host is, if it is one of the team.
///
/// # Errors
/// The database's.
pub async fn owner(tx: &mut Tx, team: TeamId, host: &HostPattern) -> sqlx::Result<Option<Owner>> {
    fetch_optional!(tx, Owner, OWNER_OF, team, host)
}

/// Whether another team proved that `host` is theirs: an authority gave them a certificate for it.
///
/// # Errors
/// The database's.
pub async fn proven_elsewhere(tx: &mut Tx, host: &str, team: TeamId) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (i64,), PROVEN_ELSEWHERE, host, team)?.is_some_and(|(count,)| count > 0))
}

/// Adds a domain to the app that owns its host.
///
/// # Errors
/// The database's; a duplicate of host and path.
pub async fn insert(tx: &mut Tx, d: &Domain) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        d.id,
        d.app,
        &d.host,
        &d.path,
        d.strip,
        &d.service,
        i64::from(d.port),
        d.https,
        d.generated,
        d.created_at,
        kept(&d.options)?,
        kept(&d.logins)?,
        &d.other_host,
    )
    .map(|_| ())
}

/// A domain of an app, to be changed by nobody else until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx, app: AppId, id: DomainId) -> sqlx::Result<Option<Domain>> {
    execute!(tx, LOCK, app, id)?;
    fetch_optional!(tx, Row, GET, app, id)?.map(TryInto::try_into).transpose()
}

/// A domain of an app.
///
/// # Errors
/// The database's.
pub async fn find(tx: &mut Tx, app: AppId, id: DomainId) -> sqlx::Result<Option<Domain>> {
    fetch_optional!(tx, Row, GET, app, id)?.map(TryInto::try_into).transpose()
}

/// Writes all of a domain that can change, and gives back a host that nothing of its app needs any more.
///
/// # Errors
/// The database's; a duplicate of host and path.
pub async fn change(tx: &mut Tx, d: &Domain, no_more: Option<&HostPattern>) -> sqlx::Result<()> {
    let (options, logins) = (kept(&d.options)?, kept(&d.logins)?);
    let port = i64::from(d.port);
    execute!(tx, CHANGE, d.id, &d.path, d.strip, &d.service, port, d.https, options, logins, &d.other_host)?;
    if let Some(host) = no_more {
        execute!(tx, DISOWN, host)?;
    }
    Ok(())
}

/// The domains of an app, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_app(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<Domain>> {
    fetch_all!(tx, Row, OF_APP, app)?.into_iter().map(TryInto::try_into).collect()
}

/// The domains of an app, oldest first, each with the end of its host's certificate, if there is
/// one.
///
/// # Errors
/// The database's.
pub async fn certified(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<(Domain, Option<Time>)>> {
    let rows = fetch_all!(tx, Certified, CERTIFIED, app)?;
    rows.into_iter().map(|row| Ok((row.domain.try_into()?, row.not_after))).collect()
}

/// The domains of a team, oldest first, each with the end of its host's certificate, if there
/// is one.
///
/// # Errors
/// The database's.
pub async fn of_team(
    tx: &mut Tx,
    team: TeamId,
    project: Option<ProjectId>,
) -> sqlx::Result<Vec<(Domain, Option<Time>)>> {
    let rows = fetch_all!(tx, Certified, OF_TEAM, team, project)?;
    rows.into_iter().map(|row| Ok((row.domain.try_into()?, row.not_after))).collect()
}

/// Every domain: for the edge. One whose options cannot be read is left out and told: without them it
/// could be open to whom it should not be.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<Domain>> {
    let rows = fetch_all!(tx, Row, ALL)?.into_iter();
    let read = |row: Row| {
        let id = row.id;
        Domain::try_from(row)
            .map_err(
                |error| tracing::error!(domain = %id, %error, "Domain {id} cannot be read and is not served"),
            )
            .ok()
    };
    Ok(rows.filter_map(read).collect())
}

/// Takes a domain away from its app, and the host if it was the last with it; the domain it was.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, app: AppId, id: DomainId) -> sqlx::Result<Option<Domain>> {
    let Some(row) = fetch_optional!(tx, Row, GET, app, id)? else { return Ok(None) };
    let domain = Domain::try_from(row)?;
    execute!(tx, REMOVE, app, id)?;
    for host in domain.hosts() {
        execute!(tx, DISOWN, host)?;
    }
    Ok(Some(domain))
}

/// Lets a domain that named no service lead to this one.
///
/// # Errors
/// The database's.
pub async fn lead(tx: &mut Tx, id: DomainId, service: &str) -> sqlx::Result<()> {
    execute!(tx, LEAD, service, id).map(|_| ())
}

/// A domain, whosever it is.
///
/// # Errors
/// The database's.
pub async fn one(tx: &mut Tx, id: DomainId) -> sqlx::Result<Option<Domain>> {
    fetch_optional!(tx, Row, ONE, id)?.map(TryInto::try_into).transpose()
}

/// All published task addresses.
///
/// # Errors
/// The database's.
pub async fn routes(tx: &mut Tx) -> sqlx::Result<Vec<Route>> {
    fetch_all!(tx, Route, ROUTES)
}

/// Publishes exactly these addresses for an app: (service, address).
///
/// # Errors
/// The database's.
pub async fn publish(tx: &mut Tx, app: AppId, addresses: &[(String, String)]) -> sqlx::Result<()> {
    execute!(tx, CLEAR_ROUTES, app)?;
    for (service, address) in addresses {
        execute!(tx, ADD_ROUTE, app, service, address)?;
    }
    Ok(())
}
