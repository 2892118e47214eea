//! The static file that Traefik is started with: `deploy/traefik/traefik.yml`, which is part of the
//! program, and over it what the settings of this install say. The one place that checks them.
//!
//! To add a setting: a field in [`Entry`], its check, its place in [`file`], its line in
//! `config/edge.rs`, and a test.

use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use serde_yaml::{Mapping, Value};

use super::Settings;
use crate::{
    domain::outbound::Cidr,
    edge::{INTERNAL, WEB, WEBSECURE},
};

/// What all installs share.
const SHARED: &str = include_str!("../../../../deploy/traefik/traefik.yml");
/// The addresses of Cloudflare's proxies.
const CLOUDFLARE: &str = include_str!("../../../../deploy/traefik/cloudflare.txt");
/// The word for them.
const CLOUDFLARE_WORD: &str = "cloudflare";
/// Ports of an edge that are its own.
const OURS: [u16; 4] = [80, 443, 8081, 8082];
/// Entry points beside 80 and 443, of one kind.
const MOST_PORTS: usize = 100;

/// Where an entry point listens: `:80` for all addresses, or `127.0.0.1:8480`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    ip: Option<IpAddr>,
    port: u16,
}

impl Point {
    /// All addresses of the machine.
    #[must_use]
    pub const fn any(port: u16) -> Self {
        Self { ip: None, port }
    }

    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rule = "must be a port or an address with a port: `:80`, `127.0.0.1:8480`";
        let point = match text.strip_prefix(':') {
            Some(port) => port.parse().map(Self::any).map_err(|_| rule)?,
            None => {
                let at: SocketAddr = text.parse().map_err(|_| rule)?;
                Self { ip: Some(at.ip()), port: at.port() }
            }
        };
        if point.port == 0 { Err(rule.to_owned()) } else { Ok(point) }
    }

    /// The addresses to open, the first that works.
    pub(super) fn choices(self) -> Vec<SocketAddr> {
        let ips = match self.ip {
            Some(ip) => vec![ip],
            // Takes IPv4, too; a kernel without IPv6 has only the second.
            None => vec![IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::UNSPECIFIED)],
        };
        ips.into_iter().map(|ip| SocketAddr::new(ip, self.port)).collect()
    }

    /// Where a program on the same machine reaches it.
    #[must_use]
    pub fn here(self) -> SocketAddr {
        let ip = self.ip.filter(|ip| !ip.is_unspecified()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        SocketAddr::new(ip, self.port)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip {
            Some(ip) => SocketAddr::new(ip, self.port).fmt(f),
            None => write!(f, ":{}", self.port),
        }
    }
}

/// How Traefik is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Plain http.
    pub web: Point,
    /// HTTPS.
    pub websecure: Point,
    /// Ping, metrics and the version that is served; published nowhere.
    pub internal: Point,
    /// Ports of the entry points `tcp-<port>`.
    pub tcp: Vec<u16>,
    /// Ports of the entry points `udp-<port>`.
    pub udp: Vec<u16>,
    /// HTTP/3 beside HTTPS.
    pub http3: bool,
    /// Proxies whose `X-Forwarded-*` count.
    pub trusted: Vec<String>,
    /// Balancers whose connections begin with the PROXY protocol.
    pub proxy_protocol: Vec<String>,
    /// At the end, so long connections are still taken while ping says 503: time for a balancer to see it.
    pub drain: Duration,
    /// A request must have been read by then.
    pub read: Duration,
    /// A connection without a request is closed after this.
    pub idle: Duration,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            web: Point::any(80),
            websecure: Point::any(443),
            internal: Point::any(8082),
            tcp: Vec::new(),
            udp: Vec::new(),
            http3: false,
            trusted: Vec::new(),
            proxy_protocol: Vec::new(),
            drain: Duration::ZERO,
            read: Duration::from_secs(600),
            idle: Duration::from_secs(180),
        }
    }
}

impl Entry {
    /// Where the keeper asks Traefik.
    #[must_use]
    pub fn internal_here(&self) -> SocketAddr {
        self.internal.here()
    }

    /// The public entry points over TCP, by name.
    pub(super) fn tcp_points(&self) -> Vec<(String, Point)> {
        let more = self.tcp.iter().map(|port| (format!("tcp-{port}"), Point::any(*port)));
        [(WEB.to_owned(), self.web), (WEBSECURE.to_owned(), self.websecure)].into_iter().chain(more).collect()
    }

    /// Those over UDP.
    pub(super) fn udp_points(&self) -> Vec<(String, Point)> {
        self.udp.iter().map(|port| (format!("udp-{port}"), Point::any(*port))).collect()
    }
}

/// Reads ports, separated by commas or blanks.
///
/// # Errors
/// The rule that was broken.
pub fn ports(text: &str) -> Result<Vec<u16>, String> {
    let rule = || "must be ports from 1 to 65535 separated by commas: `5432,6379`".to_owned();
    let mut all = BTreeSet::new();
    for part in parts(text) {
        let port: u16 = part.parse().ok().filter(|port| *port > 0).ok_or_else(rule)?;
        if OURS.contains(&port) {
            return Err(format!("{port} is a port of the edge itself: choose another one"));
        }
        if !all.insert(port) {
            return Err(format!("{port} is there twice: take one away"));
        }
    }
    if all.len() > MOST_PORTS {
        return Err(format!("at most {MOST_PORTS} ports can be opened"));
    }
    Ok(all.into_iter().collect())
}

/// Reads addresses to trust: ranges, and the word `cloudflare` for those that Cloudflare publishes.
///
/// # Errors
/// The rule that was broken.
pub fn trusted(text: &str) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for part in parts(text) {
        if part == CLOUDFLARE_WORD {
            all.extend(CLOUDFLARE.lines().filter(|line| !line.starts_with('#')).map(str::to_owned));
            continue;
        }
        let range = Cidr::parse(part).map_err(|_| {
            format!("`{part}` must be an address range like `10.1.0.0/16`, or the word `{CLOUDFLARE_WORD}`")
        })?;
        if range.contains(Ipv4Addr::UNSPECIFIED.into()) || range.contains(Ipv6Addr::UNSPECIFIED.into()) {
            return Err(format!("`{part}` trusts everybody: name the addresses of your proxies"));
        }
        all.push(part.to_owned());
    }
    Ok(all)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty())
}

/// Writes the file where Traefik is to find it.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(settings: &Settings) -> Result<(), String> {
    let path = settings.file();
    let text = file(&settings.entry, settings.provider, &settings.access_log())?;
    std::fs::write(&path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// The file's text.
///
/// # Errors
/// What all installs share is broken; a test sees to it.
pub fn file(entry: &Entry, provider: SocketAddr, access_log: &Path) -> Result<String, String> {
    let broken = |error: serde_yaml::Error| format!("the static file that is part of this program: {error}");
    let mut all: Value = serde_yaml::from_str(SHARED).map_err(broken)?;
    let mut points = Mapping::new();
    for (name, at) in entry.tcp_points().into_iter().chain([(INTERNAL.to_owned(), entry.internal)]) {
        let mut point = all["entryPoints"].get(&name).cloned().unwrap_or_else(|| Mapping::new().into());
        point["address"] = at.to_string().into();
        if name != INTERNAL {
            open(&mut point, entry, &name);
        }
        points.insert(name.into(), point);
    }
    for (name, at) in entry.udp_points() {
        let mut point = Mapping::new();
        point.insert("address".into(), format!("{at}/udp").into());
        points.insert(name.into(), point.into());
    }
    all["entryPoints"] = points.into();
    all["providers"]["http"]["endpoint"] = format!("http://{provider}/edge/traefik").into();
    all["accessLog"]["filePath"] = access_log.display().to_string().into();
    all["accessLog"]["bufferingSize"] = 1000.into();
    serde_yaml::to_string(&all).map_err(broken)
}

/// What an entry point gets that others may reach.
fn open(point: &mut Value, entry: &Entry, name: &str) {
    let ranges = |ranges: &[String]| Value::from(ranges.to_vec());
    if !entry.proxy_protocol.is_empty() {
        point["proxyProtocol"] = one("trustedIPs", ranges(&entry.proxy_protocol));
    }
    let seconds = |span: Duration| Value::from(format!("{}s", span.as_secs()));
    if name != WEB && name != WEBSECURE {
        return;
    }
    if !entry.trusted.is_empty() {
        point["forwardedHeaders"] = one("trustedIPs", ranges(&entry.trusted));
    }
    point["transport"]["respondingTimeouts"]["readTimeout"] = seconds(entry.read);
    point["transport"]["respondingTimeouts"]["idleTimeout"] = seconds(entry.idle);
    point["transport"]["lifeCycle"]["requestAcceptGraceTimeout"] = seconds(entry.drain);
    if name == WEBSECURE && entry.http3 {
        point["http3"] = one("advertisedPort", 443.into());
    }
}

fn one(key: &str, value: Value) -> Value {
    Mapping::from_iter([(Value::from(key), value)]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(entry: &Entry) -> Value {
        let text = file(entry, "127.0.0.1:9".parse().unwrap(), Path::new("/tmp/access")).unwrap();
        serde_yaml::from_str(&text).unwrap()
    }

    #[test]
    fn without_settings_it_is_the_shipped_file() {
        let all = made(&Entry::default());
        assert_eq!(all["entryPoints"]["web"]["address"], ":80");
        assert_eq!(all["entryPoints"]["web"]["http"]["aliasHeadersStrategy"], "delete");
        assert_eq!(all["entryPoints"]["websecure"]["http"]["sanitizePath"], true);
        assert!(all["entryPoints"]["web"].get("forwardedHeaders").is_none(), "nobody is trusted");
        assert!(all["entryPoints"]["web"].get("proxyProtocol").is_none());
        assert!(all["entryPoints"]["websecure"].get("http3").is_none());
        assert_eq!(all["providers"]["http"]["endpoint"], "http://127.0.0.1:9/edge/traefik");
        assert_eq!(all["accessLog"]["filePath"], "/tmp/access");
        assert_eq!(all["ping"]["entryPoint"], "internal");
        let held = all["providers"]["http"]["pollTimeout"].as_str().unwrap().trim_end_matches('s');
        assert!(
            held.parse::<u64>().unwrap() >= super::super::HOLD.as_secs() + 5,
            "a held poll is not given up"
        );
    }

    #[test]
    fn settings_have_their_place() {
        let entry = Entry {
            web: Point::parse("127.0.0.1:8480").unwrap(),
            tcp: ports("5432, 6379").unwrap(),
            udp: ports("53").unwrap(),
            http3: true,
            trusted: trusted("cloudflare,10.0.0.0/8").unwrap(),
            proxy_protocol: trusted("10.1.0.7").unwrap(),
            drain: Duration::from_secs(12),
            ..Entry::default()
        };
        let all = made(&entry);
        let points = &all["entryPoints"];
        assert_eq!(points["web"]["address"], "127.0.0.1:8480");
        assert_eq!(
            (&points["tcp-5432"]["address"], &points["udp-53"]["address"]),
            (&":5432".into(), &":53/udp".into())
        );
        assert_eq!(points["websecure"]["http3"]["advertisedPort"], 443);
        assert_eq!(points["web"]["transport"]["lifeCycle"]["requestAcceptGraceTimeout"], "12s");
        let ranges = points["web"]["forwardedHeaders"]["trustedIPs"].as_sequence().unwrap();
        assert!(
            ranges.contains(&"173.245.48.0/20".into()) && ranges.contains(&"10.0.0.0/8".into()),
            "{ranges:?}"
        );
        for name in ["web", "websecure", "tcp-5432"] {
            assert_eq!(points[name]["proxyProtocol"]["trustedIPs"][0], "10.1.0.7", "{name}");
        }
        assert!(points["internal"].get("proxyProtocol").is_none(), "the keeper asks there");
    }

    #[test]
    fn bad_settings_are_refused_with_the_rule() {
        for bad in ["0", "65536", "x", "80", "5432,5432", "8082"] {
            assert!(ports(bad).is_err(), "{bad}");
        }
        for bad in ["0.0.0.0/0", "::/0", "example.org", "Cloudflare", "10.0.0.0/33"] {
            assert!(trusted(bad).is_err(), "{bad}");
        }
        for bad in ["80", ":0", "localhost:80", ""] {
            assert!(Point::parse(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (1000..1101).map(|port: u16| port.to_string()).collect();
        assert!(ports(&many.join(",")).is_err());
    }

    #[test]
    fn cloudflares_ranges_are_ranges() {
        let all = trusted(CLOUDFLARE_WORD).unwrap();
        assert!(all.len() > 15 && all.iter().all(|range| Cidr::parse(range).is_ok()), "{all:?}");
    }
}
