//! What is written at the same time is made durable by one commit: SQLite syncs its file once for
//! each, which is most of what a webhook waits for. Each piece but the first is a savepoint, so that
//! one that fails takes nothing of the others away. Postgres does this by itself.
//!
//! A piece that has written what it wanted stands in line once more, behind those that were there
//! already. Whichever comes to its turn again first commits for all of them.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{ConnectOptions as _, Sqlite, SqliteConnection, Transaction, sqlite::SqliteConnectOptions};
use tokio::sync::{OwnedMutexGuard, oneshot};

use super::DbError;

/// Says how the commit ended.
type Tell = oneshot::Sender<Result<(), String>>;

/// The connection that writes, and what of its transaction is not durable yet.
pub(super) struct Shared {
    conn: SqliteConnection,
    options: SqliteConnectOptions,
    /// Whether a transaction is open.
    open: bool,
    /// Whether the last piece is a savepoint; the first of a transaction needs none.
    saved: bool,
    /// Whether the last piece is not to be kept.
    undo: bool,
    /// Those whose pieces are written.
    waiting: Vec<Tell>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("open", &self.open).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) async fn open(options: SqliteConnectOptions) -> sqlx::Result<Self> {
        let conn = options.connect().await?;
        Ok(Self { conn, options, open: false, saved: false, undo: false, waiting: Vec::new() })
    }

    /// For the schema, and for what is done outside of any transaction.
    pub(super) const fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }

    /// Looks at what statistics the next queries want.
    pub(super) async fn optimize(&mut self) {
        if let Err(error) = self.say("PRAGMA optimize").await {
            tracing::debug!(%error, "The database could not be optimized");
        }
    }

    async fn say(&mut self, text: &'static str) -> sqlx::Result<()> {
        sqlx::query(text).execute(&mut self.conn).await.map(drop)
    }

    /// The next piece, in the transaction that is open or in a new one.
    async fn begin(&mut self) -> sqlx::Result<()> {
        self.settle().await;
        self.saved = self.open;
        if self.open {
            return self.say("SAVEPOINT piece").await;
        }
        match self.say("BEGIN IMMEDIATE").await {
            Err(DbError::WorkerCrashed) => {
                self.conn = self.options.connect().await?;
                self.say("BEGIN IMMEDIATE").await?;
            }
            begun => begun?,
        }
        self.open = true;
        Ok(())
    }

    /// The last piece is written.
    async fn release(&mut self) -> sqlx::Result<()> {
        if self.saved { self.say("RELEASE piece").await } else { Ok(()) }
    }

    /// Takes back a piece that is not to be kept.
    async fn settle(&mut self) {
        if !std::mem::take(&mut self.undo) || !self.open {
            return;
        }
        if !self.saved {
            return self.end(Ok(())).await;
        }
        let undone = async {
            self.say("ROLLBACK TO piece").await?;
            self.say("RELEASE piece").await
        };
        if let Err(error) = undone.await {
            // A full disk ends the whole transaction: nobody's piece is there any more.
            self.end(Err(error)).await;
        }
    }

    /// Commits all pieces that are written, if any wait for it.
    pub(super) async fn commit(&mut self) {
        self.settle().await;
        if self.waiting.is_empty() {
            if self.open {
                self.end(Ok(())).await;
            }
            return;
        }
        let committed = self.say("COMMIT").await;
        self.open = committed.is_err();
        self.end(committed).await;
    }

    /// Tells everyone who waits, and leaves no transaction behind.
    async fn end(&mut self, result: sqlx::Result<()>) {
        if std::mem::take(&mut self.open)
            && let Err(error) = self.say("ROLLBACK").await
        {
            tracing::debug!(%error, "The database had ended its transaction by itself");
        }
        let result = result.map_err(|error| error.to_string());
        for tell in self.waiting.drain(..) {
            // Whoever asked may be gone.
            let _ = tell.send(result.clone());
        }
    }
}

/// One's own part of a transaction; dropped without [`Piece::commit`] it leaves nothing.
#[derive(Debug)]
pub struct Piece {
    shared: OwnedMutexGuard<Shared>,
    written: bool,
}

impl Piece {
    /// Not to be given up on the way.
    pub(super) async fn begin(shared: OwnedMutexGuard<Shared>) -> sqlx::Result<Self> {
        let mut piece = Self { shared, written: false };
        piece.shared.begin().await?;
        Ok(piece)
    }

    /// Gives `Ok` once what was written is durable. It ends even if nobody waits for it any more.
    async fn commit(mut self) -> sqlx::Result<()> {
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            if let Err(error) = self.shared.release().await {
                let _ = tell.send(Err(error.to_string()));
                return;
            }
            self.written = true;
            self.shared.waiting.push(tell);
            let line = Arc::clone(OwnedMutexGuard::mutex(&self.shared));
            drop(self);
            line.lock().await.commit().await;
        });
        told.await.map_err(|_| DbError::WorkerCrashed)?.map_err(|why| DbError::Io(std::io::Error::other(why)))
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        if self.written {
            return;
        }
        self.shared.undo = true;
        // At the latest now: the file's write lock is not kept by an idle server.
        let line = Arc::clone(OwnedMutexGuard::mutex(&self.shared));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { line.lock().await.commit().await });
        }
    }
}

/// A transaction of SQLite.
#[derive(Debug)]
pub enum SqliteTx {
    /// To read from.
    Snapshot(Transaction<'static, Sqlite>),
    /// To write in.
    Piece(Piece),
}

impl SqliteTx {
    /// Makes the changes last.
    ///
    /// # Errors
    /// The database did not take them; nothing is changed.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Snapshot(tx) => tx.commit().await,
            Self::Piece(piece) => piece.commit().await,
        }
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Snapshot(tx) => tx,
            Self::Piece(piece) => &piece.shared.conn,
        }
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Snapshot(tx) => tx,
            Self::Piece(piece) => &mut piece.shared.conn,
        }
    }
}
