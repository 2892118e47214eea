//! Overlay networks that belong to no stack: of the edge, of an environment.

use bollard::{
    models::{Network, NetworkCreateRequest},
    query_parameters::ListNetworksOptions,
};

use super::{
    EngineError,
    client::{DockerEngine, SHORT},
    observe::filter,
};

impl DockerEngine {
    /// The swarm's network of exactly this name.
    pub(super) async fn find_network(&self, name: &str) -> Result<Option<Network>, EngineError> {
        let networks = self
            .call(SHORT, |docker| async move {
                // The engine's filter also finds longer names.
                docker.list_networks(Some(ListNetworksOptions { filters: filter("name", name) })).await
            })
            .await?;
        Ok(networks.into_iter().find(|network| network.name.as_deref() == Some(name)))
    }

    pub(super) async fn make_network(
        &self,
        name: &str,
        attachable: bool,
        labels: &[(&str, &str)],
    ) -> Result<String, EngineError> {
        if let Some(id) = self.overlay(name).await? {
            return Ok(id);
        }
        let body = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("overlay".to_owned()),
            attachable: Some(attachable),
            labels: Some(labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
            ..NetworkCreateRequest::default()
        };
        match self.call(SHORT, |docker| async move { docker.create_network(body).await }).await {
            Ok(made) => Ok(made.id),
            // Somebody else made it, or the answer was lost.
            Err(error) if error.transient() || matches!(error, EngineError::Conflict(_)) => {
                self.overlay(name).await.ok().flatten().ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn delete_network(&self, name: &str) -> Result<(), EngineError> {
        let Some(id) = self.find_network(name).await?.and_then(|network| network.id) else { return Ok(()) };
        match self.call(SHORT, |docker| async move { docker.remove_network(&id).await }).await {
            Err(EngineError::NotFound(_)) => Ok(()),
            Err(error) if error.transient() => match self.find_network(name).await {
                Ok(None) => Ok(()),
                _ => Err(error),
            },
            other => other,
        }
    }

    async fn overlay(&self, name: &str) -> Result<Option<String>, EngineError> {
        let Some(network) = self.find_network(name).await? else { return Ok(None) };
        // Swarm tells the driver only once it has set the network up.
        if !matches!(network.driver.as_deref(), None | Some("" | "overlay")) {
            return Err(EngineError::Refused(format!(
                "the network {name} exists and is no overlay network: remove or rename it"
            )));
        }
        Ok(network.id)
    }
}
