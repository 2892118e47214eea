//! What a protected environment asks, whoever or whatever starts the deployment, and what it keeps.

use std::collections::BTreeSet;

use skep::{
    control::{self, Error},
    db,
    deploy::queue::{NotQueued, Order, queue},
    domain::{
        app::App,
        deployment::{Cause, State},
        id::ReleaseId,
        name::Sha,
        protection::Protection,
        right::Role,
    },
    reconcile::heads_round,
};
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

use crate::{
    approvals::{ask, asking, other, protect},
    pushes,
};

fn field(error: Error) -> (String, String) {
    match error {
        Error::Invalid(mut faults) => (faults[0].field.clone(), faults.remove(0).code),
        other => panic!("{other:?}"),
    }
}

fn fields(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

/// One of each cause; a new one does not compile before it stands here.
fn causes(world: &World) -> Vec<(Cause, bool)> {
    let user = world.cx.actor.user;
    let all = vec![
        Cause::Webhook { provider: "generic".to_owned(), again: None },
        Cause::Webhook { provider: "generic".to_owned(), again: Some(user) },
        Cause::Poll,
        Cause::Person { user },
        Cause::Rollback { user, to: ReleaseId::new(&*world.parts.clock) },
    ];
    all.into_iter()
        .map(|cause| {
            let free = match &cause {
                Cause::Webhook { .. } | Cause::Poll | Cause::Person { .. } => false,
                Cause::Rollback { .. } => true,
            };
            (cause, free)
        })
        .collect()
}

async fn queued(world: &World, app: &App, cause: Cause, sha: &Sha) -> State {
    let order = Order {
        cause,
        services: BTreeSet::new(),
        reason: Some("why".to_owned()),
        commit: Some(sha.clone()),
        named: false,
        title: None,
        author: None,
    };
    let mut tx = world.parts.db.write().await.unwrap();
    let deployment = queue(&mut tx, &world.parts, app, order).await.unwrap();
    let waits =
        db::job::waits(&mut tx, skep::domain::id::JobId::from_uuid(deployment.id.uuid())).await.unwrap();
    assert_eq!(waits, deployment.state == State::Queued, "what awaits has no job");
    tx.commit().await.unwrap();
    deployment.state
}

#[test]
fn a_deployment_is_made_in_one_place() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src");
    let mut folders = vec![source];
    let mut makers = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if std::fs::read_to_string(&entry).is_ok_and(|text| text.contains("deployment::insert(")) {
                makers.push(entry.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    makers.sort();
    // Adoption records what runs, and starts nothing.
    assert_eq!(makers, ["adopt.rs", "queue.rs"]);
}

db_test! {
    async fn every_cause_awaits_approval_but_an_allowed_return(db: TestDb) {
        let world = World::new(db).await;
        let (app, sha) = asking(&world, 1).await;
        for (cause, free) in causes(&world) {
            let wanted = if free { State::Queued } else { State::AwaitingApproval };
            assert_eq!(queued(&world, &app, cause.clone(), &sha).await, wanted, "{cause:?}");
        }
        protect(&world, &app, Protection { approvals: 2, rollback_without_approval: false, ..Protection::default() }).await;
        for (cause, _) in causes(&world) {
            assert_eq!(queued(&world, &app, cause.clone(), &sha).await, State::AwaitingApproval, "{cause:?}");
        }
    }

    async fn webhook_redelivery_and_poller_ask_and_do_not_start(db: TestDb) {
        let world = World::new(db).await;
        let (app, sha) = asking(&world, 1).await;
        let hook = pushes::hook(&world, &app).await;
        let text = pushes::body("refs/heads/main", &sha, "One");
        let taken = pushes::send(&world, &hook, "d1", &text).await.unwrap();
        assert_eq!((taken.status, taken.outcome.as_str()), (202, "awaiting_approval"));
        let first = taken.deployment.unwrap();
        control::deployments::cancel(&world.cx, first).await.unwrap();
        let delivery = control::deliveries::list(&world.cx, app.id, 1).await.unwrap().remove(0);
        let again = control::deliveries::redeliver(&world.cx, app.id, delivery.id).await.unwrap();
        let again = again.deployment.unwrap();
        // Who gave it in again asked for it.
        assert!(matches!(control::approvals::approve(&world.cx, again, None).await, Err(Error::Forbidden(_))));
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        let newer = world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# 2\n")]);
        control::approvals::approve(&ada, again, None).await.unwrap();
        world.drain().await;
        let live = world.deployment(again).await;
        assert_eq!((live.state, live.commit), (State::Live, Some(sha)), "the approved commit, not the head");

        heads_round(world.parts.clone()).await.unwrap();
        let found = control::deployments::list(&world.cx, app.id, None, 1).await.unwrap().remove(0);
        assert_eq!((found.state, found.commit), (State::AwaitingApproval, Some(newer)));
        let newest = world.git.push(REPOSITORY, "main", "Three", &[("Dockerfile", "FROM scratch\n# 3\n")]);
        heads_round(world.parts.clone()).await.unwrap();
        assert_eq!(world.deployment(found.id).await.state, State::Superseded, "a newer commit takes its place");
        let found = control::deployments::list(&world.cx, app.id, None, 1).await.unwrap().remove(0);
        assert_eq!((found.state, found.commit), (State::AwaitingApproval, Some(newest)));
        world.drain().await;
        assert_eq!(world.builder.builds(), 1);
    }

    async fn branches_reasons_and_pushes_are_ruled(db: TestDb) {
        let world = World::new(db).await;
        let old = world.git.push(REPOSITORY, "main", "Zero", &[("Dockerfile", "FROM scratch\n# 0\n")]);
        let (app, sha) = asking(&world, 0).await;
        let rules = |branches: &[&str]| Protection {
            reason_required: true,
            branches: branches.iter().map(|b| (*b).to_owned()).collect(),
            pushes: false,
            ..Protection::default()
        };
        protect(&world, &app, rules(&["main"])).await;
        let why = || Some("why".to_owned());
        let refused = control::deployments::create(&world.cx, app.id, None, None).await.unwrap_err();
        assert_eq!(field(refused), fields("reason", "required"));
        let refused = control::deployments::create(&world.cx, app.id, why(), Some(old)).await.unwrap_err();
        assert_eq!(field(refused), fields("commit", "commit_not_head"));
        let queued = control::deployments::create(&world.cx, app.id, why(), Some(sha.clone())).await.unwrap();
        assert_eq!(queued.state, State::Queued);
        let hook = pushes::hook(&world, &app).await;
        let taken = pushes::send(&world, &hook, "d1", &pushes::body("refs/heads/main", &sha, "One")).await;
        assert_eq!(taken.unwrap().outcome, "already_deployed");
        control::deployments::cancel(&world.cx, queued.id).await.unwrap();
        let taken = pushes::send(&world, &hook, "d2", &pushes::body("refs/heads/main", &sha, "One")).await;
        assert_eq!(taken.unwrap().outcome, "ignored:pushes_off");

        // What waits is looked at once more when it begins.
        let queued = ask(&world.cx, &app).await;
        protect(&world, &app, rules(&["release/*"])).await;
        world.drain().await;
        assert_eq!(world.deployment(queued.id).await.failure.unwrap().code, "branch_not_allowed");
        let refused = control::deployments::create(&world.cx, app.id, why(), None).await.unwrap_err();
        assert_eq!(field(refused), fields("source.follow", "branch_not_allowed"));
        let wrong = Protection { approvals: 3, branches: vec!["main".into(), "a[".into()], ..Protection::default() };
        match control::protection::set(&world.cx, app.environment, Some(wrong)).await.unwrap_err() {
            Error::Invalid(faults) => {
                let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
                assert_eq!(fields, ["approvals", "branches[1]"]);
            }
            other => panic!("{other:?}"),
        }
    }

    async fn an_order_without_its_commit_is_not_approved(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let cause = Cause::Person { user: world.cx.actor.user };
        let (reason, services) = (None, BTreeSet::new());
        let order = Order { cause, services, reason, commit: None, named: false, title: None, author: None };
        let mut tx = world.parts.db.write().await.unwrap();
        match queue(&mut tx, &world.parts, &app, order).await {
            Err(NotQueued::Refused(broken)) => assert_eq!((broken.0, broken.1.code), ("commit", "not_pinned")),
            other => panic!("{other:?}"),
        }
    }

    async fn going_back_needs_a_reason_alone_and_restarts_nothing_at_all(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
        let app = world.git_app("shop").await;
        world.deploy_live(&app).await;
        world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# 2\n")]);
        world.deploy_live(&app).await;
        protect(&world, &app, Protection { approvals: 1, ..Protection::default() }).await;
        let waits = ask(&world.cx, &app).await;
        let refused = control::deployments::rollback(&world.cx, app.id, None, None).await.unwrap_err();
        assert_eq!(field(refused), fields("reason", "required"));
        assert_eq!(world.deployment(waits.id).await.state, State::AwaitingApproval, "nothing was changed");
        let back = control::deployments::rollback(&world.cx, app.id, None, Some("broken".to_owned())).await.unwrap();
        assert_eq!(back.state, State::Queued);
        assert_eq!(world.deployment(waits.id).await.state, State::Superseded);
        world.drain().await;
        assert_eq!(world.deployment(back.id).await.state, State::Live);
        control::lifecycle::scale(&world.cx, app.id, None, 2).await.unwrap();
        control::lifecycle::restart(&world.cx, app.id, None).await.unwrap();
        world.drain().await;
        protect(&world, &app, Protection { approvals: 1, rollback_without_approval: false, ..Protection::default() }).await;
        let back = control::deployments::rollback(&world.cx, app.id, None, None).await.unwrap();
        assert_eq!(back.state, State::AwaitingApproval);
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        control::approvals::approve(&ada, back.id, None).await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(back.id).await.state, State::Live);
    }

    async fn a_protected_environment_is_neither_reset_nor_removed(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        world.deploy_live(&app).await;
        protect(&world, &app, Protection::default()).await;
        let protected = |error: Error| matches!(error, Error::Conflict { code: "protected", .. });
        assert!(protected(control::environments::reset(&world.cx, app.environment, false).await.unwrap_err()));
        assert!(protected(control::environments::delete(&world.cx, app.environment).await.unwrap_err()));
        control::protection::set(&world.cx, app.environment, None).await.unwrap();
        assert_eq!(control::environments::reset(&world.cx, app.environment, false).await.unwrap(), 1);
        assert_eq!(control::environments::reset(&world.cx, app.environment, false).await.unwrap(), 0);
        world.drain().await;
        assert!(matches!(control::apps::get(&world.cx, app.id).await, Err(Error::NotFound(_))));
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        assert!(observed.services.is_empty());
        let environment = control::environments::get(&world.cx, app.environment).await.unwrap();
        protect(&world, &app, Protection::default()).await;
        assert!(protected(control::projects::delete(&world.cx, environment.project).await.unwrap_err()));
        control::protection::set(&world.cx, app.environment, None).await.unwrap();
        control::environments::delete(&world.cx, app.environment).await.unwrap();
    }
}
