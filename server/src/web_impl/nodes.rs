//! The engine and its nodes.

use async_trait::async_trait;
use skep_web::api::{self, EngineView, NodeId, NodeView, Result};

use super::{Web, fields::time};
use crate::{
    control::{look::Seen, standing::healthy},
    swarm::{Node, Task},
};

#[async_trait]
impl api::Nodes for Web {
    async fn engine(&self) -> Result<EngineView> {
        self.cx()?;
        Ok(engine_view(&*self.looker().look().await))
    }

    async fn nodes(&self) -> Result<Vec<NodeView>> {
        self.cx()?.allow_instance().map_err(|e| self.told(e))?;
        let seen = self.looker().look().await;
        let nodes = seen.nodes.as_ref().map_err(|why| api::Error::Unavailable(why.clone()))?;
        let tasks = seen.tasks.as_deref().unwrap_or_default();
        let mut views: Vec<NodeView> = nodes.iter().map(|node| view(node, tasks)).collect();
        views.sort_by(|a, b| (!a.manager, &a.name, &a.id).cmp(&(!b.manager, &b.name, &b.id)));
        Ok(views)
    }
}

/// What is known of the engine.
pub(super) fn engine_view(seen: &Seen) -> EngineView {
    let ready = |nodes: &Vec<Node>| {
        let ready = nodes.iter().filter(|node| node.state == "ready").count();
        (ready as u64, nodes.len() as u64)
    };
    EngineView {
        known: seen.info.is_ok(),
        reason: seen
            .info
            .as_ref()
            .err()
            .map(|why| format!("{why}; what runs goes on, and is shown again once the engine answers")),
        version: seen.info.as_ref().ok().map(|info| info.version.clone()),
        nodes: seen.nodes.as_ref().ok().map(ready),
        seen_at: seen.answered_at.map(time),
    }
}

fn view(node: &Node, tasks: &[Task]) -> NodeView {
    let here = |task: &&Task| task.node.as_deref() == Some(&node.id) && healthy(task);
    NodeView {
        id: NodeId(node.id.clone()),
        name: node.hostname.clone(),
        manager: node.role == "manager",
        leader: node.leader,
        state: node.state.clone(),
        availability: node.availability.clone(),
        address: node.address.clone(),
        engine: node.engine.clone(),
        cpus: f64::from(u32::try_from(node.cpus).unwrap_or_default()),
        memory: u64::try_from(node.memory).unwrap_or_default(),
        tasks: tasks.iter().filter(here).count() as u64,
        labels: node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect(),
    }
}
