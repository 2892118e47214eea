//! Settings of an instance: from flags, the environment and files, checked all at once.
//!
//! Every setting `NAME` may also come from a file, `NAME_FILE`; one that is empty counts as not
//! given. Secrets have no flag, as command lines can be read by every user of the machine.
//!
//! To add one: a field in [`Options`] (none for a secret), its line in [`Config::read`], and its
//! place in `domain::instance::Instance`.

use std::{collections::BTreeSet, fmt, net::SocketAddr, path::PathBuf};

use crate::{
    db::Location,
    domain::{instance::Instance, name::Email, secret::Secret},
};

pub mod edge;
mod first_start;
mod key_file;
mod parse;
mod reader;

pub use first_start::{Secret32, SetupToken, first_start, forget_setup_token, kept_key, setup_token};
pub use key_file::read_key;
use reader::Reader;

/// Where certificates come from if nobody says otherwise.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Flags of `skep serve`, as given. Each can be an environment variable, too.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// Folder of the keys, the repositories and (without DATABASE_URL) the database [default: /var/lib/skep]
    #[arg(long, env = "SKEP_DATA", value_name = "DIR")]
    pub data: Option<String>,
    /// Where to listen [default: 127.0.0.1:3000]
    #[arg(long, env = "SKEP_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The dashboard's own address, as `https://skep.example.org`
    #[arg(long, env = "SKEP_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Our public addresses, separated by commas: DNS records should lead here
    #[arg(long, env = "SKEP_PUBLIC_ADDRESS", value_name = "ADDRESSES")]
    pub public_address: Option<String>,
    /// The domain below which host names for apps are made: `apps.example.org`
    #[arg(long, env = "SKEP_BASE_DOMAIN", value_name = "DOMAIN")]
    pub base_domain: Option<String>,
    /// Without a base domain, make host names of the public address: `web.203-0-113-7.sslip.io` [default: true]
    #[arg(long, env = "SKEP_ADDRESS_NAMES", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub address_names: Option<String>,
    /// Public TCP ports that apps may have: `5432,6379`; the edge has an entry point `tcp-<port>` for each
    #[arg(long, env = "SKEP_EDGE_TCP_PORTS", value_name = "PORTS")]
    pub edge_tcp_ports: Option<String>,
    /// Public UDP ports that apps may have; the edge has an entry point `udp-<port>` for each
    #[arg(long, env = "SKEP_EDGE_UDP_PORTS", value_name = "PORTS")]
    pub edge_udp_ports: Option<String>,
    /// Private ranges that git and registries may be in all the same: `10.1.0.0/16,fd00::/8`
    #[arg(long, env = "SKEP_ALLOW_ADDRESSES", value_name = "RANGES")]
    pub allow_addresses: Option<String>,
    /// Proxies whose X-Forwarded-For counts: `10.0.0.0/8`
    #[arg(long, env = "SKEP_TRUSTED_PROXIES", value_name = "RANGES")]
    pub trusted_proxies: Option<String>,
    /// Let git use plain http [default: false]
    #[arg(long, env = "SKEP_GIT_ALLOW_HTTP", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub git_allow_http: Option<String>,
    /// The ACME directory that certificates come from [default: Let's Encrypt]
    #[arg(long, env = "SKEP_ACME_DIRECTORY", value_name = "URL")]
    pub acme_directory: Option<String>,
    /// A root certificate (PEM) of a private ACME directory
    #[arg(long, env = "SKEP_ACME_CA_FILE", value_name = "FILE")]
    pub acme_ca_file: Option<String>,
    /// Where the ACME authority may write to
    #[arg(long, env = "SKEP_ACME_EMAIL", value_name = "ADDRESS")]
    pub acme_email: Option<String>,
    /// The registry that built images go to: `registry.example.org/skep`
    #[arg(long, env = "SKEP_REGISTRY", value_name = "REGISTRY")]
    pub registry: Option<String>,
    /// The engine's socket [default: unix:///var/run/docker.sock]
    #[arg(long, env = "DOCKER_HOST", value_name = "URL")]
    pub docker_host: Option<String>,
    /// Where Traefik reaches this server [default: http://skep:3000]
    #[arg(long, env = "SKEP_EDGE_CALLBACK", value_name = "URL")]
    pub edge_callback: Option<String>,
    /// The port of HTTPS as browsers see it [default: 443]
    #[arg(long, env = "SKEP_HTTPS_PORT", value_name = "PORT")]
    pub https_port: Option<String>,
    /// Releases kept of each app [default: 10]
    #[arg(long, env = "SKEP_KEEP_RELEASES", value_name = "COUNT")]
    pub keep_releases: Option<String>,
    /// Deployments and other work that run at once; builds have a bound of their own [default: 16]
    #[arg(long, env = "SKEP_WORKERS", value_name = "COUNT")]
    pub workers: Option<String>,
    /// Ranges of addresses that networks of apps must not have, a cloud's own network for example: `10.0.0.0/16,...`
    #[arg(long, env = "SKEP_RESERVED_ADDRESSES", value_name = "RANGES")]
    pub reserved_addresses: Option<String>,
    /// Builds that run at once on this server's engine [default: 2]
    #[arg(long, env = "SKEP_BUILDS", value_name = "COUNT")]
    pub builds: Option<String>,
    /// A build is ended after so many seconds [default: 1800]
    #[arg(long, env = "SKEP_BUILD_SECONDS", value_name = "SECONDS")]
    pub build_seconds: Option<String>,
    /// Memory of each process of a build, on Docker 23 and later: `2g` [default: no bound]
    #[arg(long, env = "SKEP_BUILD_MEMORY", value_name = "BYTES")]
    pub build_memory: Option<String>,
    /// CPUs of a build, `1.5`, where the builder holds them (no Docker engine does) [default: no bound]
    #[arg(long, env = "SKEP_BUILD_CPUS", value_name = "CPUS")]
    pub build_cpus: Option<String>,
}

/// A setting that is wrong: its name, the rule and the way out. Never its value if it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `SKEP_LISTEN`
    pub name: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// Everything that a server needs to know to start.
#[derive(Clone)]
pub struct Config {
    /// What the parts work with.
    pub instance: Instance,
    /// Where the database is.
    pub database: Location,
    /// Redis, for hints between replicas.
    pub redis: Option<Secret>,
    /// The engine's socket: `unix:///var/run/docker.sock`.
    pub docker_host: String,
    /// The key for what is kept encrypted; none: it is in the data folder, or made there.
    pub key: Option<[u8; 32]>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("instance", &self.instance).finish_non_exhaustive()
    }
}

impl Config {
    /// One SQLite file, one server: nothing else is needed.
    #[must_use]
    pub const fn embedded(&self) -> bool {
        matches!(self.database, Location::Sqlite(_))
    }

    /// Reads and checks all settings; `variable` gives environment variables. Makes nothing.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn read(options: &Options, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Fault>> {
        let mut r = Reader::new(variable);
        let data =
            r.flag("SKEP_DATA", &options.data).map_or_else(|| PathBuf::from("/var/lib/skep"), PathBuf::from);
        let database = r.text("DATABASE_URL");
        let redis = r.text("REDIS_URL");
        let database = r.check("DATABASE_URL", database, parse::database);
        let redis = r.check("REDIS_URL", redis, parse::redis);
        let cluster = database.is_some();
        if redis.is_some() && !cluster {
            r.fault("REDIS_URL", "is of use only with Postgres: give DATABASE_URL, too");
        }
        let listen = r.flag("SKEP_LISTEN", &options.listen);
        let listen = r.check("SKEP_LISTEN", listen, parse::listen);
        let public_url = r.flag("SKEP_PUBLIC_URL", &options.public_url);
        let public_url = r.check("SKEP_PUBLIC_URL", public_url, parse::public_url);
        let addresses = r.flag("SKEP_PUBLIC_ADDRESS", &options.public_address);
        let addresses = r.check("SKEP_PUBLIC_ADDRESS", addresses, parse::addresses);
        let base_domain = r.flag("SKEP_BASE_DOMAIN", &options.base_domain);
        let base_domain = r.check("SKEP_BASE_DOMAIN", base_domain, parse::host);
        let names = r.flag("SKEP_ADDRESS_NAMES", &options.address_names);
        let names = r.check("SKEP_ADDRESS_NAMES", names, parse::boolean);
        let tcp = r.flag("SKEP_EDGE_TCP_PORTS", &options.edge_tcp_ports);
        let tcp = r.check("SKEP_EDGE_TCP_PORTS", tcp, parse::ports);
        let udp = r.flag("SKEP_EDGE_UDP_PORTS", &options.edge_udp_ports);
        let udp = r.check("SKEP_EDGE_UDP_PORTS", udp, parse::ports);
        let allow = r.flag("SKEP_ALLOW_ADDRESSES", &options.allow_addresses);
        let allow = r.check("SKEP_ALLOW_ADDRESSES", allow, parse::ranges);
        let proxies = r.flag("SKEP_TRUSTED_PROXIES", &options.trusted_proxies);
        let proxies = r.check("SKEP_TRUSTED_PROXIES", proxies, parse::ranges);
        let http = r.flag("SKEP_GIT_ALLOW_HTTP", &options.git_allow_http);
        let http = r.check("SKEP_GIT_ALLOW_HTTP", http, parse::boolean);
        let directory = r.flag("SKEP_ACME_DIRECTORY", &options.acme_directory);
        let directory = r.check("SKEP_ACME_DIRECTORY", directory, parse::directory);
        let acme_ca = r.plain(&options.acme_ca_file).or_else(|| r.variable("SKEP_ACME_CA_FILE"));
        let acme_ca = r.check("SKEP_ACME_CA_FILE", acme_ca, parse::readable);
        let email = r.flag("SKEP_ACME_EMAIL", &options.acme_email);
        let email = r.check("SKEP_ACME_EMAIL", email, |text| {
            Email::parse(text).map(|email| email.to_string()).map_err(|wrong| wrong.message)
        });
        let registry = r.flag("SKEP_REGISTRY", &options.registry);
        let registry = r.check("SKEP_REGISTRY", registry, parse::registry);
        let docker = r.flag("DOCKER_HOST", &options.docker_host);
        let docker = r.check("DOCKER_HOST", docker, parse::docker);
        let callback = r.flag("SKEP_EDGE_CALLBACK", &options.edge_callback);
        let callback = r.check("SKEP_EDGE_CALLBACK", callback, parse::plain_url);
        let https_port = r.flag("SKEP_HTTPS_PORT", &options.https_port);
        let https_port = r.check("SKEP_HTTPS_PORT", https_port, |text| parse::count(text, 1, 65_535));
        let keep = r.flag("SKEP_KEEP_RELEASES", &options.keep_releases);
        let keep = r.check("SKEP_KEEP_RELEASES", keep, |text| parse::count(text, 1, 1000));
        let workers = r.flag("SKEP_WORKERS", &options.workers);
        let workers = r.check("SKEP_WORKERS", workers, |text| parse::count(text, 1, 64));
        let reserved = r.flag("SKEP_RESERVED_ADDRESSES", &options.reserved_addresses);
        let reserved = r.check("SKEP_RESERVED_ADDRESSES", reserved, parse::ranges);
        let builds = r.flag("SKEP_BUILDS", &options.builds);
        let builds = r.check("SKEP_BUILDS", builds, |text| parse::count(text, 1, 64));
        let seconds = r.flag("SKEP_BUILD_SECONDS", &options.build_seconds);
        let seconds = r.check("SKEP_BUILD_SECONDS", seconds, |text| parse::count(text, 10, 86_400));
        let memory = r.flag("SKEP_BUILD_MEMORY", &options.build_memory);
        let memory = r.check("SKEP_BUILD_MEMORY", memory, parse::bytes);
        let cpus = r.flag("SKEP_BUILD_CPUS", &options.build_cpus);
        let cpus = r.check("SKEP_BUILD_CPUS", cpus, parse::cpus);

        let key = r.secret("SKEP_KEY", cluster, "a key of 32 random bytes (hexadecimal)");
        let key = r.check("SKEP_KEY", key, parse::key);
        let edge_token = r.secret("SKEP_EDGE_TOKEN", cluster, "the token that Traefik shows");
        let edge_token = r.check("SKEP_EDGE_TOKEN", edge_token, parse::token);
        let setup_token = r.text("SKEP_SETUP_TOKEN");
        let setup_token = r.check("SKEP_SETUP_TOKEN", setup_token, parse::token);

        let mut fixed = BTreeSet::new();
        for (name, given) in [
            ("domain", public_url.is_some()),
            ("base_domain", base_domain.is_some()),
            ("acme_email", email.is_some()),
            ("acme_directory", directory.is_some()),
        ] {
            if given {
                fixed.insert(name);
            }
        }
        let instance = Instance {
            listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000))),
            public_url,
            base_domain,
            address_names: names.unwrap_or(true),
            edge_tcp_ports: tcp.unwrap_or_default(),
            edge_udp_ports: udp.unwrap_or_default(),
            public_addresses: addresses.unwrap_or_default(),
            allow_addresses: allow.unwrap_or_default(),
            reserved_addresses: reserved.unwrap_or_default(),
            git_allow_http: http.unwrap_or(false),
            acme_directory: directory.unwrap_or_else(|| LETS_ENCRYPT.to_owned()),
            acme_ca,
            acme_email: email,
            edge_token,
            edge_callback: callback.unwrap_or_else(|| "http://skep:3000".to_owned()),
            https_port: https_port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 443),
            registry,
            setup_token,
            keep_releases: keep.unwrap_or(10),
            workers: usize::try_from(workers.unwrap_or(16)).unwrap_or(16),
            builds: usize::try_from(builds.unwrap_or(2)).unwrap_or(2),
            trusted_proxies: proxies.unwrap_or_default(),
            build_seconds: u64::try_from(seconds.unwrap_or(1800)).unwrap_or(1800),
            build_memory: memory,
            build_nano_cpus: cpus,
            fixed,
            data: data.clone(),
        };
        let database = database.unwrap_or_else(|| Location::Sqlite(data.join("skep.db")));
        let config = Self {
            instance,
            database,
            redis,
            docker_host: docker.unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned()),
            key,
        };
        first_start::check(&config, &mut r);
        r.finish(config)
    }
}

#[cfg(test)]
mod tests;
