//! Makes a node one environment's own, and gives it back to all. The engine's label is the only record;
//! it is written within the transaction of its entry in the audit log, as the last thing before the
//! commit.

use serde_json::json;
use skep_stack::{labels, reserved};

use super::{whose::environments_of, within};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::EnvironmentId,
        right::Right,
    },
    swarm::Node,
};

/// Reserves a node for an environment. Apps of others leave it with their next deployment, and those of
/// the environment run on its nodes alone from theirs on.
///
/// # Errors
/// [`Error::Forbidden`] for all but the owner of the instance; [`Error::NotFound`] of node or
/// environment; the node is another environment's; [`Error::Unavailable`].
pub async fn reserve(cx: &Ctx, node: &str, environment: EnvironmentId) -> Result<(), Error> {
    cx.allow_instance()?;
    let found = find(cx, node).await?;
    let mut tx = cx.parts.db.write().await?;
    let environment = cx.environment(&mut tx, environment, Right::View).await?;
    let id = environment.id.to_string();
    match reserved::owner(&found.labels) {
        Some(owner) if owner != id => {
            let rule = "the node belongs to another environment: release it first";
            return Err(Error::conflict("node_reserved", rule));
        }
        _ => {}
    }
    let change = Change::made(&json!({"environment": environment.id}));
    audit::record(cx, &mut tx, Action::NodeReserve, object(&found), change).await?;
    label(cx, &found, Some(&id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a node back to all environments that have none of their own.
///
/// # Errors
/// [`Error::Forbidden`] for all but the owner of the instance; [`Error::NotFound`]; it is the last of
/// an environment whose apps run on it; [`Error::Unavailable`].
pub async fn release(cx: &Ctx, node: &str) -> Result<(), Error> {
    cx.allow_instance()?;
    let found = find(cx, node).await?;
    let Some(owner) = reserved::owner(&found.labels).map(str::to_owned) else {
        return Err(Error::conflict("not_reserved", "the node is shared already"));
    };
    last(cx, &found, &owner).await?;
    let mut tx = cx.parts.db.write().await?;
    let change = Change::gone(&json!({"environment": owner}));
    audit::record(cx, &mut tx, Action::NodeRelease, object(&found), change).await?;
    label(cx, &found, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Shares the nodes of environments that are gone; best effort, as the owner of the instance can do it.
pub(in crate::control) async fn share(cx: &Ctx, environments: &[EnvironmentId]) {
    let ids: Vec<String> = environments.iter().map(ToString::to_string).collect();
    for node in within(cx.parts.engine.nodes()).await.unwrap_or_default() {
        if reserved::owner(&node.labels).is_some_and(|owner| ids.iter().any(|id| id == owner)) {
            let _ = label(cx, &node, None).await;
        }
    }
}

/// Refuses to take the last node of an environment whose apps run: Swarm would stop them, as they ask
/// for a node of that environment.
async fn last(cx: &Ctx, node: &Node, owner: &str) -> Result<(), Error> {
    let nodes = within(cx.parts.engine.nodes()).await.map_err(Error::Unavailable)?;
    if nodes.iter().any(|other| other.id != node.id && reserved::owner(&other.labels) == Some(owner)) {
        return Ok(());
    }
    let tasks = within(cx.parts.engine.tasks_labelled(labels::APP)).await.map_err(Error::Unavailable)?;
    let mut tx = cx.parts.db.read().await?;
    let environments = environments_of(&db::app::all(&mut tx).await?);
    drop(tx);
    let runs = tasks.iter().find(|task| {
        task.desired == "running"
            && environments.get(super::whose::stack(task)).is_some_and(|id| id.to_string() == owner)
    });
    match runs {
        Some(task) => Err(Error::conflict(
            "last_node",
            format!(
                "it is its environment's last node, and {} asks for one of those: reserve another node for the environment first, or stop its apps",
                task.service_name
            ),
        )),
        None => Ok(()),
    }
}

async fn find(cx: &Ctx, node: &str) -> Result<Node, Error> {
    let nodes = within(cx.parts.engine.nodes()).await.map_err(Error::Unavailable)?;
    nodes.into_iter().find(|found| found.id == node).ok_or(Error::NotFound("node"))
}

fn object(node: &Node) -> Object {
    Object::new("node", &node.id, &node.hostname)
}

async fn label(cx: &Ctx, node: &Node, environment: Option<&str>) -> Result<(), Error> {
    let change = cx.parts.engine.label_node(&node.id, reserved::LABEL, environment);
    within(change).await.map_err(Error::Unavailable)
}
