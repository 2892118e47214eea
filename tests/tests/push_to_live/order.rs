//! `depends_on` with conditions on a real engine: who needs a job is changed after it ended well,
//! and never if it did not.

use serde_json::{Value, json};

use crate::stage::{Stage, docker_here as docker, part};

fn file(image: &str, colour: &str, job: &str) -> String {
    format!(
        r#"
services:
  web:
    image: {image}
    command: ["/busybox", "sleep", "10000"]
    environment: {{COLOUR: {colour}}}
    stop_grace_period: 1s
    depends_on:
      db: {{condition: service_healthy, restart: true}}
      move: {{condition: service_completed_successfully}}
    deploy: {{update_config: {{monitor: 1s}}}}
  db:
    image: {image}
    command: ["/busybox", "sh", "-c", "/busybox sleep 3; /busybox touch /ready; exec /busybox sleep 10000"]
    stop_grace_period: 1s
    healthcheck: {{test: ["CMD", "/busybox", "test", "-f", "/ready"], interval: 1s, retries: 2, start_period: 20s}}
    deploy: {{update_config: {{monitor: 1s}}}}
  move:
    image: {image}
    command: ["/busybox", "sh", "-c", "{job}"]
    restart: "no"
    depends_on: {{db: {{condition: service_healthy}}}}
"#
    )
}

/// The tasks of a service, newest first: id, state, when it was made and when it came to its state.
pub fn tasks(service: &str) -> Vec<(String, String, String, String)> {
    let ids = docker(&["service", "ps", "-q", "--no-trunc", service]);
    let tell = |id: &str| {
        let task: Value =
            serde_json::from_str(&docker(&["inspect", "--format", "{{json .}}", id])).expect("JSON");
        let text =
            |pointer: &str| task.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        (text("/ID"), text("/Status/State"), text("/CreatedAt"), text("/Status/Timestamp"))
    };
    ids.lines().map(tell).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_needs_a_job_is_changed_after_it_ended_well_and_never_if_it_did_not() {
    let mut stage = Stage::new("order", false).await;
    let app = stage.app_built("shop", json!({"kind": "compose"})).await;
    let stack = stage.get(&format!("/api/v1/apps/{app}")).await["stack"].as_str().unwrap().to_owned();
    let image = format!("{}/{}/tool:1", part("SKEP_TEST_REGISTRY"), stage.server.settings.prefix);
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("/bin/busybox", folder.path().join("busybox")).unwrap();
    std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\nCOPY busybox /busybox\n").unwrap();
    docker(&["build", "-q", "-t", &image, folder.path().to_str().unwrap()]);
    docker(&["push", "-q", &image]);
    let name = |service: &str| format!("{stack}_{service}");

    stage.write("docker-compose.yml", &file(&image, "red", "/busybox sleep 3; echo moved"));
    stage.commit("First", "one", "");
    stage.push();
    let first = stage.ended_deployment(&app, 1).await;
    assert_eq!(first["state"], "live", "{first:#}\n{}", stage.server.output());
    let (db, job, web) = (tasks(&name("db")), tasks(&name("move")), tasks(&name("web")));
    assert_eq!((job.len(), job[0].1.as_str()), (1, "complete"), "{job:?}");
    assert!(db[0].3 < job[0].2, "the job began when the database was healthy: {db:?} {job:?}");
    assert!(job[0].3 < web[0].2, "the app began when the job had ended: {job:?} {web:?}");

    // The same again: the job does not run again, and no task is new.
    stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await;
    let again = stage.ended_deployment(&app, 2).await;
    assert_eq!(again["state"], "live", "{again:#}");
    assert_eq!((tasks(&name("move")), tasks(&name("web"))), (job.clone(), web.clone()));

    // Both change, and the job fails: the app is never touched.
    stage.write("docker-compose.yml", &file(&image, "blue", "echo no such column; exit 4"));
    stage.commit("It moves wrongly", "two", "");
    stage.push();
    let failed = stage.ended_deployment(&app, 3).await;
    assert_eq!(failed["state"], "rolled_back", "{failed:#}");
    assert_eq!(
        (&failed["failure"]["step"], &failed["failure"]["code"]),
        (&json!("apply"), &json!("job_failed"))
    );
    let message = failed["failure"]["message"].as_str().unwrap();
    assert!(
        message.contains("non-zero exit (4)") && message.contains("web waits for it to end well"),
        "{message}"
    );
    assert_eq!(failed["failure"]["log_tail"], json!(["no such column"]));
    assert_eq!(tasks(&name("web")), web, "nobody touched it");

    // The job is well again: it runs anew, and then the app is changed.
    stage.write("docker-compose.yml", &file(&image, "green", "/busybox sleep 2; echo moved again"));
    stage.commit("It moves well", "three", "");
    stage.push();
    let last = stage.ended_deployment(&app, 4).await;
    assert_eq!(last["state"], "live", "{last:#}");
    let (job, now) = (tasks(&name("move")), tasks(&name("web")));
    assert!(now[0].0 != web[0].0 && job[0].1 == "complete" && job[0].3 < now[0].2, "{job:?} {now:?}");
    docker(&["rmi", "-f", &image]);
}
