//! The grammar of each kind of setting. The answer to a wrong one says the rule, with an example.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use crate::{
    db::Location,
    domain::{domain_name::Hostname, name::ImageRef, outbound::Cidr, secret::Secret},
};

type Parsed<T> = Result<T, String>;

/// What people leave in a file when they mean to fill it in later.
const PLACEHOLDERS: [&str; 8] =
    ["changeme", "change-me", "change_me", "replace-me", "replaceme", "default", "secret", "example"];

pub(super) fn listen(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| "must be an address with a port: `127.0.0.1:3000`, `[::]:3000`".to_owned())
}

pub(super) fn database(text: &str) -> Parsed<Location> {
    let rule = "must be `postgres://user:password@host/database`; leave it out for SQLite";
    let url = Url::parse(text).map_err(|_| rule.to_owned())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(rule.to_owned());
    }
    if url.password().is_some_and(is_placeholder) {
        return Err("its password is a placeholder: set one of your own".to_owned());
    }
    Ok(Location::Postgres(Secret::new(text)))
}

pub(super) fn redis(text: &str) -> Parsed<Secret> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "redis" | "rediss" | "unix" | "redis+unix") => {
            Ok(Secret::new(text))
        }
        _ => Err("must be `redis://host:6379/0`".to_owned()),
    }
}

pub(super) fn public_url(text: &str) -> Parsed<Url> {
    let rule = "must be only scheme and host: `https://skep.example.org`";
    let url = Url::parse(text).map_err(|_| rule.to_owned())?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if bare { Ok(url) } else { Err(rule.to_owned()) }
}

pub(super) fn plain_url(text: &str) -> Parsed<String> {
    public_url(text).map(|url| url.as_str().trim_end_matches('/').to_owned())
}

/// An ACME directory (RFC 8555, 7.1.1): https only.
pub(super) fn directory(text: &str) -> Parsed<String> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.has_host() && url.password().is_none() => {
            Ok(text.to_owned())
        }
        _ => Err("must be an https URL: `https://acme-v02.api.letsencrypt.org/directory`".to_owned()),
    }
}

pub(super) fn addresses(text: &str) -> Parsed<Vec<IpAddr>> {
    parts(text)
        .map(|part| {
            part.parse()
                .map_err(|_| "must be addresses separated by commas: `203.0.113.7,2001:db8::7`".to_owned())
        })
        .collect()
}

/// Public ports that an app may have: not those of the edge itself, nor of Swarm.
pub(super) fn ports(text: &str) -> Parsed<Vec<u16>> {
    const OURS: [u16; 8] = [22, 80, 443, 2375, 2376, 2377, 4789, 7946];
    let port = |part: &str| part.parse().ok().filter(|port| *port > 0 && !OURS.contains(port));
    let rule = "must be ports separated by commas, without 22, 80, 443 and those of Swarm: `5432,6379`";
    let mut all: Vec<u16> =
        parts(text).map(|part| port(part).ok_or(rule.to_owned())).collect::<Result<_, _>>()?;
    all.sort_unstable();
    all.dedup();
    if all.len() > 100 { Err("must be at most 100 ports".to_owned()) } else { Ok(all) }
}

pub(super) fn ranges(text: &str) -> Parsed<Vec<String>> {
    parts(text)
        .map(|part| Cidr::parse(part).map(|_| part.to_owned()).map_err(|wrong| wrong.message))
        .collect()
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty())
}

pub(super) fn host(text: &str) -> Parsed<String> {
    let text = text.strip_prefix("*.").unwrap_or(text);
    Hostname::parse(text).map(|host| host.to_string()).map_err(|wrong| wrong.message)
}

pub(super) fn boolean(text: &str) -> Parsed<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be `true` or `false`".to_owned()),
    }
}

pub(super) fn count(text: &str, least: i64, most: i64) -> Parsed<i64> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("must be a number from {least} to {most}")),
    }
}

pub(super) fn bytes(text: &str) -> Parsed<i64> {
    let rule = || "must be a size like `512m` or `2g`, at least 64m".to_owned();
    let lower = text.to_ascii_lowercase();
    let (digits, unit) = lower.split_at(lower.find(|c: char| !c.is_ascii_digit()).unwrap_or(lower.len()));
    let shift = match unit.trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return Err(rule()),
    };
    let number: i64 = digits.parse().map_err(|_| rule())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes >= 64 << 20).ok_or_else(rule)
}

pub(super) fn cpus(text: &str) -> Parsed<i64> {
    let rule = || "must be a number of CPUs like `1.5`, from 0.01 to 1024".to_owned();
    let cpus: f64 = text.parse().map_err(|_| rule())?;
    if !(0.01..=1024.0).contains(&cpus) {
        return Err(rule());
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is within 1024 * 10^9")]
    let nanos = (cpus * 1e9).round() as i64;
    Ok(nanos)
}

pub(super) fn registry(text: &str) -> Parsed<String> {
    let rule = || "must be a registry with a path: `registry.example.org/skep`".to_owned();
    let text = text.trim_end_matches('/');
    let host = text.split('/').next().unwrap_or_default();
    if !(host.contains(['.', ':']) || host == "localhost") || !text.contains('/') || text.contains('@') {
        return Err(rule());
    }
    ImageRef::parse(&format!("{text}/app:tag")).map(|_| text.to_owned()).map_err(|_| rule())
}

pub(super) fn docker(text: &str) -> Parsed<String> {
    match text.strip_prefix("unix://") {
        Some(path) if path.starts_with('/') => Ok(text.to_owned()),
        _ => Err("must be a socket on this machine: `unix:///var/run/docker.sock`; \
                  an engine on the network is root for whoever reaches it"
            .to_owned()),
    }
}

pub(super) fn readable(text: &str) -> Parsed<PathBuf> {
    let path = PathBuf::from(text);
    match std::fs::File::open(&path) {
        Ok(_) => Ok(path),
        Err(error) => Err(format!("{text} cannot be read: {error}")),
    }
}

/// 32 bytes as 64 hexadecimal digits, or in base64.
pub(super) fn key(text: &str) -> Parsed<[u8; 32]> {
    let bytes = hex::decode(text).ok().or_else(|| STANDARD.decode(text).ok());
    let key: [u8; 32] = bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        "must be 32 bytes as 64 hexadecimal digits, as `openssl rand -hex 32` gives them".to_owned()
    })?;
    let first = key[0];
    if key.iter().all(|byte| *byte == first) {
        return Err("is no random key: make one, as with `openssl rand -hex 32`".to_owned());
    }
    Ok(key)
}

/// A token that is compared as a whole.
pub(super) fn token(text: &str) -> Parsed<Secret> {
    if is_placeholder(text) {
        return Err("is a placeholder: make a random one, as with `openssl rand -hex 32`".to_owned());
    }
    if text.len() < 16 || text.len() > 512 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(
            "must be 16 to 512 visible ASCII characters, as `openssl rand -hex 32` gives them".to_owned()
        );
    }
    Ok(Secret::new(text))
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    PLACEHOLDERS
        .iter()
        .any(|word| lower == *word || (lower.starts_with(word) && lower.len() < word.len() + 4))
}
