//! The same load on the same app, led by Traefik's own Swarm provider: for comparison, in the same run on
//! the same machine. What is lost there is told, and is no fault of a test.
//!
//! The service is as its owner would write it: two tasks, `start-first`, a health check, and the provider's
//! labels; Traefik reads the engine's socket, with its defaults.

use std::process::Command;

use skep_tests::parts::until;
use tempfile::TempDir;

use super::{Kind, Tally, Visitors, app::write_program, number};
use crate::stage::{Swarm, docker, part};

const HOST: &str = "plain.provider.example.net";
const NETWORK: &str = "visitors";

/// An engine with Traefik and the app.
pub struct Provider {
    swarm: Swarm,
    folder: TempDir,
    kind: Kind,
}

impl Provider {
    /// Starts all, and waits until the app answers.
    pub async fn start(kind: Kind) -> Self {
        let swarm = Swarm::start();
        let folder = tempfile::tempdir().expect("a folder");
        let provider = Self { swarm, folder, kind };
        provider.images();
        provider.docker(&["network", "create", "-d", "overlay", NETWORK]);
        provider.traefik();
        provider.app();
        provider.answers().await;
        provider
    }

    fn docker(&self, words: &[&str]) -> String {
        docker(&self.swarm.engine(), words)
    }

    fn images(&self) {
        let folder = self.folder.path();
        let build = |name: &str, dockerfile: &str| {
            std::fs::write(folder.join("Dockerfile"), dockerfile).expect("a file");
            self.docker(&["build", "-q", "-t", name, folder.to_str().expect("a path")]);
        };
        std::fs::copy(part("SKEP_TEST_TRAEFIK"), folder.join("traefik")).expect("Traefik's program");
        build(
            "skep.invalid/provider:test",
            "FROM scratch\nCOPY traefik /traefik\nENTRYPOINT [\"/traefik\"]\n",
        );
        std::fs::remove_file(folder.join("traefik")).expect("no Traefik in the next");
        let probe = std::env::var("SKEP_PROBE").expect("SKEP_PROBE is set by tests/run");
        std::fs::copy(probe, folder.join("probe")).expect("the probe");
        let program = write_program(folder);
        let word = self.kind.word();
        let words = format!("ENTRYPOINT [\"/visited\", \"{word}\", \"8080\"]\n");
        let health = "HEALTHCHECK --interval=1s CMD [\"/probe\", \"http\", \"8080\", \"/index.html\"]\n";
        build("skep.invalid/visited:test", &format!("{program}COPY probe /probe\n{health}{words}"));
    }

    fn traefik(&self) {
        let socket = self.swarm.engine().replace("unix://", "");
        let mount = format!("type=bind,source={socket},target=/var/run/docker.sock");
        let network = format!("--providers.swarm.network={NETWORK}");
        self.docker(&[
            "service",
            "create",
            "-d",
            "--no-resolve-image",
            "--name",
            "traefik",
            "--network",
            NETWORK,
            "--mount",
            &mount,
            "--publish",
            "mode=host,target=80,published=80",
            "skep.invalid/provider:test",
            "--entrypoints.web.address=:80",
            "--providers.swarm=true",
            "--providers.swarm.exposedbydefault=false",
            &network,
        ]);
    }

    fn app(&self) {
        let rule = format!("traefik.http.routers.app.rule=Host(`{HOST}`)");
        self.docker(&[
            "service",
            "create",
            "-d",
            "--no-resolve-image",
            "--name",
            "app",
            "--network",
            NETWORK,
            "--replicas",
            "2",
            "--update-order",
            "start-first",
            "--update-monitor",
            "1s",
            "--stop-grace-period",
            "3s",
            "--label",
            "traefik.enable=true",
            "--label",
            &rule,
            "--label",
            "traefik.http.services.app.loadbalancer.server.port=8080",
            "skep.invalid/visited:test",
        ]);
    }

    fn at(&self) -> std::net::SocketAddr {
        format!("{}:80", self.swarm.address()).parse().expect("an address")
    }

    async fn answers(&self) {
        let client = reqwest::Client::builder().resolve(HOST, self.at()).build().expect("a client");
        until("Traefik leads to the app", async || {
            let answer = client.get(format!("http://{HOST}/")).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// Waits until so many tasks run, all healthy, and an update is over.
    async fn quiet(&self, tasks: usize) {
        until("the update is over", async || {
            let state = self.docker(&[
                "service",
                "inspect",
                "app",
                "--format",
                "{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}",
            ]);
            let running = self.docker(&["ps", "-q", "--filter", "label=com.docker.swarm.service.name=app"]);
            (state != "updating" && running.lines().count() == tasks).then_some(())
        })
        .await;
    }

    /// One kind of change under load, so many rounds; its line is printed.
    pub async fn told(&self, story: &str) -> Tally {
        let (rounds, rate) = (number("SKEP_PROOF_ROUNDS", 1), number("SKEP_PROOF_RATE", 100));
        let visitors = Visitors::begin(HOST, self.at(), rate);
        for _ in 0..rounds {
            match story {
                "Rolling" => {
                    self.begin(&["service", "update", "-d", "--force", "app"]);
                    self.quiet(2).await;
                }
                _ => {
                    for tasks in [3, 1, 2] {
                        self.begin(&["service", "scale", "-d", &format!("app={tasks}")]);
                        self.quiet(tasks).await;
                    }
                }
            }
        }
        let tally = visitors.end().await;
        println!(
            "proof-edge: {}",
            tally.line(&format!("{story} by Traefik's Swarm provider"), self.kind.word(), rounds, rate)
        );
        tally
    }

    fn begin(&self, words: &[&str]) {
        let done = Command::new("docker")
            .arg("-H")
            .arg(self.swarm.engine())
            .args(words)
            .output()
            .expect("docker runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}
