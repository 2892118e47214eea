//! What differs between two releases: by the comparison that also plans, so that nothing is said
//! to differ that would change nothing. Variables by key only.

use skep_stack::{
    labels,
    models::{Service, ServiceSpec},
    observed::Observed,
    plan::{Change, plan},
    spec::StackSpec,
};

/// The fields that differ, sorted by service and path.
#[must_use]
pub fn diff(before: &StackSpec, after: &StackSpec) -> Vec<Change> {
    let several = before.services.len().max(after.services.len()) > 1;
    let mut changes = Vec::new();
    for line in plan(after, &ran(before)).lines() {
        let name = line.name.strip_prefix(&format!("{}_", after.name)).unwrap_or(&line.name);
        match line.action.as_str() {
            "update_service" => changes.extend(line.changes.into_iter().filter(shown).map(|change| {
                let path = if several { format!("{name}: {}", change.path) } else { change.path };
                Change { path, ..change }
            })),
            "create_service" => changes.push(whole(format!("service {name}"), false)),
            "remove_service" => changes.push(whole(format!("service {name}"), true)),
            // Configs and secrets show where a service names them: by a hash of their content.
            _ => {}
        }
    }
    // A service that cannot be changed in place is removed and made: one change.
    changes.dedup_by(|a, b| a.path == b.path);
    changes
}

/// A release as if it ran.
fn ran(spec: &StackSpec) -> Observed {
    let service = |(name, body): (&String, &ServiceSpec)| {
        let service = Service { id: Some(name.clone()), spec: Some(body.clone()), ..Service::default() };
        (name.clone(), service)
    };
    Observed { services: spec.services.iter().map(service).collect(), ..Observed::default() }
}

/// The fingerprint of the health check says nothing that the check itself does not.
fn shown(change: &Change) -> bool {
    !change.path.contains(labels::HEALTH)
}

fn whole(path: String, removed: bool) -> Change {
    let there = Some("there".to_owned());
    let (from, to) = if removed { (there, None) } else { (None, there) };
    Change { path, from, to }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use skep_stack::models::{TaskSpec, TaskSpecContainerSpec};

    fn spec(services: &[(&str, &str, &[&str])]) -> StackSpec {
        let service = |(name, image, env): &(&str, &str, &[&str])| {
            let container = TaskSpecContainerSpec {
                image: Some((*image).to_owned()),
                env: Some(env.iter().map(|pair| (*pair).to_owned()).collect()),
                ..Default::default()
            };
            let task = TaskSpec { container_spec: Some(container), ..Default::default() };
            let owner = (labels::APP.to_owned(), "app".to_owned());
            let spec = ServiceSpec {
                name: Some((*name).to_owned()),
                labels: Some(std::collections::HashMap::from([owner])),
                task_template: Some(task),
                ..Default::default()
            };
            ((*name).to_owned(), spec)
        };
        StackSpec {
            name: "shop".into(),
            services: services.iter().map(service).collect(),
            ..Default::default()
        }
    }

    fn told(before: &StackSpec, after: &StackSpec) -> BTreeMap<String, (Option<String>, Option<String>)> {
        diff(before, after).into_iter().map(|change| (change.path, (change.from, change.to))).collect()
    }

    #[test]
    fn variables_are_named_and_never_shown() {
        let before = spec(&[("shop", "a:1", &["KEEP=x", "PASSWORD=hunter2", "GONE=hunter3"])]);
        let after = spec(&[("shop", "a:2", &["KEEP=x", "PASSWORD=hunter4", "NEW=hunter5"])]);
        let told = told(&before, &after);
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!(told["TaskTemplate.ContainerSpec.Image"], (Some("a:1".into()), Some("a:2".into())));
        assert!(told.keys().any(|path| path.ends_with("Env.PASSWORD")));
        assert!(!format!("{told:?}").contains("hunter"));
        assert!(diff(&before, &before).is_empty());
    }

    #[test]
    fn services_come_and_go() {
        let before = spec(&[("shop_web", "a:1", &[]), ("shop_db", "pg:1", &[])]);
        let after = spec(&[("shop_web", "a:2", &[]), ("shop_cache", "redis:1", &[])]);
        let told = told(&before, &after);
        let there = Some("there".to_owned());
        assert_eq!(told["service cache"], (None, there.clone()));
        assert_eq!(told["service db"], (there, None));
        assert!(told.contains_key("web: TaskTemplate.ContainerSpec.Image"));
    }
}
