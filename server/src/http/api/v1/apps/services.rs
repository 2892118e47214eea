//! `GET /api/v1/apps/{id}/services`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{
        Ctx,
        services::{self, Mode, Service},
    },
    domain::id::AppId,
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// A service of an app, as what serves has it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ServiceView {
    /// Its name in the Compose file; the app's own name for an app of one service.
    name: String,
    /// Its name in Swarm.
    swarm_name: String,
    /// The image.
    image: String,
    /// `replicated`, `global` (one task on each node) or `job` (it runs to its end).
    mode: &'static str,
    /// Tasks that it shall have, if replicated; 0 while the app is stopped.
    replicas: Option<u64>,
    /// It is never scaled beyond one task: it alone writes to a volume.
    single_writer: bool,
}

impl From<Service> for ServiceView {
    fn from(service: Service) -> Self {
        let (mode, replicas) = match service.mode {
            Mode::Replicated(count) => ("replicated", Some(count)),
            Mode::Global => ("global", None),
            Mode::Job => ("job", None),
        };
        Self {
            name: service.name,
            swarm_name: service.full,
            image: service.image,
            mode,
            replicas,
            single_writer: service.single_writer,
        }
    }
}

/// The services of an app: those of its Compose file, or the one that it is. Empty before the first
/// release.
#[utoipa::path(
    get,
    path = "/apps/{id}/services",
    tag = "apps",
    operation_id = "services_apps",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<ServiceView>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, Query(paging): Query<Paging>) -> Answer<Page<ServiceView>> {
    let all = services::list(&cx, id).await?;
    Ok(Json(paging.page(all, |service| service.name.clone(), ServiceView::from)))
}
