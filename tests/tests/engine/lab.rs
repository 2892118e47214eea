//! A stack of its own for each test, and an image of scratch and busybox for its tasks.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use bollard::models::{ConfigSpec, ServiceSpec};
use futures::FutureExt;
use serde_json::{Value, json};
use skep::{
    build::{Asked, BuildError, Builder, DockerBuilder, Limits, LogSink, Order, Recipe, prepare},
    domain::{app::Build, clock::SystemClock, secret::Secret},
    swarm::{DockerEngine, Engine, Task, address::Address},
};
use skep_stack::plan::Action;
use tokio_util::sync::CancellationToken;

/// What a test works with.
#[derive(Clone)]
pub struct Lab {
    pub engine: Arc<DockerEngine>,
    /// The name of its stack.
    pub stack: String,
    /// busybox and a page at `/www/index.html`.
    pub image: String,
}

/// Where the engine is.
pub fn address() -> Address {
    let text = std::env::var("SKEP_TEST_ENGINE");
    let text = text.expect("SKEP_TEST_ENGINE must name an engine: tests/run and tests/lab/parts start one");
    Address::parse(&text).unwrap()
}

/// Runs a test, and takes its objects away however it ends.
pub async fn run(test: impl AsyncFnOnce(Lab)) {
    let engine = Arc::new(DockerEngine::new(address()));
    let stack = format!("t{}", &uuid::Uuid::new_v4().simple().to_string()[..12]);
    let image = image(&engine).await;
    let lab = Lab { engine, stack, image };
    let result = AssertUnwindSafe(test(lab.clone())).catch_unwind().await;
    clean(&lab).await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

async fn clean(lab: &Lab) {
    let seen = lab.engine.observe(&lab.stack).await.unwrap();
    let id = |id: &Option<String>| id.clone().unwrap_or_default();
    let services =
        seen.services.iter().map(|(name, s)| Action::RemoveService { name: name.clone(), id: id(&s.id) });
    let secrets =
        seen.secrets.iter().map(|(name, s)| Action::RemoveSecret { name: name.clone(), id: id(&s.id) });
    let configs =
        seen.configs.iter().map(|(name, c)| Action::RemoveConfig { name: name.clone(), id: id(&c.id) });
    let networks =
        seen.networks.iter().map(|(name, n)| Action::RemoveNetwork { name: name.clone(), id: id(&n.id) });
    for action in services.chain(secrets).chain(configs).chain(networks) {
        // A network is free once its last task is gone.
        until("it can be removed", async || lab.engine.perform(&action, None).await.ok()).await;
    }
}

/// Waits for something to be so, half a minute at most.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..150 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("waited for: {what}");
}

/// Keeps what a build writes.
#[derive(Default)]
pub struct Lines(pub Mutex<Vec<String>>);

impl LogSink for Lines {
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Lines {
    pub fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

/// No bound but this time.
pub fn bounds(time: Duration) -> Limits {
    Limits { time, memory: None, nano_cpus: None, context: 64 << 20 }
}

/// Builds a folder within this time.
pub async fn build(
    engine: &Arc<DockerEngine>,
    folder: &Path,
    settings: Value,
    tag: &str,
    time: Duration,
    cancel: &CancellationToken,
) -> (Result<String, BuildError>, Lines) {
    build_within(engine, folder, settings, tag, bounds(time), cancel).await
}

/// Builds a folder within these bounds.
pub async fn build_within(
    engine: &Arc<DockerEngine>,
    folder: &Path,
    settings: Value,
    tag: &str,
    limits: Limits,
    cancel: &CancellationToken,
) -> (Result<String, BuildError>, Lines) {
    let recipe = recipe(folder, settings, tag, limits).await;
    let builder = DockerBuilder::new(engine.clone(), Arc::new(SystemClock), 2);
    let lines = Lines::default();
    let result = builder.build(&recipe, &lines, cancel).await;
    (result, lines)
}

/// The same, with the web server of static sites that `server/site/build.sh` made.
pub async fn build_with_site(
    engine: &Arc<DockerEngine>,
    folder: &Path,
    settings: Value,
    tag: &str,
    limits: Limits,
    cancel: &CancellationToken,
) -> (Result<String, BuildError>, Lines) {
    let file = std::env::var("SKEP_SITE").expect("SKEP_SITE must name the web server: run tests/run");
    let site = std::fs::read(file).expect("the web server");
    let mut recipe = recipe(folder, settings, tag, limits).await;
    recipe.files.insert(".skep.site".to_owned(), site);
    let builder = DockerBuilder::new(engine.clone(), Arc::new(SystemClock), 2);
    let lines = Lines::default();
    let result = builder.build(&recipe, &lines, cancel).await;
    (result, lines)
}

/// What these build settings make of a folder.
pub async fn recipe(folder: &Path, settings: Value, tag: &str, limits: Limits) -> Recipe {
    asked(folder, settings, &Asked::default(), tag, limits).await
}

/// The same with what a Compose file asks for.
pub async fn asked(folder: &Path, settings: Value, asked: &Asked, tag: &str, limits: Limits) -> Recipe {
    let build: Build = serde_json::from_value(settings).unwrap();
    let order = Order {
        folder: folder.to_owned(),
        tag: tag.to_owned(),
        own: tag.split(':').next().unwrap_or_default().to_owned(),
        labels: BTreeMap::from([("dev.skep.test".to_owned(), tag.to_owned())]),
        secrets: BTreeMap::from([("TOKEN".to_owned(), Secret::new("a build secret"))]),
        variables: BTreeMap::new(),
        registries: Vec::new(),
        site: Some(b"a stand-in"),
        limits,
    };
    prepare(&build, asked, order).await.unwrap().unwrap()
}

/// A folder with busybox, which runs in an empty image, and this Dockerfile.
pub fn folder(dockerfile: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy("/bin/busybox", dir.path().join("busybox")).expect("busybox-static must be installed");
    std::fs::write(dir.path().join("index.html"), "hello\n").unwrap();
    std::fs::write(dir.path().join("Dockerfile"), dockerfile).unwrap();
    dir
}

/// Builds the image of the tests.
pub async fn image(engine: &Arc<DockerEngine>) -> String {
    let tag = "skep.invalid/base/engine-test:1".to_owned();
    let dir = folder(
        "FROM scratch\nCOPY busybox /bin/busybox\nCOPY index.html /www/index.html\nEXPOSE 8080/tcp 9000/tcp\n",
    );
    let (result, lines) = build(
        engine,
        dir.path(),
        json!({"kind": "dockerfile"}),
        &tag,
        Duration::from_secs(60),
        &CancellationToken::new(),
    )
    .await;
    result.unwrap_or_else(|error| panic!("{error}\n{}", lines.text()));
    tag
}

/// The static probe, as `server/probe/build.sh` leaves it.
pub fn probe() -> Vec<u8> {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/probe/skep-probe");
    let file = std::env::var_os("SKEP_PROBE_FILE").map_or(built, PathBuf::from);
    std::fs::read(&file)
        .unwrap_or_else(|error| panic!("{}: {error}: run server/probe/build.sh", file.display()))
}

impl Lab {
    /// Labels of its stack.
    pub fn labels(&self) -> Value {
        json!({"com.docker.stack.namespace": self.stack, "dev.skep.test": self.stack})
    }

    /// A service of its stack that runs this script.
    pub fn spec(&self, script: &str) -> ServiceSpec {
        serde_json::from_value(json!({
            "Name": self.stack, "Labels": self.labels(),
            "TaskTemplate": {
                "ContainerSpec": {
                    "Image": self.image, "Command": ["/bin/busybox", "sh", "-c", script],
                    "StopGracePeriod": 1_000_000_000_i64, "Init": true
                },
                "RestartPolicy": {"Condition": "any", "Delay": 500_000_000_i64}
            },
            "Mode": {"Replicated": {"Replicas": 1}},
            "UpdateConfig": {"Parallelism": 1, "FailureAction": "rollback", "Monitor": 3_000_000_000_i64, "Order": "start-first"},
            "RollbackConfig": {"Parallelism": 1, "Order": "start-first"},
            "EndpointSpec": {"Mode": "dnsrr"}
        }))
        .unwrap()
    }

    /// The same, guarded by the probe.
    pub fn probed(&self, script: &str, hold: &str, words: &[&str]) -> ServiceSpec {
        let mut spec = serde_json::to_value(self.spec(script)).unwrap();
        let test = [&["CMD", "/.skep/probe", "--hold", hold, "--timeout", "1s"], words].concat();
        let container = &mut spec["TaskTemplate"]["ContainerSpec"];
        container["HealthCheck"] = json!({
            "Test": test, "Interval": 1_000_000_000_i64, "Timeout": 12_000_000_000_i64,
            "Retries": 2, "StartPeriod": 5_000_000_000_i64
        });
        container["Configs"] = json!([{
            "ConfigName": self.probe_name(), "File": {"Name": "/.skep/probe", "UID": "0", "GID": "0", "Mode": 0o555}
        }]);
        serde_json::from_value(spec).unwrap()
    }

    fn probe_name(&self) -> String {
        format!("{}_probe", self.stack)
    }

    /// Makes the probe's config.
    pub async fn add_probe(&self) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let body: ConfigSpec = serde_json::from_value(json!({
            "Name": self.probe_name(), "Labels": self.labels(), "Data": STANDARD.encode(probe())
        }))
        .unwrap();
        let action = Action::CreateConfig { name: self.probe_name(), body: Box::new(body) };
        self.engine.perform(&action, None).await.unwrap();
    }

    pub fn create(&self, spec: &ServiceSpec) -> Action {
        Action::CreateService { name: self.stack.clone(), body: Box::new(spec.clone()) }
    }

    /// An update from what is there now.
    pub async fn update(&self, spec: &ServiceSpec) -> Action {
        let seen = self.engine.observe(&self.stack).await.unwrap().services.remove(&self.stack).unwrap();
        Action::UpdateService {
            name: self.stack.clone(),
            id: seen.id.unwrap(),
            version: seen.version.unwrap().index.unwrap(),
            body: Box::new(spec.clone()),
            changes: Vec::new(),
            restarts: true,
        }
    }

    /// The state of the service's last update.
    pub async fn update_state(&self) -> Option<String> {
        let seen = self.engine.observe(&self.stack).await.unwrap();
        let state = seen.services.get(&self.stack)?.update_status.clone()?.state?;
        Some(state.to_string())
    }

    pub async fn tasks(&self) -> Vec<Task> {
        self.engine.tasks(&self.stack).await.unwrap()
    }

    /// The first task that runs.
    pub async fn running(&self) -> Task {
        until("a task runs", async || {
            self.tasks().await.into_iter().find(|task| task.state == "running" && task.current)
        })
        .await
    }
}
