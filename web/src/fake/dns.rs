//! DNS providers, proved domains, and certificates of one's own.

use super::{Fake, Mood};
use crate::api::{
    Dns, DnsProviderView, DnsView, Error, Fault, NewDnsProvider, OwnCertificate, ProvedDomain, Result,
    Secret, Time,
};

const DAY: i64 = 86_400_000;

#[async_trait::async_trait]
impl Dns for Fake {
    async fn dns(&self) -> Result<DnsView> {
        self.up()?;
        let provider = |id: &str, kind: &str, zones: &[&str], place: &str| DnsProviderView {
            id: id.into(),
            name: id.into(),
            kind: kind.into(),
            zones: zones.iter().map(|&zone| zone.to_owned()).collect(),
            place_name: place.into(),
            created_at: Time(self.now.0 - 9 * DAY),
        };
        let proof = |id: &str, domain: &str, days: Option<i64>| ProvedDomain {
            id: id.into(),
            domain: domain.into(),
            record: format!("_skep-challenge.{domain}"),
            value: "kTq0l8p2s5w1v7x4y9z3a6b0c2d5e8f1g4h7j0k3m6n".into(),
            verified_at: days.map(|days| Time(self.now.0 - days * DAY)),
        };
        let certificate = OwnCertificate {
            id: "own".into(),
            names: vec!["*.shop.example.org".into(), "shop.example.org".into()],
            issuer: "CN=Example CA".into(),
            expires_at: Time(self.now.0 + 40 * DAY),
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let places = vec![pair("team", "the whole team"), pair("environment:e2", "shop / staging")];
        if self.mood == Mood::Empty {
            let (providers, domains, certificates) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(DnsView { providers, domains, certificates, places, authority: None });
        }
        Ok(DnsView {
            providers: vec![
                provider("cloudflare", "cloudflare", &["example.org"], "the whole team"),
                provider("ns1", "rfc2136", &["example.com", "example.net"], "shop / staging"),
            ],
            domains: vec![proof("d1", "example.org", Some(3)), proof("d2", "example.net", None)],
            certificates: vec![certificate],
            places,
            authority: Some("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".into()),
        })
    }

    async fn create_dns_provider(&self, new: NewDnsProvider) -> Result<()> {
        self.up()?;
        super::check_name("name", &new.name)?;
        let mut faults = Vec::new();
        if new.zones.is_empty() {
            faults.push(Fault::new("zones", "must be 1 to 50 zones, as the provider calls them"));
        }
        if new.login_secret.is_empty() {
            faults.push(Fault::new("login.secret", "must be 1 to 8192 visible ASCII characters"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    async fn change_dns_provider(&self, id: &str, _: &str, _: &str, _: Secret) -> Result<()> {
        self.delete_dns_provider(id).await
    }

    async fn test_dns_provider(&self, id: &str) -> Result<Option<String>> {
        self.up()?;
        Ok((id != "cloudflare").then(|| "DNS provider ns1: it refuses (BADKEY)".to_owned()))
    }

    async fn delete_dns_provider(&self, id: &str) -> Result<()> {
        self.up()?;
        if matches!(id, "cloudflare" | "ns1") { Ok(()) } else { Err(Error::NotFound) }
    }

    async fn claim_domain(&self, domain: &str) -> Result<()> {
        self.up()?;
        let named = domain.contains('.');
        if named { Ok(()) } else { Err(Error::invalid("domain", "must be a public host name with a domain")) }
    }

    async fn verify_domain(&self, id: &str) -> Result<()> {
        self.up()?;
        let found = id == "d1";
        if found { Ok(()) } else { Err(Error::invalid("domain", "put a TXT record first")) }
    }

    async fn release_domain(&self, id: &str) -> Result<()> {
        self.up()?;
        if matches!(id, "d1" | "d2") { Ok(()) } else { Err(Error::NotFound) }
    }

    async fn upload_certificate(&self, chain: &str, key: Secret) -> Result<Vec<String>> {
        self.up()?;
        if !chain.contains("BEGIN CERTIFICATE") {
            return Err(Error::invalid("chain", "must be a chain of X.509 certificates in PEM"));
        }
        if key.is_empty() {
            return Err(Error::invalid("key", "must be one private key in PEM"));
        }
        Ok(Vec::new())
    }

    async fn remove_own_certificate(&self, id: &str) -> Result<()> {
        self.up()?;
        if id == "own" { Ok(()) } else { Err(Error::NotFound) }
    }
}
