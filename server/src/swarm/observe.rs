//! All objects of a stack.

use std::collections::{BTreeMap, HashMap};

use bollard::query_parameters::{ListConfigsOptions, ListNetworksOptions, ListSecretsOptions};
use skep_stack::{labels, observed::Observed};

use super::{
    EngineError,
    client::{DockerEngine, SHORT},
    stored, wire,
};

/// The library's form of filters with one value.
pub(super) fn filter(key: &str, value: impl Into<String>) -> Option<HashMap<String, Vec<String>>> {
    Some(HashMap::from([(key.to_owned(), vec![value.into()])]))
}

impl DockerEngine {
    pub(super) async fn read_stack(&self, stack: &str) -> Result<Observed, EngineError> {
        let ours = || filter("label", format!("{}={stack}", labels::NAMESPACE));
        let networks = self
            .call(SHORT, |docker| async move {
                docker.list_networks(Some(ListNetworksOptions { filters: filter("scope", "swarm") })).await
            })
            .await?;
        let label = serde_json::json!({"label": [format!("{}={stack}", labels::NAMESPACE)]}).to_string();
        let services: Vec<serde_json::Value> =
            self.get(&format!("/services?{}", wire::query(&[("filters", &label)]))).await?;
        let services = services.into_iter().map(stored::service).collect::<Result<Vec<_>, _>>()?;
        let secrets = self
            .call(SHORT, |docker| async move {
                docker.list_secrets(Some(ListSecretsOptions { filters: ours() })).await
            })
            .await?;
        let configs = self
            .call(SHORT, |docker| async move {
                docker.list_configs(Some(ListConfigsOptions { filters: ours() })).await
            })
            .await?;

        let mut seen = Observed::default();
        for network in networks {
            let (Some(id), Some(name)) = (network.id.clone(), network.name.clone()) else { continue };
            let owner = network.labels.as_ref().and_then(|labels| labels.get(labels::NAMESPACE));
            if owner.is_some_and(|owner| owner == stack) {
                seen.networks.insert(name.clone(), network);
            }
            seen.network_names.insert(id, name);
        }
        seen.services = named(services, |s| s.spec.as_ref()?.name.clone());
        seen.secrets = named(secrets, |s| s.spec.as_ref()?.name.clone());
        seen.configs = named(configs, |c| c.spec.as_ref()?.name.clone());
        Ok(seen)
    }
}

fn named<T>(list: Vec<T>, name: impl Fn(&T) -> Option<String>) -> BTreeMap<String, T> {
    list.into_iter().filter_map(|item| Some((name(&item)?, item))).collect()
}
