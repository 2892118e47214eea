//! Tasks that are replaced because those of a service that they need were (`restart: true` in
//! `depends_on` of the Compose specification).
//!
//! Swarm knows no such thing, so the fingerprint of what a service needs is part of what its own
//! tasks are made of: a label of its containers. It differs exactly when the other's tasks are
//! replaced, also if the two changes come in two runs, and goes back with a rollback.

use std::borrow::Cow;

use bollard_stubs::models::ServiceSpec;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::order::order;
use crate::{labels, spec::StackSpec};

/// The stack with those labels, as [`plan`](super::plan()) sends it; the stack itself where nobody
/// asks for it.
#[must_use]
pub fn marked(spec: &StackSpec) -> Cow<'_, StackSpec> {
    if !spec.after.values().flatten().any(|(_, need)| need.restart) {
        return Cow::Borrowed(spec);
    }
    let mut marked = spec.clone();
    // In order: a restart goes on to those that need the one that was restarted.
    for name in order(spec) {
        let needed = spec.needs(name).filter(|(_, need)| need.restart);
        let needed: Vec<Value> =
            needed.filter_map(|(needed, _)| marked.services.get(needed)).map(replacing).collect();
        if needed.is_empty() {
            continue;
        }
        let mark = hex::encode(Sha256::digest(Value::Array(needed).to_string()))[..16].to_owned();
        if let Some(service) = marked.services.get_mut(name) {
            let container =
                service.task_template.get_or_insert_default().container_spec.get_or_insert_default();
            container.labels.get_or_insert_default().insert(labels::AFTER.to_owned(), mark);
        }
    }
    Cow::Owned(marked)
}

/// What replaces tasks when it changes; maps in order of their keys.
fn replacing(service: &ServiceSpec) -> Value {
    let mut task = serde_json::to_value(&service.task_template).unwrap_or_default();
    if let Some(task) = task.as_object_mut() {
        task.remove("Placement");
    }
    Value::Array(vec![task, serde_json::to_value(&service.endpoint_spec).unwrap_or_default()])
}
