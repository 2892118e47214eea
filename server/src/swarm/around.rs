//! What there is in the swarm beside a stack.

use skep_stack::{
    cluster::{self, Cluster},
    labels,
};

use super::{
    EngineError, Node,
    client::{DockerEngine, SHORT},
    stored,
};

impl DockerEngine {
    pub(super) async fn read_around(&self, stack: &str) -> Result<Cluster, EngineError> {
        let nodes = self.read_nodes().await?;
        let services: Vec<serde_json::Value> = self.get("/services").await?;
        // Those of this node alone too: its bridges are ranges of the host.
        let networks = self.call(SHORT, |docker| async move { docker.list_networks(None).await }).await?;
        let own = |owner: Option<&String>| owner.is_some_and(|owner| owner == stack);

        let mut around = Cluster { nodes: nodes.iter().map(Into::into).collect(), ..Cluster::UNKNOWN };
        for service in services {
            let Some(spec) = stored::service(service)?.spec else { continue };
            if !own(spec.labels.as_ref().and_then(|labels| labels.get(labels::NAMESPACE))) {
                around.ports.extend(cluster::published(&spec));
            }
        }
        for network in networks {
            if own(network.labels.as_ref().and_then(|labels| labels.get(labels::NAMESPACE))) {
                continue;
            }
            let name = network.name.unwrap_or_default();
            let pools = network.ipam.into_iter().flat_map(|ipam| ipam.config.unwrap_or_default());
            around.subnets.extend(pools.filter_map(|pool| Some((name.clone(), pool.subnet?))));
        }
        Ok(around)
    }
}

/// As constraints see it.
impl From<&Node> for cluster::Node {
    fn from(node: &Node) -> Self {
        Self {
            id: node.id.clone(),
            hostname: node.hostname.clone(),
            role: node.role.clone(),
            address: node.address.clone(),
            labels: node.labels.clone(),
        }
    }
}
