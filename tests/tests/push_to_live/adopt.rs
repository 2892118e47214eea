//! A stack of the docker CLI's becomes an app, and no task notices.

use serde_json::json;

use crate::stage::{Stage, docker_here as docker, part};

fn file(image: &str, colour: &str) -> String {
    format!(
        r#"version: "3.8"
services:
  web:
    image: {image}
    command: ["/busybox", "httpd", "-f", "-p", "8080", "-h", "/"]
    environment: {{COLOUR: {colour}, MODE: fast}}
    ports: ["28080:8080"]
    networks: [inner]
    configs: [{{source: page, target: /page}}]
    secrets: [key]
    deploy:
      replicas: 2
      labels: {{team: blue}}
      update_config: {{parallelism: 1, order: start-first}}
      restart_policy: {{condition: on-failure}}
      resources: {{limits: {{memory: 32M}}}}
  store:
    image: {image}
    command: ["/busybox", "sleep", "10000"]
    volumes: ["data:/data"]
    networks: [inner]
    stop_grace_period: 1s
networks:
  inner: {{}}
volumes:
  data: {{}}
configs:
  page: {{file: ./page.html}}
secrets:
  key: {{file: ./key.txt}}
"#
    )
}

fn tasks(stack: &str) -> Vec<String> {
    let filter = format!("label=com.docker.stack.namespace={stack}");
    let names = docker(&["service", "ls", "--filter", &filter, "--format", "{{.Name}}"]);
    let of = |name: &str| {
        docker(&["service", "ps", name, "-q", "--no-trunc", "--filter", "desired-state=running"])
    };
    let mut tasks: Vec<String> =
        names.lines().flat_map(|name| of(name).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    tasks.sort();
    tasks
}

/// Its port is for the next one, also when the test fails.
struct Gone(String);

impl Drop for Gone {
    fn drop(&mut self) {
        docker(&["stack", "rm", &self.0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_of_the_docker_cli_is_adopted_and_no_task_restarts() {
    let stage = Stage::new("adopt", false).await;
    let stack = format!("legacy{}", std::process::id());
    let image = format!("{}/{}/tool:1", part("SKEP_TEST_REGISTRY"), stage.server.settings.prefix);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::copy("/bin/busybox", at("busybox")).unwrap();
    std::fs::write(at("Dockerfile"), "FROM scratch\nCOPY busybox /busybox\n").unwrap();
    docker(&["build", "-q", "-t", &image, folder.path().to_str().unwrap()]);
    docker(&["push", "-q", &image]);
    let text = |colour: &str| file(&image, colour);
    std::fs::write(at("stack.yml"), text("red")).unwrap();
    let path = at("stack.yml").display().to_string();
    // The server never gets these.
    std::fs::write(at("page.html"), "a page").unwrap();
    std::fs::write(at("key.txt"), "a key").unwrap();
    let gone = Gone(stack.clone());
    docker(&["stack", "deploy", "-c", &path, &stack]);
    // Beside the file: somebody's service in the same stack.
    let label = format!("com.docker.stack.namespace={stack}");
    let beside = format!("{stack}_beside");
    docker(&[
        "service", "create", "-d", "--name", &beside, "--label", &label, &image, "/busybox", "sleep", "10000",
    ]);
    let mut before = Vec::new();
    for _ in 0..120 {
        before = tasks(&stack);
        let states = docker(&[
            "stack",
            "ps",
            &stack,
            "--filter",
            "desired-state=running",
            "--format",
            "{{.CurrentState}}",
        ]);
        if before.len() == 4 && states.lines().all(|state| state.starts_with("Running")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    assert_eq!(before.len(), 4, "{}", docker(&["stack", "ps", &stack]));

    let project = stage.post("/api/v1/projects", json!({"name": format!("p{}", std::process::id())})).await;
    let environment = project["environments"][0]["id"].as_str().unwrap().to_owned();
    let place = format!("/api/v1/environments/{environment}/adopt");
    let body = |colour: &str, dry: bool| json!({"stack": stack, "name": "legacy", "compose": text(colour), "dry_run": dry});

    // Another file than what runs would replace tasks.
    let other = stage.post(&place, body("blue", true)).await;
    assert_eq!((&other["plan"]["restarts"], &other["app"]), (&json!(true), &json!(null)), "{other:#}");
    let same = stage.post(&place, body("red", true)).await;
    assert_eq!(same["plan"]["restarts"], false, "{same:#}");
    assert_eq!(same["kept"], json!([format!("service {beside}")]), "{same:#}");
    // And so would one that is written of what runs.
    let lost = stage.post(&place, json!({"stack": stack, "name": "legacy", "dry_run": true})).await;
    assert_eq!((&lost["plan"]["restarts"], &lost["kept"]), (&json!(false), &same["kept"]), "{lost:#}");
    let written = lost["written"].as_str().unwrap();
    assert!(written.contains("content: a page") && !written.contains("a key"), "{written}");

    let adopted = stage.post(&place, body("red", false)).await;
    let app = adopted["app"].as_str().expect("an app").to_owned();
    assert_eq!(tasks(&stack), before);
    stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await;
    let first = stage.ended_deployment(&app, 2).await;
    assert_eq!(first["state"], "live", "{first:#}\n{}", stage.server.output());
    assert_eq!(tasks(&stack), before, "labels alone were changed");
    let labels =
        docker(&["service", "inspect", &format!("{stack}_web"), "--format", "{{json .Spec.Labels}}"]);
    assert!(labels.contains(&app) && labels.contains("\"team\":\"blue\""), "{labels}");

    // Again, and nothing at all is written.
    let version =
        || docker(&["service", "inspect", &format!("{stack}_web"), "--format", "{{.Version.Index}}"]);
    let written = version();
    stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await;
    assert_eq!(stage.ended_deployment(&app, 3).await["state"], "live");
    assert_eq!((tasks(&stack), version()), (before.clone(), written));

    // A change that does not work: back to what the docker CLI made.
    let broken = text("red").replace(r#""httpd", "-f","#, r#""false", "-f","#);
    let set = async |text: String| {
        let source = json!({"source": {"kind": "compose", "text": text}});
        stage.patch(&format!("/api/v1/apps/{app}"), source).await;
        stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await;
    };
    set(broken).await;
    let returned = stage.ended_deployment(&app, 4).await;
    assert_eq!(returned["state"], "rolled_back", "{returned:#}\n{}", stage.server.output());

    // What its owner changes becomes a service as any other; the others stay.
    set(text("blue")).await;
    let changed = stage.ended_deployment(&app, 5).await;
    assert_eq!(changed["state"], "live", "{changed:#}\n{}", stage.server.output());
    let after = tasks(&stack);
    assert_eq!(
        after.iter().filter(|task| before.contains(task)).count(),
        2,
        "store and beside: {after:?} {before:?}"
    );

    drop(gone);
    docker(&["rmi", "-f", &image]);
}
