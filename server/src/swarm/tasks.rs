//! Tasks: what runs, where, and at which addresses.
//!
//! Read as JSON, as the library's types leave out the addresses.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use skep_stack::labels;

use super::{EngineError, Task, client::DockerEngine, stored, wire};
use crate::domain::clock::Time;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawService {
    #[serde(rename = "ID")]
    id: String,
    spec: RawSpec,
    #[serde(default)]
    job_status: Option<RawRun>,
    #[serde(default)]
    update_status: Option<RawUpdate>,
}

/// How far the service's last change has come; a new change takes it away.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawUpdate {
    #[serde(default)]
    state: String,
}

impl RawService {
    /// Swarm has replaced all tasks that it takes for old ones.
    fn updated(&self) -> bool {
        let state = self.update_status.as_ref().map(|status| status.state.as_str());
        matches!(state, Some("completed" | "rollback_completed"))
    }
}

/// Which run of a job.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawRun {
    #[serde(default)]
    job_iteration: Iteration,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "PascalCase", default)]
struct Iteration {
    index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawSpec {
    name: String,
    #[serde(default)]
    task_template: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawTask {
    #[serde(rename = "ID")]
    id: String,
    created_at: Time,
    #[serde(default)]
    spec: Value,
    #[serde(rename = "ServiceID", default)]
    service: String,
    #[serde(rename = "NodeID", default)]
    node: String,
    #[serde(default)]
    slot: Option<i64>,
    #[serde(default)]
    status: RawStatus,
    #[serde(default)]
    desired_state: String,
    #[serde(default)]
    networks_attachments: Option<Vec<Attachment>>,
    #[serde(default)]
    job_iteration: Option<Iteration>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct RawStatus {
    timestamp: Option<Time>,
    state: String,
    message: String,
    err: String,
    container_status: Option<RawContainer>,
}

#[derive(Deserialize)]
struct RawContainer {
    #[serde(rename = "ContainerID", default)]
    id: String,
    #[serde(rename = "ExitCode", default)]
    exit_code: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment {
    network: AttachedNetwork,
    #[serde(default)]
    addresses: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttachedNetwork {
    #[serde(default)]
    spec: NetworkName,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct NetworkName {
    name: String,
}

impl DockerEngine {
    pub(super) async fn read_stack_tasks(&self, stack: &str) -> Result<Vec<Task>, EngineError> {
        self.read_tasks(&format!("{}={stack}", labels::NAMESPACE)).await
    }

    /// All tasks of the services with this label (`key` or `key=value`).
    pub(super) async fn read_tasks(&self, label: &str) -> Result<Vec<Task>, EngineError> {
        let filters = serde_json::json!({"label": [label]}).to_string();
        let services: Vec<RawService> =
            self.get(&format!("/services?{}", wire::query(&[("filters", &filters)]))).await?;
        if services.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&str> = services.iter().map(|service| service.id.as_str()).collect();
        let filters = serde_json::json!({"service": ids}).to_string();
        let mut tasks: Vec<RawTask> =
            self.get(&format!("/tasks?{}", wire::query(&[("filters", &filters)]))).await?;
        tasks.sort_by_key(|task| std::cmp::Reverse(task.created_at));
        let services: HashMap<String, RawService> = services.into_iter().map(|s| (s.id.clone(), s)).collect();
        Ok(tasks.into_iter().map(|task| seen(task, &services)).collect())
    }
}

fn seen(task: RawTask, services: &HashMap<String, RawService>) -> Task {
    let service = services.get(&task.service);
    let some = |text: String| (!text.is_empty()).then_some(text);
    let error = match (some(task.status.err), task.status.state.as_str()) {
        (Some(error), _) => Some(error),
        (None, "failed" | "rejected" | "orphaned") => some(task.status.message),
        _ => None,
    };
    let ended =
        matches!(task.status.state.as_str(), "complete" | "shutdown" | "failed" | "rejected" | "orphaned");
    let (container, exit_code) = match task.status.container_status {
        Some(status) => (some(status.id), status.exit_code.filter(|_| ended)),
        None => (None, None),
    };
    let addresses = task.networks_attachments.unwrap_or_default().into_iter().flat_map(|attachment| {
        let network = attachment.network.spec.name;
        let addresses = attachment.addresses.unwrap_or_default().into_iter();
        addresses.map(move |address| (network.clone(), bare(&address))).collect::<Vec<_>>()
    });
    Task {
        current: service.is_some_and(|service| match &service.job_status {
            // A job that runs again does so by the same template.
            Some(run) => task.job_iteration.as_ref().is_some_and(|of| *of == run.job_iteration),
            // What Swarm keeps after an update is through is current, whatever may differ.
            None => {
                service.updated() && task.desired_state == "running"
                    || stored::is_current(&service.spec.task_template, &task.spec)
            }
        }),
        service_name: service.map(|service| service.spec.name.clone()).unwrap_or_default(),
        image: image(&task.spec),
        held: skep_stack::drain::holds(words(&task.spec)),
        id: task.id,
        service: task.service,
        node: some(task.node),
        slot: task.slot.filter(|slot| *slot > 0),
        state: task.status.state,
        desired: task.desired_state,
        since: task.status.timestamp,
        error,
        exit_code,
        container,
        addresses: addresses.filter(|(_, address)| !address.contains(':')).collect(),
    }
}

fn image(spec: &Value) -> String {
    spec.pointer("/ContainerSpec/Image").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What the container runs, by its spec.
fn words(spec: &Value) -> impl Iterator<Item = &str> {
    let words = spec.pointer("/ContainerSpec/Command").and_then(Value::as_array);
    words.into_iter().flatten().filter_map(Value::as_str)
}

fn bare(address: &str) -> String {
    address.split('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> HashMap<String, RawService> {
        let spec = serde_json::json!({"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "a:2"}}});
        let json = serde_json::json!({"ID": "s1", "Spec": spec});
        HashMap::from([("s1".to_owned(), serde_json::from_value(json).unwrap())])
    }

    fn task(json: serde_json::Value) -> Task {
        seen(serde_json::from_value(json).unwrap(), &services())
    }

    #[test]
    fn reads_addresses_by_network_without_prefix() {
        let task = task(serde_json::json!({
            "ID": "t1", "CreatedAt": "2026-01-02T03:04:05.678901234Z", "ServiceID": "s1", "NodeID": "n1", "Slot": 1,
            "Spec": {"ContainerSpec": {"Image": "a:2"}}, "DesiredState": "running",
            "Status": {"Timestamp": "2026-01-02T03:04:06Z", "State": "running", "Message": "started",
                       "ContainerStatus": {"ContainerID": "c1", "PID": 7, "ExitCode": 0}},
            "NetworksAttachments": [
                {"Network": {"ID": "x", "Spec": {"Name": "skep-edge"}}, "Addresses": ["10.0.1.7/24", "fd00::7/64"]},
                {"Network": {"ID": "y", "Spec": {"Name": "skep-e1"}}, "Addresses": null}]
        }));
        assert_eq!(task.addresses, [("skep-edge".to_owned(), "10.0.1.7".to_owned())]);
        assert!(task.current);
        assert_eq!((task.error, task.exit_code), (None, None), "a running task has not exited");
        assert_eq!((task.service_name.as_str(), task.image.as_str()), ("web", "a:2"));
    }

    #[test]
    fn what_swarm_keeps_after_an_update_is_current() {
        let old = serde_json::json!({"ID": "t1", "CreatedAt": "2026-01-02T03:04:05Z", "ServiceID": "s1",
            "Spec": {"ContainerSpec": {"Image": "a:1"}}, "DesiredState": "running"});
        for (state, current) in [("updating", false), ("completed", true), ("rollback_completed", true)] {
            let json = serde_json::json!({"ID": "s1", "UpdateStatus": {"State": state},
                "Spec": {"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "a:2"}}}});
            let services = HashMap::from([("s1".to_owned(), serde_json::from_value(json).unwrap())]);
            let seen = |task: &Value| seen(serde_json::from_value(task.clone()).unwrap(), &services).current;
            assert_eq!(seen(&old), current, "{state}");
            let mut ended = old.clone();
            ended["DesiredState"] = "shutdown".into();
            assert!(!seen(&ended), "{state}");
        }
    }

    #[test]
    fn fault_32_a_task_with_missing_parts_is_still_read() {
        let task = task(serde_json::json!({
            "ID": "t2", "CreatedAt": "2026-01-02T03:04:05Z", "ServiceID": "gone",
            "Status": {"State": "failed", "Message": "starting", "ContainerStatus": {"ExitCode": 3}}
        }));
        assert_eq!((task.error.as_deref(), task.exit_code), (Some("starting"), Some(3)));
        assert!(!task.current && task.node.is_none() && task.slot.is_none());
    }
}
