//! Signed deliveries through control: what is queued, what is ignored and why.

use axum::http::HeaderMap;
use skep::{
    control::{
        self,
        deliveries::{Answer, NotTaken},
    },
    db,
    domain::{
        app::App,
        delivery::{Provider, Webhook},
        deployment::State,
        name::Sha,
        secret::Secret,
    },
    git::deliveries::sign,
    jobs,
};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};
use tokio_util::sync::CancellationToken;

pub struct Hook {
    pub webhook: Webhook,
    secret: Secret,
}

pub async fn hook(world: &World, app: &App) -> Hook {
    let (webhook, secret) = control::webhooks::create(&world.cx, app.id, Provider::Generic).await.unwrap();
    Hook { webhook, secret }
}

pub fn body(reference: &str, sha: &Sha, message: &str) -> String {
    serde_json::json!({
        "repository": REPOSITORY, "ref": reference, "after": sha.as_str(),
        "message": message, "author": "Ada",
    })
    .to_string()
}

pub async fn send(world: &World, hook: &Hook, id: &str, body: &str) -> Result<Answer, NotTaken> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("x-skep-delivery", id.parse().unwrap());
    headers.insert("x-skep-signature-256", sign(&hook.secret, body.as_bytes()).parse().unwrap());
    control::deliveries::receive(&world.parts, Provider::Generic, hook.webhook.id, &headers, body.as_bytes())
        .await
}

db_test! {
    async fn case_014_the_same_delivery_again_is_a_duplicate(db: TestDb) {
        let world = World::new(db).await;
        let sha = world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let hook = hook(&world, &app).await;
        let text = body("refs/heads/main", &sha, "One");
        let first = send(&world, &hook, "d1", &text).await.unwrap();
        assert_eq!((first.status, first.outcome.as_str()), (202, "queued"));
        let second = send(&world, &hook, "d1", &text).await.unwrap();
        assert_eq!((second.status, second.outcome.as_str()), (200, "duplicate"));
        // Case 15: a new, unsigned id around the same body.
        let third = send(&world, &hook, "d2", &text).await.unwrap();
        assert_eq!((third.status, third.outcome.as_str()), (200, "already_deployed"));
        world.drain().await;
        assert_eq!(world.deployment(first.deployment.unwrap()).await.state, State::Live);
        assert_eq!(control::deployments::list(&world.cx, app.id, None, 10).await.unwrap().len(), 1);
        let log = control::deliveries::list(&world.cx, app.id, 10).await.unwrap();
        assert_eq!(log.len(), 2);
    }

    async fn fault_20_ten_copies_at_once_are_one_deployment(db: TestDb) {
        let world = std::sync::Arc::new(World::new(db).await);
        let sha = world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let hook = std::sync::Arc::new(hook(&world, &app).await);
        let text = body("refs/heads/main", &sha, "One");
        let copies: Vec<_> = (0..10).map(|_| {
            let (world, hook, text) = (world.clone(), hook.clone(), text.clone());
            tokio::spawn(async move { send(&world, &hook, "same", &text).await.unwrap().outcome })
        }).collect();
        let mut outcomes = Vec::new();
        for copy in copies {
            outcomes.push(copy.await.unwrap());
        }
        assert_eq!(outcomes.iter().filter(|o| *o == "queued").count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|o| *o == "duplicate").count(), 9, "{outcomes:?}");
        world.drain().await;
        assert_eq!(control::deployments::list(&world.cx, app.id, None, 10).await.unwrap().len(), 1);
    }

    async fn fault_21_an_older_event_that_comes_late_changes_nothing(db: TestDb) {
        let world = World::new(db).await;
        let old = world.git.push(REPOSITORY, "main", "Old", &[("Dockerfile", "FROM scratch\n")]);
        let new = world.git.push(REPOSITORY, "main", "New", &[("Dockerfile", "FROM scratch\n# 2\n")]);
        let app = world.git_app("shop").await;
        let hook = hook(&world, &app).await;
        let newest = send(&world, &hook, "2", &body("refs/heads/main", &new, "New")).await.unwrap();
        world.drain().await;
        let late = send(&world, &hook, "1", &body("refs/heads/main", &old, "Old")).await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(newest.deployment.unwrap()).await.state, State::Live);
        assert_eq!(world.deployment(late.deployment.unwrap()).await.state, State::Superseded);
        assert_eq!(world.builder.builds(), 1);
    }

    async fn fault_22_many_pushes_coalesce_to_the_newest(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let hook = hook(&world, &app).await;
        let mut last = None;
        for i in 0..30 {
            let sha = world.git.push(REPOSITORY, "main", &format!("{i}"), &[("Dockerfile", "FROM scratch\n")]);
            last = Some((sha.clone(), send(&world, &hook, &i.to_string(), &body("refs/heads/main", &sha, "x")).await.unwrap()));
        }
        let waiting = control::deployments::list(&world.cx, app.id, None, 100).await.unwrap();
        assert_eq!(waiting.iter().filter(|d| d.state == State::Queued).count(), 1, "case 32: at most one waits");
        world.drain().await;
        let (sha, answer) = last.unwrap();
        let live = world.deployment(answer.deployment.unwrap()).await;
        assert_eq!((live.state, live.commit.as_ref()), (State::Live, Some(&sha)));
        assert_eq!(world.builder.builds(), 1);
    }

    async fn one_that_cannot_go_on_now_is_tried_again_or_leaves_the_way_to_a_newer_one(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let hook = hook(&world, &app).await;
        let push = async |title: &str| {
            let sha = world.git.push(REPOSITORY, "main", title, &[("Dockerfile", "FROM scratch\n")]);
            send(&world, &hook, title, &body("refs/heads/main", &sha, title)).await.unwrap().deployment.unwrap()
        };
        let worker = jobs::Worker::new(world.parts.clone(), CancellationToken::new());
        let hurry = async || {
            let mut tx = world.parts.db.write().await.unwrap();
            db::job::hurry(&mut tx, &format!("app:{}", app.id)).await.unwrap();
            tx.commit().await.unwrap();
            worker.drain().await.unwrap();
        };
        let said = async |id| {
            let lines = control::deployments::log(&world.cx, id, 0, 1000).await.unwrap();
            lines.into_iter().map(|line| line.line).collect::<Vec<_>>()
        };
        let tries = async |id| said(id).await.iter().filter(|line| line.ends_with("tried again soon.")).count();
        world.engine.set_down(true);
        let first = push("One").await;
        worker.drain().await.unwrap();
        hurry().await;
        assert_eq!(tries(first).await, 2, "alone it is tried again");
        let second = push("Two").await;
        worker.drain().await.unwrap();
        assert_eq!(tries(first).await, 2);
        assert_eq!(world.deployment(second).await.state, State::Queued, "until the first is due");
        hurry().await;
        assert_eq!(world.deployment(first).await.state, State::Superseded);
        let last = said(first).await.pop().unwrap();
        assert!(last.ends_with("It is not tried again, as a newer deployment waits."), "{last}");
        assert_eq!(tries(second).await, 1);
        let third = push("Three").await;
        worker.drain().await.unwrap();
        assert_eq!((tries(second).await, tries(third).await), (1, 0), "nobody is chased");
        world.engine.set_down(false);
        hurry().await;
        assert_eq!(world.deployment(second).await.state, State::Retired);
        assert_eq!(world.deployment(third).await.state, State::Live);
        let said = said(second).await;
        assert!(!said.iter().any(|line| line.contains("database")), "{said:?}");
    }

    async fn what_is_not_meant_is_ignored_with_its_reason(db: TestDb) {
        let world = World::new(db).await;
        let sha = world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let hook = hook(&world, &app).await;
        let zero = Sha::parse(&"0".repeat(40)).unwrap();
        let cases = [
            ("case 22", body("refs/heads/other", &sha, "x"), "ignored:branch"),
            ("case 23", body("refs/heads/main", &zero, "x"), "ignored:branch_deleted"),
            ("case 25", body("refs/tags/v1", &sha, "x"), "ignored:tag"),
            ("case 28", body("refs/heads/main", &sha, "x").replace("acme/shop", "evil/shop"), "ignored:repository_mismatch"),
            ("case 34", body("refs/heads/main", &sha, "x [skip ci]"), "ignored:skip_marker"),
        ];
        for (case, text, outcome) in cases {
            let answer = send(&world, &hook, case, &text).await.unwrap();
            assert_eq!((answer.status, answer.outcome.as_str()), (200, outcome), "{case}");
        }
        let change = control::apps::Change { auto_deploy: Some(false), ..Default::default() };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        let off = send(&world, &hook, "off", &body("refs/heads/main", &sha, "x")).await.unwrap();
        assert_eq!(off.outcome, "ignored:auto_deploy_off");
        assert!(control::deployments::list(&world.cx, app.id, None, 10).await.unwrap().is_empty());
    }

    async fn case_033_the_old_secret_counts_for_its_grace_only(db: TestDb) {
        let world = World::new(db).await;
        let sha = world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        let old = hook(&world, &app).await;
        control::webhooks::rotate(&world.cx, app.id, old.webhook.id).await.unwrap();
        let inside = send(&world, &old, "1", &body("refs/heads/main", &sha, "x")).await.unwrap();
        assert_eq!(inside.status, 202);
        control::webhooks::rotate(&world.cx, app.id, old.webhook.id).await.unwrap();
        let gone = send(&world, &old, "2", &body("refs/heads/main", &sha, "x")).await;
        assert!(matches!(gone, Err(NotTaken::Rejected(r)) if r.status == 401));
    }
}
