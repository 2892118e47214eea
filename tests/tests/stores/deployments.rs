//! Deployments whose variables refer to stores, on both databases.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures::TryStreamExt as _;
use skep::{
    control::{self, stores::NewStore},
    db,
    deploy::{
        fault::{FaultPoints, Moment},
        mask::MASK,
        plan::Planned,
        preview::preview,
    },
    domain::{
        app::App,
        deployment::{Deployment, State},
        id::DeploymentId,
        name::{EnvKey, Slug},
        right::Place,
        secret::Secret,
        step::Step,
        store::Store,
        variable::Scope,
    },
    stores::fake::Mood,
    swarm::{LogLine, LogQuery},
};
use skep_tests::{db_test, world::World};

const IMAGE: &str = "registry.example.org/web:7";

async fn name(world: &World, name: &str, place: Place) -> Store {
    let new = NewStore {
        name: Slug::parse(name).unwrap(),
        place,
        address: "https://vault.example.org".to_owned(),
        settings: serde_json::from_str(r#"{"kind": "vault"}"#).unwrap(),
        login_id: String::new(),
        login_secret: Secret::new("hvs.token"),
    };
    control::stores::create(&world.cx, new).await.unwrap()
}

async fn try_set(world: &World, app: &App, key: &str, value: &str) -> Result<(), control::Error> {
    let new = control::variables::NewVariable {
        key: EnvKey::parse(key).unwrap(),
        value: Secret::new(value),
        secret: false,
    };
    control::variables::put_many(&world.cx, Scope::App(app.id), &[new]).await
}

async fn set(world: &World, app: &App, key: &str, value: &str) {
    try_set(world, app, key, value).await.unwrap();
}

/// The variables of the app's only service, as the engine has them.
async fn env(world: &World, app: &App) -> BTreeMap<String, String> {
    let observed = world.parts.engine.observe(&app.stack).await.unwrap();
    let service = observed.services.values().next().unwrap().spec.clone().unwrap();
    let all = service.task_template.unwrap().container_spec.unwrap().env.unwrap_or_default();
    all.iter().map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

async fn log(world: &World, id: DeploymentId) -> String {
    let lines = control::deployments::log(&world.cx, id, 0, 1000).await.unwrap();
    lines.into_iter().map(|line| line.line + "\n").collect()
}

async fn planned(world: &World, id: DeploymentId) -> Planned {
    let steps = control::deployments::steps(&world.cx, id).await.unwrap();
    let plan = steps.into_iter().find(|step| step.step == Step::Plan).unwrap();
    serde_json::from_value(plan.output.unwrap().0).unwrap()
}

/// What the app wrote, as it is shown.
async fn shown(world: &World, app: &App, line: &str) -> String {
    world.engine.add_log(LogLine {
        at: Some(world.parts.clock.now()),
        service: app.stack.clone(),
        task: None,
        stderr: false,
        line: line.to_owned(),
    });
    let query = LogQuery { tail: None, follow: false, task: None };
    let lines = control::logs::follow(&world.cx, app.id, None, query).await.unwrap();
    lines.try_collect::<Vec<_>>().await.unwrap().pop().unwrap().line
}

fn effects(world: &World) -> u64 {
    world.engine.effects("update_service") + world.engine.effects("create_service")
}

/// An app with a store for the whole team, and two references to it.
async fn stage(world: &World) -> App {
    let app = world.image_app("shop", IMAGE).await;
    name(world, "vault", Place::Team).await;
    world.stores.put("apps/shop", "URL", "first-value");
    world.stores.put("apps/shop", "PASSWORD", "first-password");
    set(world, &app, "URL", "${{store.vault:apps/shop#URL}}").await;
    set(world, &app, "DSN", "pg://u:${{ store.vault:apps/shop#PASSWORD }}@db").await;
    app
}

db_test! {
    async fn what_a_store_holds_runs_and_is_shown_nowhere(db: TestDb) {
        let world = World::new(db).await;
        let app = stage(&world).await;
        set(&world, &app, "AGAIN", "${{store.vault:apps/shop#URL}}").await;
        let live = world.deploy_live(&app).await;
        let runs = env(&world, &app).await;
        assert_eq!((runs["URL"].as_str(), runs["AGAIN"].as_str()), ("first-value", "first-value"));
        assert_eq!(runs["DSN"], "pg://u:first-password@db");
        let mut reads = world.stores.reads();
        reads.sort();
        assert_eq!(reads, ["apps/shop#PASSWORD", "apps/shop#URL"], "each is read once");

        let log = log(&world, live.id).await;
        assert!(log.contains("Reading 2 values of vault."), "{log}");
        let plan = planned(&world, live.id).await;
        let steps = serde_json::to_string(&plan).unwrap();
        for text in [&log, &steps] {
            assert!(!text.contains("first-value") && !text.contains("first-password"), "{text}");
        }
        let told = shown(&world, &app, "I am first-value, by pg://u:first-password@db").await;
        assert_eq!(told, format!("I am {MASK}, by {MASK}"));
        assert_eq!(world.stores.reads().len(), 2, "to look at a log asks no store");
        let mut tx = world.parts.db.read().await.unwrap();
        let sealed = db::secret_store::reading(&mut tx, live.id).await.unwrap().unwrap();
        assert!(!sealed.windows(11).any(|window| window == b"first-value"));
    }

    async fn a_changed_value_restarts_and_an_unchanged_one_does_not(db: TestDb) {
        let world = World::new(db).await;
        let app = stage(&world).await;
        world.deploy_live(&app).await;
        let before = effects(&world);
        let same = world.deploy_live(&app).await;
        assert_eq!(effects(&world), before, "nothing has changed");
        assert!(planned(&world, same.id).await.lines.is_empty());

        world.stores.put("apps/shop", "URL", "second-value");
        let seen = preview(&world.parts, &app, &std::collections::BTreeSet::new()).await.unwrap();
        assert!(seen.restarts);
        let changed = world.deploy_live(&app).await;
        assert_eq!(effects(&world), before + 1);
        assert_eq!(env(&world, &app).await["URL"], "second-value");
        let lines = planned(&world, changed.id).await.lines;
        let changes: Vec<_> = lines.iter().flat_map(|line| &line.changes).collect();
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert!(changes[0].path.ends_with("Env.URL") && changes[0].to.as_deref() == Some("changed"), "{changes:?}");
        let log = log(&world, changed.id).await;
        assert!(log.contains("Env.URL") && !log.contains("-value"), "{log}");
    }

    async fn a_return_runs_with_the_values_of_its_release(db: TestDb) {
        let world = World::new(db).await;
        let app = stage(&world).await;
        let first = world.deploy_live(&app).await;
        world.stores.put("apps/shop", "URL", "second-value");
        world.deploy_live(&app).await;
        let reads = world.stores.reads().len();
        world.stores.be(Mood::Failing);
        let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
        let oldest = releases.iter().find(|release| release.deployment == first.id).unwrap();
        let back = control::deployments::rollback(&world.cx, app.id, Some(oldest.id), None).await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(back.id).await.state, State::Live);
        assert_eq!(env(&world, &app).await["URL"], "first-value");
        assert_eq!(world.stores.reads().len(), reads, "nothing is read");
        assert!(!log(&world, back.id).await.contains("-value"));
        let mut tx = world.parts.db.read().await.unwrap();
        let kept = db::secret_store::reading(&mut tx, back.id).await.unwrap();
        assert!(kept.is_some(), "its values are hidden also when the first release is kept no longer");
        drop(tx);
        assert_eq!(shown(&world, &app, "first-value second-value").await, format!("{MASK} {MASK}"));
    }

    async fn all_that_cannot_be_read_is_told_at_once_and_nothing_is_begun(db: TestDb) {
        let world = World::new(db).await;
        let app = stage(&world).await;
        world.deploy_live(&app).await;
        let (before, pulls) = (effects(&world), world.engine.calls("pull"));
        set(&world, &app, "GONE", "${{store.vault:apps/gone#KEY}}").await;
        let other = name(&world, "other", Place::Team).await;
        set(&world, &app, "OTHER", "${{store.other:apps/shop#KEY}}").await;
        let mut tx = world.parts.db.write().await.unwrap();
        assert!(db::secret_store::remove(&mut tx, other.team, other.id).await.unwrap());
        tx.commit().await.unwrap();
        set(&world, &app, "PLAIN", "${{project.NO}}").await;
        let failed = world.deploy(&app).await;
        let failure = failed.failure.clone().unwrap();
        assert_eq!((failed.state, failure.step), (State::Failed, Step::Plan));
        for told in [
            "variables.GONE: `store.vault:apps/gone#KEY`: it has none: nothing is at this path",
            "variables.OTHER: `store.other:apps/shop#KEY`: there is no store `other` in the team",
            "variables.PLAIN: there is no variable \"project.NO\"",
        ] {
            assert!(failure.message.contains(told), "{}", failure.message);
        }
        assert!(!failure.message.contains("first-"));
        assert_eq!((effects(&world), world.engine.calls("pull")), (before, pulls));
        let mut tx = world.parts.db.read().await.unwrap();
        assert!(db::secret_store::reading(&mut tx, failed.id).await.unwrap().is_none());
        assert_eq!(env(&world, &app).await["URL"], "first-value", "what serves goes on");
    }

    async fn a_store_that_misbehaves_stops_it_with_its_own_words(db: TestDb) {
        let world = World::new(db).await;
        let app = stage(&world).await;
        for (mood, code, words) in [
            (Mood::Refusing, "store_denied", "permission denied"),
            (Mood::Failing, "store_unreachable", "Vault is sealed"),
            (Mood::TooLarge, "store_unusable", "larger than 1 MiB"),
            (Mood::NotJson, "store_unusable", "no JSON"),
            (Mood::Html, "store_unusable", "`text/html`"),
        ] {
            world.stores.be(mood);
            let failure = world.deploy(&app).await.failure.unwrap();
            assert_eq!((failure.code.as_str(), failure.step), (code, Step::Plan), "{mood:?}");
            assert!(failure.message.contains(words), "{}", failure.message);
            assert!(failure.message.contains("variables.URL") && failure.message.contains("variables.DSN"));
            let told = preview(&world.parts, &app, &std::collections::BTreeSet::new()).await.unwrap_err();
            assert!(told.to_string().contains(words), "{told}");
        }
        assert_eq!(effects(&world), 0);
        world.stores.be(Mood::Slow(Duration::from_millis(20)));
        for i in 0..30 {
            world.stores.put("many", &format!("K{i}"), &format!("value-{i}"));
            set(&world, &app, &format!("K{i}"), &format!("${{{{store.vault:many#K{i}}}}}")).await;
        }
        world.deploy_live(&app).await;
        assert_eq!(env(&world, &app).await["K29"], "value-29");
        let most = world.stores.most_at_once();
        assert!((2..=8).contains(&most), "{most} at once");
    }

    async fn a_store_is_for_the_apps_of_its_place_alone(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", IMAGE).await;
        let other = world.image_app("blog", IMAGE).await;
        let there = control::environments::list(&world.cx).await.unwrap();
        let of = |app: &App| there.iter().find(|e| e.id == app.environment).unwrap().clone();
        name(&world, "near", Place::Environment(app.environment)).await;
        name(&world, "around", Place::Project(of(&app).project)).await;
        world.stores.put("a", "k", "near-value");
        for store in ["near", "around"] {
            let value = format!("${{{{store.{store}:a#k}}}}");
            set(&world, &app, "VALUE", &value).await;
            world.deploy_live(&app).await;
            assert_eq!(env(&world, &app).await["VALUE"], "near-value");
            match try_set(&world, &other, "VALUE", &value).await {
                Err(control::Error::Invalid(faults)) => {
                    let told = (faults[0].field.as_str(), faults[0].code.as_str());
                    assert_eq!(told, ("variables[0].value", "store_out_of_place"));
                }
                found => panic!("{found:?}"),
            }
        }
        // It comes to be for another place: another store of the same name.
        let mut tx = world.parts.db.write().await.unwrap();
        let stores = db::secret_store::list(&mut tx, world.cx.team()).await.unwrap();
        let around = stores.into_iter().find(|store| store.name.as_str() == "around").unwrap();
        db::secret_store::remove(&mut tx, around.team, around.id).await.unwrap();
        let elsewhere = Store { place: Place::Project(of(&other).project), ..around };
        db::secret_store::insert(&mut tx, &elsewhere).await.unwrap();
        tx.commit().await.unwrap();
        let failure = world.deploy(&app).await.failure.unwrap();
        assert_eq!(failure.code, "store_out_of_place");
        assert!(failure.message.contains("variables.VALUE: `store.around:a#k`"), "{}", failure.message);
    }

    async fn a_deployment_that_is_carried_on_does_not_read_again(db: TestDb) {
        let world = World::new(db).await;
        let app = stage(&world).await;
        for (step, moment) in [(Step::Push, Moment::Entered), (Step::Plan, Moment::Worked), (Step::Verify, Moment::Entered)] {
            let value = format!("value-before-{}", step.name());
            world.stores.put("apps/shop", "URL", &value);
            let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
            let reads = world.stores.reads().len();
            let seen = AtomicBool::new(false);
            let points = FaultPoints::new(move |s, m| (s, m) == (step, moment) && !seen.swap(true, Ordering::SeqCst));
            let _ = world.dying(points).drain().await;
            world.stores.put("apps/shop", "URL", "value-of-later");
            world.stores.be(Mood::Failing);
            world.free().await;
            world.drain().await;
            world.stores.be(Mood::Calm);
            let live: Deployment = world.deployment(queued.id).await;
            assert_eq!(live.state, State::Live, "{} {:?}", step.name(), live.failure);
            assert_eq!(env(&world, &app).await["URL"], value);
            assert_eq!(world.stores.reads().len(), reads + 2);
            assert!(!log(&world, live.id).await.contains("value-before"));
        }
    }

    async fn services_that_stay_keep_what_they_were_started_with_hidden(db: TestDb) {
        let world = World::new(db).await;
        let file = "services:\n  web: {image: 'registry.example.org/web:7', environment: {URL: '${URL}'}}\n  \
                    api: {image: 'registry.example.org/api:1', environment: {URL: '${URL}'}}\n";
        let app = world.compose_app("shop", file).await;
        name(&world, "vault", Place::Team).await;
        set(&world, &app, "URL", "${{store.vault:apps/shop#URL}}").await;
        world.stores.put("apps/shop", "URL", "first-value");
        world.deploy_live(&app).await;
        world.stores.put("apps/shop", "URL", "second-value");
        let part = control::deployments::create_part(&world.cx, app.id, None, None, vec!["web".to_owned()]);
        let part = part.await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(part.id).await.state, State::Live);
        // As if the first release were kept no longer: what `api` runs with is still known.
        let mut tx = world.parts.db.write().await.unwrap();
        db::release::prune(&mut tx, app.id, 1).await.unwrap();
        tx.commit().await.unwrap();
        let later = control::deployments::create_part(&world.cx, app.id, None, None, vec!["web".to_owned()]);
        let later = later.await.unwrap();
        world.drain().await;
        assert_eq!(world.deployment(later.id).await.state, State::Live);
        world.engine.add_log(LogLine {
            at: Some(world.parts.clock.now()),
            service: format!("{}_api", app.stack),
            task: None,
            stderr: false,
            line: "first-value second-value".to_owned(),
        });
        let query = LogQuery { tail: None, follow: false, task: None };
        let lines = control::logs::follow(&world.cx, app.id, Some("api"), query).await.unwrap();
        let last = lines.try_collect::<Vec<_>>().await.unwrap().pop().unwrap().line;
        assert_eq!(last, format!("{MASK} {MASK}"));
    }
}
