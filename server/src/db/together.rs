//! What is written at the same time is made durable by one commit: SQLite syncs its file once for
//! each, which is most of what a webhook waits for. Each piece but the first is a savepoint, so that
//! one that fails takes nothing of the others away. Postgres does this by itself.
//!
//! The first piece after a commit puts somebody in line, behind those that were there already, who
//! commits for all that are written by then.

use std::sync::Arc;

use sqlx::{
    ConnectOptions as _, SqlSafeStr, Sqlite, SqliteConnection, pool::PoolConnection,
    sqlite::SqliteConnectOptions,
};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, oneshot};

use super::{
    DbError,
    ask::{Ask, Later},
};

/// Says how the commit ended.
type Tell = oneshot::Sender<Result<(), String>>;

/// Commits after which a checkpoint is due; one of webhooks writes some 14 pages. A log that begins anew
/// before it is long is written over where it lies: one that grows is synced more slowly, and whoever
/// writes waits for the file system's own log meanwhile.
const DUE: u32 = 200;

/// What a piece that is a savepoint begins and ends with. Two names take turns: `ROLLBACK TO` one can
/// only succeed if that piece has begun, and so the one before it has ended.
const SAVE: [&str; 2] = ["SAVEPOINT even", "SAVEPOINT odd"];
const RELEASE: [&str; 2] = ["RELEASE even", "RELEASE odd"];
const UNDO: [&str; 2] = ["ROLLBACK TO even", "ROLLBACK TO odd"];

/// The connection that writes, and what of its transaction is not durable yet.
pub(super) struct Shared {
    conn: SqliteConnection,
    options: SqliteConnectOptions,
    /// Commits since the last checkpoint became due, and who is told of the next one.
    commits: u32,
    due: Arc<Notify>,
    /// What goes ahead of the next statement.
    later: Later,
    /// Whether a transaction is open, or will be by what goes ahead.
    open: bool,
    /// Which savepoint the last piece is; the first of a transaction needs none.
    saved: Option<usize>,
    turn: usize,
    /// The length of what went ahead before the last piece began, until that is sent.
    unsent: Option<usize>,
    /// Whether the last piece is not to be kept.
    undo: bool,
    /// Whether the connection is of no use any more.
    broken: bool,
    /// Whether somebody stands in line to commit.
    coming: bool,
    /// Those whose pieces are written.
    waiting: Vec<Tell>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("open", &self.open).finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) async fn open(options: SqliteConnectOptions, due: Arc<Notify>) -> sqlx::Result<Self> {
        Ok(Self {
            conn: options.connect().await?,
            options,
            commits: 0,
            due,
            later: Later::default(),
            open: false,
            saved: None,
            turn: 0,
            unsent: None,
            undo: false,
            broken: false,
            coming: false,
            waiting: Vec::new(),
        })
    }

    /// For the schema, and for what is done outside of any transaction.
    pub(super) const fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }

    /// Looks at what statistics the next queries want.
    pub(super) async fn optimize(&mut self) {
        if let Err(error) = sqlx::query("PRAGMA optimize").execute(&mut self.conn).await {
            tracing::debug!(%error, "The database could not be optimized");
        }
    }

    /// Sends what goes ahead now.
    async fn send(&mut self) -> sqlx::Result<()> {
        self.unsent = None;
        let sent = std::mem::take(&mut self.later).send(&mut self.conn).await;
        self.broken |= matches!(sent, Err(DbError::WorkerCrashed));
        sent.map(drop)
    }

    /// Whether [`Shared::mend`] is due before the next piece.
    pub(super) const fn torn(&self) -> bool {
        self.undo || self.broken
    }

    /// Takes back what is not to be kept, and opens the file anew if need be. Not to be given up on
    /// the way.
    pub(super) async fn mend(&mut self) -> sqlx::Result<()> {
        if self.broken {
            self.conn = self.options.connect().await?;
            self.broken = false;
            self.undo = false;
            self.later = Later::default();
            self.open = false;
            self.tell(Err(DbError::WorkerCrashed));
        }
        self.settle().await;
        Ok(())
    }

    /// The next piece, in the transaction that is open or in a new one.
    fn begin(&mut self) {
        self.unsent = Some(self.later.len());
        if self.open {
            self.turn ^= 1;
            self.saved = Some(self.turn);
            self.later.add(SAVE[self.turn]);
        } else {
            self.saved = None;
            self.later.add("BEGIN IMMEDIATE");
            self.open = true;
        }
    }

    /// The last piece is written; the caller has sent what it left for later.
    fn release(&mut self, tell: Tell) {
        if let Some(turn) = self.saved {
            self.later.add(RELEASE[turn]);
        }
        self.waiting.push(tell);
    }

    /// Takes back a piece that is not to be kept.
    async fn settle(&mut self) {
        if !std::mem::take(&mut self.undo) || !self.open {
            return;
        }
        if let (Some(len), false) = (self.unsent, self.later.own) {
            self.later.truncate(len);
            self.open = self.saved.is_some();
            return;
        }
        let Some(turn) = self.saved else { return self.end(Ok(())).await };
        self.later.add(UNDO[turn]);
        self.later.add(RELEASE[turn]);
        if let Err(error) = self.send().await {
            // A full disk ends the whole transaction: nobody's piece is there any more.
            self.end(Err(error)).await;
        }
    }

    /// Commits all pieces that are written, if any wait for it.
    pub(super) async fn commit(&mut self) {
        self.settle().await;
        if self.waiting.is_empty() {
            return self.end(Ok(())).await;
        }
        self.later.add("COMMIT");
        let committed = self.send().await;
        self.open = committed.is_err();
        self.commits += 1;
        if self.commits >= DUE {
            self.commits = 0;
            self.due.notify_one();
        }
        self.end(committed).await;
    }

    /// Tells everyone who waits, and leaves no transaction behind.
    async fn end(&mut self, result: sqlx::Result<()>) {
        if std::mem::take(&mut self.open) {
            self.later = Later::default();
            self.later.add("ROLLBACK");
            if let Err(error) = self.send().await {
                tracing::debug!(%error, "The database had ended its transaction by itself");
            }
        }
        self.tell(result);
    }

    fn tell(&mut self, result: sqlx::Result<()>) {
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
    /// Whether a statement of it failed: then nothing of it counts.
    failed: bool,
}

impl Piece {
    /// Begins with its first statement.
    pub(super) fn begin(mut shared: OwnedMutexGuard<Shared>) -> Self {
        shared.begin();
        Self { shared, written: false, failed: false }
    }

    /// Gives `Ok` once what was written is durable. It ends even if nobody waits for it any more.
    async fn commit(mut self) -> sqlx::Result<()> {
        self.check()?;
        if self.shared.later.own {
            self.shared.send().await?;
        }
        let (tell, told) = oneshot::channel();
        self.shared.release(tell);
        self.written = true;
        drop(self);
        told.await.map_err(|_| DbError::WorkerCrashed)?.map_err(|why| DbError::Io(std::io::Error::other(why)))
    }

    fn check(&self) -> sqlx::Result<()> {
        let why = "a statement of this transaction failed";
        if self.failed { Err(DbError::Io(std::io::Error::other(why))) } else { Ok(()) }
    }
}

impl Drop for Piece {
    /// Whoever is the first to leave after a commit stands in line for the next one, behind those who
    /// are there already. At the latest then the file's write lock is free: no idle server keeps it.
    fn drop(&mut self) {
        self.shared.undo = !self.written;
        if self.shared.coming {
            return;
        }
        let line: Arc<Mutex<Shared>> = Arc::clone(OwnedMutexGuard::mutex(&self.shared));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.shared.coming = true;
            runtime.spawn(async move {
                let mut shared = line.lock().await;
                shared.coming = false;
                shared.commit().await;
            });
        }
    }
}

/// A transaction of SQLite.
#[derive(Debug)]
pub enum SqliteTx {
    /// To read from, with its beginning until that is sent; ended when its connection is released.
    Snapshot(PoolConnection<Sqlite>, Later),
    /// To write in.
    Piece(Piece),
}

/// Ends what was read from a connection of the readers.
pub(super) async fn end_snapshot(conn: &mut SqliteConnection) -> sqlx::Result<bool> {
    // Nothing may have been read.
    drop(sqlx::query("ROLLBACK").execute(conn).await);
    Ok(true)
}

impl SqliteTx {
    /// Begins with its first statement.
    pub(super) fn snapshot(conn: PoolConnection<Sqlite>) -> Self {
        let mut later = Later::default();
        later.add("BEGIN");
        Self::Snapshot(conn, later)
    }

    /// Makes the changes last.
    ///
    /// # Errors
    /// The database did not take them; nothing is changed.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Snapshot(..) => Ok(()),
            Self::Piece(piece) => piece.commit().await,
        }
    }

    /// A statement of it.
    #[must_use]
    pub fn ask(&mut self, sql: impl SqlSafeStr) -> Ask<'_> {
        Ask::new(self, sql)
    }

    /// The connection, for one who knows that nothing waits to go ahead.
    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Snapshot(conn, _) => conn,
            Self::Piece(piece) => &mut piece.shared.conn,
        }
    }

    /// What goes ahead of the next statement; whoever takes it sends it.
    pub(super) fn later(&mut self) -> &mut Later {
        match self {
            Self::Snapshot(_, later) => later,
            Self::Piece(piece) => &mut piece.shared.later,
        }
    }

    /// As with Postgres, nothing more is done in a transaction of which a statement failed.
    pub(super) fn check(&self) -> sqlx::Result<()> {
        match self {
            Self::Snapshot(..) => Ok(()),
            Self::Piece(piece) => piece.check(),
        }
    }

    /// What goes ahead is sent now.
    pub(super) fn sends(&mut self) {
        if let Self::Piece(piece) = self {
            piece.shared.unsent = None;
        }
    }

    /// Remembers if it failed.
    pub(super) fn noted<T>(&mut self, result: sqlx::Result<T>) -> sqlx::Result<T> {
        if let (Self::Piece(piece), Err(error)) = (self, &result) {
            piece.failed = true;
            piece.shared.broken |= matches!(error, DbError::WorkerCrashed);
        }
        result
    }
}
