//! A plain stack as the JSON that is sent to the engine: the bodies of its create calls.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::convert::{Plain, Raw};

/// `services`, `configs` and `secrets` as lists, `networks` by final name, each object as the body
/// of `POST /<kind>/create`, in the engine API's own field names.
pub(super) fn json(plain: &Plain) -> serde_json::Result<Value> {
    let mut odd: BTreeMap<&str, Vec<&Raw>> = BTreeMap::new();
    for raw in &plain.raw {
        odd.entry(&raw.service).or_default().push(raw);
    }
    let mut services = Vec::new();
    for (name, spec) in &plain.spec.services {
        let mut body = serde_json::to_value(spec)?;
        health(&mut body);
        for raw in odd.get(name.as_str()).into_iter().flatten() {
            set(&mut body, &raw.pointer, raw.value.clone());
        }
        services.push(body);
    }
    let list = |bodies: Vec<serde_json::Result<Value>>| bodies.into_iter().collect::<Result<Vec<_>, _>>();
    let mut networks = Map::new();
    for (name, body) in &plain.spec.networks {
        networks.insert(name.clone(), serde_json::to_value(body)?);
    }
    Ok(json!({
        "services": services,
        "networks": networks,
        "configs": list(plain.spec.configs.values().map(serde_json::to_value).collect())?,
        "secrets": list(plain.spec.secrets.values().map(serde_json::to_value).collect())?,
    }))
}

/// The engine writes `Healthcheck`; the description of its API, which the types are made from, has
/// it as `HealthCheck`.
fn health(body: &mut Value) {
    let container = body.pointer_mut("/TaskTemplate/ContainerSpec").and_then(Value::as_object_mut);
    if let Some(container) = container
        && let Some(check) = container.remove("HealthCheck")
    {
        container.insert("Healthcheck".to_owned(), check);
    }
}

/// Sets a field whose parent is there or can be made.
fn set(body: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    let mut at = body;
    for part in parent.split('/').skip(1) {
        at = match at {
            Value::Array(list) => match part.parse::<usize>().ok().and_then(|i| list.get_mut(i)) {
                Some(item) => item,
                None => return,
            },
            Value::Object(map) => map.entry(part).or_insert_with(|| json!({})),
            _ => return,
        };
    }
    if let Value::Object(map) = at {
        map.insert(key.to_owned(), value);
    }
}
