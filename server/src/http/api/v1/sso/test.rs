//! `POST /api/v1/sso/{id}/test`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, sso},
    domain::id::ProviderId,
    http::{api::v1::Answer, id::Id},
    sso::Finding,
};

/// Something that was looked at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SsoFinding)]
pub struct FindingView {
    /// What: `redirect`, `discovery`, `keys`, `pkce`, `scope`, `client`.
    what: &'static str,
    /// It is as it should be.
    ok: bool,
    /// How it is, and what to do.
    text: String,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self { what: finding.what, ok: finding.ok, text: finding.text }
    }
}

/// All findings.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SsoTest)]
pub struct TestView {
    /// Nothing is wrong as far as can be known.
    ok: bool,
    /// Each finding, in the order in which they are met.
    findings: Vec<FindingView>,
}

/// Look at an identity provider without anybody signing in.
#[utoipa::path(
    post,
    path = "/sso/{id}/test",
    tag = "sso",
    operation_id = "test_sso",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = TestView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<ProviderId>) -> Answer<TestView> {
    let findings: Vec<_> = sso::test(&cx, id).await?.into_iter().map(FindingView::from).collect();
    Ok(Json(TestView { ok: findings.iter().all(|finding| finding.ok), findings }))
}
