//! The loop: claim what is due, run it beside a heartbeat, write down how it ended.
//!
//! A hint on the bus wakes it; a poll each second finds what hints have lost.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt as _, StreamExt as _};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::handle::{Outcome, handle};
use crate::{
    bus::Hint,
    db::{self, Db, DbError},
    deploy::{give_up::give_up, parts::Parts},
    domain::{
        clock::Clock,
        id::JobId,
        job::{Claim, Work},
    },
};

const POLL: Duration = Duration::from_secs(1);
/// Rounds begin at least so far apart: what is queued meanwhile is claimed at once by one write.
const PACE: Duration = Duration::from_millis(10);

/// One worker: its name is new with each start, so that what an earlier process left is nobody's.
#[derive(Clone)]
pub struct Worker {
    parts: Parts,
    name: String,
    stop: CancellationToken,
    /// What it has in hand. Any other job whose lease has run out is anybody's, also its own: of one
    /// whose end could not be written nobody else knows.
    busy: Arc<Mutex<HashSet<JobId>>>,
}

/// Works until `stop`; then hands back what is not finished.
pub async fn run(parts: Parts, stop: CancellationToken) {
    Worker::new(parts, stop).work().await;
}

impl Worker {
    /// A worker with a name of its own.
    #[must_use]
    pub fn new(parts: Parts, stop: CancellationToken) -> Self {
        let name = format!("{}-{}", std::process::id(), &parts.clock.token()[..8]);
        Self { parts, name, stop, busy: Arc::default() }
    }

    async fn work(self) {
        if let Db::Sqlite { .. } = self.parts.db
            && let Err(error) = self.free().await
        {
            tracing::warn!(%error, "Leases of an earlier process run on until they end by themselves");
        }
        let room = Arc::new(Semaphore::new(self.parts.instance.workers));
        let mut hints = self.parts.bus.subscribe();
        let mut running = JoinSet::new();
        let mut next = tokio::time::Instant::now();
        while !self.stop.is_cancelled() {
            tokio::time::sleep_until(next).await;
            next = tokio::time::Instant::now() + PACE;
            let free = room.available_permits();
            let claims = if free == 0 { Ok(Vec::new()) } else { self.claim(free).await };
            let found = match claims {
                Ok(claims) => {
                    let found = !claims.is_empty();
                    for claim in claims {
                        self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(claim.id);
                        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
                        let worker = self.clone();
                        running.spawn(async move {
                            let id = claim.id;
                            worker.one(claim).await;
                            worker.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                            drop(permit);
                        });
                    }
                    found
                }
                Err(error) => {
                    tracing::warn!(%error, "The database gives no jobs now");
                    false
                }
            };
            while running.try_join_next().is_some() {}
            if found && room.available_permits() > 0 {
                continue;
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(POLL) => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = until_jobs(&mut hints) => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs everything that is due now, one after the other, until nothing is: for tests.
    ///
    /// # Errors
    /// The database's.
    pub async fn drain(&self) -> Result<usize, DbError> {
        let mut done = 0;
        loop {
            let claims = self.claim(8).await?;
            if claims.is_empty() {
                return Ok(done);
            }
            for claim in claims {
                self.one(claim).await;
                done += 1;
            }
        }
    }

    /// There is one process in the embedded profile: what an earlier one left is free.
    async fn free(&self) -> Result<(), DbError> {
        let mut tx = self.parts.db.write().await?;
        db::job::free_all(&mut tx).await?;
        tx.commit().await
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claim>, DbError> {
        let mut tx = self.parts.db.read().await?;
        if !db::job::any_due(&mut tx).await? {
            return Ok(Vec::new());
        }
        drop(tx);
        let mut tx = self.parts.db.write().await?;
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let claims = db::job::claim(&mut tx, &self.name, i64::try_from(limit).unwrap_or(1), &busy).await?;
        tx.commit().await?;
        Ok(claims)
    }

    async fn one(&self, claim: Claim) {
        let cancel = self.stop.child_token();
        let beat = tokio::spawn(heartbeat(self.parts.clone(), claim.clone(), cancel.clone()));
        let outcome = handle(&self.parts, &claim, &cancel).await;
        beat.abort();
        if let Err(error) = self.record(&claim, outcome).await {
            // The lease runs out, and whoever takes it next finds what was done.
            tracing::warn!(job.id = %claim.id, %error, "The end of job {} could not be written", claim.id);
        }
    }

    async fn record(&self, claim: &Claim, outcome: Outcome) -> Result<(), DbError> {
        let now = self.parts.clock.now();
        let mut tx = self.parts.db.write().await?;
        match outcome {
            Outcome::Done => db::job::finish(&mut tx, claim, now).await?,
            Outcome::Lost if self.stop.is_cancelled() => db::job::hand_back(&mut tx, claim).await?,
            Outcome::Lost if claim.attempt < claim.max_attempts => false,
            Outcome::Lost => self.set_aside(&mut tx, claim, "each try was stopped in the middle").await?,
            Outcome::Waits(why) => db::job::wait(&mut tx, claim, wait(1, &*self.parts.clock), &why).await?,
            Outcome::Retry(why) if claim.attempt < claim.max_attempts => {
                let wait = wait(claim.attempt, &*self.parts.clock);
                let seconds = wait.as_seconds_f32();
                tracing::info!(job.id = %claim.id, job.kind = claim.work.kind(), why, "Job {} is tried again in {seconds:.1} s", claim.id);
                db::job::retry(&mut tx, claim, wait, &why).await?
            }
            Outcome::Retry(why) => self.set_aside(&mut tx, claim, &why).await?,
        };
        tx.commit().await
    }

    /// The last try failed too. What the job was for ends with it.
    async fn set_aside(&self, tx: &mut db::Tx, claim: &Claim, why: &str) -> Result<bool, DbError> {
        let held = db::job::set_aside(tx, claim, why, self.parts.clock.now()).await?;
        if held {
            tracing::error!(job.id = %claim.id, why, "Job {} is set aside after {} tries", claim.id, claim.attempt);
            if let Work::Deploy { deployment } = claim.work {
                give_up(tx, &self.parts, deployment, why).await?;
            }
        }
        Ok(held)
    }
}

/// How long to wait before the next try: doubled with each, and between half and the whole of that,
/// so that what failed together does not come back together.
fn wait(attempt: i64, clock: &dyn Clock) -> chrono::Duration {
    let whole = chrono::Duration::seconds(1 << attempt.clamp(0, 6)).min(db::job::LONGEST_WAIT);
    let mut random = [0; 1];
    clock.fill(&mut random);
    whole / 2 + whole * i32::from(random[0]) / 510
}

/// Renews the lease every third of it, and looks whether somebody asked the deployment to stop.
async fn heartbeat(parts: Parts, claim: Claim, cancel: CancellationToken) {
    let every = (db::job::LEASE / 3).to_std().unwrap_or(POLL);
    let mut renewed = tokio::time::Instant::now();
    let mut tick = tokio::time::interval(POLL);
    loop {
        tick.tick().await;
        if let Work::Deploy { deployment } = claim.work {
            let asked = async {
                let mut tx = parts.db.read().await?;
                db::deployment::cancel_asked(&mut tx, deployment).await
            };
            if asked.await.unwrap_or(false) {
                cancel.cancel();
            }
        }
        if renewed.elapsed() < every {
            continue;
        }
        let renew = async {
            let mut tx = parts.db.write().await?;
            let held = db::job::renew(&mut tx, &claim).await?;
            tx.commit().await?;
            Ok::<bool, DbError>(held)
        };
        match renew.await {
            Ok(true) => renewed = tokio::time::Instant::now(),
            Ok(false) => {
                cancel.cancel();
                return;
            }
            // Not reachable: the fence before the next write will tell.
            Err(error) => {
                tracing::warn!(job.id = %claim.id, %error, "The lease of job {} could not be renewed", claim.id)
            }
        }
    }
}

/// Waits for a hint, and takes all that are there: one look serves them all.
async fn until_jobs(hints: &mut futures::stream::BoxStream<'static, Hint>) {
    loop {
        match hints.next().await {
            Some(Hint::Jobs) => {
                while let Some(Some(_)) = hints.next().now_or_never() {}
                return;
            }
            Some(_) => {}
            None => std::future::pending::<()>().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::wait;
    use crate::{db::job::LONGEST_WAIT, domain::clock::SystemClock};

    #[test]
    fn what_failed_together_comes_back_apart_and_never_after_the_longest_wait() {
        let first: Vec<_> = (0..200).map(|_| wait(1, &SystemClock).num_milliseconds()).collect();
        assert!(first.iter().all(|ms| (1_000..=2_000).contains(ms)), "{first:?}");
        assert!(first.iter().collect::<std::collections::HashSet<_>>().len() > 20, "{first:?}");
        for attempt in [6, 7, 19, i64::MAX] {
            let wait = wait(attempt, &SystemClock);
            assert!(wait >= LONGEST_WAIT / 2 && wait <= LONGEST_WAIT, "{wait}");
        }
    }
}
