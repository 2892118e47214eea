//! `GET /api/v1/credentials`

use axum::Json;

use super::CredentialView;
use crate::{
    control::{Ctx, credentials},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The credentials of all places where the asker manages them, newest first. Secrets are never told.
#[utoipa::path(
    get,
    path = "/credentials",
    tag = "credentials",
    operation_id = "list_credentials",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<CredentialView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<CredentialView>> {
    let all = credentials::list(&cx).await?;
    Ok(Json(paging.page(all, |credential| credential.id.to_string(), CredentialView::from)))
}
