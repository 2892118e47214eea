//! `GET /api/v1/audit/verify`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{
        Ctx,
        audit::{self, Chain},
    },
    http::api::v1::Answer,
};

/// Something wrong in a chain.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditFindingView)]
pub struct FindingView {
    /// At which entry; 0 if at none.
    seq: i64,
    /// What, for people.
    detail: String,
}

/// How a chain was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditChainView)]
pub struct ChainView {
    /// Which.
    #[schema(inline)]
    chain: Chain,
    /// Entries that were looked at.
    entries: u64,
    /// The newest entry.
    newest: i64,
    /// The newest entry that is signed.
    signed: i64,
    /// What is wrong; empty if it is as it was written.
    findings: Vec<FindingView>,
}

/// How the log was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditVerifyView)]
pub struct VerifyView {
    /// Nothing is wrong.
    sound: bool,
    /// Each chain.
    chains: Vec<ChainView>,
}

/// Whether the audit log is as it was written; reads all of it.
///
/// Who does not trust the server exports the log and runs `skep audit verify FILE --key KEY`.
#[utoipa::path(
    get,
    path = "/audit/verify",
    tag = "audit",
    operation_id = "verify_audit",
    responses((status = 200, description = "Done.", body = VerifyView)),
)]
pub async fn handler(cx: Ctx) -> Answer<VerifyView> {
    let view = |found: audit::Verified| ChainView {
        chain: found.chain,
        entries: found.report.entries,
        newest: found.report.newest,
        signed: found.report.signed,
        findings: found
            .report
            .findings
            .iter()
            .map(|finding| FindingView { seq: finding.seq, detail: finding.to_string() })
            .collect(),
    };
    let chains: Vec<ChainView> = audit::verify(&cx).await?.into_iter().map(view).collect();
    Ok(Json(VerifyView { sound: chains.iter().all(|chain| chain.findings.is_empty()), chains }))
}
