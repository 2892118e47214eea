//! What the edge is rendered from: checked types only.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use url::Url;

use crate::domain::{
    domain_name::{Domain, Hostname, PathPrefix},
    host_pattern::HostPattern,
    id::{AppId, CertificateId, DomainId, PortId},
    port::{PortTls, Protocol, PublicPort},
    route::{Login, Ranges, RouteOptions},
    secret::Secret,
};

/// All that the edge should do.
#[derive(Debug, Clone, Default)]
pub struct EdgeInput {
    /// Skep itself, as Traefik reaches it: `http://skep:3000`. Challenges are answered there.
    pub skep: Vec<Url>,
    /// The host of the dashboard and the API, if there is one yet.
    pub platform: Option<Platform>,
    /// The routes of all apps that were live at least once. An app that never was has no route.
    pub routes: Vec<Route>,
    /// Public ports that lead to apps.
    pub ports: Vec<Port>,
    /// All certificates that are to be served.
    pub certificates: Vec<Certificate>,
    /// What holds for all routes.
    pub options: Options,
}

/// Where Skep's own pages are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The public host.
    pub host: Hostname,
    /// How it is served.
    pub scheme: Scheme,
}

/// A host and path, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The domain's id, the opaque name of all that Traefik gets for it.
    pub id: DomainId,
    /// The app; a host leads to one app only.
    pub app: AppId,
    /// The host, or all of one label below a name; an exact one goes before.
    pub host: HostPattern,
    /// Requests to this path and below it, by whole segments.
    pub path: PathPrefix,
    /// Take the prefix off before the app sees the request.
    pub strip: bool,
    /// How it is served.
    pub scheme: Scheme,
    /// Where the app's tasks are.
    pub servers: Servers,
    /// The trial of a new version beside them, while there is one.
    pub trial: Option<Trial>,
    /// Ask the servers themselves whether they are well. Off: Swarm's check is trusted.
    pub health: Option<HealthCheck>,
    /// Let `%2F` in paths through to the app. Off: such a request is refused (400), because
    /// proxy and app may read it as different paths.
    pub encoded_slash: bool,
    /// The host with or without `www.` whose visitors are sent on to this one.
    pub other_host: Option<HostPattern>,
    /// What else holds for it.
    pub options: RouteOptions,
    /// Whom visitors must show to be; none: nobody is asked.
    pub logins: Vec<Login>,
}

impl Route {
    /// The route of a domain record, with its defaults: https redirects.
    #[must_use]
    pub fn of(domain: &Domain, servers: Servers) -> Self {
        Self {
            id: domain.id,
            app: domain.app,
            host: domain.host.clone(),
            path: domain.path.clone(),
            strip: domain.strip,
            scheme: if domain.https { Scheme::Https { redirect: true } } else { Scheme::Http },
            servers,
            trial: None,
            health: None,
            encoded_slash: domain.options.encoded_slash == Some(true),
            other_host: domain.other_host.clone(),
            options: domain.options.clone(),
            logins: domain.logins.clone(),
        }
    }
}

/// A public port and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its id, the opaque name of all that Traefik gets for it.
    pub id: PortId,
    /// What is spoken.
    pub protocol: Protocol,
    /// The port of the instance.
    pub public: u16,
    /// Who speaks TLS; none: nobody at the edge.
    pub tls: Option<PortTls>,
    /// The host that visitors must name in TLS.
    pub host: Option<Hostname>,
    /// Only visitors from these addresses.
    pub allow: Option<Ranges>,
    /// Where the app's tasks are; none: connections are closed.
    pub servers: Vec<SocketAddr>,
}

impl Port {
    /// The route of a port's record.
    #[must_use]
    pub fn of(port: &PublicPort, servers: Vec<SocketAddr>) -> Self {
        Self {
            id: port.id,
            protocol: port.protocol,
            public: port.public,
            tls: port.tls,
            host: port.host.clone(),
            allow: port.allow.clone(),
            servers,
        }
    }
}

/// How a host is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain http only.
    Http,
    /// By https.
    Https {
        /// Plain http is sent to https; else it is served too.
        redirect: bool,
    },
}

/// Where an app's tasks are, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Servers {
    /// Observed there. None observed means the same as unknown: the last known ones stay.
    At(Vec<SocketAddr>),
    /// The observation failed: the last known ones stay.
    Unknown,
    /// Nobody is there, for certain: stopped on purpose, or no task serves. Visitors get 503, and
    /// the last known ones are forgotten.
    Nobody,
}

/// A new version that gets a share of the visitors. Without any server it gets none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Where its tasks are.
    pub servers: Vec<SocketAddr>,
    /// Its share, in percent.
    pub weight: u8,
}

/// How Traefik asks a server whether it is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// Any status from 200 to 399 to a GET of this path is well.
    pub path: PathPrefix,
    /// How often.
    pub interval: Duration,
    /// How long to wait for the answer.
    pub timeout: Duration,
}

/// A certificate and the hosts it may speak for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// A certificate with any other name in it is left out: Traefik goes by the names inside,
    /// so that one could shadow the certificate of somebody else's host.
    pub hosts: Vec<HostPattern>,
    /// PEM, leaf first.
    pub chain: String,
    /// PEM.
    pub key: Secret,
}

/// What holds for all routes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Another server is asked when one cannot be reached.
    pub retry: Retry,
    /// Requests at once.
    pub limits: Limits,
    /// How long to wait for a server to take a connection.
    pub dial_timeout: Duration,
    /// The port that the redirect to https names; none for 443.
    pub https_port: Option<u16>,
    /// Servers on loopback are meant: Traefik, Skep and the servers share one machine.
    pub loopback: bool,
    /// The header and value that requests to Skep's own host get, so that it knows whom to believe
    /// about the client's address.
    pub proof: Option<(&'static str, Secret)>,
    /// `Authorization: Bearer …` that opens `/metrics` of the internal entry point; none: closed.
    /// 20 to 200 letters, digits, `-` and `_`.
    pub metrics: Option<Secret>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            retry: Retry {
                attempts: 10,
                initial_interval: Duration::from_millis(25),
                timeout: Duration::from_secs(10),
            },
            limits: Limits::default(),
            // Half the way round the world and back; then the next server is asked.
            dial_timeout: Duration::from_millis(500),
            https_port: None,
            loopback: false,
            proof: None,
            metrics: None,
        }
    }
}

/// How often a request is tried that no server has seen yet. A request that was sent is never
/// sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The first try counts; 1 is none. Traefik's turns are not strict: with two dead servers of
    /// three the fifth try may be the first at the third one. So more than there are servers.
    pub attempts: u32,
    /// The wait before the second try; it grows to the double.
    pub initial_interval: Duration,
    /// No further try after this.
    pub timeout: Duration,
}

/// Requests in flight; one more is answered with 429. None: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of one client address to one route.
    pub per_client: Option<u32>,
    /// To one route.
    pub per_route: Option<u32>,
}

/// The last known servers by domain.
pub(super) type Known = BTreeMap<DomainId, Vec<SocketAddr>>;
