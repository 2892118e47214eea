//! Domains and their certificates.

use async_trait::async_trait;
use skep_web::api::{
    self, AppId, CertificateState, CertificateView, DomainId, DomainView, NewDomain, Result,
};

use super::{
    Web,
    fields::{Fields, id, time},
    lines::url,
};
use crate::{
    acme::Directory,
    control::{self, Ctx, Error},
    domain::{
        certificate::{Certificate, Challenge, Kind, State},
        domain_name::{Domain, Hostname, PathPrefix},
        fault::{Fault, Wrong},
        host_pattern::HostPattern,
        id,
        port::{PortTls, Protocol},
        route::{DomainChange, Ranges},
    },
};

#[async_trait]
impl api::Domains for Web {
    async fn domains(&self, app: &AppId) -> Result<Vec<DomainView>> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let found = control::domains::list(&cx, app).await.map_err(|e| self.told(e))?;
        let certificates = control::certificates::of_app(&cx, app).await.map_err(|e| self.told(e))?;
        let mut views: Vec<_> = found.into_iter().map(|domain| view(&cx, domain, &certificates)).collect();
        views.sort_by(|a, b| (&a.host, &a.path).cmp(&(&b.host, &b.path)));
        Ok(views)
    }

    async fn domain(&self, app: &AppId, domain: &DomainId) -> Result<DomainView> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let domain = id(&domain.0).map_err(|e| self.told(e))?;
        let found = control::domains::show(&cx, app, domain).await.map_err(|e| self.told(e))?;
        let certificates = control::certificates::of_app(&cx, app).await.map_err(|e| self.told(e))?;
        Ok(view(&cx, found, &certificates))
    }

    async fn change_domain(&self, app: &AppId, domain: &DomainId, change: serde_json::Value) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let domain = id(&domain.0).map_err(|e| self.told(e))?;
        let change = changed(&change).map_err(|e| self.told(e))?;
        control::domains::change(&cx, app, domain, change).await.map(drop).map_err(|e| self.told(e))
    }

    async fn ports(&self, app: &AppId) -> Result<api::Ports> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let found = control::ports::list(&cx, app).await.map_err(|e| self.told(e))?;
        let own = found.own.into_iter().map(|port| api::PortView {
            id: port.id.to_string(),
            public: called(port.protocol, port.public),
            service: port.service,
            port: port.port,
            host: port.host.map(|host| host.to_string()),
        });
        let free = found.free.into_iter().map(|(protocol, port)| called(protocol, port));
        Ok(api::Ports { own: own.collect(), free: free.collect() })
    }

    async fn add_port(&self, app: &AppId, new: api::NewPort) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let new = port(new).map_err(|e| self.told(e))?;
        control::ports::add(&cx, app, new).await.map(drop).map_err(|e| self.told(e))
    }

    async fn remove_port(&self, app: &AppId, port: &str) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let port = id(port).map_err(|e| self.told(e))?;
        control::ports::remove(&cx, app, port).await.map_err(|e| self.told(e))
    }

    async fn add_domain(&self, app: &AppId, new: NewDomain) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let mut fields = Fields::default();
        let host = fields.take("host", HostPattern::any(new.host.trim()));
        let path = if new.path.trim().is_empty() { "/" } else { new.path.trim() };
        let path = fields.take("path", PathPrefix::parse(path));
        let (host, path) = fields.all(host.zip(path)).map_err(|e| self.told(e))?;
        let new = control::domains::NewDomain {
            host,
            path,
            strip: new.strip,
            service: new.service,
            port: new.port,
            https: new.https,
            challenge: if new.dns { Challenge::Dns } else { Challenge::Http },
            private: new.private,
        };
        control::domains::add(&cx, app, new).await.map(drop).map_err(|e| self.told(e))
    }

    async fn generate_domain(&self, app: &AppId) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        control::domains::generate_now(&cx, app).await.map(drop).map_err(|e| self.told(e))
    }

    async fn remove_domain(&self, app: &AppId, domain: &DomainId) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let domain = id(&domain.0).map_err(|e| self.told(e))?;
        control::domains::remove(&cx, app, domain).await.map_err(|e| self.told(e))
    }

    async fn retry_certificate(&self, app: &AppId, domain: &DomainId) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        retry(&cx, app, domain).await.map_err(|e| self.told(e))
    }
}

/// A public port as it is called: `tcp 5432`.
fn called(protocol: Protocol, port: u16) -> String {
    format!("{} {port}", protocol.name())
}

/// A port's form as what it asks for; with a host the edge speaks TLS.
fn port(new: api::NewPort) -> std::result::Result<control::ports::NewPort, Error> {
    let mut fields = Fields::default();
    let public = new.public.split_once(' ');
    let public = public.and_then(|(name, port)| Some((Protocol::named(name)?, port.parse().ok()?)));
    let public = fields.take("public", public.ok_or_else(|| Wrong::new("must be one of the list")));
    let host = fields.take("host", new.host.as_deref().map(Hostname::parse).transpose());
    let allow = Some(new.allow).filter(|allow| !allow.is_empty());
    let allow = allow.map(|allow| {
        let range =
            |_| Wrong::coded("invalid_range", "must be address ranges like `10.1.0.0/16`, a line each");
        serde_json::from_value::<Ranges>(allow.into()).map_err(range)
    });
    let allow = fields.take("allow", allow.transpose());
    let ((protocol, public), (host, allow)) = fields.all(public.zip(host.zip(allow)))?;
    let tls = host.is_some().then_some(PortTls::Terminate);
    Ok(control::ports::NewPort { protocol, public, service: new.service, port: new.port, tls, host, allow })
}

/// A form is checked as the API's own change is: by the same types, with the same faults.
fn changed(change: &serde_json::Value) -> std::result::Result<DomainChange, Error> {
    serde_path_to_error::deserialize(change).map_err(|error| {
        let text = error.inner().to_string();
        let wrong = Wrong::told_by_serde(&text);
        let (code, message) = wrong.unwrap_or(("invalid", "must be a value of its kind and range"));
        let (field, code, message) = (error.path().to_string(), code.to_owned(), message.to_owned());
        Error::Invalid(vec![Fault { field, code, message }])
    })
}

async fn retry(cx: &Ctx, app: id::AppId, domain: &DomainId) -> std::result::Result<(), Error> {
    let found = control::domains::list(cx, app).await?;
    let domain = found.into_iter().find(|found| found.id.to_string() == domain.0);
    let domain = domain.ok_or(Error::NotFound("domain"))?;
    control::certificates::retry(cx, app, &domain.host).await
}

fn view(cx: &Ctx, domain: Domain, certificates: &[Certificate]) -> DomainView {
    let certificate = certificates.iter().find(|c| c.host == domain.host).filter(|_| domain.https);
    let served = |c: &&Certificate| c.chain.is_some() || c.state == State::Covered;
    let until = certificate.filter(served).and_then(|c| c.not_after);
    DomainView {
        url: url(&domain, until, cx.now(), cx.parts.instance.https_port),
        id: DomainId(domain.id.to_string()),
        host: domain.host.to_string(),
        path: domain.path.as_str().to_owned(),
        strip: domain.strip,
        service: domain.service,
        port: domain.port,
        https: domain.https,
        generated: domain.generated,
        other_host: domain.other_host.map(|host| host.to_string()),
        options: serde_json::to_value(&domain.options).unwrap_or_default(),
        logins: domain.logins.iter().map(|login| login.name.as_str().to_owned()).collect(),
        certificate: certificate.map(certificate_view),
    }
}

fn certificate_view(certificate: &Certificate) -> CertificateView {
    CertificateView {
        state: match certificate.state {
            State::Pending => CertificateState::Pending,
            State::PendingDns => CertificateState::PendingDns,
            State::Issued => CertificateState::Issued,
            State::Failed => CertificateState::Failed,
            State::Covered => CertificateState::Covered,
            State::PendingBudget => CertificateState::PendingBudget,
            State::Ordering => CertificateState::Ordering,
        },
        reason: certificate.reason.clone(),
        expires_at: certificate.not_after.map(time),
        next_try_at: (certificate.state != State::Issued).then(|| time(certificate.next_try_at)),
        issuer: match (certificate.kind, certificate.state) {
            (_, State::Covered) => "another certificate".to_owned(),
            (Kind::Internal, _) => "internal authority".to_owned(),
            (Kind::Acme, _) => issuer(&certificate.directory),
        },
    }
}

fn issuer(directory: &str) -> String {
    Directory::parse(directory).map_or_else(|_| directory.to_owned(), |directory| directory.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_have_names() {
        assert_eq!(issuer(Directory::LETSENCRYPT), "Let's Encrypt");
        assert_eq!(issuer("https://ca.example.org:14000/dir"), "ca.example.org");
        assert_eq!(issuer("nonsense"), "nonsense");
    }
}
