//! The kinds of DNS providers, and what each needs beside its credentials; nothing here is secret.

use serde::{Deserialize, Serialize};

use crate::domain::{
    fault::{Fault, Wrong},
    name::HostPort,
    store::{Login, StoreAddress},
};

/// How the messages of a dynamic update are signed (RFC 8945).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[default]
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
}

/// A kind with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DnsSettings)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Settings {
    /// Cloudflare. The login is an API token that may edit the zones' DNS.
    Cloudflare {
        /// Where it answers; its own address if empty.
        #[serde(default)]
        address: String,
    },
    /// AWS Route 53. The login is an access key with its secret.
    Route53 {
        /// Where it answers; its own address if empty.
        #[serde(default)]
        address: String,
    },
    /// DigitalOcean. The login is a token that may write domains.
    Digitalocean {
        /// Where it answers; its own address if empty.
        #[serde(default)]
        address: String,
    },
    /// Hetzner's DNS in its cloud console. The login is an API token of the project.
    Hetzner {
        /// Where it answers; its own address if empty.
        #[serde(default)]
        address: String,
    },
    /// deSEC. The login is a token.
    Desec {
        /// Where it answers; its own address if empty.
        #[serde(default)]
        address: String,
    },
    /// A name server that takes dynamic updates: BIND, Knot, PowerDNS. The login is the name of a TSIG
    /// key and its secret in base64.
    Rfc2136 {
        /// The primary server: a host, perhaps with a port; 53 without.
        server: String,
        /// How messages are signed.
        #[serde(default)]
        #[schema(inline)]
        algorithm: Algorithm,
    },
    /// acme-dns. The login is the username and password of its registration; `_acme-challenge` of each
    /// zone is an alias (CNAME) of the registration's name.
    AcmeDns {
        /// Where it answers.
        address: String,
        /// The registration's subdomain.
        subdomain: String,
    },
}

/// Where a provider is asked, which decides who is sent its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// By http.
    Http(StoreAddress),
    /// By DNS itself.
    Server(HostPort),
}

impl Settings {
    /// The kind's name in API, command line and forms.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cloudflare { .. } => "cloudflare",
            Self::Route53 { .. } => "route53",
            Self::Digitalocean { .. } => "digitalocean",
            Self::Hetzner { .. } => "hetzner",
            Self::Desec { .. } => "desec",
            Self::Rfc2136 { .. } => "rfc2136",
            Self::AcmeDns { .. } => "acme_dns",
        }
    }

    /// Where it is asked: what was given, or the address that this kind has everywhere.
    ///
    /// # Errors
    /// A fault at `settings.address` or `settings.server`.
    pub fn endpoint(&self) -> Result<Endpoint, Fault> {
        let (given, own) = match self {
            Self::Cloudflare { address } => (address, "https://api.cloudflare.com/client/v4"),
            Self::Route53 { address } => (address, "https://route53.amazonaws.com"),
            Self::Digitalocean { address } => (address, "https://api.digitalocean.com"),
            Self::Hetzner { address } => (address, "https://api.hetzner.cloud"),
            Self::Desec { address } => (address, "https://desec.io"),
            Self::AcmeDns { address, .. } => (address, ""),
            Self::Rfc2136 { server, .. } => {
                let server = HostPort::parse(server.trim()).map_err(|wrong| wrong.at("settings.server"))?;
                return Ok(Endpoint::Server(server));
            }
        };
        let address = if given.trim().is_empty() { own } else { given.trim() };
        StoreAddress::parse(address).map(Endpoint::Http).map_err(|wrong| wrong.at("settings.address"))
    }

    /// Everything that does not fit the kind, with the field it is in.
    #[must_use]
    pub fn faults(&self, login: &Login) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.endpoint().err().into_iter().collect();
        let named = !login.id.is_empty();
        match self {
            Self::Route53 { .. } if !named => {
                faults.push(Wrong::new("must be the id of the access key").at("login.id"));
            }
            Self::Rfc2136 { .. } => {
                let label = |label: &str| {
                    (1..=63).contains(&label.len())
                        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
                };
                let name = login.id.strip_suffix('.').unwrap_or(&login.id);
                if !name.split('.').all(label) {
                    let rule = "must be the name of the TSIG key, as the name server has it";
                    faults.push(Wrong::new(rule).at("login.id"));
                }
                use base64::{Engine as _, engine::general_purpose::STANDARD};
                if STANDARD.decode(login.secret.expose()).is_ok_and(|key| key.len() >= 16) {
                    return faults;
                }
                let rule = "must be the secret of the TSIG key in base64, at least 16 bytes";
                faults.push(Wrong::new(rule).at("login.secret"));
            }
            Self::AcmeDns { subdomain, .. } => {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
                if !(1..=63).contains(&subdomain.len()) || !subdomain.bytes().all(plain) {
                    let rule = "must be the subdomain that acme-dns gave at the registration";
                    faults.push(Wrong::new(rule).at("settings.subdomain"));
                }
                if !named {
                    let rule = "must be the username that acme-dns gave at the registration";
                    faults.push(Wrong::new(rule).at("login.id"));
                }
            }
            Self::Cloudflare { .. }
            | Self::Digitalocean { .. }
            | Self::Hetzner { .. }
            | Self::Desec { .. }
                if named =>
            {
                faults.push(Wrong::new("must be empty: this kind takes a token alone").at("login.id"));
            }
            _ => {}
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(settings: &str, id: &str, secret: &str) -> Vec<String> {
        let settings: Settings = serde_json::from_str(settings).unwrap();
        let faults = settings.faults(&Login::new(id, secret).unwrap());
        faults.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn each_kind_says_what_it_lacks() {
        assert!(faults(r#"{"kind": "cloudflare"}"#, "", "t").is_empty());
        assert_eq!(faults(r#"{"kind": "cloudflare", "address": "ftp://x"}"#, "", "t"), ["settings.address"]);
        assert_eq!(faults(r#"{"kind": "hetzner"}"#, "me", "t"), ["login.id"]);
        assert_eq!(faults(r#"{"kind": "route53"}"#, "", "t"), ["login.id"]);
        let server = r#"{"kind": "rfc2136", "server": "ns.example.org"}"#;
        assert!(faults(server, "key.example.org.", "AAAAAAAAAAAAAAAAAAAAAA==").is_empty());
        assert_eq!(faults(server, "a!key", "AAAA"), ["login.id", "login.secret"]);
        assert_eq!(faults(r#"{"kind": "rfc2136", "server": "a b"}"#, "k", "x").len(), 2);
        assert_eq!(
            faults(r#"{"kind": "acme_dns", "address": "", "subdomain": "a.b"}"#, "", "x"),
            ["settings.address", "settings.subdomain", "login.id"]
        );
        assert!(serde_json::from_str::<Settings>(r#"{"kind": "desec", "token": "x"}"#).is_err());
    }
}
