//! `PATCH /api/v1/service-accounts/{id}`

use axum::Json;

use super::{Named, ServiceAccountView};
use crate::{
    control::{Ctx, service_accounts},
    domain::id::UserId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// Rename a service account. Its tokens and roles stay.
#[utoipa::path(
    patch,
    path = "/service-accounts/{id}",
    tag = "service-accounts",
    operation_id = "rename_service_accounts",
    params(("id" = String, Path)),
    request_body = Named,
    responses((status = 200, description = "Done.", body = ServiceAccountView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<UserId>,
    body::Json(body): body::Json<Named>,
) -> Answer<ServiceAccountView> {
    Ok(Json(service_accounts::rename(&cx, id, body.name).await?.into()))
}
