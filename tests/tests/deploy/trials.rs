//! A new version beside the old one: canary and blue/green, by steps, by hand, back again, and with a
//! server that dies in any of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use skep::{
    control, db,
    deploy::fault::{FaultPoints, Moment},
    domain::{
        app::App,
        deployment::{Deployment, State},
        id::DeploymentId,
        name::ImageRef,
        shift::Shift,
        step::Step,
        traffic::Counts,
    },
    reconcile,
    swarm::{Engine as _, ImageFacts, fake::Behaviour},
};
use skep_tests::{db_test, world::World};

/// An app whose first version is live, and whose second one is on its way by this strategy.
async fn changed(world: &World, strategy: Value) -> (App, DeploymentId) {
    let app = world.image_app("shop", "registry.example.org/shop:1").await;
    world.deploy_live(&app).await;
    world.engine.add_image(
        "registry.example.org/shop:2",
        ImageFacts { id: "sha256:2".to_owned(), ..ImageFacts::default() },
    );
    let change = control::apps::Change {
        source: Some(skep::domain::app::Source::Image {
            image: ImageRef::parse("registry.example.org/shop:2").unwrap(),
            credential: None,
        }),
        settings: Some(
            serde_json::from_value(json!({
                "port": 8080, "update": {"monitor": "1s", "deadline": "30s", "strategy": strategy}
            }))
            .unwrap(),
        ),
        ..Default::default()
    };
    let app = control::apps::configure(&world.cx, app.id, change).await.unwrap();
    world.engine.reset_counts();
    let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
    (app, queued.id)
}

/// Runs what is due until the deployment is as it should be.
async fn until(
    world: &World,
    id: DeploymentId,
    what: &str,
    is: impl AsyncFn(&Deployment) -> bool,
) -> Deployment {
    for _ in 0..300 {
        world.drain().await;
        let deployment = world.deployment(id).await;
        if is(&deployment).await {
            return deployment;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not {what}: {:?}", world.deployment(id).await);
}

async fn shift(world: &World, id: DeploymentId) -> Option<Shift> {
    control::shifts::get(&world.cx, id).await.unwrap()
}

async fn at_weight(world: &World, id: DeploymentId, weight: u8) {
    until(world, id, "at that share", async |_| {
        shift(world, id).await.is_some_and(|shift| shift.weight == weight)
    })
    .await;
}

async fn ended(world: &World, id: DeploymentId) -> Deployment {
    until(world, id, "ended", async |deployment| deployment.state.ended()).await
}

/// Service and share of each group of servers that the app's domain leads to.
async fn led_to(world: &World, app: &App) -> Vec<(u64, usize)> {
    reconcile::edge_round(&world.parts).await.unwrap();
    let document: Value = serde_json::from_slice(&world.parts.edge.current().unwrap().json).unwrap();
    let domain = control::domains::list(&world.cx, app.id).await.unwrap().remove(0);
    let services = &document["http"]["services"];
    let servers =
        |name: &str| services[name]["loadBalancer"]["servers"].as_array().map_or(0, std::vec::Vec::len);
    let name = format!("d-{}", domain.id);
    match services[&name]["weighted"]["services"].as_array() {
        Some(shares) => shares
            .iter()
            .map(|share| (share["weight"].as_u64().unwrap(), servers(share["name"].as_str().unwrap())))
            .collect(),
        None => vec![(100, servers(&name))],
    }
}

async fn images(world: &World, app: &App) -> Vec<(String, String)> {
    let observed = world.engine.observe(&app.stack).await.unwrap();
    let image = |service: &skep_stack::models::Service| {
        let spec = service.spec.as_ref().unwrap();
        spec.labels.as_ref().unwrap()["com.docker.stack.image"].rsplit_once(':').unwrap().1.to_owned()
    };
    observed
        .services
        .iter()
        .map(|(name, service)| (name.replace(&app.stack, "web"), image(service)))
        .collect()
}

/// An edge counted requests that a service answered, some of them with 500.
async fn count(world: &World, app: &App, service: &str, requests: u64, errors: u64) {
    let domain = control::domains::list(&world.cx, app.id).await.unwrap().remove(0);
    let name = service.replace("web", &app.stack);
    let mut tx = world.parts.db.write().await.unwrap();
    let routes = db::domain_name::routes(&mut tx).await.unwrap();
    let address = &routes.iter().find(|route| route.service == name).unwrap().address;
    let mut counts = Counts::default();
    for (class, requests) in [(2, requests - errors), (5, errors)] {
        counts.tally(class, &format!("{address}:8080")).0.requests += requests;
    }
    let now = world.parts.clock.now().timestamp();
    db::traffic::add(&mut tx, domain.id, 10, now - now % 10, &counts.to_string()).await.unwrap();
    tx.commit().await.unwrap();
}

fn only(name: &str, image: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), image.to_owned())]
}

fn both() -> Vec<(String, String)> {
    [only("web", "1"), only("web__next", "2")].concat()
}

db_test! {
    async fn a_canary_gets_its_shares_and_then_all(db: TestDb) {
        let world = World::new(db).await;
        let steps = json!([{"weight": 10}, {"weight": 50, "pause": "1s"}]);
        let (app, id) = changed(&world, json!({"kind": "canary", "steps": steps})).await;
        at_weight(&world, id, 10).await;
        assert_eq!(world.deployment(id).await.state, State::Shifting);
        assert_eq!(images(&world, &app).await, both());
        assert_eq!(led_to(&world, &app).await, [(90, 1), (10, 1)]);
        // It waits for a person, and holds up nobody else: a restart leaves the trial alone.
        control::lifecycle::restart(&world.cx, app.id, None).await.unwrap();
        world.drain().await;
        assert_eq!(images(&world, &app).await, both());
        control::shifts::go_on(&world.cx, id).await.unwrap();
        let live = ended(&world, id).await;
        assert_eq!(live.state, State::Live, "{:?}", live.failure);
        assert_eq!(images(&world, &app).await, only("web", "2"));
        assert_eq!(led_to(&world, &app).await, [(100, 1)]);
        assert!(shift(&world, id).await.is_none());
        let done: Vec<Step> = control::deployments::steps(&world.cx, id).await.unwrap().iter().map(|s| s.step).collect();
        assert_eq!(done, Step::ALL);
    }

    async fn blue_green_switches_all_at_once_and_back_by_a_word(db: TestDb) {
        let world = World::new(db).await;
        let (app, id) = changed(&world, json!({"kind": "blue_green", "keep": "1h"})).await;
        at_weight(&world, id, 100).await;
        assert_eq!(images(&world, &app).await, both());
        assert_eq!(led_to(&world, &app).await, [(100, 1)]);
        control::deployments::cancel(&world.cx, id).await.unwrap();
        let back = ended(&world, id).await;
        assert_eq!(back.state, State::Cancelled, "{:?}", back.failure);
        assert_eq!(images(&world, &app).await, only("web", "1"));
        assert_eq!(led_to(&world, &app).await, [(100, 1)]);
        assert_eq!(world.engine.effects("create_service"), 1, "the trial alone was started");
        let mut tx = world.parts.db.read().await.unwrap();
        assert_eq!(db::deployment::living(&mut tx, app.id).await.unwrap().map(|d| d.number), Some(1));
    }

    async fn blue_green_lets_the_old_version_go_when_its_time_is_over(db: TestDb) {
        let world = World::new(db).await;
        let (app, id) = changed(&world, json!({"kind": "blue_green", "keep": "1s"})).await;
        assert_eq!(ended(&world, id).await.state, State::Live);
        assert_eq!(images(&world, &app).await, only("web", "2"));
        let again = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        assert_eq!(ended(&world, again.id).await.state, State::Live, "nothing differs: nothing is tried");
    }

    async fn a_canary_that_fails_more_often_is_taken_back(db: TestDb) {
        let world = World::new(db).await;
        let steps = json!([{"weight": 10}]);
        let (app, id) = changed(&world, json!({"kind": "canary", "steps": steps, "max_errors": 4})).await;
        at_weight(&world, id, 10).await;
        reconcile::edge_round(&world.parts).await.unwrap();
        // Both fail as often: that is not its fault.
        count(&world, &app, "web", 400, 20).await;
        count(&world, &app, "web__next", 40, 2).await;
        world.parts.bus.publish(skep::bus::Hint::Jobs).await;
        world.drain().await;
        assert_eq!(world.deployment(id).await.state, State::Shifting);
        count(&world, &app, "web__next", 40, 20).await;
        let back = ended(&world, id).await;
        assert_eq!(back.state, State::RolledBack, "{:?}", back.failure);
        let failure = back.failure.unwrap();
        assert_eq!((failure.step, failure.code.as_str()), (Step::Shift, "canary_errors"));
        assert!(failure.message.contains("of 80 answers"), "{}", failure.message);
        assert_eq!(images(&world, &app).await, only("web", "1"));
        assert_eq!(led_to(&world, &app).await, [(100, 1)]);
    }

    async fn a_held_canary_waits_for_a_word(db: TestDb) {
        let world = World::new(db).await;
        let steps = json!([{"weight": 10, "pause": "2s"}]);
        let (_, id) = changed(&world, json!({"kind": "canary", "steps": steps})).await;
        at_weight(&world, id, 10).await;
        let held = control::shifts::hold(&world.cx, id).await.unwrap();
        assert!(held.by_hand);
        tokio::time::sleep(Duration::from_secs(3)).await;
        world.drain().await;
        assert_eq!(world.deployment(id).await.state, State::Shifting);
        control::shifts::go_on(&world.cx, id).await.unwrap();
        assert_eq!(ended(&world, id).await.state, State::Live);
        let late = control::shifts::go_on(&world.cx, id).await.unwrap_err();
        assert!(late.to_string().contains("no visitors"), "{late}");
    }

    async fn fault_10_a_trial_that_crashes_gets_no_visitor(db: TestDb) {
        let world = World::new(db).await;
        world.engine.image_behaves("shop:2", Behaviour::CrashesAtStart);
        let (app, id) = changed(&world, json!({"kind": "canary"})).await;
        let failed = ended(&world, id).await;
        assert_eq!(failed.state, State::RolledBack, "{:?}", failed.failure);
        assert_eq!(failed.failure.unwrap().code, "unhealthy");
        assert_eq!(images(&world, &app).await, only("web", "1"));
        assert_eq!(world.engine.effects("update_service"), 0, "what serves was not touched");
    }

    async fn a_trial_beside_a_volume_is_refused_with_the_way_out(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let settings = json!({"port": 8080, "mounts": [{"kind": "volume", "name": "data", "target": "/data"}],
            "update": {"strategy": {"kind": "blue_green"}}});
        let change = control::apps::Change { settings: Some(serde_json::from_value(settings).unwrap()), ..Default::default() };
        let refused = control::apps::configure(&world.cx, app.id, change).await;
        let text = match refused {
            Err(error) => format!("{error:?}"),
            Ok(app) => world.deploy(&app).await.failure.unwrap().message,
        };
        assert!(text.contains("settings.update.strategy") && text.contains("`recreate`"), "{text}");
    }

    async fn fault_01_killed_in_shift(db: TestDb) {
        survives(World::new(db).await, Step::Shift).await;
    }

    async fn fault_01_killed_in_replace(db: TestDb) {
        survives(World::new(db).await, Step::Replace).await;
    }

    async fn fault_01_killed_in_publish_of_a_trial(db: TestDb) {
        survives(World::new(db).await, Step::Publish).await;
    }
}

/// The server dies before and after the work of a step: another goes on, and it ends as it should.
async fn survives(world: World, step: Step) {
    let steps = json!([{"weight": 30, "pause": "1s"}]);
    let (app, id) = changed(&world, json!({"kind": "canary", "steps": steps})).await;
    for moment in [Moment::Entered, Moment::Worked] {
        let died = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&died);
        let points =
            FaultPoints::new(move |s, m| (s, m) == (step, moment) && !seen.swap(true, Ordering::SeqCst));
        for _ in 0..300 {
            if died.load(Ordering::SeqCst) || world.deployment(id).await.state.ended() {
                break;
            }
            world.dying(points.clone()).drain().await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(died.load(Ordering::SeqCst), "{step:?} {moment:?} was not reached");
        world.free().await;
    }
    let live = ended(&world, id).await;
    assert_eq!(live.state, State::Live, "{step:?}: {:?}", live.failure);
    // A server that dies between the publication and the trial's end leaves the end to the janitor.
    reconcile::janitor_round(world.parts.clone()).await.unwrap();
    assert_eq!(images(&world, &app).await, only("web", "2"));
    assert_eq!(led_to(&world, &app).await, [(100, 1)]);
    assert_eq!(world.engine.effects("create_service"), 1, "one trial");
    assert_eq!(world.engine.effects("update_service"), 1, "one replacement");
}
