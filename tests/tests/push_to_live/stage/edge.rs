//! Traefik as a Swarm service, and somebody who visits through it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use reqwest::Client;

use super::{Stage, docker, part};

impl Stage {
    /// The app's generated host name.
    pub async fn host(&self, app: &str) -> String {
        let domains = self.get(&format!("/api/v1/apps/{app}/domains")).await;
        let items = domains.as_array().or_else(|| domains["items"].as_array()).expect("domains");
        items[0]["host"].as_str().expect("a host").to_owned()
    }

    /// A client that finds `host` at the edge and trusts Pebble alone.
    pub async fn client(&self, host: &str) -> Client {
        let ca = std::fs::read(part("SKEP_TEST_ACME_CA_FILE")).expect("Pebble's own CA");
        let asking = Client::builder()
            .add_root_certificate(reqwest::Certificate::from_pem(&ca).expect("a certificate"))
            .build()
            .expect("a client");
        let root = asking
            .get(part("SKEP_TEST_ACME_ROOTS"))
            .send()
            .await
            .expect("the root")
            .bytes()
            .await
            .expect("a body");
        let edge = part("SKEP_TEST_ENGINE_ADDRESS");
        // Port 0: the port of the URL counts.
        let at: SocketAddr = format!("{edge}:0").parse().expect("an address");
        Client::builder()
            .tls_built_in_root_certs(false)
            .add_root_certificate(reqwest::Certificate::from_pem(&root).expect("a certificate"))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(5))
            .resolve(host, at)
            .build()
            .expect("a client")
    }

    /// Asks for the page until it says `text`. The first order may be refused while Traefik is still
    /// starting; the second comes after two minutes.
    pub async fn answers(&self, client: &Client, host: &str, text: &str) {
        let mut last = String::new();
        for _ in 0..900 {
            match client.get(format!("https://{host}/")).send().await {
                Ok(answer) => last = answer.text().await.unwrap_or_default(),
                Err(error) => last = format!("{error:?}"),
            }
            if last.contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{host} does not say {text:?} but {last}; the server says:\n{}", self.server.output());
    }
}

/// Traefik as a Swarm service, with the static file that is shipped, on the node's ports; it asks the server
/// itself, without a keeper.
pub(super) fn traefik(engine: &str, folder: &Path, prefix: &str, skep: SocketAddr, edge_token: &str) {
    let image = "skep.invalid/traefik:test";
    if docker(engine, &["images", "-q", image]).is_empty() {
        let context = folder.join("traefik-image");
        std::fs::create_dir_all(&context).expect("a folder");
        std::fs::copy(part("SKEP_TEST_TRAEFIK"), context.join("traefik")).expect("Traefik's program");
        let dockerfile = "FROM scratch\nCOPY traefik /traefik\nENTRYPOINT [\"/traefik\"]\n";
        std::fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
        docker(engine, &["build", "-q", "-t", image, context.to_str().expect("a path")]);
    }
    let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy/traefik/traefik.yml");
    let text = std::fs::read_to_string(shipped).expect("the static file");
    let text = text
        .replace("http://127.0.0.1:8081", &format!("http://{skep}"))
        .replace("pollInterval: 100ms", "pollInterval: 1s")
        .replace(
            "pollTimeout: 40s",
            &format!("pollTimeout: 5s\n    headers: {{ Authorization: Bearer {edge_token} }}"),
        );
    let file = folder.join("traefik.yml");
    std::fs::write(&file, text).expect("a file");
    let config = format!("{prefix}-traefik");
    docker(engine, &["config", "create", &config, file.to_str().expect("a path")]);
    // The server may have made it already.
    let _ = Command::new("docker")
        .arg("-H")
        .arg(engine)
        .args(["network", "create", "-d", "overlay", "--attachable", "skep-edge"])
        .output();
    docker(
        engine,
        &[
            "service",
            "create",
            "-d",
            "--name",
            &format!("{prefix}-edge"),
            "--network",
            "skep-edge",
            "--endpoint-mode",
            "dnsrr",
            "--no-resolve-image",
            "--publish",
            "mode=host,target=80,published=80",
            "--publish",
            "mode=host,target=443,published=443",
            "--constraint",
            "node.role == manager",
            "--config",
            &format!("source={config},target=/etc/traefik/traefik.yml"),
            image,
        ],
    );
}
