//! Actions on the fake swarm, with an engine's answers.

use bollard::models::{
    Config, Network, Secret, Service, ServiceSpec, TaskSpecContainerSpecIsolationEnum, TaskSpecRestartPolicy,
};
use skep_stack::plan::Action;

use super::{
    super::{EngineError, same},
    service::Held,
    world::World,
};

/// The name of an action, for counts.
pub(super) const fn verb(action: &Action) -> &'static str {
    match action {
        Action::CreateNetwork { .. } => "create_network",
        Action::CreateSecret { .. } => "create_secret",
        Action::CreateConfig { .. } => "create_config",
        Action::CreateService { .. } => "create_service",
        Action::UpdateService { .. } => "update_service",
        Action::RemoveService { .. } => "remove_service",
        Action::RemoveConfig { .. } => "remove_config",
        Action::RemoveSecret { .. } => "remove_secret",
        Action::RemoveNetwork { .. } => "remove_network",
    }
}

impl World {
    /// Does an action once, however often it is asked.
    pub(super) fn perform(&mut self, action: &Action) -> Result<String, EngineError> {
        match action {
            Action::CreateNetwork { name, body } => {
                if let Some(stored) = self.networks.get(name) {
                    return same_or(same::network(body, stored), stored.id.clone(), name);
                }
                let network = Network {
                    name: Some(name.clone()),
                    id: Some(self.id()),
                    driver: Some(body.driver.clone().unwrap_or_else(|| "overlay".to_owned())),
                    scope: Some("swarm".to_owned()),
                    attachable: body.attachable,
                    internal: body.internal,
                    labels: body.labels.clone(),
                    ..Network::default()
                };
                let id = network.id.clone().unwrap_or_default();
                self.networks.insert(name.clone(), network);
                self.effect(verb(action));
                Ok(id)
            }
            Action::CreateSecret { name, body } => {
                if let Some(stored) = self.secrets.get(name) {
                    return same_or(same::secret(body, stored), stored.id.clone(), name);
                }
                let mut spec = (**body).clone();
                // The engine never tells it again.
                spec.data = None;
                let id = self.id();
                let secret = Secret {
                    id: Some(id.clone()),
                    version: self.version(),
                    spec: Some(spec),
                    ..Secret::default()
                };
                self.secrets.insert(name.clone(), secret);
                self.effect(verb(action));
                Ok(id)
            }
            Action::CreateConfig { name, body } => {
                if let Some(stored) = self.configs.get(name) {
                    return same_or(same::config(body, stored), stored.id.clone(), name);
                }
                let id = self.id();
                let spec = Some((**body).clone());
                let config =
                    Config { id: Some(id.clone()), version: self.version(), spec, ..Config::default() };
                self.configs.insert(name.clone(), config);
                self.effect(verb(action));
                Ok(id)
            }
            Action::CreateService { name, body } => self.create_service(name, body),
            Action::UpdateService { id, version, body, .. } => self.update_service(id, *version, body),
            Action::RemoveService { name, id } => {
                if self.services.get(name).is_some_and(|held| held.service.id.as_ref() == Some(id)) {
                    self.services.remove(name);
                    self.effect(verb(action));
                }
                Ok(id.clone())
            }
            Action::RemoveConfig { name, id } => {
                self.refuse_in_use(name)?;
                if self.configs.remove(name).is_some() {
                    self.effect(verb(action));
                }
                Ok(id.clone())
            }
            Action::RemoveSecret { name, id } => {
                self.refuse_in_use(name)?;
                if self.secrets.remove(name).is_some() {
                    self.effect(verb(action));
                }
                Ok(id.clone())
            }
            Action::RemoveNetwork { name, id } => {
                self.refuse_in_use(name)?;
                if self.networks.remove(name).is_some() {
                    self.effect(verb(action));
                }
                Ok(id.clone())
            }
        }
    }

    fn create_service(&mut self, name: &str, body: &ServiceSpec) -> Result<String, EngineError> {
        let spec = self.stored(body)?;
        if let Some(held) = self.services.get(name) {
            let same =
                held.service.spec.as_ref().is_some_and(|stored| same::service(&spec, stored, &self.names()));
            return same_or(same, held.service.id.clone(), name);
        }
        let id = self.id();
        let service = Service {
            id: Some(id.clone()),
            version: self.version(),
            created_at: Some(self.now()),
            updated_at: Some(self.now()),
            spec: Some(spec),
            ..Service::default()
        };
        self.services.insert(name.to_owned(), Held::new(service));
        self.effect("create_service");
        Ok(id)
    }

    fn update_service(&mut self, id: &str, version: u64, body: &ServiceSpec) -> Result<String, EngineError> {
        let spec = self.stored(body)?;
        let found = self.services.iter().find(|(_, held)| held.service.id.as_deref() == Some(id));
        let Some(name) = found.map(|(name, _)| name.clone()) else {
            return Err(EngineError::NotFound(format!("service {id} not found")));
        };
        let Some(mut held) = self.services.remove(&name) else {
            return Err(EngineError::NotFound(format!("service {id} not found")));
        };
        if self.trouble.conflict() {
            held.service.version = self.version();
        }
        let index = held.service.version.as_ref().and_then(|version| version.index);
        let same =
            held.service.spec.as_ref().is_some_and(|stored| same::service(&spec, stored, &self.names()));
        let result = if index != Some(version) {
            same_or(same, Some(id.to_owned()), "update out of sequence:")
        } else {
            held.update(self, spec);
            self.effect("update_service");
            Ok(id.to_owned())
        };
        self.services.insert(name, held);
        result
    }

    /// A spec as the engine keeps it: networks by id, defaults filled in.
    fn stored(&mut self, body: &ServiceSpec) -> Result<ServiceSpec, EngineError> {
        let mut spec = body.clone();
        let Some(template) = spec.task_template.as_mut() else { return Ok(spec) };
        for network in template.networks.iter_mut().flatten() {
            let target = network.target.clone().unwrap_or_default();
            let name = self.network_name(&target);
            let stored = name.and_then(|name| self.networks.get(&name));
            let Some(stored) = stored else {
                return Err(EngineError::NotFound(format!("network {target} not found")));
            };
            network.target.clone_from(&stored.id);
        }
        if let Some(container) = template.container_spec.as_mut() {
            for secret in container.secrets.iter_mut().flatten() {
                let name = secret.secret_name.clone().unwrap_or_default();
                let Some(stored) = self.secrets.get(&name) else {
                    return Err(EngineError::NotFound(format!("secret {name}")));
                };
                secret.secret_id.clone_from(&stored.id);
            }
            for config in container.configs.iter_mut().flatten() {
                let name = config.config_name.clone().unwrap_or_default();
                let Some(stored) = self.configs.get(&name) else {
                    return Err(EngineError::NotFound(format!("config {name}")));
                };
                config.config_id.clone_from(&stored.id);
            }
            container.isolation.get_or_insert(TaskSpecContainerSpecIsolationEnum::DEFAULT);
        }
        template.force_update.get_or_insert(0);
        template.runtime.get_or_insert_with(|| "container".to_owned());
        template.restart_policy.get_or_insert_with(TaskSpecRestartPolicy::default);
        Ok(spec)
    }

    fn names(&self) -> std::collections::BTreeMap<String, String> {
        self.networks.values().filter_map(|n| Some((n.id.clone()?, n.name.clone()?))).collect()
    }

    fn refuse_in_use(&self, name: &str) -> Result<(), EngineError> {
        let network = self.networks.get(name).and_then(|network| network.id.clone());
        let user = self.services.iter().find(|(_, held)| {
            let template = held.service.spec.as_ref().and_then(|spec| spec.task_template.as_ref());
            let container = template.and_then(|template| template.container_spec.as_ref());
            let secrets = container.into_iter().flat_map(|c| c.secrets.iter().flatten());
            let configs = container.into_iter().flat_map(|c| c.configs.iter().flatten());
            let mut networks = template.into_iter().flat_map(|t| t.networks.iter().flatten());
            secrets.filter_map(|s| s.secret_name.as_deref()).any(|used| used == name)
                || configs.filter_map(|c| c.config_name.as_deref()).any(|used| used == name)
                || network.is_some() && networks.any(|n| n.target == network)
        });
        match user {
            Some((service, _)) => {
                Err(EngineError::Conflict(format!("{name} is in use by service {service}")))
            }
            None => Ok(()),
        }
    }
}

fn same_or(same: bool, id: Option<String>, name: &str) -> Result<String, EngineError> {
    match id {
        Some(id) if same => Ok(id),
        _ => Err(EngineError::Conflict(format!("{name} is not as it was planned for"))),
    }
}
