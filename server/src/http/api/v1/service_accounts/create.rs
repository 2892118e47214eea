//! `POST /api/v1/service-accounts`

use axum::{Json, http::StatusCode};

use super::{Named, ServiceAccountView};
use crate::{
    control::{Ctx, service_accounts},
    http::{Problem, json as body},
};

/// Make a service account: a member that nobody signs in as, for CI and scripts.
///
/// It may do nothing until it is given a role (`PUT /api/v1/members/{id}`), and acts by the tokens that are
/// made for it.
#[utoipa::path(
    post,
    path = "/service-accounts",
    tag = "service-accounts",
    operation_id = "create_service_accounts",
    request_body = Named,
    responses((status = 201, description = "Made.", body = ServiceAccountView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Named>,
) -> Result<(StatusCode, Json<ServiceAccountView>), Problem> {
    let made = service_accounts::create(&cx, body.name).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
