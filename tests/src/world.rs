//! A whole Skep without its outside worlds: real SQL, and fakes for engine, git and builder that
//! a test can script. Time is real; what waits, waits for the fakes' own ticks.

use std::{sync::Arc, time::Duration};

use skep::{
    acme::{
        dns::SystemResolver,
        fake::{FakeIssuer, FakeVisitor},
    },
    build::{BuildError, Builder, LogSink, Recipe, fake::FakeBuilder},
    bus::local::LocalBus,
    control::{
        self, Ctx,
        identity::{Caller, Means},
    },
    db,
    deploy::{fault::FaultPoints, parts::Parts},
    dns::fake::FakeDns,
    domain::{
        app::{App, Build, Follow, Settings, Source},
        clock::{Clock, SystemClock},
        deployment::{Deployment, State},
        git_url::GitUrl,
        id::{DeploymentId, SessionId, TeamId, UserId},
        identity::{Actor, User},
        instance::Instance,
        name::{DisplayName, Email, ImageRef, RefName, Slug},
        right::{Place, Role},
        seal::Seal,
        secret::Secret,
        team::Team,
    },
    edge::Published,
    git::fake::FakeGit,
    jobs::Worker,
    sso::fake::FakeVoucher,
    stores::fake::FakeStores,
    swarm::{ImageFacts, fake::FakeEngine},
};
use tokio_util::sync::CancellationToken;

use crate::database::TestDb;

/// The repository that test apps follow.
pub const REPOSITORY: &str = "https://git.example.org/acme/shop";

/// A Skep of one test.
pub struct World {
    /// Its database.
    pub db: TestDb,
    /// The engine's fake.
    pub engine: Arc<FakeEngine>,
    /// The git host's fake.
    pub git: Arc<FakeGit>,
    /// The builder's fake.
    pub builder: Arc<FakeBuilder>,
    /// The stores' fake.
    pub stores: FakeStores,
    /// The fake of DNS providers and names.
    pub dns: FakeDns,
    /// All parts.
    pub parts: Parts,
    /// An owner of a team and of the instance, signed in.
    pub cx: Ctx,
}

impl World {
    /// A new one, whose fakes only misbehave where told.
    ///
    /// # Panics
    /// The database does not take the first rows.
    pub async fn new(db: TestDb) -> Self {
        let engine = Arc::new(FakeEngine::calm());
        let git = Arc::new(FakeGit::calm());
        let builder = Arc::new(FakeBuilder::new());
        let (stores, dns) = (FakeStores::default(), FakeDns::default());
        let parts = Parts {
            stores: Arc::new(stores.clone()),
            dns: Arc::new(dns.clone()),
            look: Arc::new(dns.clone()),
            ..parts(&db, Arc::clone(&engine), Arc::clone(&git), Arc::clone(&builder))
        };
        let actor = owner(&parts, "owner@example.org").await;
        let cx = context(&parts, &caller(&parts, actor, true).await);
        Self { db, engine, git, builder, stores, dns, parts, cx }
    }

    /// An app that follows `main` of [`REPOSITORY`] and is built by a Dockerfile.
    ///
    /// # Panics
    /// Control refuses it.
    pub async fn git_app(&self, name: &str) -> App {
        let source = Source::Git {
            url: GitUrl::parse(REPOSITORY).expect("a URL"),
            follow: Follow::Branch { branch: RefName::parse("main").expect("a branch") },
            credential: None,
            watch: Vec::new(),
        };
        let build: Build =
            serde_json::from_value(serde_json::json!({"kind": "dockerfile"})).expect("a build");
        self.app(name, source, build).await
    }

    /// An app that runs an image.
    ///
    /// # Panics
    /// Control refuses it.
    pub async fn image_app(&self, name: &str, image: &str) -> App {
        self.engine.add_image(image, ImageFacts { id: "sha256:1".to_owned(), ..ImageFacts::default() });
        let source = Source::Image { image: ImageRef::parse(image).expect("an image"), credential: None };
        self.app(name, source, Build::None).await
    }

    /// An app of a Compose text whose images the engine can get.
    ///
    /// # Panics
    /// Control refuses it.
    pub async fn compose_app(&self, name: &str, text: &str) -> App {
        for image in ["registry.example.org/web:7", "registry.example.org/api:1"] {
            self.engine
                .add_image(image, ImageFacts { id: format!("sha256:{image}"), ..ImageFacts::default() });
        }
        self.app(name, Source::Compose { text: text.to_owned() }, Build::None).await
    }

    /// An app whose Compose file lies on `main` of [`REPOSITORY`].
    ///
    /// # Panics
    /// Control refuses it.
    pub async fn compose_from_git(&self, name: &str) -> App {
        let source = Source::Git {
            url: GitUrl::parse(REPOSITORY).expect("a URL"),
            follow: Follow::Branch { branch: RefName::parse("main").expect("a branch") },
            credential: None,
            watch: Vec::new(),
        };
        let build = serde_json::from_value(serde_json::json!({"kind": "compose"})).expect("a build");
        self.app(name, source, build).await
    }

    async fn app(&self, name: &str, source: Source, build: Build) -> App {
        let slug = |text: &str| Slug::parse(text).expect("a name");
        let (_, environment) =
            control::projects::create(&self.cx, slug(&format!("p-{name}")), None).await.expect("a project");
        let settings: Settings = serde_json::from_value(serde_json::json!({
            "port": 8080, "update": {"monitor": "1s", "deadline": "30s"}
        }))
        .expect("settings");
        let new = control::apps::NewApp { name: slug(name), source, build, settings, auto_deploy: true };
        control::apps::create(&self.cx, environment.id, new).await.expect("an app")
    }

    /// A worker of a new process.
    #[must_use]
    pub fn worker(&self) -> Worker {
        Worker::new(self.parts.clone(), CancellationToken::new())
    }

    /// The same with a point at which it dies.
    #[must_use]
    pub fn dying(&self, fault: FaultPoints) -> Worker {
        Worker::new(Parts { fault, ..self.parts.clone() }, CancellationToken::new())
    }

    /// Ends all leases, as time would.
    ///
    /// # Panics
    /// The database does not answer.
    pub async fn free(&self) {
        let mut tx = self.parts.db.write().await.expect("the database");
        db::job::free_all(&mut tx).await.expect("leases end");
        tx.commit().await.expect("the database");
    }

    /// Runs everything that is due.
    ///
    /// # Panics
    /// The database does not answer.
    pub async fn drain(&self) {
        self.worker().drain().await.expect("jobs run");
    }

    /// How a deployment stands.
    ///
    /// # Panics
    /// There is none.
    pub async fn deployment(&self, id: DeploymentId) -> Deployment {
        let mut tx = self.parts.db.read().await.expect("the database");
        db::deployment::load(&mut tx, id).await.expect("the database").expect("the deployment")
    }

    /// Deploys by hand and runs it to its end.
    ///
    /// # Panics
    /// Control refuses it.
    pub async fn deploy(&self, app: &App) -> Deployment {
        let queued = control::deployments::create(&self.cx, app.id, None, None).await.expect("queued");
        self.drain().await;
        self.deployment(queued.id).await
    }

    /// Deploys by hand and expects it to be live.
    ///
    /// # Panics
    /// It is not.
    pub async fn deploy_live(&self, app: &App) -> Deployment {
        let deployment = self.deploy(app).await;
        assert_eq!(deployment.state, State::Live, "{:?}", deployment.failure);
        deployment
    }
}

/// What the builder's fake makes, the engine's fake has.
struct Linked {
    builder: Arc<FakeBuilder>,
    engine: Arc<FakeEngine>,
}

#[async_trait::async_trait]
impl Builder for Linked {
    async fn build(
        &self,
        recipe: &Recipe,
        log: &dyn LogSink,
        cancel: &CancellationToken,
    ) -> Result<String, BuildError> {
        let id = self.builder.build(recipe, log, cancel).await?;
        self.engine.add_image(&recipe.tag, ImageFacts { id: id.clone(), ..ImageFacts::default() });
        for (key, value) in &recipe.labels {
            self.engine.label_image(&recipe.tag, key, value);
        }
        Ok(id)
    }

    async fn prune(&self, keep: u64) -> Result<u64, BuildError> {
        self.builder.prune(keep).await
    }
}

/// The parts of a test's Skep.
#[must_use]
pub fn parts(db: &TestDb, engine: Arc<FakeEngine>, git: Arc<FakeGit>, builder: Arc<FakeBuilder>) -> Parts {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let dns = FakeDns::default();
    Parts {
        db: db.db.clone(),
        clock: Arc::clone(&clock),
        git,
        stores: Arc::new(FakeStores::default()),
        dns: Arc::new(dns.clone()),
        look: Arc::new(dns),
        builder: Arc::new(Linked { builder, engine: Arc::clone(&engine) }),
        engine,
        issuer: Arc::new(FakeIssuer::new(clock, 1)),
        resolver: Arc::new(SystemResolver { deadline: Duration::from_millis(100), server: None }),
        visitor: Arc::new(FakeVisitor::starting()),
        voucher: Arc::new(FakeVoucher::default()),
        edge: Arc::new(Published::new()),
        bus: Arc::new(LocalBus::default()),
        seal: Seal::new(&[7; 32]),
        instance: Arc::new(instance(db.folder())),
        fault: FaultPoints::default(),
        probe: Some(b"probe"),
    }
}

/// Settings of a test's instance, with its data in `folder`.
///
/// # Panics
/// Never: the values are fixed.
#[must_use]
pub fn instance(folder: &std::path::Path) -> Instance {
    Instance {
        data: folder.to_owned(),
        listen: "127.0.0.1:0".parse().expect("an address"),
        public_url: None,
        base_domain: Some("apps.example.org".to_owned()),
        address_names: true,
        edge_tcp_ports: (5432..5832).collect(),
        edge_udp_ports: vec![5353],
        public_addresses: Vec::new(),
        allow_addresses: Vec::new(),
        reserved_addresses: vec!["172.31.0.0/16".to_owned()],
        git_allow_http: false,
        acme_directory: "https://ca.example.org/directory".to_owned(),
        acme_ca: None,
        acme_email: None,
        edge_token: Some(Secret::new("edge-token-edge-token-edge-token")),
        edge_callback: "http://skep:3000".to_owned(),
        https_port: None,
        registry: None,
        setup_token: Some(Secret::new("setup-token-setup-token")),
        keep_releases: 10,
        workers: 4,
        builds: 2,
        trusted_proxies: Vec::new(),
        build_seconds: 60,
        build_memory: None,
        build_nano_cpus: None,
        fixed: std::collections::BTreeSet::new(),
    }
}

/// A new team with one person, its owner. They do not own the instance.
///
/// # Panics
/// The database does not take them.
pub async fn owner(parts: &Parts, email: &str) -> Actor {
    let (clock, now) = (&*parts.clock, parts.clock.now());
    let name = DisplayName::parse("Test").expect("a name");
    let team = Team { id: TeamId::new(clock), name, created_at: now };
    let mut tx = parts.db.write().await.expect("the database");
    db::team::insert(&mut tx, &team).await.expect("a team");
    tx.commit().await.expect("the database");
    member(parts, team.id, email, &[(Place::Team, Role::Owner)]).await
}

/// A new person in a team, with these roles.
///
/// # Panics
/// The database does not take them.
pub async fn member(parts: &Parts, team: TeamId, email: &str, grants: &[(Place, Role)]) -> Actor {
    person(parts, team, email, grants, false).await
}

/// The owner of a team of theirs, and of the instance.
///
/// # Panics
/// The database does not take them.
pub async fn instance_owner(parts: &Parts, email: &str) -> Actor {
    let team = owner(parts, &format!("first-{email}")).await.team;
    person(parts, team, email, &[(Place::Team, Role::Owner)], true).await
}

async fn person(parts: &Parts, team: TeamId, email: &str, grants: &[(Place, Role)], instance: bool) -> Actor {
    let user = User {
        id: UserId::new(&*parts.clock),
        email: Email::parse(email).expect("an address"),
        password_hash: None,
        owner: instance,
        service: None,
        created_at: parts.clock.now(),
    };
    let mut tx = parts.db.write().await.expect("the database");
    db::identity::insert_user(&mut tx, &user).await.expect("a person");
    db::team::add_member(&mut tx, team, user.id, parts.clock.now()).await.expect("a member");
    for (place, role) in grants {
        db::team::give(&mut tx, team, user.id, *place, *role).await.expect("a role");
    }
    tx.commit().await.expect("the database");
    Actor { user: user.id, team }
}

/// Somebody with a session, as they come to a command.
///
/// # Panics
/// The database does not tell what they may do.
pub async fn caller(parts: &Parts, actor: Actor, instance: bool) -> Caller {
    let mut tx = parts.db.read().await.expect("the database");
    let access = db::team::access(&mut tx, actor.team, actor.user, instance).await.expect("their roles");
    let means = Means::Session(SessionId::new(&*parts.clock));
    Caller { actor, means, access: Arc::new(access), through: None, closed: false }
}

/// The request of somebody, from the network of examples (RFC 5737).
#[must_use]
pub fn context(parts: &Parts, caller: &Caller) -> Ctx {
    Ctx::new(parts.clone(), caller, [192, 0, 2, 1].into(), "test")
}
