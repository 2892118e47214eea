//! Public ports of apps.

mod add;
mod list;
mod remove;

use serde::Serialize;

use crate::domain::{
    clock::Time,
    id::PortId,
    port::{PortTls, Protocol, PublicPort},
    route::Ranges,
};

/// A port of the instance and where it leads.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PortView {
    /// Its id.
    #[schema(value_type = String)]
    id: PortId,
    /// What is spoken.
    protocol: Protocol,
    /// The port of the instance.
    public: u16,
    /// The service of a Compose app.
    service: Option<String>,
    /// The port in the container.
    port: u16,
    /// Who speaks TLS.
    tls: Option<PortTls>,
    /// The host that visitors must name in TLS.
    host: Option<String>,
    /// Only visitors from these addresses.
    allow: Option<Ranges>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<PublicPort> for PortView {
    fn from(port: PublicPort) -> Self {
        Self {
            id: port.id,
            protocol: port.protocol,
            public: port.public,
            service: port.service,
            port: port.port,
            tls: port.tls,
            host: port.host.map(|host| host.to_string()),
            allow: port.allow,
            created_at: port.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(add::handler))
        .routes(routes!(remove::handler))
}
