//! The ids of the secrets and configs that a service names.
//!
//! A stored stack knows them by name alone, as ids are the engine's; Swarm wants both.

use std::collections::HashMap;

use bollard::{
    models::ServiceSpec,
    query_parameters::{ListConfigsOptions, ListSecretsOptions},
};

use super::{
    EngineError,
    client::{DockerEngine, SHORT},
};

impl DockerEngine {
    /// Fills in the ids that are missing.
    pub(super) async fn with_references(&self, mut spec: ServiceSpec) -> Result<ServiceSpec, EngineError> {
        let Some(container) = spec.task_template.as_mut().and_then(|task| task.container_spec.as_mut())
        else {
            return Ok(spec);
        };
        let secrets = container.secrets.iter_mut().flatten().filter(|s| missing(s.secret_id.as_ref()));
        let configs = container
            .configs
            .iter_mut()
            .flatten()
            .filter(|c| missing(c.config_id.as_ref()) && c.config_name.is_some());
        let (secrets, configs): (Vec<_>, Vec<_>) = (secrets.collect(), configs.collect());
        if !secrets.is_empty() {
            let filters = names(secrets.iter().filter_map(|s| s.secret_name.clone()));
            let list = self
                .call(SHORT, |d| async move { d.list_secrets(Some(ListSecretsOptions { filters })).await })
                .await?;
            let ids = list.into_iter().filter_map(|s| Some((s.spec?.name?, s.id?))).collect();
            for secret in secrets {
                secret.secret_id = Some(id_of(&ids, secret.secret_name.as_deref(), "secret")?);
            }
        }
        if !configs.is_empty() {
            let filters = names(configs.iter().filter_map(|c| c.config_name.clone()));
            let list = self
                .call(SHORT, |d| async move { d.list_configs(Some(ListConfigsOptions { filters })).await })
                .await?;
            let ids = list.into_iter().filter_map(|c| Some((c.spec?.name?, c.id?))).collect();
            for config in configs {
                config.config_id = Some(id_of(&ids, config.config_name.as_deref(), "config")?);
            }
        }
        Ok(spec)
    }
}

fn missing(id: Option<&String>) -> bool {
    id.is_none_or(String::is_empty)
}

fn names(names: impl Iterator<Item = String>) -> Option<HashMap<String, Vec<String>>> {
    Some(HashMap::from([("name".to_owned(), names.collect())]))
}

fn id_of(ids: &HashMap<String, String>, name: Option<&str>, kind: &str) -> Result<String, EngineError> {
    let name = name.unwrap_or_default();
    ids.get(name).cloned().ok_or_else(|| EngineError::NotFound(format!("{kind} {name}")))
}
