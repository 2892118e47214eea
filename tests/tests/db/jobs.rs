//! Jobs under leases: each is run once, one for each key at a time, and a lost lease writes nothing.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use skep::{
    db::{self, job},
    domain::{
        clock::{Clock, SystemClock},
        id::{AppId, DeploymentId, JobId},
        job::Work,
    },
};
use skep_tests::db_test;

async fn enqueue(db: &db::Db, key: &str) -> JobId {
    queue(db, key, Work::Settle { app: AppId::new(&SystemClock), restart: false }).await
}

async fn deploy(db: &db::Db, key: &str) -> JobId {
    queue(db, key, Work::Deploy { deployment: DeploymentId::new(&SystemClock) }).await
}

async fn queue(db: &db::Db, key: &str, work: Work) -> JobId {
    let id = JobId::new(&SystemClock);
    let mut tx = db.write().await.unwrap();
    job::enqueue(&mut tx, id, &work, key).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn claim(db: &db::Db, worker: &str, limit: i64) -> Vec<skep::domain::job::Claim> {
    let Ok(mut tx) = db.write().await else { return Vec::new() };
    // A race for one key ends the round on Postgres: nothing was claimed.
    let Ok(claims) = job::claim(&mut tx, worker, limit, &HashSet::new()).await else { return Vec::new() };
    if tx.commit().await.is_ok() { claims } else { Vec::new() }
}

db_test! {
    async fn a_job_that_its_own_worker_let_fall_is_given_again(db: TestDb) {
        let id = enqueue(&db.db, "key").await;
        assert_eq!(claim(&db.db, "w", 8).await.len(), 1);
        let again = async |busy: &HashSet<JobId>| {
            let mut tx = db.db.write().await.unwrap();
            job::claim(&mut tx, "w", 8, busy).await.unwrap().len()
        };
        assert_eq!(again(&HashSet::new()).await, 0, "its lease holds");
        let mut tx = db.db.write().await.unwrap();
        job::free_all(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(again(&HashSet::from([id])).await, 0, "it has it in hand");
        assert_eq!(again(&HashSet::new()).await, 1);
    }

    async fn a_deployment_that_waits_for_another_try_goes_before_later_ones_of_its_app_alone(db: TestDb) {
        let first = deploy(&db.db, "app:1").await;
        let tried = claim(&db.db, "w", 8).await.remove(0);
        let wait = async |seconds| {
            let mut tx = db.db.write().await.unwrap();
            assert!(job::retry(&mut tx, &tried, chrono::Duration::seconds(seconds), "not now").await.unwrap());
            tx.commit().await.unwrap();
        };
        let given = async || claim(&db.db, "w", 8).await.into_iter().map(|c| c.id).collect::<HashSet<_>>();
        wait(60).await;
        let later = deploy(&db.db, "app:1").await;
        let (other, removal) = (deploy(&db.db, "app:2").await, enqueue(&db.db, "app:1").await);
        assert_eq!(given().await, HashSet::from([other, removal]));
        for id in [other, removal] {
            let claim = skep::domain::job::Claim { id, attempt: 1, ..tried.clone() };
            let mut tx = db.db.write().await.unwrap();
            assert!(job::finish(&mut tx, &claim, SystemClock.now()).await.unwrap());
            tx.commit().await.unwrap();
        }
        assert_eq!(given().await, HashSet::new(), "the later one waits");
        let mut tx = db.db.write().await.unwrap();
        job::hurry(&mut tx, "app:1").await.unwrap();
        tx.commit().await.unwrap();
        let again = claim(&db.db, "w", 8).await.remove(0);
        assert_eq!((again.id, again.attempt), (first, 2));
        let mut tx = db.db.write().await.unwrap();
        assert!(job::finish(&mut tx, &again, SystemClock.now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(given().await, HashSet::from([later]));
    }

    async fn fault_04_eight_workers_claim_a_hundred_jobs_once(db: TestDb) {
        for i in 0..100 {
            enqueue(&db.db, &format!("key{}", i % 5)).await;
        }
        let running = Arc::new(Mutex::new(HashSet::new()));
        let done = Arc::new(Mutex::new(Vec::new()));
        let workers: Vec<_> = (0..8).map(|i| {
            let (db, running, done) = (db.db.clone(), running.clone(), done.clone());
            tokio::spawn(async move {
                while done.lock().unwrap().len() < 100 {
                    for claimed in claim(&db, &format!("w{i}"), 2).await {
                        let mut tx = db.read().await.unwrap();
                        let key = key_of(&mut tx, claimed.id).await;
                        drop(tx);
                        assert!(running.lock().unwrap().insert(key.clone()), "two of {key} at once");
                        running.lock().unwrap().remove(&key);
                        let mut tx = db.write().await.unwrap();
                        assert!(job::finish(&mut tx, &claimed, SystemClock.now()).await.unwrap());
                        done.lock().unwrap().push(claimed.id);
                        tx.commit().await.unwrap();
                    }
                }
            })
        }).collect();
        for worker in workers {
            worker.await.unwrap();
        }
        let done = done.lock().unwrap();
        assert_eq!(done.len(), 100);
        assert_eq!(done.iter().collect::<HashSet<_>>().len(), 100);
    }

    async fn fault_37_a_lost_lease_writes_nothing(db: TestDb) {
        enqueue(&db.db, "key").await;
        let late = claim(&db.db, "late", 1).await.remove(0);
        assert!(claim(&db.db, "other", 1).await.is_empty(), "the lease holds");
        let mut tx = db.db.write().await.unwrap();
        job::free_all(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let taken = claim(&db.db, "other", 1).await.remove(0);
        assert_eq!((taken.id, taken.attempt), (late.id, 2));
        let mut tx = db.db.write().await.unwrap();
        assert!(!job::renew(&mut tx, &late).await.unwrap());
        assert!(!job::finish(&mut tx, &late, SystemClock.now()).await.unwrap());
        assert!(!job::retry(&mut tx, &late, chrono::Duration::zero(), "late").await.unwrap());
        assert!(job::finish(&mut tx, &taken, SystemClock.now()).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn fault_02_a_handed_back_job_is_no_try(db: TestDb) {
        enqueue(&db.db, "key").await;
        let first = claim(&db.db, "one", 1).await.remove(0);
        let mut tx = db.db.write().await.unwrap();
        assert!(job::hand_back(&mut tx, &first).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claim(&db.db, "two", 1).await.remove(0).attempt, 1);
    }
}

async fn key_of(tx: &mut db::Tx, id: JobId) -> String {
    let text = "SELECT lock_key FROM job WHERE id = $1";
    match tx {
        db::Tx::Sqlite(tx) => {
            tx.ask(text).bind(id.uuid()).fetch_optional::<(String,)>().await.unwrap().unwrap().0
        }
        db::Tx::Postgres(tx) => sqlx::query_scalar(text).bind(id.uuid()).fetch_one(&mut **tx).await.unwrap(),
    }
}
