//! Compose files of a repository: what is built, how often, and which service a domain leads to.

use skep::{
    control::{self, apps::Change},
    db,
    deploy::fault::{FaultPoints, Moment},
    domain::{deployment::State, step::Step},
};
use skep_stack::labels;
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};

const FILE: &str = r#"
services:
  web:
    build: {context: ./web, args: {COLOUR: red}}
    configs: [greeting]
  worker:
    build: {context: web, dockerfile: Dockerfile, args: {COLOUR: red}}
    command: [work]
  blue:
    build: {context: web, args: {COLOUR: blue}}
  store:
    image: registry.example.org/store:1
configs:
  greeting: {file: ./greeting.txt}
"#;

fn files(file: &str) -> Vec<(&str, &str)> {
    vec![("docker-compose.yml", file), ("web/Dockerfile", "FROM scratch\n"), ("greeting.txt", "hello")]
}

fn effects(world: &World) -> u64 {
    world.engine.effects("update_service") + world.engine.effects("create_service")
}

db_test! {
    async fn each_distinct_build_is_made_once_and_an_unchanged_file_touches_nothing(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "First", &files(FILE));
        let app = world.compose_from_git("shop").await;
        let first = world.deploy_live(&app).await;
        assert_eq!(world.builder.builds(), 2, "web and worker are one build");
        let recipes = world.builder.recipes();
        assert!(recipes.iter().all(|recipe| recipe.labels[labels::APP] == app.id.to_string()));
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        let image = |name: &str| {
            let service = &observed.services[&format!("{}_{name}", app.stack)];
            let spec = service.spec.clone().unwrap().task_template.unwrap().container_spec.unwrap();
            spec.image.unwrap()
        };
        assert_eq!(observed.services.len(), 4);
        assert_eq!(image("web"), image("worker"));
        assert_ne!(image("web"), image("blue"));
        assert!(image("store").starts_with("registry.example.org/store@sha256:"), "{}", image("store"));
        let config = observed.configs.values().find(|config| {
            config.spec.as_ref().and_then(|spec| spec.data.clone()).is_some_and(|data| data == "aGVsbG8=")
        });
        assert!(config.is_some(), "the file of the repository is a config: {:?}", observed.configs.keys());

        let before = effects(&world);
        let again = world.deploy_live(&app).await;
        assert_eq!((again.number, again.commit), (2, first.commit));
        assert_eq!((world.builder.builds(), effects(&world)), (2, before));
    }

    async fn a_domain_that_names_no_service_leads_to_web_and_says_so(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "First", &files(FILE));
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        let domains = control::domains::list(&world.cx, app.id).await.unwrap();
        assert_eq!(domains[0].service.as_deref(), Some("web"));
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        let on_edge: Vec<&String> = observed
            .services
            .iter()
            .filter(|(_, service)| {
                let labels = service.spec.as_ref().and_then(|spec| spec.labels.as_ref());
                labels.is_some_and(|labels| labels.contains_key(labels::EDGE))
            })
            .map(|(name, _)| name)
            .collect();
        assert_eq!(on_edge, [&format!("{}_web", app.stack)]);
    }

    async fn a_domain_of_a_service_that_is_not_there_stops_before_anything_is_touched(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "First", &files(FILE));
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        let before = effects(&world);
        world.git.push(REPOSITORY, "main", "No web", &files("services:\n  a: {image: registry.example.org/store:1}\n"));
        let deployment = world.deploy(&app).await;
        assert_eq!(deployment.state, State::Failed);
        let failure = deployment.failure.unwrap();
        assert!(failure.message.contains("has no `web`, which a domain leads to"), "{failure:?}");
        assert_eq!(effects(&world), before);
    }

    async fn a_build_in_a_text_without_files_says_where_to_put_it(db: TestDb) {
        let world = World::new(db).await;
        let app = world.compose_app("shop", "services:\n  web: {build: .}\n").await;
        let deployment = world.deploy(&app).await;
        let failure = deployment.failure.unwrap();
        assert_eq!((failure.step, failure.code.as_str()), (Step::Build, "needs_build"));
        assert!(failure.message.contains("services.web.build"), "{failure:?}");
        assert_eq!((world.builder.builds(), effects(&world)), (0, 0));
    }

    async fn a_project_of_several_files_is_read_from_the_repository(db: TestDb) {
        let world = World::new(db).await;
        let file = "include: [parts/store.yml]\nservices:\n  web:\n    extends: {file: base.yml, service: base}\n    \
                    env_file: [web.env, {path: local.env, required: false}]\n    \
                    volumes: ['./conf:/etc/web:ro', './data:/data']\n";
        let push = |conf: &str, message: &str| world.git.push(REPOSITORY, "main", message, &[
            ("docker-compose.yml", file),
            ("parts/store.yml", "services:\n  store: {image: 'registry.example.org/store:1', env_file: [store.env]}\n"),
            ("parts/store.env", "KIND=store\n"),
            ("base.yml", "services:\n  base: {image: 'registry.example.org/web:1', environment: {FROM: base}}\n"),
            ("web.env", "COLOUR=red\n"),
            ("conf/web.conf", conf),
        ]);
        push("listen 1", "First");
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        let container = |observed: &skep_stack::observed::Observed, name: &str| {
            let spec = observed.services[&format!("{}_{name}", app.stack)].spec.clone().unwrap();
            spec.task_template.unwrap().container_spec.unwrap()
        };
        let web = container(&observed, "web");
        assert_eq!(web.env.unwrap(), ["COLOUR=red", "FROM=base"]);
        assert_eq!(container(&observed, "store").env.unwrap(), ["KIND=store"]);
        let configs = web.configs.unwrap();
        assert_eq!(configs[0].file.as_ref().unwrap().name.as_deref(), Some("/etc/web/web.conf"));
        let mount = &web.mounts.unwrap()[0];
        assert_eq!(mount.target.as_deref(), Some("/data"));
        assert!(mount.source.as_deref().unwrap().starts_with(&format!("{}_data", app.stack)), "{mount:?}");

        let before = effects(&world);
        push("listen 2", "Another configuration");
        world.deploy_live(&app).await;
        let after = container(&world.parts.engine.observe(&app.stack).await.unwrap(), "web").configs.unwrap();
        assert_ne!(after[0].config_name, configs[0].config_name, "a new content is a new config");
        assert_eq!(effects(&world), before + 1, "only the service that has it changed");
    }

    async fn several_files_are_merged_in_their_order_with_paths_from_the_folder_of_the_first(db: TestDb) {
        let world = World::new(db).await;
        let live = "services:\n  web:\n    environment: {MODE: live}\n    volumes: ['./conf/web.conf:/etc/web.conf:ro']\n  \
                    store: {image: 'registry.example.org/store:1'}\n";
        let push = |live: &str, message: &str| world.git.push(REPOSITORY, "main", message, &[
            ("docker-compose.coolify.yml", "services:\n  web: {image: 'registry.example.org/other:1'}\n"),
            ("deploy/base.yml", "services:\n  web:\n    build: ./web\n    environment: {MODE: test, KEPT: base}\n"),
            ("deploy/web/Dockerfile", "FROM scratch\n"),
            ("deploy/conf/web.conf", "listen 1"),
            ("overrides/live.yml", live),
            ("overrides/last.yml", "services:\n  web: {environment: {MODE: last}}\n"),
        ]);
        push(live, "First");
        let app = world.compose_from_git("shop").await;
        let choose = async |path: &str, overrides: &[&str]| {
            let build = serde_json::json!({"kind": "compose", "path": path, "overrides": overrides});
            let change = Change { build: Some(serde_json::from_value(build).unwrap()), ..Change::default() };
            control::apps::configure(&world.cx, app.id, change).await.unwrap();
        };
        let services = async || {
            let observed = world.parts.engine.observe(&app.stack).await.unwrap();
            let short = |name: &String| name.trim_start_matches(&format!("{}_", app.stack)).to_owned();
            let web = observed.services.iter().find(|(name, _)| name.ends_with("_web"));
            let web = web.and_then(|(_, s)| s.spec.clone()?.task_template?.container_spec);
            (observed.services.keys().map(short).collect::<Vec<_>>(), web)
        };
        choose("deploy/base.yml", &["overrides/live.yml"]).await;
        world.deploy_live(&app).await;
        let (names, web) = services().await;
        let web = web.unwrap();
        assert_eq!(names, ["store", "web"]);
        assert_eq!(web.env.unwrap(), ["KEPT=base", "MODE=live"]);
        let config = web.configs.unwrap()[0].clone().file.unwrap().name;
        assert_eq!(config.as_deref(), Some("/etc/web.conf"));
        choose("deploy/base.yml", &["overrides/live.yml", "overrides/last.yml"]).await;
        world.deploy_live(&app).await;
        assert_eq!(services().await.1.unwrap().env.unwrap(), ["KEPT=base", "MODE=last"]);
        assert_eq!(world.builder.builds(), 1, "what its build sees is the same");

        push("services:\n  web:\n    imag: x\n", "Wrong");
        let failure = world.deploy(&app).await.failure.unwrap();
        assert!(failure.message.contains("overrides/live.yml, line 3"), "the file is named: {failure:?}");
        choose("deploy/base.yml", &["none.yml"]).await;
        let failure = world.deploy(&app).await.failure.unwrap();
        assert_eq!(failure.code, "compose_missing");
        assert!(failure.message.contains("none.yml"), "{failure:?}");

        choose("docker-compose.coolify.yml", &[]).await;
        world.deploy_live(&app).await;
        assert_eq!(services().await.0, ["web"], "any one file can be chosen");
    }

    async fn a_dockerfile_within_the_file_is_built_and_another_apps_image_is_not_read(db: TestDb) {
        let world = World::new(db).await;
        let file = "services:\n  web:\n    build:\n      context: web\n      dockerfile_inline: |\n        FROM scratch\n        COPY one /\n";
        let push = |file: &str| world.git.push(REPOSITORY, "main", file, &[("compose.yaml", file), ("web/one", "1")]);
        push(file);
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        assert_eq!(world.builder.recipes()[0].dockerfile, "FROM scratch\nCOPY one /\n");
        world.deploy_live(&app).await;
        assert_eq!(world.builder.builds(), 1, "the same text is the same image");
        push(&file.replace("COPY one /", "COPY one /two"));
        world.deploy_live(&app).await;
        assert_eq!(world.builder.builds(), 2);
        for wrong in ["FROM skep.invalid/other:1", "FROM a\n        COPY --from=skep.invalid/other:1 /a /b"] {
            push(&file.replace("FROM scratch", wrong));
            assert_eq!(world.deploy(&app).await.failure.unwrap().code, "image_not_allowed", "{wrong}");
        }
        push(&file.replace("FROM scratch", "# syntax=evil/x\n        FROM scratch"));
        assert_eq!(world.deploy(&app).await.failure.unwrap().code, "frontend_not_allowed");
        assert_eq!(world.builder.builds(), 2);
    }

    async fn case_046_a_compose_file_that_leads_out_of_the_repository_is_refused(db: TestDb) {
        let world = World::new(db).await;
        for (file, code) in [
            ("services:\n  web: {build: ../x}\n", "invalid_settings"),
            ("services:\n  web: {build: {context: ., dockerfile: ../../etc/passwd}}\n", "invalid_settings"),
            ("services:\n  web: {image: a}\nsecrets:\n  s: {file: /etc/shadow}\n", "path_outside_repository"),
        ] {
            world.git.push(REPOSITORY, "main", file, &files(file));
            let app = world.compose_from_git(&format!("shop{}", file.len())).await;
            let deployment = world.deploy(&app).await;
            assert_eq!(deployment.failure.unwrap().code, code, "{file}");
        }
        assert_eq!((world.builder.builds(), effects(&world)), (0, 0));
    }

    async fn after_an_interruption_what_was_recorded_is_deployed_though_the_source_is_gone(db: TestDb) {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "First", &files(FILE));
        let app = world.compose_from_git("shop").await;
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        let fault = FaultPoints::new(|step, moment| (step, moment) == (Step::Plan, Moment::Entered));
        let _ = world.dying(fault).drain().await;
        assert!(!world.deployment(queued.id).await.state.ended());
        world.git.refuse(REPOSITORY, Some(("unauthorized", "gone")));
        world.free().await;
        world.drain().await;
        assert_eq!(world.deployment(queued.id).await.state, State::Live);
        let mut tx = world.parts.db.read().await.unwrap();
        let steps = db::step::list(&mut tx, queued.id).await.unwrap();
        let recorded = format!("{:?}", steps.iter().map(|s| s.output.as_ref().map(|o| o.0.to_string())).collect::<Vec<_>>());
        assert!(!recorded.contains("dockerfile: Dockerfile") && !recorded.contains("aGVsbG8"), "what was recorded is sealed: {recorded}");
    }
}
