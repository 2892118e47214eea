//! One webhook may not cause deployments without end (case 32), however many servers it reaches.

use std::sync::Arc;

use axum::http::HeaderMap;
use skep::{
    control::{
        self,
        deliveries::{NotTaken, receive},
    },
    db::Db,
    deploy::parts::Parts,
    domain::{
        app::App,
        clock::{Clock as _, MockClock, SystemClock},
        delivery::Provider,
        deployment::State,
        id::WebhookId,
        name::Sha,
        secret::Secret,
    },
    git::deliveries::sign,
};
use skep_tests::{
    database::{meddle, rows},
    db_test,
    world::{REPOSITORY, World},
};

struct Sender {
    webhook: WebhookId,
    secret: Secret,
}

impl Sender {
    async fn new(world: &World, app: &App) -> Self {
        let (webhook, secret) =
            control::webhooks::create(&world.cx, app.id, Provider::Generic).await.unwrap();
        Self { webhook: webhook.id, secret }
    }

    /// What a server says to an event, or the seconds to wait.
    async fn send(&self, server: &Parts, id: &str, event: &str, body: &str) -> Result<String, u64> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("x-skep-delivery", id.parse().unwrap());
        headers.insert("x-skep-event", event.parse().unwrap());
        headers.insert("x-skep-signature-256", sign(&self.secret, body.as_bytes()).parse().unwrap());
        match receive(server, Provider::Generic, self.webhook, &headers, body.as_bytes()).await {
            Ok(answer) => Ok(answer.outcome),
            Err(NotTaken::TooMany(seconds)) => Err(seconds),
            Err(other) => panic!("{other}"),
        }
    }

    async fn push(&self, server: &Parts, n: usize) -> Result<String, u64> {
        self.send(server, &format!("d{n}"), "push", &push("main", n)).await
    }
}

fn push(branch: &str, n: usize) -> String {
    let sha = Sha::parse(&format!("{n:040x}")).unwrap();
    serde_json::json!({"repository": REPOSITORY, "ref": format!("refs/heads/{branch}"), "after": sha.as_str(), "message": "m"})
        .to_string()
}

db_test! {
    async fn case_032_a_thousand_pushes_are_one_deployment_and_the_rest_is_told_to_wait(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let sender = Sender::new(&world, &app).await;
        // A second server on the same database, whose clock is an hour off.
        let clock = Arc::new(MockClock::at(SystemClock.now() + chrono::Duration::hours(1)));
        let other = Parts { db: Db::open(&world.db.location).await.unwrap(), clock, ..world.parts.clone() };
        let began = std::time::Instant::now();
        let (mut queued, mut waits) = (0, Vec::new());
        for n in 1..=1000 {
            match sender.push(if n % 2 == 0 { &world.parts } else { &other }, n).await {
                Ok(outcome) => {
                    assert_eq!(outcome, "queued");
                    queued += 1;
                }
                Err(seconds) => waits.push(seconds),
            }
        }
        // Sixty at once, and one more for each second that passed.
        let most = 61 + began.elapsed().as_secs();
        assert!((60..=most).contains(&queued), "{queued} of at most {most}");
        assert!(!waits.is_empty() && waits.iter().all(|seconds| (1..=2).contains(seconds)), "{waits:?}");
        let all = control::deployments::list(&world.cx, app.id, None, 1000).await.unwrap();
        assert_eq!(all.iter().filter(|d| d.state == State::Queued).count(), 1, "one waits");
        assert_eq!(all[0].state, State::Queued, "the newest");
        assert_eq!(all.len() as u64, queued, "a refused one leaves no deployment");
        let log = control::deliveries::list(&world.cx, app.id, 100).await.unwrap();
        let refused = log.iter().filter(|d| d.status == 429).count();
        // By each of the two clocks, and it may strike in between.
        let most = 2 * (2 + began.elapsed().as_secs() as usize / 60);
        assert!((1..=most).contains(&refused), "a line a minute: {refused}");
    }

    async fn case_032_what_causes_nothing_takes_nothing_from_the_quota(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let sender = Sender::new(&world, &app).await;
        let server = &world.parts;
        assert_eq!(sender.push(server, 1).await.unwrap(), "queued");
        for n in 0..100 {
            assert_eq!(sender.push(server, 1).await.unwrap(), "duplicate");
            assert_eq!(sender.send(server, &format!("p{n}"), "ping", "{}").await.unwrap(), "pong");
            assert_eq!(sender.send(server, &format!("b{n}"), "push", &push("other", n + 1)).await.unwrap(), "ignored:branch");
            assert_eq!(sender.send(server, &format!("s{n}"), "push", &push("main", 1)).await.unwrap(), "already_deployed");
        }
        for n in 2..=60 {
            assert_eq!(sender.push(server, n).await.unwrap(), "queued", "{n}");
        }
        // Now it is spent: what causes nothing is still answered, and nothing is queued.
        meddle(&world.db.db, "UPDATE webhook SET spent_until = spent_until + 3000000").await;
        let before = rows(&world.db.db).await["deployment"];
        assert!(sender.push(server, 61).await.is_err());
        assert_eq!(sender.push(server, 60).await.unwrap(), "duplicate");
        assert_eq!(sender.send(server, "p", "ping", "{}").await.unwrap(), "pong");
        assert_eq!(rows(&world.db.db).await["deployment"], before);
        // The same delivery, sent again later, is no duplicate.
        meddle(&world.db.db, "UPDATE webhook SET spent_until = spent_until - 10000000").await;
        assert_eq!(sender.push(server, 61).await.unwrap(), "queued");
    }

    async fn case_032_a_quota_from_before_the_clock_was_set_back_keeps_nobody_waiting(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let sender = Sender::new(&world, &app).await;
        assert_eq!(sender.push(&world.parts, 1).await.unwrap(), "queued");
        meddle(&world.db.db, "UPDATE webhook SET spent_until = spent_until + 3600000000").await;
        for n in 2..=30 {
            assert_eq!(sender.push(&world.parts, n).await.unwrap(), "queued");
        }
    }

    async fn case_015_the_same_body_under_a_new_unsigned_id(db: TestDb) {
        let world = World::new(db).await;
        let sha = world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let sender = Sender::new(&world, &app).await;
        let body = serde_json::json!({"repository": REPOSITORY, "ref": "refs/heads/main", "after": sha.as_str(), "message": "m"}).to_string();
        let send = async |id: &str| sender.send(&world.parts, id, "push", &body).await.unwrap();
        assert_eq!(send("one").await, "queued");
        // While it waits, and once it is live.
        assert_eq!(send("two").await, "already_deployed");
        world.drain().await;
        assert_eq!(send("three").await, "already_deployed");
        world.drain().await;
        let all = control::deployments::list(&world.cx, app.id, None, 10).await.unwrap();
        assert_eq!(all.iter().map(|d| d.state).collect::<Vec<_>>(), [State::Live]);
        assert_eq!((world.builder.builds(), world.engine.effects("create_service")), (1, 1));
        // Another branch's event with the same commit is another thing.
        let elsewhere = body.replace("heads/main", "heads/other");
        assert_eq!(sender.send(&world.parts, "four", "push", &elsewhere).await.unwrap(), "ignored:branch");
        // Replayed after a newer one is live, it brings nothing old back.
        let newer = world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# 2\n")]);
        let next = body.replace(sha.as_str(), newer.as_str());
        assert_eq!(sender.send(&world.parts, "five", "push", &next).await.unwrap(), "queued");
        world.drain().await;
        let _ = send("six").await;
        world.drain().await;
        let all = control::deployments::list(&world.cx, app.id, None, 10).await.unwrap();
        let live: Vec<_> = all.iter().filter(|d| d.state == State::Live).collect();
        assert_eq!(live.len(), 1);
        assert_eq!(live[0].commit.as_ref(), Some(&newer));
        assert_eq!(world.builder.builds(), 2);
    }
}
