//! Two-factor sign-in of the person who asks. To add an operation: its file, and its line below.

mod begin;
mod confirm;
mod renew_codes;
mod show;
mod turn_off;

use serde::{Deserialize, Serialize};

use crate::domain::secret::Secret;

/// What shows once more who asks.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// My password.
    #[schema(value_type = String)]
    password: Secret,
    /// The code that the app shows, or a recovery code.
    #[schema(value_type = String)]
    code: Secret,
}

/// Codes for whoever lost the app. Each counts once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecoveryCodesView {
    /// They are not told again.
    recovery_codes: Vec<String>,
}

impl From<Vec<Secret>> for RecoveryCodesView {
    fn from(codes: Vec<Secret>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose().to_owned()).collect() }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(show::handler))
        .routes(routes!(begin::handler))
        .routes(routes!(confirm::handler))
        .routes(routes!(renew_codes::handler))
        .routes(routes!(turn_off::handler))
}
