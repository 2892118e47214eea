//! The one writer of SQLite, and in which order it serves: people and webhooks at once, the
//! machinery one after the other behind them, checkpoints beside it.

use std::{sync::Arc, time::Duration};

use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::sync::{Mutex, Notify};

use super::{
    DbError,
    together::{Piece, Shared},
};

/// Pages of a log that is to begin anew: 4 MiB.
const LONG: i64 = 1_024;
/// Who has not come to write by then is told so.
const PATIENCE: Duration = Duration::from_secs(30);

/// The writer.
#[derive(Debug, Clone)]
pub struct Writer {
    /// Who waits for it is served in order.
    shared: Arc<Mutex<Shared>>,
    /// Held while the machinery waits for its turn, so that only one of it stands in line.
    line: Arc<Mutex<()>>,
    behind: bool,
    checkpoints: SqlitePool,
    due: Arc<Notify>,
}

impl Writer {
    /// Opens the file, and brings its schema up to date.
    pub(super) async fn open(options: SqliteConnectOptions, schema: &Migrator) -> sqlx::Result<Self> {
        let one = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
        let checkpoints = one.connect_lazy_with(options.clone());
        let due = Arc::new(Notify::new());
        let mut shared = Shared::open(options, Arc::clone(&due)).await?;
        schema.run(shared.conn()).await?;
        let shared = Arc::new(Mutex::new(shared));
        Ok(Self { shared, line: Arc::default(), behind: false, checkpoints, due })
    }

    pub(super) fn behind(&self) -> Self {
        Self { behind: true, ..self.clone() }
    }

    /// A transaction that nobody else writes beside.
    pub(super) async fn begin(&self) -> sqlx::Result<Piece> {
        let turn = async {
            let _line = if self.behind { Some(self.line.lock().await) } else { None };
            Arc::clone(&self.shared).lock_owned().await
        };
        let mut shared = tokio::time::timeout(PATIENCE, turn).await.map_err(|_| DbError::PoolTimedOut)?;
        if shared.torn() {
            // In a task of its own: one that gives up waiting leaves nothing half mended.
            let mend = async move { shared.mend().await.map(|()| shared) };
            shared = tokio::spawn(mend).await.map_err(|_| DbError::WorkerCrashed)??;
        }
        Ok(Piece::begin(shared))
    }

    /// Waits until so much was written that a checkpoint is due.
    pub(super) async fn due(&self) {
        self.due.notified().await;
    }

    /// <https://www.sqlite.org/wal.html#ckpt>: a passive one waits for nobody, and nobody for it, but
    /// leaves what is written meanwhile. Where that is never over, the little that is left is brought
    /// in by the writer itself: only a log of which all is brought in begins anew.
    pub(super) async fn checkpoint(&self) -> sqlx::Result<()> {
        const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";
        let (_, long, _): (i64, i64, i64) = sqlx::query_as(PASSIVE).fetch_one(&self.checkpoints).await?;
        if long > LONG {
            let shared = Arc::clone(&self.shared);
            let rest = async move {
                let mut shared = shared.lock().await;
                shared.commit().await;
                sqlx::query(PASSIVE).execute(shared.conn()).await
            };
            // In a task of its own, as others' commit is no half done thing.
            tokio::spawn(rest).await.map_err(|_| DbError::WorkerCrashed)??;
        }
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.checkpoints.close().await;
        self.shared.lock().await.optimize().await;
    }
}
