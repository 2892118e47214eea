//! The whole server in process: the real router over real SQL, fakes for engine, git and builder,
//! and a clock that a test moves.

use std::sync::Arc;

use axum::Router;
use chrono::Duration;
use skep::{
    build::fake::FakeBuilder,
    control::identity,
    deploy::parts::Parts,
    domain::{
        clock::{Clock, MockClock, SystemClock},
        identity::Actor,
        instance::Instance,
    },
    git::fake::FakeGit,
    http::{self, Limits, State},
    jobs::Worker,
    swarm::fake::FakeEngine,
};
use tokio_util::sync::CancellationToken;

use crate::{client::Client, database::TestDb, world};

/// The first admin's address and password.
pub const ADMIN: (&str, &str) = ("admin@example.org", "correct horse battery staple");
/// The one-time token of [`world::instance`].
pub const SETUP_TOKEN: &str = "setup-token-setup-token";

/// A server of one test.
pub struct TestApp {
    /// Its database.
    pub db: TestDb,
    /// Its time: starts at the real one and stands still.
    pub clock: Arc<MockClock>,
    /// The engine's fake.
    pub engine: Arc<FakeEngine>,
    /// The git host's fake.
    pub git: Arc<FakeGit>,
    /// The builder's fake.
    pub builder: Arc<FakeBuilder>,
    /// All parts.
    pub parts: Parts,
    /// What all requests share.
    pub state: State,
    /// All routes.
    pub router: Router,
    /// Ends streams when it is cancelled.
    pub stop: CancellationToken,
}

impl TestApp {
    /// A new one, without any admin.
    pub fn new(db: TestDb) -> Self {
        Self::with(db, |_, _| {})
    }

    /// A new one with other settings.
    pub fn with(db: TestDb, change: impl FnOnce(&mut Instance, &mut Limits)) -> Self {
        let engine = Arc::new(FakeEngine::calm());
        let git = Arc::new(FakeGit::calm());
        let builder = Arc::new(FakeBuilder::new());
        let clock = Arc::new(MockClock::at(SystemClock.now()));
        let mut instance = world::instance(db.folder());
        let mut limits = Limits::default();
        change(&mut instance, &mut limits);
        let parts = Parts {
            clock: clock.clone(),
            instance: Arc::new(instance),
            ..world::parts(&db, engine.clone(), git.clone(), builder.clone())
        };
        let stop = CancellationToken::new();
        let state = State::new(parts.clone(), limits, stop.clone());
        let router = http::router(state.clone());
        Self { db, clock, engine, git, builder, parts, state, router, stop }
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(Duration::seconds(seconds));
    }

    /// A browser that nobody has signed in with.
    pub fn browser(&self) -> Client {
        Client::browser(self.router.clone())
    }

    /// A program without a token.
    pub fn stranger(&self) -> Client {
        Client::program(self.router.clone(), None)
    }

    /// Makes the first admin; their browser.
    ///
    /// # Panics
    /// It is refused.
    pub async fn admin(&self) -> Client {
        let browser = self.browser();
        let body = serde_json::json!({"token": SETUP_TOKEN, "email": ADMIN.0, "password": ADMIN.1});
        browser.post("/api/v1/setup", body).await.ok(201);
        browser
    }

    /// Makes the first admin; a program with a token of theirs.
    ///
    /// # Panics
    /// It is refused.
    pub async fn program(&self) -> Client {
        let token =
            self.admin().await.post("/api/v1/tokens", serde_json::json!({"name": "test"})).await.ok(201);
        Client::program(self.router.clone(), token["value"].as_str())
    }

    /// A program of another team's person.
    ///
    /// # Panics
    /// The database does not take them.
    pub async fn foreigner(&self) -> Client {
        let actor = world::owner(&self.parts, "other@example.org").await;
        self.program_of(actor).await
    }

    /// A program with a token of somebody.
    ///
    /// # Panics
    /// The database does not take it.
    pub async fn program_of(&self, actor: Actor) -> Client {
        let caller = world::caller(&self.parts, actor, false).await;
        let cx = world::context(&self.parts, &caller);
        let new = identity::NewToken { name: "test", ..identity::NewToken::default() };
        let (_, value) = identity::create_token(&cx, &caller, new).await.expect("a token");
        Client::program(self.router.clone(), Some(value.expose()))
    }

    /// Writes to the audit log what was refused until now.
    pub async fn note_refusals(&self) {
        http::flush_refusals(&self.state, false).await;
    }

    /// Runs everything that is due.
    ///
    /// # Panics
    /// The database does not answer.
    pub async fn run_jobs(&self) {
        Worker::new(self.parts.clone(), CancellationToken::new()).drain().await.expect("jobs run");
    }
}
