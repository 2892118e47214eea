//! `GET /api/v1/sessions`

use axum::Json;
use serde::Serialize;

use crate::{
    control::identity::{self, Means},
    domain::{clock::Time, id::SessionId},
    http::{
        SignedInCaller,
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// A signed-in browser.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// Its id.
    #[schema(value_type = String)]
    id: SessionId,
    /// It is the one that asks.
    current: bool,
    /// The browser's own words about itself.
    agent: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
}

/// My sessions, newest first.
#[utoipa::path(
    get,
    path = "/sessions",
    tag = "session",
    operation_id = "list_session",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<SessionView>)),
)]
pub async fn handler(known: SignedInCaller, Query(paging): Query<Paging>) -> Answer<Page<SessionView>> {
    let all = identity::sessions(&known.cx).await?;
    let current = known.caller.means;
    Ok(Json(paging.page(
        all,
        |s| s.id.to_string(),
        |s| SessionView {
            current: current == Means::Session(s.id),
            id: s.id,
            agent: s.agent,
            created_at: s.created_at,
            expires_at: s.expires_at,
        },
    )))
}
