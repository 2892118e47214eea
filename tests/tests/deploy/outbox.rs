//! What was accepted will run (fault F3): the delivery, the deployment and its job are one
//! transaction, and a hint that is lost costs nothing but a moment.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use axum::http::HeaderMap;
use futures::{StreamExt as _, stream::BoxStream};
use skep::{
    bus::{Bus, Hint},
    control::{self, deliveries::receive},
    db::Db,
    deploy::parts::Parts,
    domain::{delivery::Provider, deployment::State},
    git::deliveries::sign,
    jobs::{self, Worker},
};
use skep_tests::{
    database::rows,
    db_test,
    world::{REPOSITORY, World},
};
use tokio_util::sync::CancellationToken;

/// Nobody ever hears of anything.
enum Silent {
    /// The process is gone where it would tell.
    Dead,
    /// What it tells is lost.
    Lost,
}

#[async_trait]
impl Bus for Silent {
    async fn publish(&self, _: Hint) {
        if matches!(self, Self::Dead) {
            std::future::pending::<()>().await;
        }
    }
    fn subscribe(&self) -> BoxStream<'static, Hint> {
        futures::stream::pending().boxed()
    }
}

async fn delivery(
    world: &World,
    app: skep::domain::id::AppId,
) -> (skep::domain::id::WebhookId, HeaderMap, String) {
    let sha = world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
    let (webhook, secret) = control::webhooks::create(&world.cx, app, Provider::Generic).await.unwrap();
    let body = serde_json::json!({"repository": REPOSITORY, "ref": "refs/heads/main", "after": sha.as_str(), "message": "m"}).to_string();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("x-skep-delivery", "d1".parse().unwrap());
    headers.insert("x-skep-signature-256", sign(&secret, body.as_bytes()).parse().unwrap());
    (webhook.id, headers, body)
}

/// Whether delivery, deployment and job came, all three.
fn is_whole(before: &BTreeMap<String, i64>, now: &BTreeMap<String, i64>) -> bool {
    ["delivery", "deployment", "job"].iter().all(|table| now[*table] == before[*table] + 1)
}

db_test! {
    async fn fault_03_killed_between_the_commit_and_the_queue(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let (webhook, headers, body) = delivery(&world, app.id).await;
        let before = rows(&world.db.db).await;
        // Everything is stored, and then the process hangs where it would tell the workers: dead.
        let dying = Parts { bus: Arc::new(Silent::Dead), ..world.parts.clone() };
        let dead = receive(&dying, Provider::Generic, webhook, &headers, body.as_bytes());
        assert!(tokio::time::timeout(std::time::Duration::from_secs(3), dead).await.is_err(), "it never answered");
        assert!(is_whole(&before, &rows(&world.db.db).await), "one transaction");
        // Another process on the same database, that no hint ever reaches.
        let next = Parts { db: Db::open(&world.db.location).await.unwrap(), bus: Arc::new(Silent::Lost), ..world.parts.clone() };
        let stop = CancellationToken::new();
        let worker = tokio::spawn(jobs::run(next, stop.clone()));
        let live = async {
            loop {
                let all = control::deployments::list(&world.cx, app.id, None, 10).await.unwrap();
                if all.len() == 1 && all[0].state == State::Live {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), live).await.expect("202 means that it will run");
        stop.cancel();
        worker.await.unwrap();
        // The sender, who had no answer, sends it again.
        let again = receive(&world.parts, Provider::Generic, webhook, &headers, body.as_bytes()).await.unwrap();
        assert_eq!((again.status, again.outcome.as_str()), (200, "duplicate"));
        assert_eq!(world.builder.builds(), 1);
    }

    async fn fault_03_killed_before_the_commit_nothing_is_there_and_the_repeat_is_taken(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let (webhook, headers, body) = delivery(&world, app.id).await;
        let before = rows(&world.db.db).await;
        // Cut off at each point at which it waits: whatever is left is all or nothing.
        for polls in 1..60 {
            let mut taking = Box::pin(receive(&world.parts, Provider::Generic, webhook, &headers, body.as_bytes()));
            let mut left = polls;
            let done = std::future::poll_fn(|cx| {
                if left == 0 {
                    return std::task::Poll::Ready(false);
                }
                left -= 1;
                taking.as_mut().poll(cx).map(|answer| answer.is_ok())
            }).await;
            drop(taking);
            let now = rows(&world.db.db).await;
            let whole = is_whole(&before, &now);
            assert!(whole || now == before, "after {polls} polls: {now:?}");
            assert!(whole || !done, "an answer means that it is stored");
            if done {
                break;
            }
        }
        let again = receive(&world.parts, Provider::Generic, webhook, &headers, body.as_bytes()).await.unwrap();
        assert!(matches!(again.outcome.as_str(), "duplicate" | "queued"), "{again:?}");
        Worker::new(world.parts.clone(), CancellationToken::new()).drain().await.unwrap();
        let all = control::deployments::list(&world.cx, app.id, None, 10).await.unwrap();
        assert_eq!(all.iter().map(|d| d.state).collect::<Vec<_>>(), [State::Live]);
    }
}
