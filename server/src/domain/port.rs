//! A port of the whole instance that leads to an app, for what is not HTTP: databases, brokers, games.
//! Which ports there are is said when the server starts, as the edge must listen on them.

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    domain_name::{Hostname, leads},
    fault::Wrong,
    id::{AppId, PortId},
    route::Ranges,
};

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Connections.
    Tcp,
    /// Single packets.
    Udp,
}

impl Protocol {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tcp, Self::Udp];

    /// The name in tables, API and entry points.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Who speaks TLS with the visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortTls {
    /// The edge, with the host's certificate; the app gets what is within.
    Terminate,
    /// The app itself.
    Passthrough,
}

impl PortTls {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terminate => "terminate",
            Self::Passthrough => "passthrough",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Terminate, Self::Passthrough].into_iter().find(|one| one.name() == name)
    }
}

/// A public port and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicPort {
    /// Its id; also the opaque name of its router.
    pub id: PortId,
    /// The app.
    pub app: AppId,
    /// What is spoken.
    pub protocol: Protocol,
    /// The port of the instance; one app's alone.
    pub public: u16,
    /// The service of a Compose app.
    pub service: Option<String>,
    /// The port in the container.
    pub port: u16,
    /// Who speaks TLS; none: nobody at the edge.
    pub tls: Option<PortTls>,
    /// The host that visitors must name in TLS; one of the app's own.
    pub host: Option<Hostname>,
    /// Only visitors from these addresses.
    pub allow: Option<Ranges>,
    /// When it was made.
    pub created_at: Time,
}

impl PublicPort {
    /// Rules between one field and another.
    ///
    /// # Errors
    /// The field and its rule.
    pub fn check(&self) -> Result<(), (&'static str, Wrong)> {
        if self.protocol == Protocol::Udp && self.tls.is_some() {
            return Err((
                "tls",
                Wrong::new("must be left out with `udp`: the edge speaks TLS over `tcp` alone"),
            ));
        }
        if self.protocol == Protocol::Udp && self.allow.is_some() {
            let rule = "must be left out with `udp`: senders of single packets can write any address";
            return Err(("allow", Wrong::new(rule)));
        }
        if self.tls.is_some() != self.host.is_some() {
            let rule = "must be given with `tls`, and only then: it is the name that visitors ask for in TLS";
            return Err(("host", Wrong::new(rule)));
        }
        Ok(())
    }

    /// Whether it leads to this service of Swarm.
    #[must_use]
    pub fn leads_to(&self, stack: &str, service: &str) -> bool {
        leads(self.service.as_deref(), stack, service)
    }
}
