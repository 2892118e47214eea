//! The one writer of SQLite, and in which order it serves: people and webhooks at once, the
//! machinery one after the other behind them, checkpoints beside it.

use std::sync::Arc;

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::sync::Mutex;

use super::together::Group;

/// The writer.
#[derive(Debug, Clone)]
pub struct Writer {
    /// One connection; who waits for it is served in order.
    pub(super) pool: SqlitePool,
    pub(super) group: Arc<Group>,
    /// Held while the machinery waits for the connection, so that only one of it stands in line.
    line: Arc<Mutex<()>>,
    behind: bool,
    checkpoints: SqlitePool,
}

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> sqlx::Result<Self> {
        let one = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
        let pool = one.clone().connect_with(options.clone()).await?;
        let checkpoints = one.connect_lazy_with(options);
        Ok(Self { pool, group: Arc::default(), line: Arc::default(), behind: false, checkpoints })
    }

    pub(super) fn behind(&self) -> Self {
        Self { behind: true, ..self.clone() }
    }

    /// A transaction that holds the write lock from here on.
    pub(super) async fn begin(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        let _line = if self.behind { Some(self.line.lock().await) } else { None };
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// <https://www.sqlite.org/wal.html#ckpt>: a passive one waits for nobody, and nobody for it.
    pub(super) async fn checkpoint(&self) -> sqlx::Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&self.checkpoints).await?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.checkpoints.close().await;
        self.pool.close().await;
    }
}
