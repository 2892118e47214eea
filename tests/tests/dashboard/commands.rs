//! Forms: what is entered is checked at its field, and done.

use skep_tests::{db_test, world::World};
use skep_web::api::{
    AppId, Build, Error, Fault, Follow, InstanceSettings, NewApp, NewDomain, Provider, Scope, Secret,
    Settings, Source,
};

use crate::own;

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(faults) => faults.into_iter().map(|Fault { field, .. }| field).collect(),
        other => panic!("{other:?}"),
    }
}

fn new(name: &str, host: Option<&str>) -> NewApp {
    NewApp {
        name: name.to_owned(),
        source: Source::Git {
            url: "https://git.example.org/acme/shop".to_owned(),
            follow: Follow::Branch { branch: "main".to_owned() },
            credential: None,
            watch: Vec::new(),
        },
        build: serde_json::from_value(serde_json::json!({
            "kind": "dockerfile", "path": "", "context": "", "target": null, "args": {}, "secrets": [], "no_cache": false
        }))
        .unwrap(),
        settings: Settings { port: Some(8080), ..Settings::default() },
        auto_deploy: true,
        host: host.map(str::to_owned),
        deploy: false,
    }
}

db_test! {
    async fn from_a_project_to_an_app_with_a_host(db: TestDb) {
        let world = World::new(db).await;
        let api = own(&world);
        assert_eq!(fields(api.create_project("A b", "", "x y").await.unwrap_err()), ["name", "environment"]);
        let project = api.create_project("shop", "The shop", "live").await.unwrap();
        assert_eq!(fields(api.create_project("shop", "", "").await.unwrap_err()), ["name"], "taken");
        let view = api.project(&project).await.unwrap();
        assert_eq!((view.title.as_str(), view.environments[0].name.as_str()), ("The shop", "live"));
        let environment = view.environments[0].id.clone();
        assert_eq!(fields(api.create_environment(&project, "live").await.unwrap_err()), ["name"]);

        let mut wrong = new("A b", Some("localhost"));
        wrong.build = Build::Static { folder: "../x".into(), single_page: false };
        assert_eq!(fields(api.create_app(&environment, wrong).await.unwrap_err()), ["name", "build.folder", "host"]);
        let mut several = new("web", None);
        several.build = Build::Compose { path: ".".into(), overrides: vec!["a.yml".into(), "./a.yml".into()] };
        let faults = fields(api.create_app(&environment, several.clone()).await.unwrap_err());
        assert_eq!(faults, ["build.compose_path", "build.overrides[1]"]);
        let (path, overrides) = ("docker-compose.coolify.yml".to_owned(), vec!["deploy/live.yml".to_owned()]);
        several.build = Build::Compose { path, overrides };
        several.name = "several".to_owned();
        let made = api.create_app(&environment, several.clone()).await.unwrap();
        assert_eq!(api.configuration(&made).await.unwrap().build, several.build);
        let mut unbuilt = new("web", None);
        unbuilt.build = Build::None;
        assert_eq!(fields(api.create_app(&environment, unbuilt).await.unwrap_err()), ["build.kind"]);
        let app = api.create_app(&environment, new("web", Some("shop.example.org"))).await.unwrap();
        assert_eq!(fields(api.create_app(&environment, new("web", None)).await.unwrap_err()), ["name"]);
        let taken = api.create_app(&environment, new("other", Some("shop.example.org"))).await.unwrap_err();
        assert_eq!(fields(taken), ["host"]);

        let domains = api.domains(&app).await.unwrap();
        assert_eq!(domains.len(), 2, "one made by Skep, one given: {domains:?}");
        let mine = domains.iter().find(|domain| domain.host == "shop.example.org").unwrap();
        assert_eq!((mine.port, mine.path.as_str(), mine.generated), (8080, "/", false));
        let bad = NewDomain { host: "x`y".into(), path: "a".into(), ..NewDomain::default() };
        assert_eq!(fields(api.add_domain(&app, bad).await.unwrap_err()), ["host", "path"]);
        api.remove_domain(&app, &mine.id).await.unwrap();
        assert!(matches!(api.generate_domain(&app).await, Err(Error::Conflict(_))), "it is there already");
        assert!(matches!(api.delete_project(&project).await, Err(Error::Conflict(_))));

        let mut configuration = api.configuration(&app).await.unwrap();
        configuration.settings.replicas = Some(3);
        configuration.settings.health = serde_json::from_value(serde_json::json!({"kind": "http", "path": "/up"})).unwrap();
        api.configure(&app, configuration.clone()).await.unwrap();
        assert_eq!(api.configuration(&app).await.unwrap(), configuration);
        configuration.settings.resources.memory = Some("lots".into());
        assert_eq!(fields(api.configure(&app, configuration).await.unwrap_err()), ["settings.resources.memory"]);

        assert_eq!(fields(api.delete_app(&app, "shop", false).await.unwrap_err()), ["name"]);
        api.delete_app(&app, "web", false).await.unwrap();
    }

    async fn variables_go_in_and_do_not_come_out(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let scope = Scope::App(AppId(app.id.to_string()));
        let api = own(&world);
        let text = "# mine\nexport A=one\nB=\"two\nlines\"\nC=${{environment.HOST}}/x\n";
        let shown = api.preview_import(&scope, Secret::new(text), true, false).await.unwrap();
        assert_eq!(shown.added, ["A", "B", "C"]);
        api.import_variables(&scope, &shown.draft).await.unwrap();
        assert_eq!(fields(api.set_variable(&scope, "a b", Secret::new("x"), false).await.unwrap_err()), ["key"]);
        assert_eq!(fields(api.set_variable(&scope, "A", Secret::new("a\0b"), false).await.unwrap_err()), ["value"]);
        let bad = Secret::new("A=1\n1B=hunter2\n");
        let bad = api.preview_import(&scope, bad, true, false).await.unwrap_err();
        assert!(!format!("{bad:?}").contains("hunter2") && format!("{bad:?}").contains("line 2"), "{bad:?}");
        let views = api.variables(&scope).await.unwrap();
        assert_eq!(views.iter().map(|v| v.key.as_str()).collect::<Vec<_>>(), ["A", "B", "C"]);
        assert_eq!(views[2].references, ["environment.HOST"]);
        assert!(!format!("{views:?}").contains("lines"));
        api.delete_variable(&scope, "A").await.unwrap();
        assert_eq!(api.delete_variable(&scope, "A").await, Err(Error::NotFound));
    }

    async fn webhooks_tell_their_secret_once_and_what_came(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let id = AppId(app.id.to_string());
        let api = own(&world);
        let (webhook, secret) = api.create_webhook(&id, Provider::Generic).await.unwrap();
        assert!(webhook.url.ends_with(&format!("/hooks/generic/{}", webhook.id)), "{}", webhook.url);
        assert!(!secret.is_empty());
        assert!(matches!(api.create_webhook(&id, Provider::Generic).await, Err(Error::Conflict(_))));
        let (rotated, fresh) = api.rotate_webhook(&id, &webhook.id).await.unwrap();
        assert!(fresh != secret && rotated.old_secret_until.is_some());
        assert!(api.deliveries(&id, 10).await.unwrap().is_empty());
        api.delete_webhook(&id, &webhook.id).await.unwrap();
        assert_eq!(api.delete_webhook(&id, &webhook.id).await, Err(Error::NotFound));
    }

    async fn the_instance_is_set_by_its_form(db: TestDb) {
        let world = World::new(db).await;
        let api = own(&world);
        let view = api.instance().await.unwrap();
        assert_eq!((view.profile.as_str(), view.directories.len()), (world.parts.db.profile(), 2));
        let wrong = InstanceSettings { domain: "a b".into(), acme_email: "x".into(), acme_directory: "http://x".into(), ..view.settings.clone() };
        assert_eq!(fields(api.set_instance(wrong).await.unwrap_err()), ["domain", "acme_email", "acme_directory"]);
        let right = InstanceSettings { domain: "skep.example.org".into(), ..view.settings };
        api.set_instance(right.clone()).await.unwrap();
        assert_eq!(api.instance().await.unwrap().settings, right);
    }
}
