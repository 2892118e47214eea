//! What is set for the whole instance when it starts. Read once, by `config`; parts get it whole.

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf};

use super::{port::Protocol, secret::Secret};

/// The settings of an instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Where mirrors, workspaces and (embedded) the database are.
    pub data: PathBuf,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The dashboard's own address, `https://skep.example.org`; links are built from it alone.
    pub public_url: Option<url::Url>,
    /// Generated host names are `<app>-<id>.<base domain>`.
    pub base_domain: Option<String>,
    /// Without a base domain, host names are generated below `sslip.io`, of the public address.
    pub address_names: bool,
    /// Ports on which the edge takes connections for apps: entry points `tcp-<port>`.
    pub edge_tcp_ports: Vec<u16>,
    /// Ports on which the edge takes packets for apps: entry points `udp-<port>`.
    pub edge_udp_ports: Vec<u16>,
    /// Our public addresses, to know whether a host leads to us.
    pub public_addresses: Vec<std::net::IpAddr>,
    /// Private ranges that git, registries and hooks may reach all the same: CIDRs.
    pub allow_addresses: Vec<String>,
    /// Ranges that networks of apps must not have: CIDRs.
    pub reserved_addresses: Vec<String>,
    /// Plain http for git is allowed.
    pub git_allow_http: bool,
    /// The ACME directory that certificates come from.
    pub acme_directory: String,
    /// A further root certificate (PEM) for a private ACME directory.
    pub acme_ca: Option<PathBuf>,
    /// The contact given to the CA.
    pub acme_email: Option<String>,
    /// What Traefik shows to read routes and keys; none: the provider is closed.
    pub edge_token: Option<Secret>,
    /// Where Traefik finds this server on the control network: `http://skep:3000`.
    pub edge_callback: String,
    /// The port of HTTPS, if it is not 443.
    pub https_port: Option<u16>,
    /// The registry that built images are pushed to: `registry.example.org/skep`.
    pub registry: Option<String>,
    /// What the first admin shows; none once there is one.
    pub setup_token: Option<Secret>,
    /// Releases kept of each app.
    pub keep_releases: i64,
    /// Deployments that run at once.
    pub workers: usize,
    /// Builds that run at once on this server's engine.
    pub builds: usize,
    /// Proxies whose `X-Forwarded-For` counts: CIDRs.
    pub trusted_proxies: Vec<String>,
    /// For one build: seconds.
    pub build_seconds: u64,
    /// For one build: bytes of memory.
    pub build_memory: Option<i64>,
    /// For one build: nanoCPUs.
    pub build_nano_cpus: Option<i64>,
    /// Names of settings (`domain`, `base_domain`, `acme_email`, `acme_directory`) that were given
    /// at start and so cannot be changed while running.
    pub fixed: BTreeSet<&'static str>,
}

/// The header by which Traefik says that a request came by way of it.
pub const EDGE_PROOF: &str = "x-skep-edge";

impl Instance {
    /// The public ports of a protocol.
    #[must_use]
    pub fn edge_ports(&self, protocol: Protocol) -> &[u16] {
        match protocol {
            Protocol::Tcp => &self.edge_tcp_ports,
            Protocol::Udp => &self.edge_udp_ports,
        }
    }

    /// What Traefik puts into [`EDGE_PROOF`] of each request to Skep itself: made from its token,
    /// which so goes along with no request. Whoever shows it is believed about the client's address.
    #[must_use]
    pub fn edge_proof(&self) -> Option<Secret> {
        use sha2::{Digest as _, Sha256};
        let token = self.edge_token.as_ref()?;
        Some(Secret::new(hex::encode(Sha256::digest(format!("skep edge proof {}", token.expose())))))
    }
}
