//! Databases for tests: each test gets a new, empty one, and runs once on each of the two.

use std::sync::atomic::{AtomicU64, Ordering};

use skep::{
    db::{Db, Location},
    domain::secret::Secret,
};
use tempfile::TempDir;

/// Where the tests' Postgres is.
pub const POSTGRES: &str = "SKEP_TEST_POSTGRES_URL";

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The embedded profile's.
    Sqlite,
    /// The cluster profile's.
    Postgres,
}

/// A database of one test.
#[derive(Debug)]
pub struct TestDb {
    /// Where it is, to open it once more.
    pub location: Location,
    /// Open, with the newest schema.
    pub db: Db,
    folder: TempDir,
}

/// A place for a database.
#[derive(Debug)]
pub struct Empty {
    /// Where.
    pub location: Location,
    folder: TempDir,
}

impl TestDb {
    /// A new one.
    ///
    /// # Panics
    /// There is no Postgres where the environment says, or it says nothing: no test is skipped
    /// for lack of a part.
    pub async fn new(kind: Kind) -> Self {
        let Empty { location, folder } = Self::empty(kind).await;
        let db = Db::open(&location).await.expect("the database opens");
        Self { location, db, folder }
    }

    /// Where a new one could be, without any schema yet.
    ///
    /// # Panics
    /// As [`TestDb::new`].
    pub async fn empty(kind: Kind) -> Empty {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = match kind {
            Kind::Sqlite => Location::Sqlite(folder.path().join("skep.db")),
            Kind::Postgres => Location::Postgres(Secret::new(fresh_postgres().await)),
        };
        Empty { location, folder }
    }

    /// A folder that lives as long as the test.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// Makes an empty database on the tests' Postgres and gives its URL.
async fn fresh_postgres() -> String {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
    let server = std::env::var(POSTGRES).unwrap_or_else(|_| panic!("{POSTGRES} is not set; run tests/run"));
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&server).await.expect("Postgres answers");
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    connection.execute(AssertSqlSafe(drop)).await.expect("an old database can be dropped");
    connection
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .expect("a database can be made");
    let mut url = reqwest::Url::parse(&server).expect("the URL of Postgres");
    url.set_path(&name);
    url.to_string()
}

/// One test body, run on both databases: `db_test! { async fn name(db: TestDb) { .. } }`.
#[macro_export]
macro_rules! db_test {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: TestDb) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn on_one($db: $crate::database::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on_one($crate::database::TestDb::new($crate::database::Kind::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                on_one($crate::database::TestDb::new($crate::database::Kind::Postgres).await).await;
            }
        }
    )*};
}

/// How many rows each table has, but for those that a request itself leaves (the use of a session
/// or token, failed logins, entries of the audit log): what is refused changes none of them.
///
/// # Panics
/// The database does not answer.
pub async fn rows(db: &Db) -> std::collections::BTreeMap<String, i64> {
    use sqlx::AssertSqlSafe;
    const TABLES: &[&str] = &[
        "acme_account",
        "acme_challenge",
        "app",
        "certificate",
        "credential",
        "delivery",
        "deployment",
        "deployment_log",
        "deployment_step",
        "dns_provider",
        "dns_record",
        "domain",
        "environment",
        "host_key",
        "host_owner",
        "job",
        "own_certificate",
        "pending_login",
        "person",
        "project",
        "recovery_code",
        "release",
        "route",
        "secret_store",
        "session",
        "setting",
        "store_reading",
        "team",
        "token",
        "two_factor",
        "variable",
        "verified_domain",
        "webhook",
    ];
    let mut counts = std::collections::BTreeMap::new();
    let mut tx = db.read().await.expect("the database");
    for table in TABLES {
        let text = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count: i64 = match &mut tx {
            skep::db::Tx::Sqlite(tx) => {
                let count: Option<(i64,)> = tx.ask(text).fetch_optional().await.expect("a count");
                count.expect("a row").0
            }
            skep::db::Tx::Postgres(tx) => {
                sqlx::query_scalar(text).fetch_one(&mut **tx).await.expect("a count")
            }
        };
        counts.insert((*table).to_owned(), count);
    }
    counts
}

/// Changes rows behind the server's back, as a fault would.
///
/// # Panics
/// The database does not take the text.
pub async fn meddle(db: &Db, text: &'static str) {
    match db.write().await.expect("the database") {
        skep::db::Tx::Sqlite(mut tx) => {
            tx.ask(text).execute().await.expect("a change");
            tx.commit().await.expect("the database");
        }
        skep::db::Tx::Postgres(mut tx) => {
            sqlx::query(text).execute(&mut *tx).await.expect("a change");
            tx.commit().await.expect("the database");
        }
    }
}

/// A due job that no program can read, under a key of its own.
///
/// # Panics
/// The database does not take it.
pub async fn insert_poison(db: &TestDb) {
    let text = "INSERT INTO job (id, kind, payload, lock_key, run_at, status, attempt, max_attempts, created_at) \
        VALUES ($1, 'nonsense', $2, 'poison', $3, 'queued', 0, 5, $3)";
    let id = uuid::Uuid::now_v7();
    let payload = sqlx::types::Json(serde_json::json!({"kind": "nonsense"}));
    let past = chrono::DateTime::UNIX_EPOCH;
    match db.db.write().await.expect("the database") {
        skep::db::Tx::Sqlite(mut tx) => {
            tx.ask(text).bind(id).bind(payload).bind(past).execute().await.expect("a row");
            tx.commit().await.expect("the database");
        }
        skep::db::Tx::Postgres(mut tx) => {
            sqlx::query(text).bind(id).bind(payload).bind(past).execute(&mut *tx).await.expect("a row");
            tx.commit().await.expect("the database");
        }
    }
}
