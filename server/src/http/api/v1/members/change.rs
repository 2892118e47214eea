//! `PUT /api/v1/members/{id}`

use axum::Json;
use serde::Deserialize;

use super::{GrantBody, MemberView};
use crate::{
    control::{Ctx, members},
    domain::id::UserId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// All roles of a member.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeMember)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// In place of those that they have; at most one at each place.
    grants: Vec<GrantBody>,
}

/// Give a member these roles, in place of all that they have.
///
/// Nobody gives or takes rights that they do not have themselves at that place.
#[utoipa::path(
    put,
    path = "/members/{id}",
    tag = "members",
    operation_id = "change_members",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = MemberView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<UserId>, body::Json(body): body::Json<Body>) -> Answer<MemberView> {
    let grants: Vec<_> = body.grants.into_iter().map(|grant| (grant.place.into(), grant.role.0)).collect();
    Ok(Json(MemberView::from(members::change(&cx, id, &grants).await?)))
}
