//! Stacks of the docker CLI's that become apps: what runs stays as it is until its owner changes it.

use std::collections::BTreeMap;

use skep::{
    control::{self, Error, adopt::Adoption, apps::Change},
    domain::{app::Source, deployment::State, id::EnvironmentId, name::Slug},
    swarm::{Engine as _, fake::Behaviour},
};
use skep_stack::{
    compose::{Context, convert, load},
    labels,
    models::{Platform, SecretSpec, ServiceSpec},
    observed::Observed,
    plan::{Action, plan},
    policy::Inherited,
};
use skep_tests::{db_test, world::World};

fn file(colour: &str) -> String {
    format!("services:
  web: {{image: 'registry.example.org/web:7', environment: {{COLOUR: {colour}}}, deploy: {{replicas: 2, labels: {{team: blue}}}}}}
  store: {{image: 'registry.example.org/store:1', volumes: ['data:/data']}}
volumes: {{data: {{}}}}
")
}

/// With objects of every kind that are not the stack's own, or lie in files.
fn rich(colour: &str) -> String {
    format!(
        "services:
  web:
    image: 'registry.example.org/web:7'
    environment: {{COLOUR: {colour}}}
    ports: ['8080:80']
    networks: [inner, shared]
    volumes: ['data:/data']
    configs: [{{source: page, target: /page}}]
    secrets: [key, outside]
    deploy: {{replicas: 2, update_config: {{order: start-first}}}}
networks: {{inner: {{name: our-net}}, shared: {{external: true, name: shared-net}}}}
volumes: {{data: {{external: true, name: their-data}}}}
configs: {{page: {{file: ./page.html}}}}
secrets: {{key: {{file: ./key.txt}}, outside: {{external: true, name: their-secret}}}}
"
    )
}

/// What the docker CLI would do with the file, and a service of the same stack that is not in it.
async fn legacy(world: &World, text: &str) {
    let vars = BTreeMap::new();
    let none: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let input = load::LoadInput {
        files: &[load::Source { path: "", text }],
        vars: &vars,
        unset: load::Unset::Refuse,
        profiles: &[],
        more: &none,
        dialect: load::Dialect::Compose,
    };
    let context = Context {
        stack: "legacy",
        vars: &vars,
        files: &|path: &str| Some(path.as_bytes().to_vec()),
        directory: None,
        home: None,
        inherited: &Inherited::default(),
    };
    let mut spec = convert(&load::load(&input).unwrap(), context).unwrap().spec;
    let one = spec.services.values().next().unwrap().clone();
    let mut beside = ServiceSpec { name: Some("legacy_beside".to_owned()), endpoint_spec: None, ..one };
    // The docker CLI's word that it made the service.
    beside.labels.as_mut().unwrap().remove(labels::IMAGE);
    spec.services.insert("legacy_beside".to_owned(), beside);
    for service in spec.services.values_mut() {
        // The docker CLI adds what the registry says of the image.
        let os = Platform { architecture: Some("amd64".to_owned()), os: Some("linux".to_owned()) };
        let task = service.task_template.as_mut().unwrap();
        task.placement.get_or_insert_default().platforms = Some(vec![os]);
    }
    world.parts.engine.ensure_network("shared-net", true, &[]).await.unwrap();
    let name = "their-secret".to_owned();
    let theirs =
        SecretSpec { name: Some(name.clone()), data: Some("eA==".to_owned()), ..SecretSpec::default() };
    let theirs = Action::CreateSecret { name, body: Box::new(theirs) };
    for action in std::iter::once(theirs).chain(plan(&spec, &Observed::default()).actions) {
        world.parts.engine.perform(&action, None).await.unwrap();
    }
    world.engine.tick(20);
}

async fn environment(world: &World) -> EnvironmentId {
    control::projects::create(&world.cx, Slug::parse("shop").unwrap(), None).await.unwrap().1.id
}

fn adoption(text: &str) -> Adoption {
    let name = Slug::parse("shop").unwrap();
    Adoption { stack: "legacy".to_owned(), name, compose: Some(text.to_owned()), dry_run: false, yes: false }
}

async fn running(world: &World) -> Vec<String> {
    let tasks = world.parts.engine.tasks("legacy").await.unwrap();
    let running = tasks.into_iter().filter(|task| task.desired == "running" && task.state == "running");
    let mut ids: Vec<String> = running.map(|task| task.id).collect();
    ids.sort();
    ids
}

db_test! {
    async fn an_adopted_stack_keeps_its_tasks_until_its_owner_changes_a_service(db: TestDb) {
        let world = World::new(db).await;
        legacy(&world, &file("red")).await;
        let before = running(&world).await;
        assert_eq!(before.len(), 4);
        let place = environment(&world).await;
        let adopted = control::adopt::adopt(&world.cx, place, adoption(&file("red"))).await.unwrap();
        assert!(!adopted.plan.restarts, "{:?}", adopted.plan);
        assert_eq!(adopted.kept, ["service legacy_beside"]);
        let app = adopted.app.unwrap();
        world.engine.reset_counts();
        world.deploy_live(&app).await;
        assert_eq!((world.engine.effects("update_service"), running(&world).await), (2, before.clone()), "labels alone");
        world.deploy_live(&app).await;
        assert_eq!(world.engine.effects("update_service"), 2, "nothing differs any more");
        let observed = world.parts.engine.observe("legacy").await.unwrap();
        let on = |name: &str| observed.services[name].spec.clone().unwrap().labels.unwrap();
        assert_eq!(on("legacy_web")["team"], "blue");
        assert!(on("legacy_web").contains_key(labels::APP) && !on("legacy_beside").contains_key(labels::APP));

        let change = control::apps::Change { source: Some(Source::Compose { text: file("blue") }), ..Default::default() };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        world.deploy_live(&app).await;
        let after = running(&world).await;
        assert_eq!(after.iter().filter(|task| before.contains(task)).count(), 2, "store and beside stay: {before:?} {after:?}");
        let observed = world.parts.engine.observe("legacy").await.unwrap();
        assert!(observed.services["legacy_web"].spec.clone().unwrap().labels.unwrap().contains_key(labels::HEALTH));
    }

    async fn without_its_file_a_stack_is_adopted_by_one_that_is_written_of_it(db: TestDb) {
        let world = World::new(db).await;
        legacy(&world, &rich("$$red")).await;
        let before = running(&world).await;
        let place = environment(&world).await;
        let asked = |dry_run| Adoption { compose: None, dry_run, ..adoption("") };
        let shown = control::adopt::adopt(&world.cx, place, asked(true)).await.unwrap();
        assert!(!shown.plan.restarts, "{:#?}\n{}", shown.plan, shown.written.unwrap_or_default());
        let adopted = control::adopt::adopt(&world.cx, place, asked(false)).await.unwrap();
        assert_eq!(adopted.kept, ["service legacy_beside"], "all that the docker CLI made is in it");
        let (app, text) = (adopted.app.unwrap(), adopted.written.unwrap());
        for line in ["COLOUR=$$red", "content: ./page.html", "name: their-secret", "name: legacy_key", "name: our-net"] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("./key.txt") && !text.contains("com.docker."), "{text}");
        world.deploy_live(&app).await;
        assert_eq!(running(&world).await, before);
        let change = |colour: &str| Change {
            source: Some(Source::Compose { text: text.replace("$$red", colour) }),
            ..Change::default()
        };
        control::apps::configure(&world.cx, app.id, change("blue")).await.unwrap();
        world.deploy_live(&app).await;
        let after = running(&world).await;
        assert_eq!(after.iter().filter(|task| before.contains(task)).count(), 2, "beside alone stays: {after:?}");
    }

    async fn what_is_not_the_stacks_own_goes_on_under_its_name(db: TestDb) {
        let world = World::new(db).await;
        legacy(&world, &rich("red")).await;
        let before = running(&world).await;
        assert_eq!(before.len(), 4);
        let place = environment(&world).await;
        let adopted = control::adopt::adopt(&world.cx, place, adoption(&rich("red"))).await.unwrap();
        assert!(!adopted.plan.restarts, "{:#?}", adopted.plan);
        assert_eq!(adopted.kept, ["service legacy_beside"]);
        let app = adopted.app.unwrap();
        world.deploy_live(&app).await;
        assert_eq!(running(&world).await, before, "labels alone");

        let change = control::apps::Change { source: Some(Source::Compose { text: rich("blue") }), ..Default::default() };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        world.deploy_live(&app).await;
        let observed = world.parts.engine.observe("legacy").await.unwrap();
        let web = observed.services["legacy_web"].spec.clone().unwrap();
        let task = web.task_template.unwrap();
        let container = task.container_spec.unwrap();
        assert_eq!(container.env.unwrap(), ["COLOUR=blue"]);
        let secrets: Vec<_> = container.secrets.unwrap().into_iter().filter_map(|secret| secret.secret_name).collect();
        assert_eq!(secrets, ["legacy_key", "their-secret"]);
        let configs: Vec<_> = container.configs.unwrap().into_iter().filter_map(|config| config.config_name).collect();
        assert_eq!((configs.len(), configs[0].as_str()), (2, "legacy_page"), "and the probe: {configs:?}");
        assert_eq!(container.mounts.unwrap()[0].source.as_deref(), Some("their-data"));
        let names = |target: Option<String>| target.map(|id| observed.network_names.get(&id).cloned().unwrap_or(id));
        let networks: Vec<_> = task.networks.unwrap().into_iter().filter_map(|network| names(network.target)).collect();
        assert!(networks.iter().any(|name| name == "our-net") && networks.iter().any(|name| name == "shared-net"), "{networks:?}");
        let port = &web.endpoint_spec.unwrap().ports.unwrap()[0];
        assert_eq!(port.publish_mode.map(|mode| mode.to_string()).as_deref(), Some("ingress"), "as it ran");

        // Nobody else comes to it by that.
        let text = "services: {web: {image: 'registry.example.org/web:7', networks: [n], secrets: [s]}}
networks: {n: {external: true, name: our-net}}
secrets: {s: {external: true, name: their-secret}}
";
        let other = world.compose_app("other", text).await;
        let failure = world.deploy(&other).await.failure.unwrap();
        for path in ["networks.n.external", "secrets.s.external"] {
            assert!(failure.message.contains(path), "{failure:?}");
        }

        control::lifecycle::delete(&world.cx, app.id, true).await.unwrap();
        world.drain().await;
        let left = world.parts.engine.observe("legacy").await.unwrap();
        assert_eq!(left.services.keys().collect::<Vec<_>>(), ["legacy_beside"], "what bears no label of the app stays");
        assert!(left.secrets.contains_key("legacy_key") && left.configs.keys().eq(["legacy_page"]), "{left:?}");
    }

    async fn what_failed_long_before_the_adoption_fails_no_deployment(db: TestDb) {
        let world = World::new(db).await;
        world.engine.service_behaves("legacy_store", Behaviour::CrashesAtStart);
        legacy(&world, &file("red")).await;
        let failed = async || {
            let tasks = world.parts.engine.tasks("legacy").await.unwrap();
            tasks.iter().filter(|t| t.service_name == "legacy_store" && t.state == "failed").count()
        };
        while failed().await < 3 {}
        world.engine.service_behaves("legacy_store", Behaviour::Healthy);
        world.engine.tick(20);
        let before = running(&world).await;
        assert_eq!((before.len(), failed().await >= 3), (4, true));
        let place = environment(&world).await;
        let app = control::adopt::adopt(&world.cx, place, adoption(&file("red"))).await.unwrap().app.unwrap();
        world.deploy_live(&app).await;
        assert_eq!(running(&world).await, before, "labels alone");
    }

    async fn a_first_deployment_that_fails_returns_to_what_ran_before_the_adoption(db: TestDb) {
        let world = World::new(db).await;
        legacy(&world, &file("red")).await;
        let place = environment(&world).await;
        let app = control::adopt::adopt(&world.cx, place, adoption(&file("red"))).await.unwrap().app.unwrap();
        world.engine.service_behaves("legacy_web", Behaviour::CrashesAtStart);
        let change = control::apps::Change { source: Some(Source::Compose { text: file("blue") }), ..Default::default() };
        control::apps::configure(&world.cx, app.id, change).await.unwrap();
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let engine = std::sync::Arc::clone(&world.engine);
        let mended = tokio::spawn(async move {
            let blue = async || {
                let observed = engine.observe("legacy").await.unwrap();
                format!("{:?}", observed.services["legacy_web"].spec).contains("COLOUR=blue")
            };
            while !blue().await {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            engine.tick(6);
            engine.service_behaves("legacy_web", Behaviour::Healthy);
        });
        world.drain().await;
        mended.await.unwrap();
        assert_eq!(world.deployment(queued.id).await.state, State::RolledBack);
        let observed = world.parts.engine.observe("legacy").await.unwrap();
        let env = |name: &str| {
            let task = observed.services[name].spec.clone().unwrap().task_template.unwrap();
            task.container_spec.unwrap().env.unwrap_or_default()
        };
        assert_eq!(env("legacy_web"), ["COLOUR=red"]);
        assert_eq!(observed.services.len(), 3);
    }

    async fn what_would_restart_is_refused_until_somebody_says_yes(db: TestDb) {
        let world = World::new(db).await;
        legacy(&world, &file("red")).await;
        let place = environment(&world).await;
        let refused = control::adopt::adopt(&world.cx, place, adoption(&file("blue"))).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict { code: "would_restart", .. }), "{refused:?}");
        let asked = Adoption { dry_run: true, ..adoption(&file("blue")) };
        let told = control::adopt::adopt(&world.cx, place, asked).await.unwrap();
        assert!(told.plan.restarts && told.app.is_none());
        assert!(control::apps::list(&world.cx).await.unwrap().is_empty(), "nothing was written");
        let yes = Adoption { yes: true, ..adoption(&file("blue")) };
        control::adopt::adopt(&world.cx, place, yes).await.unwrap();
        let again = control::adopt::adopt(&world.cx, place, adoption(&file("red"))).await.unwrap_err();
        assert!(matches!(again, Error::Conflict { code: "stack_taken", .. }), "{again:?}");
        for stack in ["skep", "none", "a b"] {
            let other = Adoption { stack: stack.to_owned(), ..adoption(&file("red")) };
            assert!(control::adopt::adopt(&world.cx, place, other).await.is_err(), "{stack}");
        }
    }
}
