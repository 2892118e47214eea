//! The trusted keys of ssh hosts.

mod forget;
mod list;
mod look_up;
mod pin;

use serde::Serialize;

use super::members::PlaceBody;
use crate::control::host_keys::Shown;

/// A key of an ssh host.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HostKeyView {
    /// Where it is trusted, or would be: there and below.
    place: PlaceBody,
    /// Whose it is.
    host: String,
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`...
    algorithm: String,
    /// `SHA256:...`, as `ssh-keygen -l` prints it and hosts publish it.
    fingerprint: String,
    /// The whole line, as known_hosts(5) has it.
    line: String,
}

impl From<Shown> for HostKeyView {
    fn from(shown: Shown) -> Self {
        let line = shown.line();
        Self {
            place: shown.place.into(),
            host: shown.host,
            algorithm: shown.key.algorithm,
            fingerprint: shown.key.fingerprint,
            line,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(look_up::handler))
        .routes(routes!(pin::handler))
        .routes(routes!(forget::handler))
}
