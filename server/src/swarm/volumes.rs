//! Volumes on the engine's own node.

use bollard::query_parameters::RemoveVolumeOptions;

use super::{
    EngineError,
    client::{DockerEngine, SHORT},
};

impl DockerEngine {
    pub(super) async fn delete_volume(&self, name: &str) -> Result<(), EngineError> {
        let result = self
            .call(SHORT, |docker| async move {
                docker.remove_volume(name, Some(RemoveVolumeOptions { force: false })).await
            })
            .await;
        match result {
            Err(EngineError::NotFound(_)) => Ok(()),
            other => other,
        }
    }

    pub(super) async fn has_volume(&self, name: &str) -> Result<bool, EngineError> {
        match self.call(SHORT, |docker| async move { docker.inspect_volume(name).await }).await {
            Ok(_) => Ok(true),
            Err(EngineError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
