//! `POST /api/v1/two-factor/recovery-codes`

use axum::Json;

use super::{Proof, RecoveryCodesView};
use crate::{
    control::identity::two_factor,
    http::{SignedInCaller, api::v1::Answer, json as body},
};

/// Make new recovery codes.
///
/// They are told this once; the old ones count no more.
#[utoipa::path(
    post,
    path = "/two-factor/recovery-codes",
    tag = "two-factor",
    operation_id = "renew_codes_two_factor",
    request_body = Proof,
    responses((status = 200, description = "Done.", body = RecoveryCodesView)),
)]
pub async fn handler(
    known: SignedInCaller,
    body::Json(body): body::Json<Proof>,
) -> Answer<RecoveryCodesView> {
    let codes = two_factor::renew_codes(&known.cx, &known.caller, &body.password, &body.code).await?;
    Ok(Json(codes.into()))
}
