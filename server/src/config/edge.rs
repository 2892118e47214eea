//! Settings of an edge: of the keeper (`skep edge run`) and of the holder (`skep edge hold`).
//!
//! To add one of Traefik's static file: see `edge/keeper/entry.rs`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use url::Url;

use super::{Fault, parse, reader::Reader};
use crate::{
    domain::secret::Secret,
    edge::keeper::{
        Settings,
        entry::{Entry, Point, ports, trusted},
    },
};

/// The port on loopback where Traefik asks the keeper.
pub const PROVIDER: u16 = 8081;

/// Flags of the entry points, as given. Each can be an environment variable, too.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EntryOptions {
    /// Where plain http is taken [default: :80]
    #[arg(long, env = "SKEP_EDGE_WEB", value_name = "ADDRESS:PORT")]
    pub web: Option<String>,
    /// Where https is taken [default: :443]
    #[arg(long, env = "SKEP_EDGE_WEBSECURE", value_name = "ADDRESS:PORT")]
    pub websecure: Option<String>,
    /// Where ping and metrics are; published nowhere [default: :8082]
    #[arg(long, env = "SKEP_EDGE_INTERNAL", value_name = "ADDRESS:PORT")]
    pub internal: Option<String>,
    /// Ports of entry points for TCP: `5432,6379` become `tcp-5432` and `tcp-6379`
    #[arg(long, env = "SKEP_EDGE_TCP_PORTS", value_name = "PORTS")]
    pub tcp_ports: Option<String>,
    /// Ports of entry points for UDP: `53` becomes `udp-53`
    #[arg(long, env = "SKEP_EDGE_UDP_PORTS", value_name = "PORTS")]
    pub udp_ports: Option<String>,
    /// HTTP/3 beside https, on UDP [default: false]
    #[arg(long, env = "SKEP_EDGE_HTTP3", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub http3: Option<String>,
    /// Proxies whose X-Forwarded-* counts: ranges, and the word `cloudflare`
    #[arg(long, env = "SKEP_EDGE_TRUSTED", value_name = "RANGES")]
    pub trusted: Option<String>,
    /// Balancers whose connections begin with the PROXY protocol: ranges
    #[arg(long, env = "SKEP_EDGE_PROXY_PROTOCOL", value_name = "RANGES")]
    pub proxy_protocol: Option<String>,
    /// Seconds for which an ending Traefik still takes connections while its ping says 503: more than a
    /// balancer in front of it needs to see that [default: 0]
    #[arg(long, env = "SKEP_EDGE_DRAIN_SECONDS", value_name = "SECONDS")]
    pub drain_seconds: Option<String>,
    /// A request must have been read after so many seconds [default: 600]
    #[arg(long, env = "SKEP_EDGE_READ_SECONDS", value_name = "SECONDS")]
    pub read_seconds: Option<String>,
    /// A connection without a request is closed after so many seconds [default: 180]
    #[arg(long, env = "SKEP_EDGE_IDLE_SECONDS", value_name = "SECONDS")]
    pub idle_seconds: Option<String>,
}

/// Flags of `skep edge run`, as given.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct KeeperOptions {
    #[command(flatten)]
    entry: EntryOptions,
    /// Where Skep is; all servers that the names lead to are tried [default: http://skep:3000]
    #[arg(long, env = "SKEP_EDGE_SKEP", value_name = "URLS")]
    pub skep: Option<String>,
    /// This node's name [default: the machine's host name]
    #[arg(long, env = "SKEP_EDGE_NODE", value_name = "NAME")]
    pub node: Option<String>,
    /// Folder for the last good configuration [default: /data]
    #[arg(long, env = "SKEP_EDGE_KEEP", value_name = "DIR")]
    pub keep: Option<String>,
    /// Folder for files of one run [default: /tmp]
    #[arg(long, env = "SKEP_EDGE_WORK", value_name = "DIR")]
    pub work: Option<String>,
    /// Traefik's program [default: /traefik]
    #[arg(long, env = "SKEP_EDGE_TRAEFIK", value_name = "FILE")]
    pub traefik: Option<String>,
    /// Where Traefik asks for its configuration [default: 127.0.0.1:8081]
    #[arg(long, env = "SKEP_EDGE_PROVIDER", value_name = "ADDRESS:PORT")]
    pub provider: Option<String>,
    /// The socket of `skep edge hold`, to take the entry points' sockets from it
    #[arg(long, env = "SKEP_EDGE_HOLD", value_name = "FILE")]
    pub hold: Option<String>,
    /// A database of countries (MMDB with `country.iso_code`), to count visitors by them [default: none]
    #[arg(long, env = "SKEP_EDGE_COUNTRIES", value_name = "FILE")]
    pub countries: Option<String>,
}

/// Reads and checks how Traefik is started.
///
/// # Errors
/// Every fault at once.
pub fn entry(options: &EntryOptions, variable: &dyn Fn(&str) -> Option<String>) -> Result<Entry, Vec<Fault>> {
    let mut r = Reader::new(variable);
    let entry = read(options, &mut r);
    r.finish(entry)
}

/// Reads and checks all settings of a keeper.
///
/// # Errors
/// Every fault at once.
pub fn keeper(
    options: &KeeperOptions,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Vec<Fault>> {
    let mut r = Reader::new(variable);
    let entry = read(&options.entry, &mut r);
    let skep = r.flag("SKEP_EDGE_SKEP", &options.skep).unwrap_or_else(|| "http://skep:3000".to_owned());
    let skep = r.check("SKEP_EDGE_SKEP", Some(skep), servers);
    let provider = r.flag("SKEP_EDGE_PROVIDER", &options.provider);
    let provider = r.check("SKEP_EDGE_PROVIDER", provider, loopback);
    let path = |r: &mut Reader<'_>, name, given: &Option<String>, usual: &str| {
        PathBuf::from(r.flag(name, given).unwrap_or_else(|| usual.to_owned()))
    };
    let settings = Settings {
        skep: skep.unwrap_or_default(),
        node: r.flag("SKEP_EDGE_NODE", &options.node).unwrap_or_else(host_name),
        keep: path(&mut r, "SKEP_EDGE_KEEP", &options.keep, "/data"),
        work: path(&mut r, "SKEP_EDGE_WORK", &options.work, "/tmp"),
        traefik: path(&mut r, "SKEP_EDGE_TRAEFIK", &options.traefik, "/traefik"),
        provider: provider.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, PROVIDER))),
        hold: r.flag("SKEP_EDGE_HOLD", &options.hold).map(PathBuf::from),
        countries: r.flag("SKEP_EDGE_COUNTRIES", &options.countries).map(PathBuf::from),
        token: {
            let given = r.secret("SKEP_EDGE_TOKEN", true, "the token that Skep knows the edge by");
            r.check("SKEP_EDGE_TOKEN", given, parse::token).unwrap_or_else(|| Secret::new(""))
        },
        entry,
    };
    r.finish(settings)
}

fn read(options: &EntryOptions, r: &mut Reader<'_>) -> Entry {
    let usual = Entry::default();
    let mut point = |name, given: &Option<String>, usual| {
        let given = r.flag(name, given);
        r.check(name, given, Point::parse).unwrap_or(usual)
    };
    let web = point("SKEP_EDGE_WEB", &options.web, usual.web);
    let websecure = point("SKEP_EDGE_WEBSECURE", &options.websecure, usual.websecure);
    let internal = point("SKEP_EDGE_INTERNAL", &options.internal, usual.internal);
    let mut all = |name, given: &Option<String>| {
        let given = r.flag(name, given);
        r.check(name, given, ports).unwrap_or_default()
    };
    let (tcp, udp) =
        (all("SKEP_EDGE_TCP_PORTS", &options.tcp_ports), all("SKEP_EDGE_UDP_PORTS", &options.udp_ports));
    let mut ranges = |name, given: &Option<String>| {
        let given = r.flag(name, given);
        r.check(name, given, trusted).unwrap_or_default()
    };
    let trusted = ranges("SKEP_EDGE_TRUSTED", &options.trusted);
    let proxy_protocol = ranges("SKEP_EDGE_PROXY_PROTOCOL", &options.proxy_protocol);
    let http3 = r.flag("SKEP_EDGE_HTTP3", &options.http3);
    let http3 = r.check("SKEP_EDGE_HTTP3", http3, parse::boolean).unwrap_or(false);
    let mut seconds = |name, given: &Option<String>, least, most, usual| {
        let given = r.flag(name, given);
        let checked = r.check(name, given, |text| parse::count(text, least, most));
        checked.and_then(|seconds| u64::try_from(seconds).ok()).map_or(usual, Duration::from_secs)
    };
    let drain = seconds("SKEP_EDGE_DRAIN_SECONDS", &options.drain_seconds, 0, 300, usual.drain);
    let read = seconds("SKEP_EDGE_READ_SECONDS", &options.read_seconds, 1, 86_400, usual.read);
    let idle = seconds("SKEP_EDGE_IDLE_SECONDS", &options.idle_seconds, 1, 3600, usual.idle);
    Entry { web, websecure, internal, tcp, udp, http3, trusted, proxy_protocol, drain, read, idle }
}

/// Plain http alone: the way is the private network between Skep's servers and its edges.
fn servers(text: &str) -> Result<Vec<Url>, String> {
    let rule = "must be `http://host:port`, several separated by commas: `http://skep:3000`";
    let urls: Result<Vec<Url>, String> = text
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| parse::public_url(part).map_err(|_| rule.to_owned()))
        .collect();
    let urls = urls?;
    if urls.is_empty() || urls.iter().any(|url| url.scheme() != "http") {
        Err(rule.to_owned())
    } else {
        Ok(urls)
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    match text.parse::<SocketAddr>() {
        Ok(at) if at.ip().is_loopback() => Ok(at),
        _ => Err(
            "must be an address of loopback with a port, as private keys are read there: `127.0.0.1:8081`"
                .to_owned(),
        ),
    }
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, Vec<Fault>> {
        let variable =
            |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        keeper(&KeeperOptions::default(), &variable)
    }

    const TOKEN: (&str, &str) = ("SKEP_EDGE_TOKEN", "a-token-that-is-long-enough");

    #[test]
    fn a_token_is_enough() {
        let settings = with(&[TOKEN]).unwrap();
        assert_eq!(settings.entry, Entry::default());
        assert_eq!(settings.skep[0].as_str(), "http://skep:3000/");
        assert!(with(&[]).is_err());
    }

    #[test]
    fn every_fault_is_told_at_once_by_its_name() {
        let wrong = [
            ("SKEP_EDGE_WEB", "80"),
            ("SKEP_EDGE_TCP_PORTS", "443"),
            ("SKEP_EDGE_TRUSTED", "0.0.0.0/0"),
            ("SKEP_EDGE_PROXY_PROTOCOL", "nginx"),
            ("SKEP_EDGE_HTTP3", "perhaps"),
            ("SKEP_EDGE_DRAIN_SECONDS", "-1"),
            ("SKEP_EDGE_PROVIDER", "0.0.0.0:8081"),
            ("SKEP_EDGE_SKEP", "https://skep.example.org"),
        ];
        let faults = with(&[&[TOKEN], &wrong[..]].concat()).unwrap_err();
        let names: std::collections::BTreeSet<_> = faults.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names, wrong.map(|(name, _)| name).into());
    }
}
