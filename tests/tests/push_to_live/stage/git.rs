//! The git host, the app that follows it, and what is pushed there.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use skep::{domain::secret::Secret, git::deliveries};
use skep_tests::git_server::{self, Hook};

use super::Stage;

/// Serves the page, healthy.
pub const SERVE: &str = r#"CMD ["/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]"#;
/// Ends at once.
pub const EXIT: &str = r#"CMD ["/busybox", "sh", "-c", "echo the shop has no door; exit 3"]"#;
/// Runs, and never listens.
pub const NEVER_HEALTHY: &str = r#"CMD ["/busybox", "sleep", "1000"]"#;
/// Listens for a second and is gone before the monitor time is over.
pub const DIES_SOON: &str =
    r#"CMD ["/busybox", "timeout", "1", "/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]"#;

impl Stage {
    /// An app that follows `main` of a new repository, with a webhook that is told of each push.
    pub async fn app_from_git(&mut self, name: &str) -> String {
        self.app(name, true, json!({"kind": "dockerfile"})).await
    }

    /// The same, and nobody is told of a push: a test tells it itself.
    pub async fn quiet_app_from_git(&mut self, name: &str) -> String {
        self.app(name, false, json!({"kind": "dockerfile"})).await
    }

    /// As [`Stage::app_from_git`], built in another way.
    pub async fn app_built(&mut self, name: &str, build: Value) -> String {
        self.app(name, true, build).await
    }

    /// Writes a file of the repository.
    pub fn write(&self, path: &str, text: &str) {
        self.work.write(path, text);
    }

    async fn app(&mut self, name: &str, told: bool, build: Value) -> String {
        let project = self.post("/api/v1/projects", json!({"name": self.server.settings.prefix})).await;
        let environment = project["environments"][0]["id"].as_str().expect("an environment").to_owned();
        let app = self
            .post("/api/v1/apps", json!({
                "environment": environment, "name": name,
                "source": {"kind": "git", "url": format!("http://{}/team/{name}.git", self.git),
                           "follow": {"kind": "branch", "branch": "main"}},
                "build": build,
                "settings": {"port": 8080, "stop_grace": "1s",
                             "health": {"kind": "http", "path": "/index.html", "interval": "1s", "retries": 2, "start_period": "4s"},
                             "update": {"monitor": "3s", "deadline": "90s"}},
            }))
            .await;
        let id = app["id"].as_str().expect("an id").to_owned();
        let hook = self.post(&format!("/api/v1/apps/{id}/webhooks"), json!({"provider": "generic"})).await;
        let path = hook["url"].as_str().expect("a URL");
        self.hook_path = path[path.find("/hooks/").expect("a hook's path")..].to_owned();
        self.hook_secret = hook["secret"].as_str().expect("a secret").to_owned();
        let hook = told.then(|| Hook { url: self.url(&self.hook_path), secret: self.hook_secret.clone() });
        let root = self.folder.path().join("git");
        git_server::create(&root, &format!("team/{name}")).await.expect("a repository");
        let settings = git_server::Settings { root, login: None, hook, oldest_protocol: false };
        let listener = self.git_listener.take().expect("one app from git for each stage");
        tokio::spawn(git_server::serve(listener, settings));
        id
    }

    /// Commits a version that shows `page` and is started by `command`; its id.
    pub fn commit(&self, message: &str, page: &str, command: &str) -> String {
        let busybox = std::fs::read("/bin/busybox").expect("busybox-static is installed");
        let path = self.work.write("busybox", busybox);
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
        self.work.write("www/index.html", format!("<h1>{page}</h1>\n"));
        self.work
            .write("Dockerfile", format!("FROM scratch\nCOPY busybox /busybox\nCOPY www /www\n{command}\n"));
        self.work.commit(message)
    }

    /// Copies a program of `tests/fixtures` into the repository.
    pub fn write_fixture(&self, name: &str) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        let mut open = vec![PathBuf::new()];
        while let Some(below) = open.pop() {
            for entry in std::fs::read_dir(source.join(&below)).expect("a fixture's folder") {
                let entry = entry.expect("an entry");
                let below = below.join(entry.file_name());
                if entry.path().is_dir() {
                    open.push(below);
                } else {
                    self.work.write(&below, std::fs::read(entry.path()).expect("a fixture's file"));
                }
            }
        }
    }

    /// Changes a file of the repository, in which `from` stands.
    pub fn change(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.work.path().join(path)).expect("a file of text");
        assert!(text.contains(from), "{path} has no {from}");
        self.work.write(path, text.replace(from, to));
    }

    /// Commits what was written and pushes it.
    pub fn commit_and_push(&self, message: &str) {
        self.work.commit(message);
        self.push();
    }

    /// Tells a server of a commit, as the git host would: status and outcome.
    pub async fn deliver(&self, at: SocketAddr, id: &str, sha: &str) -> (u16, String) {
        let body = json!({"repository": "team/shop", "ref": "refs/heads/main", "after": sha, "message": "m"})
            .to_string();
        let signature = deliveries::sign(&Secret::new(self.hook_secret.as_str()), body.as_bytes());
        let answer = self
            .http
            .post(format!("http://{at}{}", self.hook_path))
            .header("content-type", "application/json")
            .header("x-skep-event", "push")
            .header("x-skep-delivery", id)
            .header(deliveries::GENERIC_SIGNATURE, signature)
            .body(body)
            .send()
            .await
            .expect("the hook answers");
        let status = answer.status().as_u16();
        let told: Value = answer.json().await.expect("JSON");
        (status, told["outcome"].as_str().unwrap_or_default().to_owned())
    }

    /// Pushes `main`.
    pub fn push(&self) {
        self.work.push(&format!("http://{}/team/shop.git", self.git), "HEAD:refs/heads/main");
    }
}
