//! `GET /api/v1/sso`

use axum::Json;
use serde::Deserialize;

use super::ProviderView;
use crate::{
    control::{
        Ctx,
        sso::{self, Of},
    },
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// Whose, and which part of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `team` if absent; `instance` for its owner.
    #[serde(default)]
    of: Of,
    /// So many at most: 100 if absent, 500 at most.
    limit: Option<i64>,
    /// What the page before gave as `next`.
    cursor: Option<String>,
}

/// The identity providers of the team, or of the instance, without their secrets.
#[utoipa::path(
    get,
    path = "/sso",
    tag = "sso",
    operation_id = "list_sso",
    params(Asked),
    responses((status = 200, description = "Done.", body = Page<ProviderView>)),
)]
pub async fn handler(cx: Ctx, Query(asked): Query<Asked>) -> Answer<Page<ProviderView>> {
    let all = sso::list(&cx, asked.of).await?;
    let paging = Paging { limit: asked.limit, cursor: asked.cursor };
    Ok(Json(paging.page(all, |provider| provider.id.to_string(), ProviderView::from)))
}
