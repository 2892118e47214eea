//! A private registry and its troubles: what serves goes on serving.

#![expect(clippy::unwrap_used, reason = "a step of a test that fails should end it at that line")]

use std::time::Duration;

use serde_json::json;
use skep_tests::parts::{
    registry::{PASSWORD, Registry, USER},
    until,
};

use crate::stage::{Stage, docker_here as docker};

/// An image in the registry, and nowhere else, which `word` makes another one.
fn publish(registry: &Registry, tag: &str, word: &str) -> String {
    let image = format!("{}/team/shop:{tag}", registry.host());
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("/bin/busybox", folder.path().join("busybox")).unwrap();
    let text = format!(
        "FROM scratch\nCOPY busybox /busybox\nLABEL word={word}\nCMD [\"/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\"]\n"
    );
    std::fs::write(folder.path().join("Dockerfile"), text).unwrap();
    docker(&["build", "-q", "-t", &image, folder.path().to_str().unwrap()]);
    let config = folder.path().join("client");
    let config = config.to_str().unwrap();
    docker(&["--config", config, "login", "-u", USER, "-p", PASSWORD, &registry.host()]);
    docker(&["--config", config, "push", &image]);
    docker(&["rmi", &image]);
    image
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_12_a_private_image_its_expired_credential_and_a_registry_that_is_away() {
    let stage = Stage::new("private", false).await;
    let mut registry = Registry::start().await;
    let host = registry.host();
    let (one, two) = (publish(&registry, "1", "10001"), publish(&registry, "2", "10002"));

    let credential = |password: &str| json!({"kind": "registry", "title": "The registry", "host": host, "username": USER, "secret": password});
    let right = stage.post("/api/v1/credentials", credential(PASSWORD)).await["id"].clone();
    let expired = stage.post("/api/v1/credentials", credential("expired")).await["id"].clone();
    let project = stage.post("/api/v1/projects", json!({"name": stage.server.settings.prefix})).await;
    let made = stage
        .post(
            "/api/v1/apps",
            json!({
                "environment": project["environments"][0]["id"], "name": "shop",
                "source": {"kind": "image", "image": one, "credential": right},
                "settings": {"stop_grace": "1s", "update": {"monitor": "1s", "deadline": "60s"}},
            }),
        )
        .await;
    let app = made["id"].as_str().unwrap().to_owned();
    let variable = json!({"variables": [{"key": "TOKEN", "value": "a-secret-variable"}]});
    stage.patch(&format!("/api/v1/apps/{app}/variables"), variable).await;
    let deploy = async |number: i64| {
        stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await;
        number
    };
    let first = stage.ended_deployment(&app, deploy(1).await).await;
    assert_eq!(first["state"], "live", "{first:#}\n{}", stage.server.output());
    let tasks = || {
        docker(&["service", "ps", made["stack"].as_str().unwrap(), "-q", "--filter", "desired-state=running"])
    };
    let serving = tasks();

    let configure = async |credential: &serde_json::Value| {
        let source = json!({"kind": "image", "image": two, "credential": credential});
        stage.patch(&format!("/api/v1/apps/{app}"), json!({"source": source})).await
    };
    configure(&expired).await;
    let refused = stage.ended_deployment(&app, deploy(2).await).await;
    assert_eq!(
        (&refused["state"], &refused["failure"]["code"]),
        (&json!("failed"), &json!("registry")),
        "{refused:#}"
    );
    let message = refused["failure"]["message"].as_str().unwrap();
    assert!(message.contains(&host) && message.contains("credential"), "{message}");
    assert!(!message.contains("expired"), "{message}");
    assert_eq!(tasks(), serving, "the old one serves");

    registry.stop();
    configure(&right).await;
    let number = deploy(3).await;
    let asked = json!({});
    let waiting = until("the deployment says which registry it waits for", async || {
        let output = stage.server.output();
        output.contains(&format!("registry {host}")).then_some(asked.clone())
    });
    waiting.await;
    assert_eq!(tasks(), serving, "the old one serves");
    tokio::time::sleep(Duration::from_millis(500)).await;
    registry.again().await;
    let live = stage.ended_deployment(&app, number).await;
    assert_eq!(live["state"], "live", "{live:#}");
    assert_ne!(tasks(), serving);
    let said = stage.server.output();
    assert!(said.contains("DEBUG"), "the log is at debug");
    for secret in [PASSWORD, "a-secret-variable"] {
        assert!(!said.contains(secret), "no secret in the server's own log, at debug either");
    }
}
