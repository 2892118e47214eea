//! `POST /api/v1/certificates/import`

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::{
        Ctx,
        certificates::{self, Fate, Found},
    },
    domain::{clock::Time, secret::Secret},
    http::{api::v1::Answer, json as body},
};

/// A file to be imported.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportCertificates)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The text of a Traefik's `acme.json`; it holds keys, and is not kept.
    #[schema(value_type = String)]
    text: Secret,
    /// Only tell what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// What becomes of the certificates of a file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImportedCertificates {
    /// Each of the file, in its order.
    certificates: Vec<ImportedCertificate>,
}

/// What becomes of one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImportedCertificate {
    /// Its host.
    host: String,
    /// What becomes of it.
    #[schema(inline)]
    fate: Fate,
    /// Why it is not taken.
    reason: Option<String>,
    /// Valid until.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_after: Option<Time>,
}

impl From<Found> for ImportedCertificate {
    fn from(found: Found) -> Self {
        Self { host: found.host, fate: found.fate, reason: found.reason, not_after: found.not_after }
    }
}

/// Take certificates over from a Traefik's `acme.json`, for hosts that are domains here already.
///
/// With `dry_run` nothing is written. Accounts are not taken.
#[utoipa::path(
    post,
    path = "/certificates/import",
    tag = "certificates",
    operation_id = "import_certificates",
    request_body = Body,
    responses((status = 200, description = "Done, or what would be done.", body = ImportedCertificates)),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Answer<ImportedCertificates> {
    let found = if body.dry_run {
        certificates::preview(&cx, &body.text).await?
    } else {
        certificates::import(&cx, &body.text).await?
    };
    Ok(Json(ImportedCertificates { certificates: found.into_iter().map(Into::into).collect() }))
}
