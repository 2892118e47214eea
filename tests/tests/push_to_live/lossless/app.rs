//! The visited app, as its owner pushes it.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use skep_tests::parts::until;

use crate::stage::{Stage, docker};

/// What it does when it is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Drains,
    Ignores,
    Dies,
}

impl Kind {
    /// Its word for the program.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drains => "drains",
            Self::Ignores => "ignores",
            Self::Dies => "dies",
        }
    }
}

/// Writes the program and all that it needs into a folder, and says what goes into an image of it.
pub fn write_program(folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_visited"));
    let stripped = folder.join("visited");
    let done = Command::new("strip").arg("-o").arg(&stripped).arg(program).status();
    assert!(done.is_ok_and(|status| status.success()), "strip of binutils runs");
    let needed = Command::new("ldd").arg(program).output().expect("ldd runs");
    let mut lines = "FROM scratch\nCOPY visited /visited\n".to_owned();
    for path in
        String::from_utf8_lossy(&needed.stdout).split_whitespace().filter(|word| word.starts_with('/'))
    {
        let name = Path::new(path).file_name().expect("a name").to_str().expect("text");
        std::fs::copy(path, folder.join(name)).expect("a library");
        lines.push_str(&format!("COPY {name} {path}\n"));
    }
    lines
}

/// The app.
pub struct Visited<'s> {
    pub stage: &'s Stage,
    pub host: String,
    pub kind: Kind,
    id: String,
    /// Of its service in Swarm.
    stack: String,
    /// The first lines of its Dockerfile.
    program: String,
    deployments: i64,
    version: u32,
}

impl<'s> Visited<'s> {
    /// Pushes the first version, and waits until it is live and served.
    pub async fn live(stage: &'s mut Stage, kind: Kind) -> Self {
        let id = stage.quiet_app_from_git("shop").await;
        let stage = &*stage;
        let host = format!("plain.{}.example.net", stage.server.settings.prefix);
        let domain = json!({"host": host, "https": false});
        stage.post(&format!("/api/v1/apps/{id}/domains"), domain).await;
        let stack =
            stage.get(&format!("/api/v1/apps/{id}")).await["stack"].as_str().expect("a stack").to_owned();
        let program = write_program(stage.folder_of_work());
        let mut app = Self { stage, host, kind, id, stack, program, deployments: 0, version: 0 };
        app.configure(2, json!({"order": "start-first"})).await;
        app.push().await;
        app.answers().await;
        app.quiet(2).await;
        app
    }

    /// The same from an image, which is deployed once.
    pub async fn of_image(stage: &'s Stage, kind: Kind, image: &str) -> Self {
        let prefix = &stage.server.settings.prefix;
        let project = stage.post("/api/v1/projects", json!({ "name": prefix })).await;
        let source = json!({"kind": "image", "image": image});
        let body = json!({"environment": project["environments"][0]["id"], "name": "shop", "source": source});
        let app = stage.post("/api/v1/apps", body).await;
        let text = |name: &str| app[name].as_str().expect("text").to_owned();
        let (id, stack, host) = (text("id"), text("stack"), format!("plain.{prefix}.example.net"));
        let domain = json!({"host": host, "https": false});
        stage.post(&format!("/api/v1/apps/{id}/domains"), domain).await;
        let mut app =
            Self { stage, host, kind, id, stack, program: String::new(), deployments: 0, version: 0 };
        app.configure(2, json!({"order": "start-first"})).await;
        app.ask("deployments", json!({})).await;
        app.live_again().await;
        app.answers().await;
        app
    }

    /// Its service in Swarm.
    pub fn service(&self) -> &str {
        &self.stack
    }

    /// So many tasks, replaced in this way from the next deployment on.
    pub async fn configure(&self, replicas: u64, way: Value) {
        let mut update = json!({"monitor": "1s", "deadline": "90s"});
        update.as_object_mut().expect("an object").extend(way.as_object().expect("an object").clone());
        let settings = json!({
            "port": 8080, "stop_grace": "3s", "replicas": replicas,
            "health": {"kind": "http", "path": "/index.html", "interval": "1s", "retries": 2, "start_period": "4s"},
            "update": update,
        });
        self.stage.patch(&format!("/api/v1/apps/{}", self.id), json!({ "settings": settings })).await;
    }

    /// Asks the server for something to be done with the app.
    pub async fn ask(&self, verb: &str, body: Value) {
        self.stage.post(&format!("/api/v1/apps/{}/{verb}", self.id), body).await;
    }

    /// Pushes a version and deploys it; it is live.
    pub async fn push(&mut self) {
        self.begin().await;
        self.live_again().await;
    }

    /// Pushes a version, waits until all visitors are led to it, and leads them back.
    pub async fn push_and_switch_back(&mut self) {
        self.begin().await;
        self.deployments += 1;
        let at = self.stage.server.settings.listen;
        let newest = until("the deployment is there", async || {
            let all = self.stage.deployments_at(at, &self.id).await;
            all.first().filter(|newest| newest["number"] == self.deployments).cloned()
        })
        .await;
        let path = format!("/api/v1/deployments/{}", newest["id"].as_str().expect("an id"));
        let mut patience = 0;
        while self.stage.get(&format!("{path}/shift")).await["weight"] != 100 {
            patience += 1;
            assert!(patience < 600, "it did not switch: {:#}", self.stage.get(&path).await);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        // Long enough for visitors to be there.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        self.stage.post(&format!("{path}/cancel"), json!({})).await;
        let ended = self.stage.ended_deployment(&self.id, self.deployments).await;
        assert_eq!(ended["state"], "cancelled", "{ended:#}\n{}", self.stage.server.output());
    }

    /// Pushes a version and asks for its deployment.
    async fn begin(&mut self) {
        self.version += 1;
        let (version, word) = (self.version, self.kind.word());
        let dockerfile = format!(
            "{}ENV VERSION={version}\nENTRYPOINT [\"/visited\", \"{word}\", \"8080\"]\n",
            self.program
        );
        self.stage.write("Dockerfile", &dockerfile);
        self.stage.commit_and_push(&format!("Version {version}"));
        self.ask("deployments", json!({})).await;
    }

    /// Waits for the next deployment to be live.
    pub async fn live_again(&mut self) {
        self.deployments += 1;
        let ended = self.stage.ended_deployment(&self.id, self.deployments).await;
        assert_eq!(ended["state"], "live", "{ended:#}\n{}", self.stage.server.output());
    }

    /// Asks until the newest version answers.
    async fn answers(&self) {
        let at = self.stage.edge_address();
        let client = reqwest::Client::builder().resolve(&self.host, at).build().expect("a client");
        let expected =
            if self.version == 0 { "version".to_owned() } else { format!("version {}", self.version) };
        until("the version answers", async || {
            let answer = client.get(format!("http://{}/", self.host)).send().await.ok()?;
            answer.text().await.ok()?.starts_with(&expected).then_some(())
        })
        .await;
    }

    /// The tasks that run and shall run.
    pub fn tasks(&self) -> Vec<String> {
        let mut all = self.list();
        all.retain(|(_, wanted)| *wanted);
        all.into_iter().map(|(id, _)| id).collect()
    }

    /// Waits until there are so many tasks, and none that ends.
    pub async fn quiet(&self, tasks: usize) {
        self.replaced(&[], tasks).await;
    }

    /// The same, and none of them is one of these.
    pub async fn replaced(&self, before: &[String], tasks: usize) {
        until("all tasks run, and the old ones are gone", async || {
            let list = self.list();
            let new = list.iter().all(|(id, wanted)| *wanted && !before.contains(id));
            (new && list.len() == tasks).then_some(())
        })
        .await;
    }

    /// Tasks that run, and whether they shall.
    fn list(&self) -> Vec<(String, bool)> {
        let words = [
            "service",
            "ps",
            &self.stack,
            "--no-trunc",
            "--format",
            "{{.ID}} {{.DesiredState}} {{.CurrentState}}",
        ];
        let list = docker(&self.stage.server.settings.engine, &words);
        let lines = list.lines().filter_map(|line| {
            let mut words = line.split(' ');
            let (id, desired, state) = (words.next()?, words.next()?, words.next()?);
            (state == "Running").then(|| (id.to_owned(), desired == "Running"))
        });
        lines.collect()
    }
}
