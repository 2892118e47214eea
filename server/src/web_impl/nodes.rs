//! The engine and its nodes.

use async_trait::async_trait;
use skep_web::api::{self, EdgeView, EngineView, NodeId, NodeView, Result};

use super::{Web, fields::time, places::Places};
use crate::{
    control::{
        Error, edges,
        look::Seen,
        nodes::{Whose, release, reserve, whose},
        standing::healthy,
    },
    domain::{fault::Wrong, right::Place},
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
        let cx = self.cx()?;
        let tasks = seen.tasks.as_deref().ok();
        let nodes = whose(&cx, nodes.clone(), tasks).await.map_err(|e| self.told(e))?;
        let places = Places::of(&cx).await.map_err(|e| self.told(e))?;
        let mut views: Vec<NodeView> =
            nodes.into_iter().map(|whose| view(whose, tasks.unwrap_or_default(), &places)).collect();
        views.sort_by(|a, b| (!a.manager, &a.name, &a.id).cmp(&(!b.manager, &b.name, &b.id)));
        Ok(views)
    }

    async fn edges(&self) -> Result<Vec<EdgeView>> {
        let all = edges::list(&self.cx()?).await.map_err(|e| self.told(e))?;
        let view = |edge: edges::Edge| EdgeView {
            node: edge.node,
            state: edge.state.name().to_owned(),
            seen_at: time(edge.seen_at),
        };
        Ok(all.into_iter().map(view).collect())
    }

    async fn node_environments(&self) -> Result<Vec<(String, String)>> {
        let cx = self.cx()?;
        let places = Places::of(&cx).await.map_err(|e| self.told(e))?;
        let choice = |(place, name)| match place {
            Place::Environment(id) => Some((id.to_string(), name)),
            _ => None,
        };
        Ok(places.0.into_iter().filter_map(choice).collect())
    }

    async fn reserve_node(&self, node: &NodeId, environment: &str) -> Result<()> {
        let unknown = |_| Error::wrong("environment", Wrong::new("must be one of the list"));
        let environment = environment.parse().map_err(unknown).map_err(|e| self.told(e))?;
        reserve(&self.cx()?, &node.0, environment).await.map_err(|e| self.told(e))
    }

    async fn release_node(&self, node: &NodeId) -> Result<()> {
        release(&self.cx()?, &node.0).await.map_err(|e| self.told(e))
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

fn view(whose: Whose, tasks: &[Task], places: &Places) -> NodeView {
    let Whose { node, environment, strangers } = whose;
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
        environment: environment.map(|id| places.name(Place::Environment(id))),
        strangers: strangers.map(|services| services.into_iter().collect()),
        labels: node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect(),
    }
}
