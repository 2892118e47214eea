//! `GET /api/v1/edges`

use axum::Json;
use serde::Serialize;

use crate::{
    control::Ctx,
    control::edges::{self, Edge},
    domain::clock::Time,
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// A replica of the edge: one Traefik.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EdgeView {
    /// Its id: new with each start.
    id: uuid::Uuid,
    /// Its node's name.
    node: String,
    /// `current`: it serves what is true now. `behind`: not yet. `silent`: not heard of for a minute;
    /// it may well serve.
    state: &'static str,
    /// The version of the configuration that it serves, as it says itself; none yet.
    version: Option<String>,
    /// The version of Skep that it is part of.
    program: String,
    /// Its first report.
    #[schema(value_type = String, format = DateTime)]
    started_at: Time,
    /// Its last report.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Time,
}

impl From<Edge> for EdgeView {
    fn from(edge: Edge) -> Self {
        Self {
            id: edge.id,
            node: edge.node,
            state: edge.state.name(),
            version: edge.loaded,
            program: edge.program,
            started_at: edge.started_at,
            seen_at: edge.seen_at,
        }
    }
}

/// All replicas of the edge, by node, and what each serves. A change is effective everywhere once all
/// are `current`.
#[utoipa::path(
    get,
    path = "/edges",
    tag = "cluster",
    operation_id = "edges_cluster",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<EdgeView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<EdgeView>> {
    let all = edges::list(&cx).await?;
    Ok(Json(paging.page(all, |edge| edge.id.to_string(), EdgeView::from)))
}
