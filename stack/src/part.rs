//! Some services of a stack alone: what a deployment of those changes, and what it leaves.
//!
//! To add a kind of object: its references in [`Used`], and its lines in [`mixed`] and [`of`].

use std::collections::BTreeSet;

use bollard_stubs::models::ServiceSpec;

use crate::{
    plan::{Action, Plan},
    spec::StackSpec,
    volumes,
};

/// `base` with these services as `new` has them; all others, and what they use, stay as they are.
#[must_use]
pub fn mixed(base: Option<StackSpec>, mut new: StackSpec, services: &BTreeSet<String>) -> StackSpec {
    let mut spec = base.unwrap_or_else(|| StackSpec { name: new.name.clone(), ..StackSpec::default() });
    let used = Used::by(&new, services);
    for name in services {
        if let Some(body) = new.services.remove(name) {
            spec.services.insert(name.clone(), body);
        }
        match new.starts.remove(name) {
            Some(words) => spec.starts.insert(name.clone(), words),
            None => spec.starts.remove(name),
        };
        match new.after.remove(name) {
            Some(needs) => spec.after.insert(name.clone(), needs),
            None => spec.after.remove(name),
        };
    }
    spec.networks.extend(new.networks.into_iter().filter(|(name, _)| used.networks.contains(name)));
    spec.configs.extend(new.configs.into_iter().filter(|(name, _)| used.objects.contains(name)));
    spec.secrets.extend(new.secrets.into_iter().filter(|(name, _)| used.objects.contains(name)));
    spec.volumes.extend(new.volumes.into_iter().filter(|name| used.volumes.contains(name)));
    spec.volumes.sort();
    spec.volumes.dedup();
    let all = spec.services.keys().cloned().collect();
    let used = Used::by(&spec, &all);
    spec.configs.retain(|name, _| used.objects.contains(name));
    spec.secrets.retain(|name, _| used.objects.contains(name));
    spec.starts.retain(|name, _| spec.services.contains_key(name));
    spec.after.retain(|name, _| spec.services.contains_key(name));
    for needs in spec.after.values_mut() {
        needs.retain(|name, _| spec.services.contains_key(name));
    }
    spec
}

/// Those actions of a plan that are about these services of `spec`: they are made or changed, with
/// what they use; nothing else is touched, whatever differs there.
#[must_use]
pub fn of(plan: Plan, spec: &StackSpec, services: &BTreeSet<String>) -> Plan {
    let used = Used::by(spec, services);
    let concerns = |action: &Action| match action {
        Action::CreateService { name, .. }
        | Action::UpdateService { name, .. }
        | Action::RemoveService { name, .. } => services.contains(name),
        Action::CreateConfig { name, .. } | Action::CreateSecret { name, .. } => used.objects.contains(name),
        Action::CreateNetwork { name, .. } => used.networks.contains(name),
        Action::RemoveConfig { .. } | Action::RemoveSecret { .. } | Action::RemoveNetwork { .. } => false,
    };
    Plan { actions: plan.actions.into_iter().filter(concerns).collect() }
}

/// What services name.
#[derive(Default)]
struct Used {
    /// Configs and secrets: their names hold what they are.
    objects: BTreeSet<String>,
    networks: BTreeSet<String>,
    volumes: BTreeSet<String>,
}

impl Used {
    fn by(spec: &StackSpec, services: &BTreeSet<String>) -> Self {
        let mut used = Self::default();
        spec.services.iter().filter(|(name, _)| services.contains(*name)).for_each(|(_, s)| used.add(s));
        used
    }

    fn add(&mut self, service: &ServiceSpec) {
        let Some(task) = &service.task_template else { return };
        self.networks.extend(task.networks.iter().flatten().filter_map(|network| network.target.clone()));
        let Some(container) = &task.container_spec else { return };
        self.objects
            .extend(container.configs.iter().flatten().filter_map(|config| config.config_name.clone()));
        self.objects
            .extend(container.secrets.iter().flatten().filter_map(|secret| secret.secret_name.clone()));
        self.volumes.extend(volumes::of(service).filter_map(|mount| mount.source.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bollard_stubs::models::{ConfigSpec, TaskSpec, TaskSpecContainerSpec, TaskSpecContainerSpecConfigs};

    use super::*;
    use crate::{observed::Observed, plan::plan, spec::Need};

    fn service(image: &str, config: &str) -> ServiceSpec {
        let config = TaskSpecContainerSpecConfigs {
            config_name: Some(config.to_owned()),
            ..TaskSpecContainerSpecConfigs::default()
        };
        let container = TaskSpecContainerSpec {
            image: Some(image.to_owned()),
            configs: Some(vec![config]),
            ..TaskSpecContainerSpec::default()
        };
        let task = TaskSpec { container_spec: Some(container), ..TaskSpec::default() };
        ServiceSpec { task_template: Some(task), ..ServiceSpec::default() }
    }

    /// A stack whose services all have the image and a config of that number.
    fn stack(number: u8, services: &[&str]) -> StackSpec {
        let config = |name: &str| format!("{name}_{number}");
        StackSpec {
            name: "s".to_owned(),
            services: services
                .iter()
                .map(|name| ((*name).to_owned(), service(&format!("i:{number}"), &config(name))))
                .collect(),
            configs: services.iter().map(|name| (config(name), ConfigSpec::default())).collect(),
            after: BTreeMap::from([(
                "web".to_owned(),
                services.iter().map(|name| ((*name).to_owned(), Need::default())).collect(),
            )]),
            ..StackSpec::default()
        }
    }

    #[test]
    fn the_others_stay_with_all_that_is_theirs() {
        let web = BTreeSet::from(["web".to_owned()]);
        let spec = mixed(Some(stack(1, &["db", "old", "web"])), stack(2, &["db", "new", "web"]), &web);
        let image = |name: &str| {
            spec.services[name].task_template.clone().unwrap().container_spec.unwrap().image.unwrap()
        };
        assert_eq!(spec.services.keys().collect::<Vec<_>>(), ["db", "old", "web"]);
        assert_eq!((image("db"), image("old"), image("web")), ("i:1".into(), "i:1".into(), "i:2".into()));
        assert_eq!(spec.configs.keys().collect::<Vec<_>>(), ["db_1", "old_1", "web_2"]);
        assert_eq!(spec.after["web"].keys().collect::<Vec<_>>(), ["db", "web"], "none that is not there");
        let done = of(plan(&spec, &Observed::default()), &spec, &web);
        let done: Vec<_> = done.actions.iter().map(|action| (action.kind(), action.name())).collect();
        assert_eq!(done, [("create_config", "web_2"), ("create_service", "web")]);
        let first = mixed(None, stack(2, &["db", "web"]), &web);
        assert_eq!(first.services.keys().collect::<Vec<_>>(), ["web"]);
    }
}
