//! A Skep whose names and providers a test scripts, and what several tests do with it.

use std::sync::Arc;

use skep::{
    acme::fake::FakeIssuer,
    control::{self, Ctx, Error, domains::NewDomain},
    db,
    deploy::parts::Parts,
    domain::{
        app::App,
        certificate::{Certificate, Challenge},
        clock::{Clock as _, MockClock, SystemClock},
        domain_name::{Hostname, PathPrefix},
        host_pattern::HostPattern,
        name::Slug,
        right::Place,
        secret::Secret,
    },
    jobs::Worker,
    reconcile,
};
use skep_tests::{
    database::TestDb,
    world::{self, World},
};
use tokio_util::sync::CancellationToken;

pub struct Stage {
    pub world: World,
    pub parts: Parts,
    pub cx: Ctx,
    pub clock: Arc<MockClock>,
    pub issuer: Arc<FakeIssuer>,
    pub app: App,
}

impl Stage {
    /// A calm one, with one app.
    pub async fn new(db: TestDb) -> Self {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let clock = Arc::new(MockClock::at(SystemClock.now()));
        let issuer = Arc::new(FakeIssuer::well(clock.clone()));
        let parts = Parts { clock: clock.clone(), issuer: issuer.clone(), ..world.parts.clone() };
        let cx = Ctx { parts: parts.clone(), ..world.cx.clone() };
        Self { world, parts, cx, clock, issuer, app }
    }

    /// Somebody of another team, and an app of theirs.
    pub async fn other(&self) -> (Ctx, App) {
        let actor = world::owner(&self.parts, "other@example.org").await;
        let cx = world::context(&self.parts, &world::caller(&self.parts, actor, false).await);
        let source = serde_json::from_value(serde_json::json!({"kind": "image", "image": "nginx"})).unwrap();
        let name = Slug::parse("theirs").unwrap();
        let (_, environment) = control::projects::create(&cx, name, None).await.unwrap();
        let new = control::apps::NewApp {
            name: Slug::parse("web").unwrap(),
            source,
            build: skep::domain::app::Build::None,
            settings: skep::domain::app::Settings::default(),
            auto_deploy: false,
        };
        let app = control::apps::create(&cx, environment.id, new).await.unwrap();
        (cx, app)
    }

    /// Names a provider for `example.org`.
    pub async fn provider(&self) -> skep::domain::dns_provider::DnsProvider {
        let new = control::dns::NewProvider {
            name: Slug::parse("cloudflare").unwrap(),
            place: Place::Team,
            zones: vec!["example.org".to_owned()],
            settings: serde_json::from_str(r#"{"kind": "cloudflare"}"#).unwrap(),
            login_id: String::new(),
            login_secret: Secret::new("cf-token"),
        };
        control::dns::create(&self.cx, new).await.unwrap()
    }

    /// Adds a domain to the app.
    pub async fn add(&self, host: &str) -> Result<(), Error> {
        add(&self.cx, &self.app, host, Challenge::Http, false).await
    }

    /// A host's certificate.
    pub async fn certificate(&self, host: &str) -> Certificate {
        let mut tx = self.parts.db.read().await.unwrap();
        db::acme::by_host(&mut tx, &HostPattern::any(host).unwrap()).await.unwrap().unwrap()
    }

    /// Everything that is due, and what follows from it.
    pub async fn settle(&self) {
        for _ in 0..3 {
            reconcile::certificates_round(self.parts.clone()).await.unwrap();
            Worker::new(self.parts.clone(), CancellationToken::new()).drain().await.unwrap();
        }
    }

    /// How many records are written down as being put.
    pub async fn records(&self) -> usize {
        let mut tx = self.parts.db.read().await.unwrap();
        let never = chrono::DateTime::from_timestamp(4_000_000_000, 0).unwrap();
        db::dns_provider::due_records(&mut tx, never, 100).await.unwrap().len()
    }
}

/// Proves a domain to be the team's.
pub async fn prove(stage: &Stage, cx: &Ctx, domain: &str) {
    let made = control::verified_domains::claim(cx, Hostname::parse(domain).unwrap()).await.unwrap();
    stage.world.dns.add(&made.record(), &made.token);
    control::verified_domains::verify(cx, made.id).await.unwrap();
}

/// Adds a domain to an app.
pub async fn add(cx: &Ctx, app: &App, host: &str, challenge: Challenge, private: bool) -> Result<(), Error> {
    let new = NewDomain {
        host: HostPattern::any(host).unwrap(),
        path: PathPrefix::parse("/").unwrap(),
        strip: false,
        service: None,
        port: None,
        https: true,
        challenge,
        private,
    };
    control::domains::add(cx, app.id, new).await.map(drop)
}

/// The field and the code of the only fault, or the code of a conflict.
pub fn told(error: &Error) -> (String, String) {
    match error {
        Error::Invalid(faults) => (faults[0].field.clone(), faults[0].code.clone()),
        Error::Conflict { code, .. } => ("conflict".to_owned(), (*code).to_owned()),
        other => panic!("{other:?}"),
    }
}
