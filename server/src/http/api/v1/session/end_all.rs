//! `DELETE /api/v1/sessions`

use axum::response::Response;

use super::signed_out_answer;
use crate::{
    control::{Ctx, identity},
    http::{Peer, Problem},
};

/// End all my sessions, this one too.
#[utoipa::path(
    delete,
    path = "/sessions",
    tag = "session",
    operation_id = "end_all_session",
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(peer: Peer, cx: Ctx) -> Result<Response, Problem> {
    identity::sign_out_everywhere(&cx).await?;
    Ok(signed_out_answer(peer.https))
}
