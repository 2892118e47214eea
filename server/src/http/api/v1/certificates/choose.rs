//! `PUT /api/v1/certificates/{id}/directory`

use axum::Json;
use serde::Deserialize;

use super::CertificateDetail;
use crate::{
    control::{Ctx, certificates},
    domain::id::CertificateId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// Where it comes from.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChooseDirectory)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Name or address of a directory of the instance's list; absent: as for all others.
    #[serde(default)]
    pub directory: Option<String>,
}

/// Choose the directory of one certificate. What is there stays until it is renewed.
#[utoipa::path(
    put,
    path = "/certificates/{id}/directory",
    tag = "certificates",
    operation_id = "choose_certificates",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = CertificateDetail)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<CertificateId>,
    body::Json(body): body::Json<Body>,
) -> Answer<CertificateDetail> {
    let row = certificates::choose(&cx, id, body.directory.as_deref()).await?;
    Ok(Json(CertificateDetail::new(&cx, &row, None)))
}
