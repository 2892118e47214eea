//! What the engine holds after a call whose answer was lost, or which met an object of that name.

use std::collections::BTreeMap;

use bollard::query_parameters::{ListConfigsOptions, ListNetworksOptions, ListSecretsOptions};
use skep_stack::plan::Action;

use super::{
    EngineError,
    client::{DockerEngine, SHORT},
    observe::filter,
    same, stored,
};

/// How an object stands to the action that was to make it so.
pub(super) enum Found {
    /// It is as the action wants it; its id.
    Done(String),
    /// It is there, and otherwise.
    Other,
    /// The action has not touched it.
    Untouched,
}

impl DockerEngine {
    /// Reads the object of an action.
    pub(super) async fn read_back(&self, action: &Action) -> Result<Found, EngineError> {
        match action {
            Action::CreateNetwork { name, body } => Ok(match self.find_network(name).await? {
                None => Found::Untouched,
                Some(stored) if same::network(body, &stored) => done(stored.id),
                Some(_) => Found::Other,
            }),
            Action::CreateSecret { name, body } => {
                let filters = filter("name", name);
                let list =
                    self.call(SHORT, |d| async move {
                        d.list_secrets(Some(ListSecretsOptions { filters })).await
                    })
                    .await?;
                let stored =
                    list.into_iter().find(|s| s.spec.as_ref().and_then(|s| s.name.as_ref()) == Some(name));
                Ok(match stored {
                    None => Found::Untouched,
                    Some(stored) if same::secret(body, &stored) => done(stored.id),
                    Some(_) => Found::Other,
                })
            }
            Action::CreateConfig { name, body } => {
                let filters = filter("name", name);
                let list =
                    self.call(SHORT, |d| async move {
                        d.list_configs(Some(ListConfigsOptions { filters })).await
                    })
                    .await?;
                let stored =
                    list.into_iter().find(|c| c.spec.as_ref().and_then(|c| c.name.as_ref()) == Some(name));
                Ok(match stored {
                    None => Found::Untouched,
                    Some(stored) if same::config(body, &stored) => done(stored.id),
                    Some(_) => Found::Other,
                })
            }
            Action::CreateService { name, body } => {
                let Some(stored) = self.find_service(name).await? else { return Ok(Found::Untouched) };
                self.compare(body, stored).await
            }
            Action::UpdateService { id, version, body, .. } => {
                let Some(stored) = self.find_service(id).await? else {
                    return Err(EngineError::NotFound(format!("service {id}")));
                };
                let index = stored.version.as_ref().and_then(|v| v.index);
                match self.compare(body, stored).await? {
                    Found::Other if index == Some(*version) => Ok(Found::Untouched),
                    found => Ok(found),
                }
            }
            Action::RemoveService { id, .. } => Ok(gone(self.find_service(id).await?.is_some(), id)),
            Action::RemoveConfig { id, .. } => {
                let found = self.call(SHORT, |d| async move { d.inspect_config(id).await }).await;
                Ok(gone(there(found)?, id))
            }
            Action::RemoveSecret { id, .. } => {
                let found = self.call(SHORT, |d| async move { d.inspect_secret(id).await }).await;
                Ok(gone(there(found)?, id))
            }
            Action::RemoveNetwork { name, id } => Ok(gone(
                self.find_network(name).await?.is_some_and(|network| network.id.as_ref() == Some(id)),
                id,
            )),
        }
    }

    async fn find_service(&self, name: &str) -> Result<Option<bollard::models::Service>, EngineError> {
        let found = self.get(&format!("/services/{name}")).await;
        match found {
            Ok(json) => stored::service(json).map(Some),
            Err(EngineError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn compare(
        &self,
        wanted: &bollard::models::ServiceSpec,
        stored: bollard::models::Service,
    ) -> Result<Found, EngineError> {
        let networks = self
            .call(SHORT, |docker| async move {
                docker.list_networks(Some(ListNetworksOptions { filters: filter("scope", "swarm") })).await
            })
            .await?;
        let names: BTreeMap<String, String> =
            networks.into_iter().filter_map(|network| Some((network.id?, network.name?))).collect();
        let spec = stored.spec.unwrap_or_default();
        Ok(if same::service(wanted, &spec, &names) { done(stored.id) } else { Found::Other })
    }
}

fn done(id: Option<String>) -> Found {
    id.map_or(Found::Other, Found::Done)
}

fn gone(there: bool, id: &str) -> Found {
    if there { Found::Untouched } else { Found::Done(id.to_owned()) }
}

fn there<T>(found: Result<T, EngineError>) -> Result<bool, EngineError> {
    match found {
        Ok(_) => Ok(true),
        Err(EngineError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
