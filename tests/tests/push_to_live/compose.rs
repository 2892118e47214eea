//! An app of several services on a real engine: one is built from the repository, twice used, one
//! is an image. All are deployed and return together, or one alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::stage::{Stage, docker_here as docker, part};

/// The file: `command` of the service that is built, `colour` of the one that is not.
fn file(image: &str, command: &str, colour: &str) -> String {
    format!(
        r#"
services:
  web:
    build: {{context: ., args: {{}}}}
    command: {command}
    stop_grace_period: 1s
    healthcheck: {{test: ["CMD", "/busybox", "test", "-f", "/www/index.html"], interval: 1s, retries: 2, start_period: 4s}}
    deploy: {{update_config: {{monitor: 3s}}}}
  second:
    build: .
    command: ["/busybox", "httpd", "-f", "-p", "9000", "-h", "/www"]
    stop_grace_period: 1s
    deploy: {{update_config: {{monitor: 1s}}}}
  store:
    image: {image}
    command: ["/busybox", "sleep", "10000"]
    environment: {{COLOUR: {colour}}}
    stop_grace_period: 1s
    deploy: {{update_config: {{monitor: 1s}}}}
"#
    )
}

const SERVE: &str = r#"["/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]"#;

/// Image, environment and tasks of each service, as the engine tells them.
fn services(stack: &str) -> BTreeMap<String, (Value, Vec<String>)> {
    let filter = format!("label=com.docker.stack.namespace={stack}");
    let names = docker(&["service", "ls", "--filter", &filter, "--format", "{{.Name}}"]);
    let mut all = BTreeMap::new();
    for name in names.lines() {
        let format = "[{{json .Spec.TaskTemplate.ContainerSpec.Image}},{{json .Spec.TaskTemplate.ContainerSpec.Env}},{{json .Spec.TaskTemplate.ContainerSpec.Args}}]";
        let told = docker(&["service", "inspect", name, "--format", format]);
        let tasks = docker(&["service", "ps", name, "-q", "--filter", "desired-state=running"]);
        let mut tasks: Vec<String> = tasks.lines().map(str::to_owned).collect();
        tasks.sort();
        all.insert(name.to_owned(), (serde_json::from_str(&told).expect("JSON"), tasks));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compose_file_of_a_repository_is_deployed_and_returns_as_a_whole_and_a_service_alone() {
    let mut stage = Stage::new("compose", false).await;
    let app = stage.app_built("shop", json!({"kind": "compose"})).await;
    let stack = stage.get(&format!("/api/v1/apps/{app}")).await["stack"].as_str().unwrap().to_owned();

    let image = format!("{}/{}/store:1", part("SKEP_TEST_REGISTRY"), stage.server.settings.prefix);
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("/bin/busybox", folder.path().join("busybox")).unwrap();
    std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\nCOPY busybox /busybox\n").unwrap();
    docker(&["build", "-q", "-t", &image, folder.path().to_str().unwrap()]);
    docker(&["push", "-q", &image]);

    stage.write("docker-compose.yml", &file(&image, SERVE, "red"));
    stage.commit("First", "hello from one", "");
    stage.push();
    let first = stage.ended_deployment(&app, 1).await;
    assert_eq!(first["state"], "live", "{first:#}\n{}", stage.server.output());

    let live = services(&stack);
    let name = |service: &str| format!("{stack}_{service}");
    assert_eq!(live.len(), 3, "{live:#?}");
    assert_eq!(live[&name("web")].0[0], live[&name("second")].0[0], "one build, one image");
    let pinned = live[&name("store")].0[0].as_str().unwrap();
    assert!(pinned.starts_with(image.trim_end_matches(":1")) && pinned.contains("@sha256:"), "{pinned}");
    let built = format!("reference=skep.invalid/{stack}");
    assert_eq!(docker(&["images", "-q", "--filter", &built]).lines().count(), 1);

    // The generated domain leads to `web` alone, at the app's port.
    let domains = stage.get(&format!("/api/v1/apps/{app}/domains")).await;
    let domain = domains.as_array().or_else(|| domains["items"].as_array()).unwrap()[0].clone();
    assert_eq!(domain["service"], "web", "{domain:#}");
    let edge = stage.edge().await.to_string();
    assert_eq!(edge.matches(":8080\"").count(), 1, "{edge}");

    // Deployed again without a change: no service is written, no task is new.
    stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await;
    let again = stage.ended_deployment(&app, 2).await;
    assert_eq!(again["state"], "live", "{again:#}");
    assert_eq!(services(&stack), live);

    // The image's service changes and is well, the built one exits: all are as before.
    stage.write(
        "docker-compose.yml",
        &file(&image, r#"["/busybox", "sh", "-c", "echo no door; exit 3"]"#, "blue"),
    );
    stage.commit("It exits", "hello from a broken one", "");
    stage.push();
    let broken = stage.ended_deployment(&app, 3).await;
    assert_eq!(broken["state"], "rolled_back", "{broken:#}");
    let message = broken["failure"]["message"].as_str().unwrap();
    assert!(message.contains("exit (3)"), "{broken:#}");
    assert!(
        message.starts_with("web: ") || message.starts_with("second: "),
        "it names the service: {message}"
    );
    let after = services(&stack);
    for (service, (spec, _)) in &live {
        assert_eq!(&after[service].0, spec, "{service}");
        assert_eq!(after[service].1.len(), 1, "{service}: {after:#?}");
    }
    assert_eq!(after[&name("web")].1, live[&name("web")].1, "the old task served throughout");

    // Of that same commit the service that is well is deployed alone: nothing of the others is touched.
    stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({"services": ["store"]})).await;
    let alone = stage.ended_deployment(&app, 4).await;
    assert_eq!((&alone["state"], &alone["services"]), (&json!("live"), &json!(["store"])), "{alone:#}");
    let mixed = services(&stack);
    for service in ["web", "second"] {
        assert_eq!(mixed[&name(service)], after[&name(service)], "{service}");
    }
    assert_eq!(mixed[&name("store")].0[1], json!(["COLOUR=blue"]));
    assert_ne!(mixed[&name("store")].1, after[&name("store")].1);
    docker(&["rmi", "-f", &image]);
}
