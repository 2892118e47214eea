//! A service as the engine tells it, in the library's types.
//!
//! The engine writes `Healthcheck` where the API's description, and so the library, has
//! `HealthCheck`; it takes both, but read by the library alone every health check would be lost.

use bollard::models::Service;
use serde_json::Value;

use super::EngineError;

/// Reads one service.
///
/// # Errors
/// `Refused`: it is no service.
pub(super) fn service(mut json: Value) -> Result<Service, EngineError> {
    if let Some(Value::Object(container)) = json.pointer_mut("/Spec/TaskTemplate/ContainerSpec")
        && let Some(health) = container.remove("Healthcheck")
    {
        container.insert("HealthCheck".to_owned(), health);
    }
    serde_json::from_value(json)
        .map_err(|error| EngineError::Refused(format!("a service that cannot be read: {error}")))
}

/// Whether Swarm leaves a task as it is under this template: as it was made from it, or from one
/// with another placement alone, which moves only tasks whose node no longer fits (`IsTaskDirty` of
/// its orchestrator). The engine leaves some fields out of a task's spec although it holds them, and
/// none of them can be compared.
pub(super) fn is_current(template: &Value, task: &Value) -> bool {
    let (mut template, mut task) = (template.clone(), task.clone());
    for spec in [&mut template, &mut task] {
        prune(spec);
        if let Value::Object(fields) = spec {
            fields.remove("Runtime");
            fields.remove("Placement");
        }
        if let Some(Value::Object(container)) = spec.get_mut("ContainerSpec") {
            container.remove("StopGracePeriod");
        }
    }
    template == task
}

/// Takes out what is empty: the engine may write it or not.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(prune);
            fields.retain(|_, value| !is_empty(value));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn health_checks_are_not_lost() {
        let json = json!({"ID": "1", "Spec": {"Name": "web", "TaskTemplate": {"ContainerSpec":
            {"Image": "a", "Healthcheck": {"Test": ["CMD", "/x"], "Interval": 1}}}}});
        let container = service(json).unwrap().spec.unwrap().task_template.unwrap().container_spec.unwrap();
        assert_eq!(container.health_check.unwrap().test.unwrap(), ["CMD", "/x"]);
    }

    #[test]
    fn a_task_lacks_some_of_its_template_and_is_current_all_the_same() {
        let template = json!({"ContainerSpec": {"Image": "a", "DNSConfig": {}, "StopGracePeriod": 1}, "Runtime": "container",
            "RestartPolicy": {"Condition": "any", "MaxAttempts": 0}, "Resources": {"Limits": {}}});
        let task =
            json!({"ContainerSpec": {"Image": "a"}, "RestartPolicy": {"Condition": "any"}, "ForceUpdate": 0});
        assert!(is_current(&template, &task));
        for other in [
            json!({"ContainerSpec": {"Image": "b"}, "RestartPolicy": {"Condition": "any"}}),
            json!({"ContainerSpec": {"Image": "a"}, "RestartPolicy": {"Condition": "any"}, "ForceUpdate": 1}),
        ] {
            assert!(!is_current(&template, &other), "{other}");
        }
    }

    #[test]
    fn a_task_stays_current_when_its_placement_alone_was_changed() {
        let template =
            json!({"ContainerSpec": {"Image": "a"}, "Placement": {"Constraints": ["node.role==worker"]}});
        let platforms = json!([{"Architecture": "amd64", "OS": "linux"}]);
        let task = json!({"ContainerSpec": {"Image": "a"}, "Placement": {"Platforms": platforms}});
        assert!(is_current(&template, &task));
    }
}
