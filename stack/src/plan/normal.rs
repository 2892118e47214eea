//! One form for what we send and what an engine shows of it afterwards.
//!
//! Engines store defaults of their own, show networks by id, leave out empty blocks, and do not
//! agree with each other on any of it (seen on 20.10, 26 and 28). Here defaults are filled in or
//! taken out, ids become names, lists whose order means nothing become maps by their key, and
//! empty things go. Two specs that run the same have the same form.
//!
//! To teach it one more default: a line in the function of its block, and one in `stored` of the
//! tests, which plays the engine.

use std::collections::BTreeMap;

use bollard_stubs::models::ServiceSpec;
use serde_json::{Map, Value, json};

use crate::labels;

/// Blocks whose being there says something although they are empty.
const MEANINGFUL: [&str; 3] = ["Global", "GlobalJob", "Runtime"];
/// Fields that the engine tells apart from absent even when they are zero or false.
const POINTERS: [&str; 5] =
    ["Replicas", "Init", "StopGracePeriod", "RestartPolicy.Delay", "RestartPolicy.Window"];
/// Maps whose values are the user's, empty ones too.
const MAPS: [&str; 5] = ["Labels", "Env", "Options", "DriverOpts", "Sysctls"];

/// The normal form of a service; `networks` are names by id.
pub(super) fn normal(spec: &ServiceSpec, networks: &BTreeMap<String, String>) -> Value {
    let mut value = serde_json::to_value(spec).unwrap_or_default();
    if let Some(labels) = object(&mut value, "/Labels") {
        labels.remove(labels::DEPLOYMENT);
    }
    mode(&mut value);
    for block in ["/UpdateConfig", "/RollbackConfig"] {
        rollout(&mut value, block);
    }
    endpoint(&mut value);
    attachments(&mut value, networks);
    task(&mut value);
    container(&mut value);
    prune(&mut value, "");
    value
}

/// Whether two services are published and found alike.
#[must_use]
pub fn same_endpoint(one: &ServiceSpec, other: &ServiceSpec) -> bool {
    let endpoint = |spec: &ServiceSpec| {
        let spec = ServiceSpec { endpoint_spec: spec.endpoint_spec.clone(), ..ServiceSpec::default() };
        normal(&spec, &BTreeMap::new()).get("EndpointSpec").cloned()
    };
    endpoint(one) == endpoint(other)
}

fn object<'v>(value: &'v mut Value, pointer: &str) -> Option<&'v mut Map<String, Value>> {
    value.pointer_mut(pointer)?.as_object_mut()
}

fn default(block: &mut Map<String, Value>, key: &str, value: Value) {
    let field = block.entry(key).or_insert(Value::Null);
    if field.is_null() || field == "" {
        *field = value;
    }
}

fn drop_if(block: &mut Map<String, Value>, key: &str, value: &str) {
    if block.get(key).is_some_and(|field| field == value) {
        block.remove(key);
    }
}

fn mode(value: &mut Value) {
    if value.get("Mode").is_none_or(|mode| mode.as_object().is_none_or(Map::is_empty)) {
        value["Mode"] = json!({"Replicated": {}});
    }
    if let Some(replicated) = object(value, "/Mode/Replicated") {
        default(replicated, "Replicas", json!(1));
    }
}

fn rollout(value: &mut Value, pointer: &str) {
    let Some(block) = object(value, pointer) else { return };
    default(block, "FailureAction", json!("pause"));
    default(block, "Order", json!("stop-first"));
    // The engine keeps 32 bits of it.
    if let Some(ratio) = block.get("MaxFailureRatio").and_then(Value::as_f64) {
        block.insert("MaxFailureRatio".to_owned(), json!(format!("{ratio:.6}")));
    }
    drop_if(block, "MaxFailureRatio", "0.000000");
}

fn endpoint(value: &mut Value) {
    let Some(block) = object(value, "/EndpointSpec") else { return };
    drop_if(block, "Mode", "vip");
    keyed(block, "Ports", |port| {
        let port = port.as_object_mut()?;
        default(port, "Protocol", json!("tcp"));
        default(port, "PublishMode", json!("ingress"));
        let published = port.get("PublishedPort").and_then(Value::as_i64).unwrap_or(0);
        Some(format!("{published}:{}/{}", port.get("TargetPort")?, port["Protocol"].as_str()?))
    });
}

fn attachments(value: &mut Value, names: &BTreeMap<String, String>) {
    // Before API 1.44 a service's networks could stand beside its task.
    if let Some(old) = value.as_object_mut().and_then(|spec| spec.remove("Networks")) {
        let task = value.pointer("/TaskTemplate/Networks").and_then(Value::as_array);
        if task.is_none_or(Vec::is_empty) && old.as_array().is_some_and(|list| !list.is_empty()) {
            value["TaskTemplate"]["Networks"] = old;
        }
    }
    let Some(task) = object(value, "/TaskTemplate") else { return };
    keyed(task, "Networks", |network| {
        let network = network.as_object_mut()?;
        let target = network.get("Target")?.as_str()?;
        let name = names.get(target).map_or(target, String::as_str).to_owned();
        network.insert("Target".to_owned(), json!(name));
        if let Some(Value::Array(aliases)) = network.get_mut("Aliases") {
            aliases.sort_by_key(ToString::to_string);
        }
        Some(name)
    });
}

fn task(value: &mut Value) {
    let Some(task) = object(value, "/TaskTemplate") else { return };
    // Kept from what runs.
    task.remove("ForceUpdate");
    drop_if(task, "Runtime", "container");
    if let Some(Value::Object(placement)) = task.get_mut("Placement") {
        // Written by clients that ask the registry; it says nothing that we asked for.
        placement.remove("Platforms");
    }
    if let Some(Value::Object(restart)) = task.get_mut("RestartPolicy") {
        default(restart, "Condition", json!("any"));
        // The same as none at all.
        let usual = |(key, value): (&String, &Value)| {
            value.is_null() || key == "Condition" && value == "any" || key == "MaxAttempts" && value == 0
        };
        if restart.iter().all(usual) {
            task.remove("RestartPolicy");
        }
    }
}

fn container(value: &mut Value) {
    let Some(container) = object(value, "/TaskTemplate/ContainerSpec") else { return };
    drop_if(container, "Isolation", "default");
    if let Some(Value::Array(list)) = container.get("Env") {
        container.insert("Env".to_owned(), Value::Object(list.iter().filter_map(variable).collect()));
    }
    if let Some(Value::Object(health)) = container.get_mut("HealthCheck") {
        // Engines before 25 do not know it, and say so by leaving it out.
        health.remove("StartInterval");
    }
    for (list, id) in [("Configs", "ConfigID"), ("Secrets", "SecretID")] {
        keyed(container, list, |reference| {
            let reference = reference.as_object_mut()?;
            reference.remove(id);
            let name = reference
                .get(if id == "ConfigID" { "ConfigName" } else { "SecretName" })?
                .as_str()?
                .to_owned();
            let target = reference.get("File").and_then(|file| file.get("Name")).and_then(Value::as_str);
            Some(target.map_or(name, ToOwned::to_owned))
        });
    }
    keyed(container, "Mounts", |mount| {
        let mount = mount.as_object_mut()?;
        drop_if(mount, "Consistency", "default");
        mount.get("Target")?.as_str().map(ToOwned::to_owned)
    });
}

/// `A=b` as `A` to `=b`, and a bare `A` as `A` to `-`: never empty.
fn variable(entry: &Value) -> Option<(String, Value)> {
    let entry = entry.as_str()?;
    Some(match entry.split_once('=') {
        Some((key, value)) => (key.to_owned(), json!(format!("={value}"))),
        None => (entry.to_owned(), json!("-")),
    })
}

/// Makes a list a map by the key that `key` finds (and tidies the item); a list with an item
/// without a key, or with one twice, stays as it is.
fn keyed(block: &mut Map<String, Value>, name: &str, key: impl Fn(&mut Value) -> Option<String>) {
    let Some(Value::Array(list)) = block.get_mut(name) else { return };
    let count = list.len();
    let map: Map<String, Value> =
        list.iter_mut().filter_map(|item| Some((key(item)?, item.clone()))).collect();
    if map.len() == count {
        block.insert(name.to_owned(), Value::Object(map));
    }
}

/// Takes out what is absent, empty, zero or false, but for the fields where that says something.
fn prune(value: &mut Value, name: &str) {
    match value {
        Value::Object(map) => {
            if MAPS.contains(&name) {
                return;
            }
            map.retain(|key, field| {
                prune(field, key);
                MEANINGFUL.contains(&key.as_str())
                    || !nothing(field)
                    || pointer(name, key) && !field.is_null()
            });
        }
        Value::Array(list) => list.iter_mut().for_each(|item| prune(item, name)),
        _ => {}
    }
}

fn pointer(parent: &str, key: &str) -> bool {
    POINTERS.contains(&key) || POINTERS.iter().any(|path| path.split_once('.') == Some((parent, key)))
}

fn nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}
