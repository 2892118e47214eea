//! Which node is whose, and what runs on a node that is not its environment's.

use std::collections::{BTreeMap, BTreeSet};

use skep_stack::reserved;

use crate::{
    control::{Ctx, Error, standing::healthy},
    db,
    domain::{app::App, id::EnvironmentId},
    swarm::{Node, Task},
};

/// A node with its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The node.
    pub node: Node,
    /// Its environment; none if it is shared.
    pub environment: Option<EnvironmentId>,
    /// Services that run there and belong elsewhere, until their apps' next deployment; none if the
    /// engine does not tell.
    pub strangers: Option<BTreeSet<String>>,
}

/// Nodes with their environments. `tasks`: those of all apps, if the engine tells.
///
/// # Errors
/// [`Error::Forbidden`] for all but the owner of the instance; the database.
pub async fn whose(cx: &Ctx, nodes: Vec<Node>, tasks: Option<&[Task]>) -> Result<Vec<Whose>, Error> {
    cx.allow_instance()?;
    let mut tx = cx.parts.db.read().await?;
    let apps = environments_of(&db::app::all(&mut tx).await?);
    drop(tx);
    let owner = |node: &Node| reserved::owner(&node.labels).and_then(|id| id.parse::<EnvironmentId>().ok());
    let with_nodes: BTreeSet<EnvironmentId> = nodes.iter().filter_map(owner).collect();
    let told = |node: Node| {
        let environment = owner(&node);
        // Where an environment has nodes its apps belong there; all others belong on what is shared.
        let belongs = |app: &EnvironmentId| match environment {
            Some(own) => own == *app,
            None => !with_nodes.contains(app),
        };
        let stray = |task: &&Task| {
            task.node.as_deref() == Some(&node.id)
                && healthy(task)
                && apps.get(stack(task)).is_some_and(|app| !belongs(app))
        };
        let strangers =
            tasks.map(|tasks| tasks.iter().filter(stray).map(|task| task.service_name.clone()).collect());
        Whose { environment, strangers, node }
    };
    Ok(nodes.into_iter().map(told).collect())
}

/// The environment of each app, by its stack.
pub(super) fn environments_of(apps: &[App]) -> BTreeMap<String, EnvironmentId> {
    apps.iter().map(|app| (app.stack.clone(), app.environment)).collect()
}

/// The stack of a task: a stack's name has no `_`.
pub(super) fn stack(task: &Task) -> &str {
    task.service_name.split('_').next().unwrap_or_default()
}
