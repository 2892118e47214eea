//! R95 to R101: two environments of one project, and what one of them has that the other has not. One
//! test for each item of R100 that there is: ssh keys, servers, secrets and variables, config files, image
//! entries, domains, deploy rights, networks. Intervals of monitoring and schedules of backups come with
//! monitoring and backups, and get their tests here then. Servers are in the file beside this one.

mod servers;

use std::collections::BTreeSet;

use skep::{
    control::{
        self, Ctx, Error,
        apps::{Change, NewApp},
        credentials::NewCredential,
        domains::NewDomain,
    },
    db,
    deploy::{fetch::open_access, registry::Keys},
    domain::{
        app::{App, Build, Source},
        certificate::Challenge,
        credential::{Credential, Kind},
        deployment::{Deployment, State},
        domain_name::PathPrefix,
        git_url::GitUrl,
        host_pattern::HostPattern,
        name::{DisplayName, Slug},
        project::{Environment, Project},
        right::{Place, Role},
        secret::Secret,
        variable::Scope,
    },
    git::Access,
    swarm::ImageFacts,
};
use skep_stack::models::ServiceSpec;
use skep_tests::{database::TestDb, db_test, sealed::set, world, world::World};

const REPOSITORY: &str = "ssh://git@git.example.org/acme/shop.git";
const IMAGE: &str = "registry.example.org/web:7";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const OTHER_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZha2UgaG9zdCBrZXkgb2YgYSBmYWtlIGhvc3Qh";

/// One project with two environments.
struct Two {
    world: World,
    project: Project,
    staging: Environment,
    production: Environment,
}

impl Two {
    async fn new(db: TestDb) -> Self {
        let world = World::new(db).await;
        world.git.push(REPOSITORY, "main", "First", &[("Dockerfile", "FROM scratch\n")]);
        for image in [IMAGE, "registry.example.org/api:1"] {
            let facts = ImageFacts { id: format!("sha256:{image}"), ..ImageFacts::default() };
            world.engine.add_image(image, facts);
        }
        let (project, production) = control::projects::create(&world.cx, slug("shop"), None).await.unwrap();
        let staging = control::environments::create(&world.cx, project.id, slug("staging")).await.unwrap();
        Self { world, project, staging, production }
    }

    fn both(&self) -> [&Environment; 2] {
        [&self.staging, &self.production]
    }

    /// Somebody with one role at one place.
    async fn somebody(&self, email: &str, place: Place, role: Role) -> Ctx {
        let parts = &self.world.parts;
        let actor = world::member(parts, self.world.cx.team(), email, &[(place, role)]).await;
        world::context(parts, &world::caller(parts, actor, false).await)
    }

    async fn app(&self, at: &Environment, source: Source) -> Result<App, Error> {
        let build = match source {
            Source::Git { .. } => serde_json::from_value(serde_json::json!({"kind": "dockerfile"})).unwrap(),
            _ => Build::None,
        };
        let settings = serde_json::json!({"port": 8080, "update": {"monitor": "1s", "deadline": "30s"}});
        let settings = serde_json::from_value(settings).unwrap();
        let new = NewApp { name: slug("web"), source, build, settings, auto_deploy: true };
        control::apps::create(&self.world.cx, at.id, new).await
    }

    async fn image_app(&self, at: &Environment) -> App {
        self.app(at, image(None)).await.unwrap()
    }

    /// The specs of its services, by their names without the stack's.
    async fn services(&self, app: &App) -> Vec<(String, ServiceSpec)> {
        let observed = self.world.parts.engine.observe(&app.stack).await.unwrap();
        let short = |name: &str| name.trim_start_matches(app.stack.as_str()).to_owned();
        observed.services.into_iter().map(|(name, service)| (short(&name), service.spec.unwrap())).collect()
    }

    async fn credential(&self, cx: &Ctx, kind: Kind, title: &str, place: Place) -> Result<Credential, Error> {
        let host = if kind == Kind::Registry { "registry.example.org" } else { "git.example.org" };
        let new = NewCredential {
            place,
            kind,
            title: DisplayName::parse(title).unwrap(),
            host: host.to_owned(),
            username: (kind == Kind::Registry).then(|| title.to_owned()),
            secret: (kind != Kind::GitKey).then(|| Secret::new("hunter2")),
        };
        control::credentials::create(cx, new).await
    }

    /// Changes an app's source past all checks, as an older server did or a hand in the database.
    async fn force(&self, app: &App, source: Source) -> App {
        let mut tx = self.world.parts.db.write().await.unwrap();
        let mut app = db::app::load(&mut tx, app.id).await.unwrap().unwrap();
        app.source = source;
        assert!(db::app::update(&mut tx, &app, self.world.parts.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        app
    }
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn git(credential: Option<&Credential>) -> Source {
    let credential = credential.map(|credential| credential.id);
    serde_json::from_value(serde_json::json!({
        "kind": "git", "url": REPOSITORY, "credential": credential,
        "follow": {"kind": "branch", "branch": "main"},
    }))
    .unwrap()
}

fn image(credential: Option<&Credential>) -> Source {
    Source::Image { image: IMAGE.parse().unwrap(), credential: credential.map(|credential| credential.id) }
}

/// Field, code and text of the only fault.
fn fault<T: std::fmt::Debug>(result: Result<T, Error>) -> (String, String, String) {
    match result {
        Err(Error::Invalid(faults)) if faults.len() == 1 => {
            let fault = faults.into_iter().next().unwrap();
            (fault.field, fault.code, fault.message)
        }
        other => panic!("{other:?}"),
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, String) {
    match result {
        Err(Error::Conflict { code, message }) => (code, message),
        other => panic!("{other:?}"),
    }
}

fn missing<T: std::fmt::Debug>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::NotFound(_)))
}

fn forbidden<T: std::fmt::Debug>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Forbidden(_)))
}

fn failure(deployment: Deployment) -> (State, String) {
    (deployment.state, deployment.failure.map(|failure| failure.code).unwrap_or_default())
}

fn constraints(spec: &ServiceSpec) -> Vec<String> {
    let placement = spec.task_template.as_ref().and_then(|task| task.placement.clone());
    placement.and_then(|placement| placement.constraints).unwrap_or_default()
}

fn names(list: &[Credential]) -> Vec<String> {
    list.iter().map(|credential| credential.title.to_string()).collect()
}

db_test! {
    async fn r100_ssh_keys(db: TestDb) {
        let two = Two::new(db).await;
        let (cx, parts) = (&two.world.cx, &two.world.parts);
        let ops = two.somebody("ops@example.org", Place::Environment(two.staging.id), Role::Admin).await;
        let (here, there) = (Place::Environment(two.staging.id), Place::Environment(two.production.id));
        // Who manages one environment makes keys there, and nowhere else.
        let a = two.credential(&ops, Kind::GitKey, "A", here).await.unwrap();
        assert!(forbidden(two.credential(&ops, Kind::GitKey, "x", Place::Team).await));
        assert!(missing(two.credential(&ops, Kind::GitKey, "x", there).await));
        assert!(forbidden(two.credential(&ops, Kind::GitKey, "x", Place::Project(two.project.id)).await));
        let b = two.credential(cx, Kind::GitKey, "B", there).await.unwrap();
        assert_ne!(a.public, b.public);
        assert_eq!(names(&control::credentials::list(&ops).await.unwrap()), ["A"]);
        assert_eq!(names(&control::credentials::list(cx).await.unwrap()), ["B", "A"]);
        assert!(missing(control::credentials::remove(&ops, b.id).await));

        // Each environment's apps use its own.
        let refused = fault(two.app(&two.production, git(Some(&a))).await);
        assert_eq!((refused.0.as_str(), refused.1.as_str()), ("source.credential", "credential_place"));
        assert_eq!(
            refused.2,
            "belongs to environment staging of shop; choose one of environment production, of project shop, or of the team"
        );
        let staging = two.app(&two.staging, git(Some(&a))).await.unwrap();
        let production = two.app(&two.production, git(Some(&b))).await.unwrap();
        let change = Change { source: Some(git(Some(&a))), ..Change::default() };
        assert_eq!(fault(control::apps::configure(cx, production.id, change).await).1, "credential_place");
        assert!(conflict(control::credentials::remove(cx, a.id).await).1.contains("app web uses it"));
        two.world.deploy_live(&staging).await;
        two.world.deploy_live(&production).await;

        // And again when it is used, whatever the row says.
        let forced = two.force(&production, git(Some(&a))).await;
        assert_eq!(failure(two.world.deploy(&forced).await), (State::Failed, "credential_place".to_owned()));
        let url = GitUrl::parse(REPOSITORY).unwrap();
        assert!(open_access(parts, &forced, &url, a.id).await.is_err());

        // A host that staging trusts is not trusted in production; the nearest that trusts it decides.
        let trusted = async |app: &App, key: &Credential| match open_access(parts, app, &url, key.id).await.unwrap() {
            Access::Key { hosts, .. } => hosts,
            other => panic!("{other:?}"),
        };
        control::host_keys::pin(&ops, here, "git.example.org", KEY).await.unwrap();
        assert!(missing(control::host_keys::pin(&ops, there, "git.example.org", KEY).await));
        assert!(forbidden(control::host_keys::pin(&ops, Place::Team, "git.example.org", KEY).await));
        assert_eq!(trusted(&staging, &a).await, [format!("git.example.org {KEY}")]);
        assert!(trusted(&production, &b).await.is_empty());
        control::host_keys::pin(cx, Place::Team, "git.example.org", OTHER_KEY).await.unwrap();
        assert_eq!(trusted(&staging, &a).await, [format!("git.example.org {KEY}")]);
        assert_eq!(trusted(&production, &b).await, [format!("git.example.org {OTHER_KEY}")]);
        assert_eq!(control::host_keys::list(&ops).await.unwrap().len(), 1);
        assert_eq!(control::host_keys::list(cx).await.unwrap().len(), 2);
        control::host_keys::forget(cx, here, "git.example.org").await.unwrap();
        assert!(missing(control::host_keys::forget(cx, here, "git.example.org").await));
        assert_eq!(trusted(&staging, &a).await, [format!("git.example.org {OTHER_KEY}")]);
    }

    async fn r089_a_given_key_is_kept_with_its_public_half(db: TestDb) {
        let two = Two::new(db).await;
        let made = skep::git::key::generate(&*two.world.parts.clock, "ours").unwrap();
        let new = |secret: Secret| NewCredential {
            place: Place::Environment(two.staging.id),
            kind: Kind::GitKey,
            title: DisplayName::parse("Ours").unwrap(),
            host: "git.example.org".to_owned(),
            username: None,
            secret: Some(secret),
        };
        let kept = control::credentials::create(&two.world.cx, new(made.private.clone())).await.unwrap();
        assert_eq!(kept.public.as_deref(), Some(made.public.as_str()));
        let app = two.app(&two.staging, git(Some(&kept))).await.unwrap();
        let url = GitUrl::parse(REPOSITORY).unwrap();
        match open_access(&two.world.parts, &app, &url, kept.id).await.unwrap() {
            Access::Key { private, .. } => assert_eq!(private.expose(), made.private.expose()),
            other => panic!("{other:?}"),
        }
        let public = Secret::new(made.public.as_str());
        let refused = fault(control::credentials::create(&two.world.cx, new(public)).await);
        assert_eq!((refused.0.as_str(), refused.1.as_str()), ("secret", "key_form"));
        assert!(refused.2.contains("public key"), "{refused:?}");
    }

    async fn r100_the_nearest_registry_credential_is_used_and_those_of_others_are_not(db: TestDb) {
        let two = Two::new(db).await;
        let cx = &two.world.cx;
        let user = async |app: &App| {
            let keys = Keys::load(&two.world.parts, app).await.unwrap();
            keys.of(IMAGE).map(|key| key.username.clone())
        };
        let (staging, production) = (two.image_app(&two.staging).await, two.image_app(&two.production).await);
        let own = two.credential(cx, Kind::Registry, "staging", Place::Environment(two.staging.id)).await.unwrap();
        assert_eq!((user(&staging).await.as_deref(), user(&production).await), (Some("staging"), None));
        two.credential(cx, Kind::Registry, "project", Place::Project(two.project.id)).await.unwrap();
        // Later ones of places further away do not come before.
        two.credential(cx, Kind::Registry, "team", Place::Team).await.unwrap();
        assert_eq!(user(&staging).await.as_deref(), Some("staging"));
        assert_eq!(user(&production).await.as_deref(), Some("project"));
        let (_, other) = control::projects::create(cx, slug("blog"), None).await.unwrap();
        let blog = two.image_app(&other).await;
        assert_eq!(user(&blog).await.as_deref(), Some("team"));
        let forced = two.force(&production, image(Some(&own))).await;
        assert_eq!(failure(two.world.deploy(&forced).await), (State::Failed, "credential_place".to_owned()));
        assert_eq!(fault(two.app(&other, image(Some(&own))).await).1, "credential_place");
    }

    async fn r100_credentials_go_with_their_place(db: TestDb) {
        let two = Two::new(db).await;
        let (cx, parts) = (&two.world.cx, &two.world.parts);
        let (here, whole) = (Place::Environment(two.staging.id), Place::Project(two.project.id));
        let own = two.credential(cx, Kind::GitKey, "own", here).await.unwrap();
        two.credential(cx, Kind::GitKey, "project", whole).await.unwrap();
        let teams = two.credential(cx, Kind::GitKey, "team", Place::Team).await.unwrap();
        for place in [here, whole, Place::Team] {
            control::host_keys::pin(cx, place, "git.example.org", KEY).await.unwrap();
        }
        let app = two.app(&two.staging, git(Some(&teams))).await.unwrap();
        let other = control::teams::create(cx, DisplayName::parse("Other").unwrap(), None).await.unwrap();
        let refused = conflict(control::teams::move_project(cx, two.project.id, other.id).await);
        assert!(refused.1.contains("app web uses a credential of this team"), "{refused:?}");
        let change = Change { source: Some(git(Some(&own))), ..Change::default() };
        control::apps::configure(cx, app.id, change).await.unwrap();
        control::teams::move_project(cx, two.project.id, other.id).await.unwrap();
        assert_eq!(names(&control::credentials::list(cx).await.unwrap()), ["team"]);
        assert_eq!(control::host_keys::list(cx).await.unwrap().len(), 1);

        let actor = skep::domain::identity::Actor { user: cx.actor.user, team: other.id };
        let moved = world::context(parts, &world::caller(parts, actor, true).await);
        assert_eq!(names(&control::credentials::list(&moved).await.unwrap()), ["project", "own"]);
        assert_eq!(control::host_keys::list(&moved).await.unwrap().len(), 2);
        let app = control::apps::get(&moved, app.id).await.unwrap();
        let url = GitUrl::parse(REPOSITORY).unwrap();
        assert!(matches!(open_access(parts, &app, &url, own.id).await.unwrap(), Access::Key { hosts, .. } if hosts.len() == 1));

        control::lifecycle::delete(&moved, app.id, false).await.unwrap();
        two.world.drain().await;
        control::environments::delete(&moved, two.staging.id).await.unwrap();
        assert_eq!(names(&control::credentials::list(&moved).await.unwrap()), ["project"]);
        control::projects::delete(&moved, two.project.id).await.unwrap();
        assert!(control::credentials::list(&moved).await.unwrap().is_empty());
        assert!(control::host_keys::list(&moved).await.unwrap().is_empty());
    }

    async fn r100_secrets_and_variables(db: TestDb) {
        let two = Two::new(db).await;
        let mut seen = Vec::new();
        for at in two.both() {
            let app = two.image_app(at).await;
            set(&two.world.cx, Scope::Environment(at.id), "PASSWORD", &format!("of {}", at.name)).await;
            set(&two.world.cx, Scope::App(app.id), "PASSWORD", "${{environment.PASSWORD}}").await;
            two.world.deploy_live(&app).await;
            let (_, spec) = two.services(&app).await.remove(0);
            let env = spec.task_template.unwrap().container_spec.unwrap().env.unwrap();
            seen.extend(env.into_iter().filter(|line| line.starts_with("PASSWORD=")));
        }
        assert_eq!(seen, ["PASSWORD=of staging", "PASSWORD=of production"]);
        let ops = two.somebody("ops@example.org", Place::Environment(two.staging.id), Role::Admin).await;
        assert_eq!(control::variables::list(&ops, Scope::Environment(two.staging.id)).await.unwrap().len(), 1);
        let key = "PASSWORD".parse().unwrap();
        assert!(missing(control::variables::list(&ops, Scope::Environment(two.production.id)).await));
        assert!(missing(control::variables::reveal(&ops, Scope::Environment(two.production.id), &key).await));
    }

    async fn r100_config_files(db: TestDb) {
        let two = Two::new(db).await;
        let (mut configs, mut secrets) = (Vec::new(), Vec::new());
        for at in two.both() {
            let text = format!(
                "services:\n  web:\n    image: {IMAGE}\n    configs: [settings]\n    secrets: [password]\n\
                 configs:\n  settings: {{content: 'of {0}'}}\nsecrets:\n  password: {{environment: PASSWORD}}\n",
                at.name
            );
            let app = two.app(at, Source::Compose { text }).await.unwrap();
            set(&two.world.cx, Scope::App(app.id), "PASSWORD", &format!("secret of {}", at.name)).await;
            two.world.deploy_live(&app).await;
            let observed = two.world.parts.engine.observe(&app.stack).await.unwrap();
            let own = |name: &&String| name.contains("settings");
            let config = observed.configs.iter().find(|(name, _)| own(name)).unwrap();
            configs.push((config.0.clone(), config.1.spec.clone().unwrap().data));
            secrets.push(observed.secrets.keys().find(|name| name.contains("password")).unwrap().clone());
        }
        assert_ne!(configs[0].0, configs[1].0);
        assert_ne!(configs[0].1, configs[1].1);
        assert_ne!(secrets[0], secrets[1]);
    }

    async fn r097_r099_r100_image_entries(db: TestDb) {
        let two = Two::new(db).await;
        let cx = &two.world.cx;
        let (staging, production) = (two.image_app(&two.staging).await, two.image_app(&two.production).await);
        two.world.deploy_live(&production).await;
        let before = two.services(&production).await;
        // Another tag in staging alone: production stays as it is, until the same tag is deployed there.
        let next = Source::Image { image: "registry.example.org/api:1".parse().unwrap(), credential: None };
        let change = || Change { source: Some(next.clone()), ..Change::default() };
        let staging = control::apps::configure(cx, staging.id, change()).await.unwrap();
        two.world.deploy_live(&staging).await;
        assert_eq!(two.services(&production).await, before);
        let production = control::apps::configure(cx, production.id, change()).await.unwrap();
        two.world.deploy_live(&production).await;
        let images = async |app: &App| two.services(app).await.remove(0).1.task_template.unwrap().container_spec.unwrap().image;
        assert_eq!(images(&staging).await, images(&production).await);
        assert_ne!(staging.stack, production.stack);
        control::lifecycle::delete(cx, staging.id, true).await.unwrap();
        two.world.drain().await;
        assert!(two.services(&staging).await.is_empty());
        assert_eq!(two.services(&production).await.len(), 1);
    }

    async fn r100_domains(db: TestDb) {
        let two = Two::new(db).await;
        let cx = &two.world.cx;
        let (staging, production) = (two.image_app(&two.staging).await, two.image_app(&two.production).await);
        let new = || NewDomain {
            host: HostPattern::parse("shop.example.org").unwrap(),
            path: PathPrefix::parse("/").unwrap(),
            strip: false,
            service: None,
            port: None,
            https: true,
            challenge: Challenge::Http,
            private: false,
        };
        control::domains::add(cx, production.id, new()).await.unwrap();
        let ops = two.somebody("ops@example.org", Place::Environment(two.staging.id), Role::Admin).await;
        assert_eq!(conflict(control::domains::add(&ops, staging.id, new()).await).0, "domain_taken");
        assert!(missing(control::domains::list(&ops, production.id).await));
        let hosts = async |app: &App| {
            let all = control::domains::list(cx, app.id).await.unwrap();
            all.into_iter().map(|domain| domain.host.to_string()).collect::<Vec<_>>()
        };
        let (here, there) = (hosts(&staging).await, hosts(&production).await);
        assert!(there.contains(&"shop.example.org".to_owned()), "{there:?}");
        assert!(here.iter().all(|host| !there.contains(host)), "{here:?} {there:?}");
    }

    async fn r098_r101_deploy_rights(db: TestDb) {
        let two = Two::new(db).await;
        let (staging, production) = (two.image_app(&two.staging).await, two.image_app(&two.production).await);
        let deployer = two.somebody("d@example.org", Place::Environment(two.staging.id), Role::Deployer).await;
        assert!(missing(control::deployments::create(&deployer, production.id, None, None).await));
        assert!(missing(control::lifecycle::stop(&deployer, production.id).await));
        let queued = control::deployments::create(&deployer, staging.id, None, None).await.unwrap();
        two.world.drain().await;
        assert_eq!(two.world.deployment(queued.id).await.state, State::Live);
        assert!(forbidden(control::credentials::list(&deployer).await));
        // Protection is each environment's own, too.
        let rules = skep::domain::protection::Protection { approvals: 1, ..Default::default() };
        control::protection::set(&two.world.cx, two.production.id, Some(rules)).await.unwrap();
        let waits = control::deployments::create(&two.world.cx, production.id, None, None).await.unwrap();
        assert_eq!(waits.state, State::AwaitingApproval);
        let goes = control::deployments::create(&two.world.cx, staging.id, None, None).await.unwrap();
        assert_eq!(goes.state, State::Queued);
    }

    async fn r100_networks(db: TestDb) {
        let two = Two::new(db).await;
        let mut joined = Vec::new();
        for at in two.both() {
            let app = two.image_app(at).await;
            two.world.deploy_live(&app).await;
            let observed = two.world.parts.engine.observe(&app.stack).await.unwrap();
            let task = two.services(&app).await.remove(0).1.task_template.unwrap();
            let targets = task.networks.unwrap().into_iter().filter_map(|network| network.target);
            let names = targets.map(|target| observed.network_names.get(&target).cloned().unwrap_or(target));
            joined.push(names.collect::<BTreeSet<_>>());
        }
        let edge = || skep::deploy::desire::EDGE.to_owned();
        for (joined, at) in joined.iter().zip(two.both()) {
            assert_eq!(*joined, BTreeSet::from([skep::deploy::desire::network(at.id), edge()]));
        }
        assert_ne!(joined[0], joined[1]);
    }
}
