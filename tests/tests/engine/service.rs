//! Services, their tasks and their logs.

use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::json;
use skep::swarm::{Engine, EngineError, LogLine, LogQuery};

use crate::lab::{Lab, run, until};

const SLEEP: &str = "exec /bin/busybox sleep 1000";

#[tokio::test]
async fn fault_05_a_service_is_made_and_updated_once_however_often_it_is_asked() {
    run(async |lab| {
        let network = format!("{}_net", lab.stack);
        let labels = [("com.docker.stack.namespace", lab.stack.as_str())];
        lab.engine.ensure_network(&network, false, &labels).await.unwrap();
        let with_network = |script: &str| {
            let mut spec = serde_json::to_value(lab.spec(script)).unwrap();
            spec["TaskTemplate"]["Networks"] = json!([{"Target": network, "Aliases": ["app"]}]);
            serde_json::from_value(spec).unwrap()
        };
        let first = with_network(SLEEP);
        let id = lab.engine.perform(&lab.create(&first), None).await.unwrap();
        assert_eq!(lab.engine.perform(&lab.create(&first), None).await.unwrap(), id, "the same again");
        let other = lab.engine.perform(&lab.create(&lab.spec("exec /bin/busybox sleep 1001")), None).await;
        assert!(matches!(other, Err(EngineError::Conflict(_))), "another one of that name: {other:?}");

        let old = lab.running().await;
        assert_eq!((old.service_name.as_str(), old.image.as_str()), (lab.stack.as_str(), lab.image.as_str()));
        assert_eq!(old.addresses.len(), 1, "{old:?}");
        assert!(old.addresses[0].0 == network && old.addresses[0].1.parse::<std::net::Ipv4Addr>().is_ok());
        assert!(
            old.container.is_some() && old.node.is_some() && old.since.is_some() && old.exit_code.is_none()
        );

        let second = with_network("exec /bin/busybox sleep 1002");
        let update = lab.update(&second).await;
        lab.engine.perform(&update, None).await.unwrap();
        lab.engine.perform(&update, None).await.unwrap();
        let refused = lab.engine.perform(&late(&update, &first), None).await;
        assert!(matches!(refused, Err(EngineError::Conflict(_))), "an older plan: {refused:?}");

        until("the update is through", async || {
            (lab.update_state().await.as_deref() == Some("completed")).then_some(())
        })
        .await;
        let tasks = lab.tasks().await;
        assert_eq!(tasks.len(), 2, "two calls made one new task: {tasks:?}");
        assert!(tasks[0].current && tasks[0].state == "running", "newest first");
        assert!(!tasks[1].current && tasks[1].id == old.id && tasks[1].desired == "shutdown");
        let labelled = lab.engine.tasks_labelled(&format!("dev.skep.test={}", lab.stack)).await.unwrap();
        assert_eq!(labelled, tasks);
    })
    .await;
}

#[tokio::test]
async fn a_task_stays_current_when_platforms_that_a_client_found_out_are_left_out() {
    run(async |lab| {
        let mut spec = serde_json::to_value(lab.spec(SLEEP)).unwrap();
        let os = json!([{"Architecture": "x86_64", "OS": "linux"}, {"Architecture": "amd64", "OS": "linux"}]);
        spec["TaskTemplate"]["Placement"] = json!({"Platforms": os});
        lab.engine.perform(&lab.create(&serde_json::from_value(spec).unwrap()), None).await.unwrap();
        let before = lab.running().await;
        let update = lab.update(&lab.spec(SLEEP)).await;
        lab.engine.perform(&update, None).await.unwrap();
        // Swarm makes up its mind at once, and says nothing where it leaves all as it is.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let after = lab.running().await;
        assert!(after.id == before.id && after.desired == "running", "{after:?}");
        assert_eq!(lab.update_state().await, None);
    })
    .await;
}

/// The same update with another body: a plan made from what was before.
fn late(update: &skep_stack::plan::Action, body: &bollard::models::ServiceSpec) -> skep_stack::plan::Action {
    let mut late = update.clone();
    if let skep_stack::plan::Action::UpdateService { body: old, .. } = &mut late {
        **old = body.clone();
    }
    late
}

#[tokio::test]
async fn secrets_and_configs_are_found_by_name_when_a_service_is_made() {
    run(async |lab| {
        lab.add_probe().await;
        let name = format!("{}_s", lab.stack);
        let body = json!({"Name": name, "Labels": lab.labels(), "Data": "aGVsbG8="});
        let secret = skep_stack::plan::Action::CreateSecret {
            name: name.clone(),
            body: serde_json::from_value(body).unwrap(),
        };
        lab.engine.perform(&secret, None).await.unwrap();
        let mut spec = serde_json::to_value(lab.probed(
            "echo $(/bin/busybox cat /run/secrets/s); exec /bin/busybox sleep 1000",
            "0s",
            &["alive"],
        ))
        .unwrap();
        spec["TaskTemplate"]["ContainerSpec"]["Secrets"] =
            json!([{"SecretName": name, "File": {"Name": "s", "UID": "0", "GID": "0", "Mode": 0o400}}]);
        let spec = serde_json::from_value(spec).unwrap();
        lab.engine.perform(&lab.create(&spec), None).await.unwrap();
        lab.engine.perform(&lab.create(&spec), None).await.unwrap();
        lab.running().await;
        let lines = until("the secret is in the log", async || {
            let lines = read(&lab, &LogQuery::default()).await;
            (!lines.is_empty()).then_some(lines)
        })
        .await;
        assert_eq!(lines[0].line, "hello");
    })
    .await;
}

async fn read(lab: &Lab, query: &LogQuery) -> Vec<LogLine> {
    let lines = lab.engine.logs(&lab.stack, query).await.unwrap();
    lines.map(Result::unwrap).collect().await
}

#[tokio::test]
async fn logs_are_read_by_service_and_by_task_and_followed() {
    run(async |lab| {
        let script = "echo one; echo two >&2; printf 'a\\377b\\n'; i=0; while :; do /bin/busybox sleep 1; i=$((i+1)); echo more $i; done";
        lab.engine.perform(&lab.create(&lab.spec(script)), None).await.unwrap();
        let task = lab.running().await;
        let lines = until("three lines", async || {
            let lines = read(&lab, &LogQuery::default()).await;
            (lines.len() >= 3).then_some(lines)
        })
        .await;
        let find = |text: &str| lines.iter().find(|line| line.line == text).unwrap();
        assert!(!find("one").stderr && find("two").stderr);
        assert!(find("a\u{fffd}b").at.is_some(), "valid UTF-8 with a time");
        assert!(lines.iter().all(|line| line.task.as_ref() == Some(&task.id) && line.service == lab.stack));

        let tail = LogQuery { tail: Some(1), task: Some(task.id.clone()), follow: false };
        assert_eq!(read(&lab, &tail).await.len(), 1);

        let follow = LogQuery { tail: Some(1), follow: true, task: None };
        let followed = lab.engine.logs(&lab.stack, &follow).await.unwrap();
        let lines: Vec<_> =
            tokio::time::timeout(Duration::from_secs(15), followed.take(4).collect()).await.expect("new lines come");
        assert!(lines.iter().all(Result::is_ok));
        let missing = lab.engine.logs("no-such-service", &LogQuery::default()).await.err().unwrap();
        assert!(matches!(missing, EngineError::NotFound(_)), "{missing}");
    })
    .await;
}

#[tokio::test]
async fn the_logs_of_a_quiet_service_end() {
    run(async |lab| {
        lab.engine.perform(&lab.create(&lab.spec(SLEEP)), None).await.unwrap();
        lab.running().await;
        let began = Instant::now();
        let lines = lab.engine.logs(&lab.stack, &LogQuery::default()).await.unwrap();
        let lines: Vec<_> = lines.collect().await;
        assert!(lines.iter().all(Result::is_err), "{lines:?}");
        assert!(began.elapsed() < Duration::from_secs(30));
    })
    .await;
}

#[tokio::test]
async fn an_image_that_no_node_has_is_told_in_the_task() {
    run(async |lab| {
        let mut spec = serde_json::to_value(lab.spec(SLEEP)).unwrap();
        spec["TaskTemplate"]["ContainerSpec"]["Image"] = json!("skep.invalid/none:1");
        let spec = serde_json::from_value(spec).unwrap();
        lab.engine.perform(&lab.create(&spec), None).await.unwrap();
        let task = until("the task is rejected", async || {
            lab.tasks().await.into_iter().find(|task| task.state == "rejected")
        })
        .await;
        assert!(task.error.as_deref().is_some_and(|error| error.contains("No such image")), "{task:?}");
    })
    .await;
}
