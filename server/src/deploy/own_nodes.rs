//! Where services may run when environments have nodes of their own ([`skep_stack::reserved`]). A
//! reservation counts for an app from its next deployment on, and for what only starts it again where
//! its data allows that.

use skep_stack::{
    cluster::{self, Cluster, Node},
    reserved,
    spec::StackSpec,
};

use super::{desire::refused, parts::Parts, run::Stop};
use crate::{
    domain::{id::EnvironmentId, step::Step},
    swarm,
};

/// The constraints of an environment's services.
pub(super) fn constraints(nodes: &[Node], environment: EnvironmentId) -> Vec<String> {
    reserved::constraints(nodes, &environment.to_string())
}

/// Where a new volume comes to be: here, if the environment may run here, else on the first of its
/// nodes that is there.
pub(super) async fn home(
    parts: &Parts,
    around: &Cluster,
    environment: EnvironmentId,
    here: &str,
) -> Result<String, Stop> {
    if around.nodes.iter().all(|node| reserved::owner(&node.labels).is_none()) {
        return Ok(here.to_owned());
    }
    let mine = |node: &swarm::Node| may(&around.nodes, environment, reserved::owner(&node.labels));
    let nodes = parts.engine.nodes().await.map_err(|e| Stop::engine(Step::Plan, &e))?;
    let there = |node: &&swarm::Node| node.state == "ready" && node.availability == "active" && mine(node);
    let able = || nodes.iter().filter(there);
    let chosen = able().find(|node| node.id == here).or_else(|| able().min_by_key(|node| &node.id));
    Ok(chosen.map_or_else(|| here.to_owned(), |node| node.id.clone()))
}

/// Whether services of an environment may run on a node of this owner.
fn may(nodes: &[Node], environment: EnvironmentId, owner: Option<&str>) -> bool {
    let environment = environment.to_string();
    let has = nodes.iter().any(|node| reserved::owner(&node.labels) == Some(&environment));
    if has { owner == Some(&environment) } else { owner.is_none() }
}

/// Brings an older spec to the nodes of today.
///
/// # Errors
/// A service has no node then, and why; the engine does not answer.
pub(super) async fn today(
    parts: &Parts,
    spec: &mut StackSpec,
    environment: EnvironmentId,
) -> Result<(), Stop> {
    let around = parts.engine.around(&spec.name).await.map_err(|e| Stop::engine(Step::Plan, &e))?;
    reserved::place(spec, &constraints(&around.nodes, environment));
    let only_nodes = Cluster { nodes: around.nodes, ..Cluster::UNKNOWN };
    let faults = cluster::check(spec, &only_nodes);
    if faults.is_empty() { Ok(()) } else { Err(refused(Step::Plan, &faults)) }
}
