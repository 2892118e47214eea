//! What is remembered: the only SQL in Skep. One text per query, run on SQLite (embedded
//! profile) and Postgres (cluster profile).
//!
//! To add a query: a `const` text in the file of its table family, a function that takes
//! [`&mut Tx`](Tx), and its text in that file's `QUERIES` list, so that the test which prepares
//! every query on both databases sees it.
//!
//! The shared subset: `$1`, `RETURNING`, `ON CONFLICT`, read-only CTE, partial indexes. Not:
//! arrays, `ILIKE`, `now()`, intervals, JSON operators, enum types, writing CTEs.
//! Every write begins with BEGIN IMMEDIATE on SQLite: a transaction that reads first and then
//! writes would fail with BUSY at once, whatever the timeout. Nothing slow happens inside one.

use std::{path::PathBuf, str::FromStr, time::Duration};

pub use sqlx::Error as DbError;
use sqlx::{
    PgPool, Postgres, SqlitePool, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub mod acme;
pub mod acme_directory;
pub mod app;
mod ask;
pub mod audit;
pub mod certificate_order;
pub mod credential;
pub mod data_key;
pub mod delivery;
pub mod deployment;
pub mod dns_provider;
pub mod domain_name;
pub mod edge;
pub mod host_key;
pub mod identity;
pub mod job;
pub mod log;
pub mod name_key;
mod now;
pub mod own_certificate;
pub mod passkey;
pub mod port;
pub mod project;
pub mod protection;
pub mod quota;
pub mod release;
pub mod sealed;
pub mod secret_store;
pub mod service_account;
pub mod setting;
pub mod shift;
pub mod sso;
pub mod step;
pub mod team;
mod together;
pub mod traffic;
pub mod two_factor;
mod types;
pub mod variable;
pub mod verified_domain;
pub mod webhook;
mod writer;

pub use ask::Ask;
pub use now::now;
pub use together::SqliteTx;
pub use writer::Writer;

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Runs a text and gives the number of rows it changed.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::db::Tx::Sqlite(tx) => tx.ask($sql)$(.bind($arg))*.execute().await,
            $crate::db::Tx::Postgres(tx) => {
                sqlx::query($sql)$(.bind($arg))*.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        }
    };
}
pub(crate) use execute;

/// Runs a text of which only a failure counts: on SQLite with the next statement, which fails then.
macro_rules! later {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::db::Tx::Sqlite(tx) => tx.ask($sql)$(.bind($arg))*.later().await,
            $crate::db::Tx::Postgres(tx) => sqlx::query($sql)$(.bind($arg))*.execute(&mut **tx).await.map(drop),
        }
    };
}
pub(crate) use later;

/// Runs a text and gives all rows as `$row`.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::db::Tx::Sqlite(tx) => tx.ask($sql)$(.bind($arg))*.fetch_all::<$row>().await,
            $crate::db::Tx::Postgres(tx) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.fetch_all(&mut **tx).await
            }
        }
    };
}
pub(crate) use fetch_all;

/// Runs a text and gives its row as `$row`, if there is one.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx {
            $crate::db::Tx::Sqlite(tx) => tx.ask($sql)$(.bind($arg))*.fetch_optional::<$row>().await,
            $crate::db::Tx::Postgres(tx) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.fetch_optional(&mut **tx).await
            }
        }
    };
}
pub(crate) use fetch_optional;

/// Where the rows are.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file of the embedded profile; made if it is not there.
    Sqlite(PathBuf),
    /// A `postgres://` URL of the cluster profile.
    Postgres(crate::domain::secret::Secret),
}

/// A database: a writer and readers for SQLite, one pool for Postgres.
#[derive(Debug, Clone)]
pub enum Db {
    /// Embedded.
    Sqlite {
        /// SQLite has one writer.
        write: Writer,
        /// Snapshots beside the writer.
        read: SqlitePool,
    },
    /// Cluster.
    Postgres(PgPool),
}

/// A transaction; dropped without [`Tx::commit`] it leaves nothing.
#[derive(Debug)]
pub enum Tx {
    /// Embedded.
    Sqlite(SqliteTx),
    /// Cluster.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// Not reachable, not writable, or its schema is newer than this program.
    pub async fn open(location: &Location) -> Result<Self, sqlx::Error> {
        let db = match location {
            Location::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    // Never within somebody's commit: see `checkpoint`.
                    .pragma("wal_autocheckpoint", "0")
                    .pragma("journal_size_limit", "67108864")
                    // What a savepoint may take back is no file of its own, made and removed at each.
                    .pragma("temp_store", "MEMORY")
                    // Each text, and what goes ahead of those that begin a transaction.
                    .statement_cache_capacity(400)
                    .optimize_on_close(true, None);
                let write = Writer::open(options.clone(), &SQLITE).await?;
                let read = SqlitePoolOptions::new()
                    .max_connections(4)
                    .min_connections(1)
                    // A file does not hang up.
                    .test_before_acquire(false)
                    .after_release(|conn, _| Box::pin(together::end_snapshot(conn)))
                    .connect_lazy_with(options.read_only(true).create_if_missing(false));
                Self::Sqlite { write, read }
            }
            Location::Postgres(url) => {
                let options = PgConnectOptions::from_str(url.expose())?;
                let pool = PgPoolOptions::new()
                    .max_connections(16)
                    .acquire_timeout(Duration::from_secs(5))
                    .connect_with(options)
                    .await?;
                POSTGRES.run(&pool).await?;
                Self::Postgres(pool)
            }
        };
        Ok(db)
    }

    /// A snapshot to read from.
    ///
    /// # Errors
    /// No connection in time.
    pub async fn read(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(SqliteTx::snapshot(read.acquire().await?)),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A transaction to write in. On SQLite nobody else of this program writes from here on, nor any
    /// other program from the first statement on.
    ///
    /// # Errors
    /// No connection in time.
    pub async fn write(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(SqliteTx::Piece(write.begin().await?)),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// The same database for the machinery: what people and webhooks write goes first.
    #[must_use]
    pub fn behind(&self) -> Self {
        match self {
            Self::Sqlite { write, read } => Self::Sqlite { write: write.behind(), read: read.clone() },
            Self::Postgres(pool) => Self::Postgres(pool.clone()),
        }
    }

    /// Waits until so much was written ahead that [`Db::checkpoint`] is due; for ever on Postgres, which
    /// does this by itself.
    pub async fn checkpoint_due(&self) {
        match self {
            Self::Sqlite { write, .. } => write.due().await,
            Self::Postgres(_) => std::future::pending().await,
        }
    }

    /// Brings what SQLite has written ahead into its file, beside the writer.
    ///
    /// # Errors
    /// The database's.
    pub async fn checkpoint(&self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite { write, .. } => write.checkpoint().await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// `embedded` or `cluster`.
    #[must_use]
    pub const fn profile(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "embedded",
            Self::Postgres(_) => "cluster",
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Prepares every query text of Skep; for the test that runs on both databases.
    ///
    /// # Errors
    /// The first text that the database does not take.
    pub async fn prepare_all(&self) -> Result<usize, (String, sqlx::Error)> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        let all = [
            acme::QUERIES,
            acme_directory::QUERIES,
            app::QUERIES,
            certificate_order::QUERIES,
            credential::QUERIES,
            host_key::QUERIES,
            data_key::QUERIES,
            delivery::QUERIES,
            deployment::QUERIES,
            dns_provider::QUERIES,
            domain_name::QUERIES,
            edge::QUERIES,
            port::QUERIES,
            identity::QUERIES,
            job::QUERIES,
            log::QUERIES,
            name_key::QUERIES,
            own_certificate::QUERIES,
            passkey::QUERIES,
            project::QUERIES,
            protection::QUERIES,
            quota::QUERIES,
            release::QUERIES,
            secret_store::QUERIES,
            service_account::QUERIES,
            setting::QUERIES,
            shift::QUERIES,
            sso::QUERIES,
            step::QUERIES,
            team::QUERIES,
            traffic::QUERIES,
            two_factor::QUERIES,
            variable::QUERIES,
            verified_domain::QUERIES,
            webhook::QUERIES,
        ];
        let all = all.iter().chain(audit::QUERIES);
        let texts: Vec<&'static str> = all.copied().flatten().copied().chain(sealed::queries()).collect();
        for text in &texts {
            let mut tx = self.read().await.map_err(|e| ((*text).to_owned(), e))?;
            let text_of = (*text).into_sql_str();
            let prepared = match &mut tx {
                Tx::Sqlite(tx) => tx.conn().prepare(text_of).await.map(drop),
                Tx::Postgres(tx) => tx.prepare(text_of).await.map(drop),
            };
            prepared.map_err(|e| ((*text).to_owned(), e))?;
        }
        Ok(texts.len())
    }
}

impl Tx {
    /// Makes the changes last.
    ///
    /// # Errors
    /// The database did not take them; nothing is changed.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// Whether an error says that a row with this key is there already.
#[must_use]
pub fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
