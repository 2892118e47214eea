//! Small writes that come at the same time, made durable by one commit: SQLite syncs its file once
//! for each, which is most of what a webhook waits for. Each piece stands in a savepoint of its own,
//! so that one that fails takes nothing of the others away. Postgres does this by itself.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::oneshot;

use super::{Db, DbError, Tx, execute};

/// As many pieces are committed at once at the most.
const MOST: usize = 64;

/// Says how the commit ended.
type Tell = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Writes, and says whether what was written is to be kept.
type Piece = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, (bool, Tell)> + Send>;

/// What waits to be written together.
#[derive(Default)]
pub struct Group {
    waiting: Mutex<Vec<Piece>>,
    turn: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").finish_non_exhaustive()
    }
}

impl Db {
    /// Runs `work` in a transaction, which it may share with others, and commits it if it gives
    /// `Ok`. What it gives is given once that is durable. Work that began is ended even if nobody
    /// waits for it any more.
    ///
    /// # Errors
    /// Those of `work`, with nothing of it kept; the database's.
    pub async fn together<T, E>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let Self::Sqlite { write, .. } = self else {
            let mut tx = self.write().await?;
            let done = work(&mut tx).await?;
            tx.commit().await?;
            return Ok(done);
        };
        let (tell, told) = oneshot::channel();
        let piece: Piece = Box::new(move |tx| {
            Box::pin(async move {
                let result = work(tx).await;
                let keep = result.is_ok();
                let tell: Tell = Box::new(move |committed| {
                    // Whoever asked may be gone.
                    let _ = tell.send(match committed {
                        Err(why) if keep => Err(DbError::Protocol(why).into()),
                        _ => result,
                    });
                });
                (keep, tell)
            })
        });
        write.group.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
        let (db, group) = (self.clone(), Arc::clone(&write.group));
        tokio::spawn(async move {
            let _turn = group.turn.lock().await;
            let pieces = group.next();
            if !pieces.is_empty() {
                run(&db, pieces).await;
            }
        });
        told.await.map_err(|_| DbError::WorkerCrashed)?
    }
}

impl Group {
    fn next(&self) -> Vec<Piece> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(MOST);
        waiting.drain(..count).collect()
    }
}

/// Runs the pieces in the order in which they came, commits, and tells each.
async fn run(db: &Db, pieces: Vec<Piece>) {
    let mut tells = Vec::with_capacity(pieces.len());
    let result = write(db, pieces, &mut tells).await.map_err(|error| error.to_string());
    for tell in tells {
        tell(result.clone());
    }
}

async fn write(db: &Db, pieces: Vec<Piece>, tells: &mut Vec<Tell>) -> Result<(), DbError> {
    let mut tx = db.write().await?;
    for piece in pieces {
        execute!(&mut tx, "SAVEPOINT piece")?;
        let (keep, tell) = piece(&mut tx).await;
        tells.push(tell);
        if !keep {
            execute!(&mut tx, "ROLLBACK TO piece")?;
        }
        execute!(&mut tx, "RELEASE piece")?;
    }
    tx.commit().await
}
