//! What the engine says of itself.

use super::{
    EngineError, EngineInfo,
    client::{DockerEngine, SHORT},
};

impl DockerEngine {
    pub(super) async fn read_info(&self) -> Result<EngineInfo, EngineError> {
        let info = self.call(SHORT, |docker| async move { docker.info().await }).await?;
        let swarm = info.swarm.unwrap_or_default();
        Ok(EngineInfo {
            version: info.server_version.unwrap_or_default(),
            api: self.api().await?,
            manager: swarm.control_available.unwrap_or_default(),
            node_id: swarm.node_id.unwrap_or_default(),
            nodes: swarm.nodes.and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
            ipvs: tokio::fs::try_exists(&self.ipvs).await.unwrap_or_default(),
            architecture: info.architecture.unwrap_or_default(),
            memory: info.mem_total.unwrap_or_default(),
            cpus: info.ncpu.unwrap_or_default(),
        })
    }
}
