//! `GET /api/v1/identities`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{
        Ctx,
        sso::{self, Known},
    },
    domain::{clock::Time, id::ProviderId},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// A provider, and who I am there.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IdentityView {
    /// The provider's id.
    #[schema(value_type = String)]
    provider: ProviderId,
    /// What it is called.
    name: String,
    /// It knows me: I can sign in through it.
    connected: bool,
    /// My address there.
    email: Option<String>,
    /// When I last signed in through it.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Time>,
}

impl From<Known> for IdentityView {
    fn from(known: Known) -> Self {
        Self {
            provider: known.provider.id,
            name: known.provider.name.to_string(),
            connected: known.identity.is_some(),
            used_at: known.identity.as_ref().map(|identity| identity.used_at),
            email: known.identity.and_then(|identity| identity.email).map(|email| email.to_string()),
        }
    }
}

/// The identity providers that know me, and those that I could connect.
#[utoipa::path(
    get,
    path = "/identities",
    tag = "sso",
    operation_id = "list_identities",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<IdentityView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<IdentityView>> {
    let all = sso::identities(&cx).await?;
    Ok(Json(paging.page(all, |known| known.provider.id.to_string(), IdentityView::from)))
}
