//! Deployments that await approval: who may give it, what it is for, and how the waiting ends.

use std::sync::Arc;

use skep::{
    control::{self, Ctx, Error, approvals::approve},
    db,
    deploy::parts::Parts,
    domain::{
        app::App,
        clock::{Clock as _, MockClock, SystemClock},
        deployment::{Deployment, State},
        id::JobId,
        identity::Actor,
        job::Work,
        name::{Sha, Slug},
        protection::Protection,
        right::{Place, Role},
    },
    reconcile::janitor_round,
};
use skep_tests::{
    db_test,
    world::{self, REPOSITORY, World},
};

/// A world with an app from git in an environment that asks for so many approvals, and its first commit.
pub async fn asking(world: &World, approvals: i64) -> (App, Sha) {
    let sha = world.git.push(REPOSITORY, "main", "One", &[("Dockerfile", "FROM scratch\n")]);
    let app = world.git_app("shop").await;
    protect(world, &app, Protection { approvals, ..Protection::default() }).await;
    (app, sha)
}

/// Protects the environment of an app.
pub async fn protect(world: &World, app: &App, rules: Protection) {
    control::protection::set(&world.cx, app.environment, Some(rules)).await.unwrap();
}

/// Somebody else of the team.
pub async fn other(world: &World, email: &str, role: Role) -> Ctx {
    let actor = world::member(&world.parts, world.cx.team(), email, &[(Place::Team, role)]).await;
    world::context(&world.parts, &world::caller(&world.parts, actor, false).await)
}

pub async fn ask(cx: &Ctx, app: &App) -> Deployment {
    control::deployments::create(cx, app.id, Some("new prices".to_owned()), None).await.unwrap()
}

async fn decided(world: &World, deployment: &Deployment) -> usize {
    control::approvals::of(&world.cx, deployment.id).await.unwrap().given.len()
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Conflict { code, .. } => code,
        Error::Forbidden(_) => "forbidden",
        other => panic!("{other:?}"),
    }
}

db_test! {
    async fn a_service_account_asks_and_does_not_approve(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let name = Slug::parse("ci").unwrap();
        let account = control::service_accounts::create(&world.cx, name).await.unwrap();
        control::members::change(&world.cx, account.user, &[(Place::Team, Role::Admin)]).await.unwrap();
        let actor = Actor { user: account.user, team: world.cx.team() };
        let ci = world::context(&world.parts, &world::caller(&world.parts, actor, false).await);
        let asked = ask(&world.cx, &app).await;
        assert!(!control::approvals::of(&ci, asked.id).await.unwrap().mine);
        let refused = approve(&ci, asked.id, None).await.unwrap_err();
        assert!(matches!(&refused, Error::Forbidden(why) if why.contains("service account")), "{refused:?}");
        assert_eq!(decided(&world, &asked).await, 0);
        // What it asks for itself is approved by a person.
        let own = ask(&ci, &app).await;
        assert_eq!(own.state, State::AwaitingApproval);
        approve(&world.cx, own.id, None).await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(own.id).await.state, State::Live);
        let names = control::glance::names(&world.cx, &[own]).await.unwrap();
        assert!(names.people.values().any(|email| email.service() == Some("ci")), "it is told by its name");
    }

    async fn two_others_approve_and_the_commit_that_they_saw_goes_live(db: TestDb) {
        let world = World::new(db).await;
        let (app, sha) = asking(&world, 2).await;
        let (ada, bob) = (other(&world, "ada@example.org", Role::Admin).await, other(&world, "bob@example.org", Role::Admin).await);
        let asked = ask(&world.cx, &app).await;
        assert_eq!((asked.state, asked.commit.as_ref(), asked.approvals), (State::AwaitingApproval, Some(&sha), 2));
        let calls = world.git.calls().len();
        world.drain().await;
        assert_eq!((world.git.calls().len(), world.builder.builds()), (calls, 0), "nothing of it runs");
        world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# 2\n")]);

        let first = approve(&ada, asked.id, Some("looks good".to_owned())).await.unwrap();
        assert_eq!(first.state, State::AwaitingApproval);
        world.drain().await;
        assert_eq!(world.deployment(asked.id).await.state, State::AwaitingApproval);
        assert_eq!(code(&approve(&ada, asked.id, None).await.unwrap_err()), "approved", "one person counts once");
        let seen = control::approvals::of(&bob, asked.id).await.unwrap();
        assert!(seen.mine && seen.needed == 2 && seen.until.is_some());
        assert!(!control::approvals::of(&ada, asked.id).await.unwrap().mine);

        assert_eq!(approve(&bob, asked.id, None).await.unwrap().state, State::Queued);
        world.drain().await;
        let live = world.deployment(asked.id).await;
        assert_eq!((live.state, live.commit.as_ref()), (State::Live, Some(&sha)), "{:?}", live.failure);
        let record = control::approvals::of(&world.cx, asked.id).await.unwrap();
        let said: Vec<_> = record.given.iter().map(|(d, email)| (d.approved, d.comment.as_deref(), email.as_ref().unwrap().as_str())).collect();
        assert_eq!(said, [(true, Some("looks good"), "ada@example.org"), (true, None, "bob@example.org")]);
    }

    async fn who_asked_does_not_approve_nor_who_lost_the_right_a_moment_ago(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        let deployer = other(&world, "dev@example.org", Role::Deployer).await;
        let asked = ask(&world.cx, &app).await;
        assert_eq!(code(&approve(&world.cx, asked.id, None).await.unwrap_err()), "forbidden");
        assert_eq!(code(&approve(&deployer, asked.id, None).await.unwrap_err()), "forbidden");
        // A token of the same person, whatever it may do, is the same person.
        let caller = world::caller(&world.parts, world.cx.actor, false).await;
        let token = world::context(&world.parts, &caller);
        assert_eq!(code(&approve(&token, asked.id, None).await.unwrap_err()), "forbidden");

        let mut tx = world.parts.db.write().await.unwrap();
        db::team::take_all(&mut tx, world.cx.team(), ada.actor.user).await.unwrap();
        tx.commit().await.unwrap();
        // Her request came while she had the right.
        assert_eq!(code(&approve(&ada, asked.id, None).await.unwrap_err()), "forbidden");
        assert_eq!(code(&control::approvals::reject(&ada, asked.id, None).await.unwrap_err()), "forbidden");
        assert_eq!(decided(&world, &asked).await, 0);
        assert_eq!(world.deployment(asked.id).await.state, State::AwaitingApproval);
    }

    async fn approvals_of_an_older_one_do_not_count_for_the_newer(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 2).await;
        let (ada, bob) = (other(&world, "ada@example.org", Role::Admin).await, other(&world, "bob@example.org", Role::Admin).await);
        let older = ask(&world.cx, &app).await;
        approve(&ada, older.id, None).await.unwrap();
        let sha = world.git.push(REPOSITORY, "main", "Two", &[("Dockerfile", "FROM scratch\n# 2\n")]);
        let newer = ask(&world.cx, &app).await;
        assert_eq!((world.deployment(older.id).await.state, newer.commit.as_ref()), (State::Superseded, Some(&sha)));
        assert_eq!(code(&approve(&bob, older.id, None).await.unwrap_err()), "not_awaiting");
        assert_eq!(approve(&bob, newer.id, None).await.unwrap().state, State::AwaitingApproval);
        assert_eq!(approve(&ada, newer.id, None).await.unwrap().state, State::Queued);
    }

    async fn one_that_was_approved_gives_way_only_to_one_that_is_too(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        let first = ask(&world.cx, &app).await;
        approve(&ada, first.id, None).await.unwrap();
        let second = ask(&world.cx, &app).await;
        assert_eq!(world.deployment(first.id).await.state, State::Queued);
        approve(&ada, second.id, None).await.unwrap();
        assert_eq!(world.deployment(first.id).await.state, State::Superseded);
        world.drain().await;
        assert_eq!(world.deployment(second.id).await.state, State::Live);
        assert_eq!(world.builder.builds(), 1);
    }

    async fn it_ends_when_it_is_cancelled_or_rejected(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        let asked = ask(&world.cx, &app).await;
        assert_eq!(control::deployments::cancel(&world.cx, asked.id).await.unwrap().state, State::Cancelled);
        let asked = ask(&world.cx, &app).await;
        let words = Some("not on a Friday".to_owned());
        let rejected = control::approvals::reject(&ada, asked.id, words.clone()).await.unwrap();
        assert!(rejected.state == State::Rejected && rejected.finished_at.is_some());
        let (decision, _) = control::approvals::of(&world.cx, asked.id).await.unwrap().given.remove(0);
        assert_eq!((decision.approved, decision.comment), (false, words));
        assert_eq!(code(&approve(&ada, asked.id, None).await.unwrap_err()), "not_awaiting");
        let long = approve(&ada, asked.id, Some("x".repeat(501))).await.unwrap_err();
        assert!(matches!(&long, Error::Invalid(faults) if faults[0].field == "comment"), "{long:?}");
        world.drain().await;
        assert_eq!(world.engine.effects("create_service"), 0);
    }

    async fn after_seven_days_it_ends_and_says_why(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        let asked = ask(&world.cx, &app).await;
        let clock = Arc::new(MockClock::at(SystemClock.now() + chrono::Duration::days(6)));
        let later = Parts { clock: clock.clone(), ..world.parts.clone() };
        janitor_round(later.clone()).await.unwrap();
        assert_eq!(world.deployment(asked.id).await.state, State::AwaitingApproval, "the janitor ends no one that merely waits");
        clock.advance(chrono::Duration::days(2));
        let late = Ctx { parts: later.clone(), ..ada };
        assert_eq!(code(&approve(&late, asked.id, None).await.unwrap_err()), "expired");
        janitor_round(later).await.unwrap();
        let ended = world.deployment(asked.id).await;
        assert_eq!((ended.state, ended.failure.unwrap().code.as_str()), (State::Cancelled, "expired"));
    }

    async fn the_last_approval_and_the_job_are_one(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        let asked = ask(&world.cx, &app).await;
        // What stands in the way of the job takes the approval and the state back with it.
        let job = JobId::from_uuid(asked.id.uuid());
        let mut tx = world.parts.db.write().await.unwrap();
        let work = Work::CommitStatus { deployment: asked.id, state: "queued".to_owned() };
        db::job::enqueue(&mut tx, job, &work, "in the way").await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(approve(&ada, asked.id, None).await, Err(Error::Internal(_))));
        assert_eq!((world.deployment(asked.id).await.state, decided(&world, &asked).await), (State::AwaitingApproval, 0));
        let mut tx = world.parts.db.write().await.unwrap();
        db::job::withdraw(&mut tx, job).await.unwrap();
        tx.commit().await.unwrap();
        approve(&ada, asked.id, None).await.unwrap();
        // Whoever dies here has left a job that another worker finds.
        world.drain().await;
        assert_eq!(world.deployment(asked.id).await.state, State::Live);
    }

    async fn settings_that_nobody_approved_are_not_deployed(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        let change = |port: u16| control::apps::Change {
            settings: Some(serde_json::from_value(serde_json::json!({"port": port})).unwrap()),
            ..Default::default()
        };
        let asked = ask(&world.cx, &app).await;
        control::apps::configure(&world.cx, app.id, change(81)).await.unwrap();
        assert_eq!(code(&approve(&ada, asked.id, None).await.unwrap_err()), "changed_since_approval");
        let asked = ask(&world.cx, &app).await;
        approve(&ada, asked.id, None).await.unwrap();
        control::apps::configure(&world.cx, app.id, change(82)).await.unwrap();
        world.drain().await;
        let ended = world.deployment(asked.id).await;
        assert_eq!((ended.state, ended.failure.unwrap().code.as_str()), (State::Failed, "changed_since_approval"));
        assert_eq!((world.builder.builds(), world.engine.effects("create_service")), (0, 0));
    }

    async fn a_stopped_app_starts_with_the_approval(db: TestDb) {
        let world = World::new(db).await;
        let (app, _) = asking(&world, 1).await;
        let ada = other(&world, "ada@example.org", Role::Admin).await;
        control::lifecycle::stop(&world.cx, app.id).await.unwrap();
        let asked = ask(&world.cx, &app).await;
        assert_eq!(control::apps::get(&world.cx, app.id).await.unwrap().wanted.name(), "stopped");
        approve(&ada, asked.id, None).await.unwrap();
        world.drain().await;
        assert_eq!(control::apps::get(&world.cx, app.id).await.unwrap().wanted.name(), "running");
        assert_eq!(world.deployment(asked.id).await.state, State::Live);
    }
}
