//! Whether an object of the engine already is what an action asks for.
//!
//! The engine fills in defaults, so only what is asked counts. When in doubt the answer is no:
//! then the caller looks and plans again, which is always safe.

use std::collections::BTreeMap;

use bollard::models::{Config, ConfigSpec, Network, NetworkCreateRequest, Secret, SecretSpec, ServiceSpec};
use serde_json::Value;
use skep_stack::labels;

/// The stored spec holds all that is wanted. `networks` are the names by id, as the engine turns
/// names into ids.
pub(super) fn service(
    wanted: &ServiceSpec,
    stored: &ServiceSpec,
    networks: &BTreeMap<String, String>,
) -> bool {
    let (Ok(mut wanted), Ok(mut stored)) = (serde_json::to_value(wanted), serde_json::to_value(stored))
    else {
        return false;
    };
    for spec in [&mut wanted, &mut stored] {
        name_networks(spec, networks);
    }
    // Labels, variables and arguments that are there but not wanted are a difference.
    let exact = ["/Labels", "/TaskTemplate/ContainerSpec/Env", "/TaskTemplate/ContainerSpec/Labels"];
    exact.iter().all(|path| {
        let (wanted, stored) = (wanted.pointer(path), stored.pointer(path));
        is_empty(wanted) && is_empty(stored) || wanted == stored
    }) && within(&wanted, &stored)
}

/// The stored config is the wanted one.
pub(super) fn config(wanted: &ConfigSpec, stored: &Config) -> bool {
    stored.spec.as_ref().is_some_and(|spec| spec.data == wanted.data && ours(&wanted.labels, &spec.labels))
}

/// The stored secret is the wanted one, as far as the engine tells: its name carries a hash of its data.
pub(super) fn secret(wanted: &SecretSpec, stored: &Secret) -> bool {
    stored.spec.as_ref().is_some_and(|spec| ours(&wanted.labels, &spec.labels))
}

/// The stored network serves as the wanted one.
pub(super) fn network(wanted: &NetworkCreateRequest, stored: &Network) -> bool {
    let driver = wanted.driver.as_deref().unwrap_or("overlay");
    // Swarm tells the driver only once it has set the network up.
    stored.driver.as_deref().is_none_or(|stored| stored.is_empty() || stored == driver)
        && wanted.attachable.unwrap_or_default() == stored.attachable.unwrap_or_default()
        && wanted.internal.unwrap_or_default() == stored.internal.unwrap_or_default()
        && ours(&wanted.labels, &stored.labels)
}

type Labels = Option<std::collections::HashMap<String, String>>;

/// Both belong to the same stack.
fn ours(wanted: &Labels, stored: &Labels) -> bool {
    let stack = |labels: &Labels| labels.as_ref().and_then(|l| l.get(labels::NAMESPACE).cloned());
    stack(wanted) == stack(stored)
}

/// Everything in `wanted` is in `stored`; what is empty may be absent.
fn within(wanted: &Value, stored: &Value) -> bool {
    match (wanted, stored) {
        (Value::Object(wanted), Value::Object(stored)) => {
            wanted.iter().all(|(key, value)| match stored.get(key) {
                Some(other) => within(value, other),
                None => is_empty(Some(value)),
            })
        }
        (Value::Array(wanted), Value::Array(stored)) => {
            wanted.len() == stored.len() && wanted.iter().zip(stored).all(|(a, b)| within(a, b))
        }
        (wanted, stored) => wanted == stored || is_empty(Some(wanted)) && is_empty(Some(stored)),
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map.values().all(|value| is_empty(Some(value))),
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        Some(Value::Bool(true)) => false,
    }
}

fn name_networks(spec: &mut Value, names: &BTreeMap<String, String>) {
    for path in ["/Networks", "/TaskTemplate/Networks"] {
        let Some(Value::Array(networks)) = spec.pointer_mut(path) else { continue };
        for network in networks {
            let Some(Value::String(target)) = network.get_mut("Target") else { continue };
            if let Some(name) = names.get(target.as_str()) {
                target.clone_from(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: Value) -> ServiceSpec {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn defaults_of_the_engine_are_no_difference() {
        let wanted = spec(serde_json::json!({
            "Name": "web", "Labels": {"a": "1"},
            "TaskTemplate": {"ContainerSpec": {"Image": "i:1", "Env": ["A=1"]}, "Networks": [{"Target": "net"}]}
        }));
        let stored = spec(serde_json::json!({
            "Name": "web", "Labels": {"a": "1"},
            "TaskTemplate": {"ContainerSpec": {"Image": "i:1", "Env": ["A=1"], "Isolation": "default"},
                "RestartPolicy": {"Condition": "any"}, "ForceUpdate": 0, "Runtime": "container",
                "Networks": [{"Target": "abc"}]},
            "Mode": {"Replicated": {"Replicas": 1}}
        }));
        let names = BTreeMap::from([("abc".to_owned(), "net".to_owned())]);
        assert!(service(&wanted, &stored, &names));
        assert!(!service(&wanted, &stored, &BTreeMap::new()), "an unknown network is another one");
    }

    #[test]
    fn what_is_gone_or_changed_is_a_difference() {
        let stored = spec(serde_json::json!({
            "Labels": {"a": "1"}, "TaskTemplate": {"ContainerSpec": {"Image": "i:1", "Env": ["A=1"]}}
        }));
        for wanted in [
            serde_json::json!({"Labels": {"a": "1"}, "TaskTemplate": {"ContainerSpec": {"Image": "i:1"}}}),
            serde_json::json!({"Labels": {"a": "2"}, "TaskTemplate": {"ContainerSpec": {"Image": "i:1", "Env": ["A=1"]}}}),
            serde_json::json!({"Labels": {"a": "1"}, "TaskTemplate": {"ContainerSpec": {"Image": "i:2", "Env": ["A=1"]}}}),
            serde_json::json!({"Labels": {"a": "1"}, "TaskTemplate": {"ContainerSpec": {"Image": "i:1", "Env": ["A=1"], "Init": true}}}),
        ] {
            assert!(!service(&spec(wanted.clone()), &stored, &BTreeMap::new()), "{wanted}");
        }
    }
}
