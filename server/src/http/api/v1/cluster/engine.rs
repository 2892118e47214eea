//! `GET /api/v1/engine`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{
        Ctx,
        nodes::{self, EngineState},
    },
    http::api::v1::Answer,
};

/// The engine, as it tells it now.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct EngineView {
    /// `known` or `unknown`.
    state: &'static str,
    /// Why it is unknown.
    reason: Option<String>,
    /// Its version.
    version: Option<String>,
    /// The negotiated version of its API.
    api: Option<String>,
    /// It is an active manager of a swarm.
    manager: Option<bool>,
    /// Nodes in the swarm.
    nodes: Option<u64>,
    /// The kernel has IPVS.
    ipvs: Option<bool>,
    /// `x86_64`, `aarch64`...
    architecture: Option<String>,
    /// Memory, bytes.
    memory: Option<i64>,
    /// CPUs.
    cpus: Option<i64>,
}

/// What the engine says of itself. `unknown`, with the reason, when it does not answer.
#[utoipa::path(
    get,
    path = "/engine",
    tag = "cluster",
    operation_id = "engine_cluster",
    responses((status = 200, description = "Done.", body = EngineView)),
)]
pub async fn handler(cx: Ctx) -> Answer<EngineView> {
    Ok(Json(match nodes::engine(&cx).await? {
        EngineState::Known(info) => EngineView {
            state: "known",
            reason: None,
            version: Some(info.version),
            api: Some(info.api),
            manager: Some(info.manager),
            nodes: Some(info.nodes),
            ipvs: Some(info.ipvs),
            architecture: Some(info.architecture),
            memory: Some(info.memory),
            cpus: Some(info.cpus),
        },
        EngineState::Unknown(reason) => {
            EngineView { state: "unknown", reason: Some(reason), ..EngineView::default() }
        }
    }))
}
