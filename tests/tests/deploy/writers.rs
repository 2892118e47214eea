//! One writer: no way leads a service to a second task that writes to its volume.

use std::collections::BTreeMap;

use skep::{
    control::{self, Error},
    domain::app::{App, Settings, Source},
    swarm::ImageFacts,
};
use skep_stack::{replicas::tasks, writer::Words};
use skep_tests::{db_test, world::World};

fn file(deploy: &str, own: &str) -> String {
    format!(
        "services:
  store:
    image: 'registry.example.org/web:7'
    volumes: ['data:/data']
    deploy: {{{deploy}}}
{own}volumes: {{data: }}
"
    )
}

fn settings(replicas: Option<u64>, read_only: bool, volume: bool) -> Settings {
    let mounts =
        [serde_json::json!({"kind": "volume", "name": "data", "target": "/data", "read_only": read_only})];
    serde_json::from_value(serde_json::json!({
        "port": 8080, "replicas": replicas, "update": {"monitor": "1s", "deadline": "30s"},
        "mounts": if volume { &mounts[..] } else { &[] }
    }))
    .unwrap()
}

async fn configure(world: &World, app: &App, change: control::apps::Change) -> Result<App, Error> {
    control::apps::configure(&world.cx, app.id, change).await
}

async fn set(world: &World, app: &App, settings: Settings) -> Result<App, Error> {
    configure(world, app, control::apps::Change { settings: Some(settings), ..Default::default() }).await
}

async fn write(world: &World, app: &App, text: String) {
    let source = Some(Source::Compose { text });
    configure(world, app, control::apps::Change { source, ..Default::default() }).await.unwrap();
}

async fn count(world: &World, app: &App) -> Option<i64> {
    let observed = world.parts.engine.observe(&app.stack).await.unwrap();
    observed.services.values().next().unwrap().spec.as_ref().and_then(tasks)
}

/// Field and code of the only fault, which says the way out.
fn fault<T: std::fmt::Debug>(result: Result<T, Error>) -> (String, String) {
    match result {
        Err(Error::Invalid(faults)) if faults.len() == 1 => {
            assert!(faults[0].message.contains("single_writer: false"), "{faults:?}");
            (faults[0].field.clone(), faults[0].code.to_owned())
        }
        other => panic!("{other:?}"),
    }
}

fn one(field: &str) -> (String, String) {
    (field.to_owned(), "single_writer".to_owned())
}

db_test! {
    async fn an_app_with_a_volume_has_one_task_whoever_asks(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("one", "registry.example.org/one:1").await;
        assert_eq!(fault(set(&world, &app, settings(Some(2), false, true)).await), one("settings.replicas"));
        set(&world, &app, settings(Some(2), true, true)).await.unwrap();
        set(&world, &app, settings(None, false, true)).await.unwrap();
        let first = world.deploy_live(&app).await;
        let scaled = control::lifecycle::scale(&world.cx, app.id, None, 2).await;
        assert_eq!(fault(scaled), one("replicas"));
        assert_eq!(count(&world, &app).await, Some(1));

        // Without the volume it may have more, and the release that has it still has not.
        set(&world, &app, settings(Some(3), false, false)).await.unwrap();
        world.deploy_live(&app).await;
        assert_eq!(count(&world, &app).await, Some(3));
        let releases = control::deployments::releases(&world.cx, app.id).await.unwrap();
        let oldest = releases.iter().find(|release| release.deployment == first.id).unwrap();
        control::deployments::rollback(&world.cx, app.id, Some(oldest.id), None).await.unwrap();
        world.drain().await;
        assert_eq!(count(&world, &app).await, Some(1));
        control::lifecycle::restart(&world.cx, app.id, None).await.unwrap();
        world.drain().await;
        assert_eq!(count(&world, &app).await, Some(1));
    }

    async fn a_service_of_a_file_has_one_task_until_the_file_says_that_several_may_write(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", &file("", "")).await;
        world.deploy_live(&app).await;
        let refused = async |path: &str| {
            let failure = world.deploy(&app).await.failure.unwrap();
            assert!(failure.message.contains(path) && failure.message.contains("single_writer: false"), "{failure:?}");
            assert_eq!(count(&world, &app).await, Some(1));
        };
        // By the file.
        write(&world, &app, file("replicas: 3", "")).await;
        refused("services.store.deploy.replicas").await;
        // By the settings, which no question of scaling was asked about.
        write(&world, &app, file("", "")).await;
        let more = Settings { scale: BTreeMap::from([("store".to_owned(), 3)]), ..app.settings.clone() };
        set(&world, &app, more).await.unwrap();
        refused("settings.scale.store").await;
        control::lifecycle::restart(&world.cx, app.id, Some("store")).await.unwrap();
        world.drain().await;
        assert_eq!(count(&world, &app).await, Some(1));
        // The way out.
        write(&world, &app, file("", "    x-skep: {single_writer: false}\n")).await;
        world.deploy_live(&app).await;
        assert_eq!(count(&world, &app).await, Some(3));
    }

    async fn who_writes_alone_has_a_lease_on_its_volume(db: TestDb) {
        let world = World::new(db).await;
        let words = |entrypoint: &[&str], command: &[&str]| Words {
            entrypoint: entrypoint.iter().map(|word| (*word).to_owned()).collect(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            stop_signal: None,
        };
        let app = world.compose_app("shop", &file("", "")).await;
        let facts = ImageFacts { id: "sha256:7".to_owned(), words: Some(words(&["/entry"], &["serve", "-v"])), ..ImageFacts::default() };
        world.engine.add_image("registry.example.org/web:7", facts);
        world.deploy_live(&app).await;
        let run = async || {
            let observed = world.parts.engine.observe(&app.stack).await.unwrap();
            let task = observed.services.values().next().unwrap().spec.clone().unwrap().task_template.unwrap();
            let container = task.container_spec.unwrap();
            [container.command, container.args].map(|words| words.unwrap_or_default().join(" "))
        };
        assert_eq!(run().await, ["/.skep/probe lease /data -- /entry", "serve -v"]);
        world.engine.reset_counts();
        world.deploy_live(&app).await;
        assert_eq!(world.engine.effects("update_service"), 0);
        write(&world, &app, file("", "    command: [dump]\n")).await;
        world.deploy_live(&app).await;
        assert_eq!(run().await, ["/.skep/probe lease /data -- /entry", "dump"]);
        write(&world, &app, file("", "    entrypoint: [/own, a]\n")).await;
        world.deploy_live(&app).await;
        assert_eq!(run().await, ["/.skep/probe lease /data -- /own a", ""], "an own one leaves out the image's command");
        write(&world, &app, file("", "    x-skep: {single_writer: false}\n")).await;
        world.deploy_live(&app).await;
        assert_eq!(run().await, ["", ""]);
    }

    async fn new_volumes_have_their_nodes_before_anything_runs(db: TestDb) {
        let world = World::new(db).await;
        world.engine.set_nodes(&["n1", "n2", "n3"]);
        let file = "services:
  web: {image: 'registry.example.org/web:7', volumes: ['files:/files:ro']}
  work: {image: 'registry.example.org/web:7', volumes: ['files:/files']}
  db: {image: 'registry.example.org/api:1', volumes: ['data:/data']}
volumes: {files: , data: }
";
        let app = world.compose_app("shop", file).await;
        world.deploy_live(&app).await;
        let seen = world.parts.engine.observe(&app.stack).await.unwrap();
        let pins = ["web", "work", "db"].map(|service| {
            let task = seen.services[&format!("{}_{service}", app.stack)].spec.clone().unwrap().task_template;
            task.unwrap().placement.unwrap().constraints.unwrap()
        });
        assert!(pins[0] == pins[1] && pins[1] != pins[2], "{pins:?}");
        let tasks = world.parts.engine.tasks(&app.stack).await.unwrap();
        for task in tasks {
            let service = &seen.services[&task.service_name].spec;
            let placement = service.clone().unwrap().task_template.unwrap().placement.unwrap();
            assert_eq!(placement.constraints.unwrap(), [format!("node.id=={}", task.node.unwrap())]);
        }
        let effects = || world.engine.effects("update_service") + world.engine.effects("create_service");
        let before = effects();
        world.deploy_live(&app).await;
        assert_eq!(effects(), before, "the second time nothing differs");
    }

    async fn data_is_looked_for_where_it_is_also_while_nothing_runs(db: TestDb) {
        let world = World::new(db).await;
        world.engine.set_nodes(&["n1", "n2", "n3"]);
        let two = "services:
  web: {image: 'registry.example.org/web:7'}
  store: {image: 'registry.example.org/api:1', volumes: ['data:/data'], deploy: {placement: {constraints: [node.labels.disk != hdd]}}}
volumes: {data: }
";
        let app = world.compose_app("shop", two).await;
        world.deploy_live(&app).await;
        let at = async |service: &str| {
            let tasks = world.parts.engine.tasks(&app.stack).await.unwrap();
            let name = format!("{}_{service}", app.stack);
            tasks.into_iter().find(|task| task.service_name == name && task.state == "running").and_then(|task| task.node)
        };
        let pins = async |service: &str| {
            let seen = world.parts.engine.observe(&app.stack).await.unwrap();
            let task = seen.services[&format!("{}_{service}", app.stack)].spec.clone().unwrap().task_template.unwrap();
            task.placement.unwrap().constraints.unwrap_or_default()
        };
        let home = at("store").await.unwrap();
        world.deploy_live(&app).await;
        let pinned = ["node.labels.disk!=hdd".to_owned(), format!("node.id=={home}")];
        assert_eq!((pins("store").await, pins("web").await), (pinned.to_vec(), Vec::new()));
        // No task tells where it is, and a second service comes to the same data.
        control::lifecycle::scale(&world.cx, app.id, Some("store"), 0).await.unwrap();
        world.drain().await;
        world.engine.tick(10);
        assert_eq!(at("store").await, None);
        let three = two.replace("volumes: {data: }", "  reader: {image: 'registry.example.org/api:1', volumes: ['data:/data:ro']}\nvolumes: {data: }");
        write(&world, &app, three).await;
        world.deploy_live(&app).await;
        assert_eq!(pins("store").await, pinned);
        assert_eq!(pins("reader").await, [pinned[1].clone()]);
    }
}
