//! Whole applications as people have them (`tests/fixtures`), from git to HTTPS: deployed, written
//! to, updated, broken, returned; what was written is always there.
//!
//! To add one: its sources in a folder there, a test here.

use std::{path::Path, process::Command};

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    order::tasks,
    stage::{Stage, docker_here as docker, part},
};

/// An application that follows a repository with a fixture's files.
struct Fixture {
    stage: Stage,
    app: String,
    stack: String,
    host: String,
    client: Client,
}

impl Fixture {
    /// The app, with a domain that leads to a service; nothing is pushed yet.
    async fn new(name: &str, service: &str, port: u16) -> Self {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/images");
        let built = Command::new(images).arg("build").env("DOCKER_HOST", part("SKEP_TEST_ENGINE")).output();
        let built = built.expect("the script runs");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let mut stage = Stage::new(service, true).await;
        let app = stage.app_built("shop", json!({"kind": "compose", "path": "compose.yml"})).await;
        let stack =
            stage.get(&format!("/api/v1/apps/{app}")).await["stack"].as_str().expect("a stack").to_owned();
        let host = format!("whole.{}.example.org", stage.server.settings.prefix);
        let domain = json!({"host": host, "service": service, "port": port});
        stage.post(&format!("/api/v1/apps/{app}/domains"), domain).await;
        let client = stage.client(&host).await;
        stage.write_fixture(name);
        Self { stage, app, stack, host, client }
    }

    async fn set(&self, key: &str, value: &str) {
        let variables = json!({"variables": [{"key": key, "value": value}]});
        self.stage.patch(&format!("/api/v1/apps/{}/variables", self.app), variables).await;
    }

    /// Pushes what was written; the deployment, once it has ended in that state.
    async fn deploy(&self, number: i64, message: &str, state: &str) -> Value {
        self.stage.commit_and_push(message);
        self.ended(number, state).await
    }

    async fn ended(&self, number: i64, state: &str) -> Value {
        let began = std::time::Instant::now();
        let ended = self.stage.ended_deployment(&self.app, number).await;
        println!("{} {number}: {state} after {:?}", self.stack, began.elapsed());
        assert_eq!(ended["state"], state, "{ended:#}\n{}", self.stage.server.output());
        ended
    }

    /// Returns to the release before the one that serves.
    async fn return_by_hand(&self, number: i64) {
        self.stage.post(&format!("/api/v1/apps/{}/rollback", self.app), json!({})).await;
        self.ended(number, "live").await;
    }

    async fn answers(&self, text: &str) {
        self.stage.answers(&self.client, &self.host, text).await;
    }

    async fn page(&self) -> String {
        let answer = self.client.get(format!("https://{}/", self.host)).send().await.expect("an answer");
        answer.text().await.expect("text")
    }

    fn service(&self, service: &str, format: &str) -> String {
        docker(&["service", "inspect", &format!("{}_{service}", self.stack), "--format", format])
    }
}

/// The last lines of the log that a failure keeps.
fn log_tail(ended: &Value) -> String {
    let lines = ended["failure"]["log_tail"].as_array().cloned().unwrap_or_default();
    lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixture_of_flask_fastapi_duckdb_and_nginx_lives_through_all_and_keeps_its_data() {
    let shop = Fixture::new("flask-fastapi-duckdb", "nginx", 80).await;
    let refused = shop.deploy(1, "First", "failed").await;
    let message = refused["failure"]["message"].as_str().unwrap();
    assert!(message.contains("TITLE") && message.contains("say what the page is called"), "{message}");

    shop.set("TITLE", "Notes").await;
    shop.deploy(2, "Again", "live").await;
    shop.answers("Notes, page one over data one").await;
    let orders = "{{.Spec.UpdateConfig.Order}} {{.Spec.RollbackConfig.Order}}";
    assert_eq!(shop.service("backend", orders), "stop-first stop-first", "one process writes");
    assert_eq!(shop.service("frontend", orders), "start-first start-first");
    let write = async |text: &str| {
        let notes = format!("https://{}/api/notes", shop.host);
        let answer = shop.client.post(notes).json(&json!({"text": text})).send().await.expect("an answer");
        assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
    };
    write("the first note").await;

    for part in ["backend", "frontend"] {
        shop.stage.change(&format!("{part}/main.py"), r#"VERSION = "one""#, r#"VERSION = "two""#);
    }
    shop.deploy(3, "Two", "live").await;
    shop.answers("Notes, page two over data two").await;
    assert!(shop.page().await.contains("the first note"), "data survives");

    // The page is broken: nobody notices.
    let backend = tasks(&format!("{}_backend", shop.stack));
    let load = shop.stage.load(&shop.host, "page two over data two").await;
    shop.stage.change("frontend/main.py", "Flask(__name__)", "Flask(__nam__)");
    let broken = shop.deploy(4, "A broken page", "rolled_back").await;
    let (asked, wrong) = load.finish().await;
    assert!(asked > 20 && wrong.is_empty(), "{asked} requests, wrong: {wrong:?}");
    let message = broken["failure"]["message"].as_str().unwrap();
    assert!(message.starts_with("frontend: ") && message.contains("exit (1)"), "{message}");
    assert!(log_tail(&broken).contains("NameError"), "{broken:#}");
    assert_eq!(tasks(&format!("{}_backend", shop.stack)), backend, "the writer was not touched");

    // The writer is broken: it was stopped first, and the one before comes back with its data.
    shop.stage.change("frontend/main.py", "Flask(__nam__)", "Flask(__name__)");
    shop.stage.change("backend/main.py", "SELECT text", "SELECT title");
    shop.stage.change(
        "backend/main.py",
        "app = FastAPI()",
        "db.execute('SELECT title FROM note')\napp = FastAPI()",
    );
    let broken = shop.deploy(5, "A broken writer", "rolled_back").await;
    let message = broken["failure"]["message"].as_str().unwrap();
    assert!(message.starts_with("backend: ") && message.contains("exit (1)"), "{message}");
    assert!(log_tail(&broken).contains("title"), "{broken:#}");
    shop.answers("page two over data two").await;
    write("the second note").await;

    shop.return_by_hand(6).await;
    shop.answers("Notes, page one over data one").await;
    let page = shop.page().await;
    assert!(page.contains("the first note") && page.contains("the second note"), "{page}");
}

/// One more column, which the version before can live with.
const ADDS: &str = r#"from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("words", "0001_initial")]
    operations = [migrations.AddField("text", "longest", models.IntegerField(null=True))]
"#;
/// Removes what is not there.
const FAILS: &str = r#"from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("words", "0002_longest")]
    operations = [migrations.RunSQL("ALTER TABLE words_text DROP COLUMN colour")]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixture_of_django_celery_beat_redis_and_postgres_lives_through_all_and_keeps_its_data() {
    let shop = Fixture::new("django-celery", "web", 8000).await;
    let task = |service: &str| tasks(&format!("{}_{service}", shop.stack)).remove(0);
    shop.set("DATABASE_PASSWORD", "a password of the database").await;
    shop.deploy(1, "First", "live").await;
    shop.answers("Words, version one").await;
    let images = ["migrate", "web", "worker", "beat"]
        .map(|service| shop.service(service, "{{.Spec.TaskTemplate.ContainerSpec.Image}}"));
    assert!(images.iter().all(|image| *image == images[0]), "one build: {images:?}");
    let (db, cache, job, web) = (task("db"), task("cache"), task("migrate"), task("web"));
    assert_eq!(job.1, "complete");
    assert!(db.3 < job.2 && cache.3 < web.2 && job.3 < web.2, "{db:?} {cache:?} {job:?} {web:?}");
    assert!(web.3 < task("worker").2 && task("worker").2 < task("beat").2, "web, then worker, then beat");

    // From the page through Redis to the worker, and from Beat.
    let write = async |text: &str| {
        let answer = shop.client.post(format!("https://{}/", shop.host)).body(text.to_owned()).send().await;
        assert_eq!(answer.expect("an answer").status(), 201);
    };
    write("one two three").await;
    shop.answers("one two three: 3 words").await;
    shop.answers("Beat ticks").await;

    shop.stage.change("words/urls.py", r#"VERSION = "one""#, r#"VERSION = "two""#);
    shop.stage.write("words/migrations/0002_longest.py", ADDS);
    let models = ("words = models.IntegerField(null=True)", "    longest = models.IntegerField(null=True)");
    shop.stage.change("words/models.py", models.0, &format!("{}\n{}", models.0, models.1));
    shop.deploy(2, "Two", "live").await;
    shop.answers("Words, version two").await;
    shop.answers("one two three: 3 words").await;
    assert!(task("migrate").0 != job.0 && task("migrate").3 < task("web").2, "moved before it was served");
    assert_eq!((task("db"), task("cache")), (db, cache), "the stores were not touched");

    // The migration fails: nobody notices, and all are as before.
    let before = ["db", "cache", "web", "worker", "beat"].map(task);
    let load = shop.stage.load(&shop.host, "Words, version two").await;
    shop.stage.change("words/urls.py", r#"VERSION = "two""#, r#"VERSION = "three""#);
    shop.stage.write("words/migrations/0003_fails.py", FAILS);
    let broken = shop.deploy(3, "It moves wrongly", "rolled_back").await;
    let (asked, wrong) = load.finish().await;
    assert!(asked > 20 && wrong.is_empty(), "{asked} requests, wrong: {wrong:?}");
    let message = broken["failure"]["message"].as_str().unwrap();
    assert_eq!(broken["failure"]["code"], "job_failed", "{broken:#}");
    assert!(message.starts_with("migrate: ") && message.contains("web waits for it"), "{message}");
    assert!(log_tail(&broken).contains(r#"column "colour""#), "{broken:#}");
    assert_eq!(["db", "cache", "web", "worker", "beat"].map(task), before);

    // By hand to the first: the worker works, on the data of all.
    shop.return_by_hand(4).await;
    shop.answers("Words, version one").await;
    shop.answers("one two three: 3 words").await;
    write("four words of old").await;
    shop.answers("four words of old: 4 words").await;
}
