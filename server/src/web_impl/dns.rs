//! DNS providers, proved domains, and certificates that the team brings along.

use async_trait::async_trait;
use skep_web::api::{
    self, DnsProviderView, DnsView, NewDnsProvider, OwnCertificate, ProvedDomain, Result, Secret,
};

use super::{
    Web,
    fields::{Fields, id, time},
    places::{Places, place},
};
use crate::{
    control::{Ctx, Error, certificates, dns, own_certificates, verified_domains},
    domain::{
        dns_provider::{Algorithm, DnsProvider, Settings},
        domain_name::Hostname,
        fault::Wrong,
        id::{DnsProviderId, OwnCertificateId, VerifiedDomainId},
        name::Slug,
        right::{Place, Right},
        secret,
    },
};

/// The settings of a kind that were entered.
fn settings(new: &NewDnsProvider) -> std::result::Result<Settings, Wrong> {
    let address = new.address.clone();
    Ok(match new.kind.as_str() {
        "cloudflare" => Settings::Cloudflare { address },
        "route53" => Settings::Route53 { address },
        "digitalocean" => Settings::Digitalocean { address },
        "hetzner" => Settings::Hetzner { address },
        "desec" => Settings::Desec { address },
        "rfc2136" => Settings::Rfc2136 {
            server: new.server.clone(),
            algorithm: if new.algorithm == "hmac_sha512" {
                Algorithm::HmacSha512
            } else {
                Algorithm::HmacSha256
            },
        },
        "acme_dns" => Settings::AcmeDns { address, subdomain: new.subdomain.clone() },
        _ => return Err(Wrong::new("must be one of the list")),
    })
}

/// Zones as they were entered: separated by blanks, commas and ends of lines.
fn zones(text: &str) -> Vec<String> {
    text.split([',', ' ', '\t', '\r', '\n']).filter(|zone| !zone.is_empty()).map(str::to_owned).collect()
}

/// What was entered, as `control` takes it.
fn given(new: &NewDnsProvider) -> std::result::Result<dns::NewProvider, Error> {
    let mut fields = Fields::default();
    let name = fields.take("name", Slug::parse(&new.name));
    let settings = fields.take("settings.kind", settings(new));
    let place = match place(&new.place) {
        Err(Error::Invalid(faults)) => {
            fields.add(faults);
            None
        }
        place => Some(place?),
    };
    let (name, settings, place) = fields.all(name.zip(settings).zip(place).map(|((n, s), p)| (n, s, p)))?;
    Ok(dns::NewProvider {
        name,
        place,
        zones: zones(&new.zones),
        settings,
        login_id: new.login_id.clone(),
        login_secret: secret::Secret::new(new.login_secret.expose()),
    })
}

/// All that the page shows; what is the whole team's is for those alone who have the right there.
async fn shown(cx: &Ctx) -> std::result::Result<DnsView, Error> {
    let found = dns::list(cx).await?;
    let places = Places::of(cx).await?;
    let provider = |one: DnsProvider| DnsProviderView {
        id: one.id.to_string(),
        name: one.name.to_string(),
        kind: one.settings.kind().to_owned(),
        zones: one.zones.iter().map(ToString::to_string).collect(),
        place_name: places.name(one.place),
        created_at: time(one.created_at),
    };
    let (mut domains, mut certificates) = (Vec::new(), Vec::new());
    if cx.access.at(Place::Team).has(Right::Credentials) {
        domains = verified_domains::list(cx).await?;
        certificates = own_certificates::list(cx).await?;
    }
    let domain = |one: crate::domain::verified_domain::VerifiedDomain| ProvedDomain {
        id: one.id.to_string(),
        record: one.record(),
        domain: one.domain.to_string(),
        value: one.token,
        verified_at: one.verified_at.map(time),
    };
    let certificate = |one: crate::domain::certificate::OwnCertificate| OwnCertificate {
        id: one.id.to_string(),
        names: one.names.iter().map(ToString::to_string).collect(),
        issuer: one.issuer,
        expires_at: time(one.not_after),
    };
    Ok(DnsView {
        providers: found.into_iter().map(provider).collect(),
        domains: domains.into_iter().map(domain).collect(),
        certificates: certificates.into_iter().map(certificate).collect(),
        places: places.choices(),
        authority: certificates::authority(cx).await?,
    })
}

#[async_trait]
impl api::Dns for Web {
    async fn dns(&self) -> Result<DnsView> {
        let cx = self.cx()?;
        shown(&cx).await.map_err(|e| self.told(e))
    }

    async fn create_dns_provider(&self, new: NewDnsProvider) -> Result<()> {
        let cx = self.cx()?;
        let new = given(&new).map_err(|e| self.told(e))?;
        dns::create(&cx, new).await.map(drop).map_err(|e| self.told(e))
    }

    async fn change_dns_provider(&self, one: &str, text: &str, login: &str, secret: Secret) -> Result<()> {
        let cx = self.cx()?;
        let one: DnsProviderId = id(one).map_err(|e| self.told(e))?;
        let anew = !login.is_empty() || !secret.is_empty();
        let changed = dns::Changed {
            zones: Some(zones(text)).filter(|zones| !zones.is_empty()),
            settings: None,
            login: anew.then(|| (login.to_owned(), secret::Secret::new(secret.expose()))),
        };
        dns::change(&cx, one, changed).await.map(drop).map_err(|e| self.told(e))
    }

    async fn test_dns_provider(&self, one: &str) -> Result<Option<String>> {
        let cx = self.cx()?;
        let one: DnsProviderId = id(one).map_err(|e| self.told(e))?;
        let found = dns::test(&cx, one).await.map_err(|e| self.told(e))?;
        Ok(found.err().map(|wrong| wrong.message))
    }

    async fn delete_dns_provider(&self, one: &str) -> Result<()> {
        let cx = self.cx()?;
        let one: DnsProviderId = id(one).map_err(|e| self.told(e))?;
        dns::remove(&cx, one).await.map_err(|e| self.told(e))
    }

    async fn claim_domain(&self, domain: &str) -> Result<()> {
        let cx = self.cx()?;
        let domain =
            Hostname::parse(domain.trim()).map_err(|wrong| self.told(Error::wrong("domain", wrong)))?;
        verified_domains::claim(&cx, domain).await.map(drop).map_err(|e| self.told(e))
    }

    async fn verify_domain(&self, one: &str) -> Result<()> {
        let cx = self.cx()?;
        let one: VerifiedDomainId = id(one).map_err(|e| self.told(e))?;
        verified_domains::verify(&cx, one).await.map(drop).map_err(|e| self.told(e))
    }

    async fn release_domain(&self, one: &str) -> Result<()> {
        let cx = self.cx()?;
        let one: VerifiedDomainId = id(one).map_err(|e| self.told(e))?;
        verified_domains::release(&cx, one).await.map_err(|e| self.told(e))
    }

    async fn upload_certificate(&self, chain: &str, key: Secret) -> Result<Vec<String>> {
        let cx = self.cx()?;
        let key = secret::Secret::new(key.expose());
        let taken = own_certificates::upload(&cx, chain, &key).await.map_err(|e| self.told(e))?;
        Ok(taken.warnings)
    }

    async fn remove_own_certificate(&self, one: &str) -> Result<()> {
        let cx = self.cx()?;
        let one: OwnCertificateId = id(one).map_err(|e| self.told(e))?;
        own_certificates::remove(&cx, one).await.map_err(|e| self.told(e))
    }
}
