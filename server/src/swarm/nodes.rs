//! The swarm's nodes.

use bollard::{
    models,
    query_parameters::{ListNodesOptions, UpdateNodeOptions},
};

use super::{
    EngineError, Node,
    client::{DockerEngine, SHORT},
};

impl DockerEngine {
    pub(super) async fn read_nodes(&self) -> Result<Vec<Node>, EngineError> {
        let nodes = self
            .call(SHORT, |docker| async move { docker.list_nodes(None::<ListNodesOptions>).await })
            .await?;
        Ok(nodes.into_iter().map(seen).collect())
    }

    /// Nodes change by themselves, too: what was read is read again when it has moved on.
    pub(super) async fn set_node_label(
        &self,
        node: &str,
        key: &str,
        value: Option<&str>,
    ) -> Result<(), EngineError> {
        let mut tries = 3;
        loop {
            tries -= 1;
            let found = self.call(SHORT, |docker| async move { docker.inspect_node(node).await }).await?;
            let mut spec = found.spec.unwrap_or_default();
            let labels = spec.labels.get_or_insert_default();
            match value {
                Some(value) => labels.insert(key.to_owned(), value.to_owned()),
                None => labels.remove(key),
            };
            let index = found.version.and_then(|version| version.index).unwrap_or_default();
            let version = i64::try_from(index)
                .map_err(|_| EngineError::Refused(format!("version index {index} is out of range")))?;
            let options = UpdateNodeOptions { version };
            let done =
                self.call(SHORT, |docker| async move { docker.update_node(node, spec, options).await }).await;
            match done {
                Err(EngineError::Conflict(_)) if tries > 0 => {}
                done => return done,
            }
        }
    }
}

fn seen(node: models::Node) -> Node {
    let spec = node.spec.unwrap_or_default();
    let about = node.description.unwrap_or_default();
    let resources = about.resources.unwrap_or_default();
    let status = node.status.unwrap_or_default();
    let manager = node.manager_status;
    // A manager may know its own address as 0.0.0.0; the one that others use is then with its role.
    let address = status.addr.filter(|address| address != "0.0.0.0").or_else(|| {
        let address = manager.as_ref()?.addr.clone()?;
        Some(address.rsplit_once(':').map_or(address.clone(), |(host, _)| host.to_owned()))
    });
    Node {
        id: node.id.unwrap_or_default(),
        hostname: about.hostname.unwrap_or_default(),
        role: spec.role.map(|role| role.to_string()).unwrap_or_default(),
        state: status.state.map(|state| state.to_string()).unwrap_or_default(),
        availability: spec.availability.map(|a| a.to_string()).unwrap_or_default(),
        leader: manager.and_then(|status| status.leader).unwrap_or_default(),
        address: address.unwrap_or_default(),
        engine: about.engine.and_then(|engine| engine.engine_version).unwrap_or_default(),
        cpus: resources.nano_cpus.unwrap_or_default() / 1_000_000_000,
        memory: resources.memory_bytes.unwrap_or_default(),
        labels: spec.labels.unwrap_or_default().into_iter().collect(),
    }
}
