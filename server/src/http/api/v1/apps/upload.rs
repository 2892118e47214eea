//! `PUT /api/v1/apps/{id}/archive`

use axum::{Json, body::Body};
use futures::TryStreamExt as _;
use serde::Serialize;

use crate::{
    control::{Ctx, upload},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id},
};

/// What was kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Uploaded {
    /// `sha256` of the archive, hexadecimal.
    digest: String,
}

/// Give an app whose source is `upload` its archive: tar, tar.gz or zip, up to 256 MiB. It counts
/// from the next deployment on.
#[utoipa::path(
    put,
    path = "/apps/{id}/archive",
    tag = "apps",
    operation_id = "upload_apps",
    params(("id" = String, Path)),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "Done.", body = Uploaded)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, body: Body) -> Answer<Uploaded> {
    let pieces = body.into_data_stream().map_err(std::io::Error::other);
    Ok(Json(Uploaded { digest: upload::upload(&cx, id, pieces).await? }))
}
