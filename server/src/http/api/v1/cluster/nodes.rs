//! `GET /api/v1/nodes`

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use serde::Serialize;

use crate::{
    control::{
        Ctx,
        nodes::{self, Whose},
    },
    domain::id::EnvironmentId,
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// A node of the swarm.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NodeView {
    /// Swarm's id of it.
    id: String,
    /// Its host name.
    hostname: String,
    /// `manager` or `worker`.
    role: String,
    /// `ready`, `down`, `unknown`...
    state: String,
    /// `active`, `pause`, `drain`.
    availability: String,
    /// It leads the managers.
    leader: bool,
    /// Its address.
    address: String,
    /// Its engine's version.
    engine: String,
    /// CPUs.
    cpus: i64,
    /// Memory, bytes.
    memory: i64,
    /// Its labels.
    labels: BTreeMap<String, String>,
    /// The environment that it belongs to; none if it is shared.
    #[schema(value_type = Option<String>)]
    environment: Option<EnvironmentId>,
    /// Services that run there and belong elsewhere, until their apps' next deployment; none if the
    /// engine does not tell.
    strangers: Option<BTreeSet<String>>,
}

impl From<Whose> for NodeView {
    fn from(Whose { node, environment, strangers }: Whose) -> Self {
        Self {
            environment,
            strangers,
            id: node.id,
            hostname: node.hostname,
            role: node.role,
            state: node.state,
            availability: node.availability,
            leader: node.leader,
            address: node.address,
            engine: node.engine,
            cpus: node.cpus,
            memory: node.memory,
            labels: node.labels,
        }
    }
}

/// All nodes of the swarm, managers first.
///
/// 503 if the engine does not tell.
#[utoipa::path(
    get,
    path = "/nodes",
    tag = "cluster",
    operation_id = "nodes_cluster",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<NodeView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<NodeView>> {
    let all = nodes::list(&cx).await?;
    Ok(Json(paging.page(all, |whose| whose.node.id.clone(), NodeView::from)))
}
