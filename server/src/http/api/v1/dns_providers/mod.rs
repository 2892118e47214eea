//! DNS providers of the team.

mod change;
mod create;
mod list;
mod remove;
mod test;

use serde::{Deserialize, Serialize};

use super::members::PlaceBody;
use crate::domain::{
    clock::Time,
    dns_provider::{DnsProvider, Settings},
    id::DnsProviderId,
    secret::Secret,
};

/// A provider without its credentials.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DnsProviderView {
    /// Its id.
    #[schema(value_type = String)]
    id: DnsProviderId,
    /// What people call it.
    name: String,
    /// Apps there and below may use it.
    place: PlaceBody,
    /// The zones there that it is for.
    zones: Vec<String>,
    /// Its kind, and how that is asked.
    settings: Settings,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<DnsProvider> for DnsProviderView {
    fn from(provider: DnsProvider) -> Self {
        Self {
            id: provider.id,
            name: provider.name.to_string(),
            place: provider.place.into(),
            zones: provider.zones.iter().map(ToString::to_string).collect(),
            settings: provider.settings,
            created_at: provider.created_at,
        }
    }
}

/// What a provider is shown; never told again.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = DnsLogin)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// An access key's id, a TSIG key's name or a username; absent for a token alone.
    #[serde(default)]
    id: String,
    /// The token, or the secret of the id.
    #[schema(value_type = String)]
    secret: Secret,
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(change::handler))
        .routes(routes!(remove::handler))
        .routes(routes!(test::handler))
}
