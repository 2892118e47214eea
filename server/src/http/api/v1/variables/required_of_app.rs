//! `GET /api/v1/apps/{id}/required-variables`

use axum::Json;

use super::RequiredVariable;
use crate::{
    control::{Ctx, variables},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id, query::Page},
};

/// List the variables that an app requires, and how they stand.
///
/// While one is missing or empty, the app is not deployed. The names are its settings' `required`.
#[utoipa::path(
    get,
    path = "/apps/{id}/required-variables",
    tag = "variables",
    operation_id = "required_of_app_variables",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = Page<RequiredVariable>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>) -> Answer<Page<RequiredVariable>> {
    let all = variables::required(&cx, id).await?;
    let items = all.into_iter().map(|(key, standing)| RequiredVariable { key, state: standing.name() });
    Ok(Json(Page { items: items.collect(), next: None }))
}
