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
        certificate::{Certificate, State},
        domain_name::{Domain, Hostname, PathPrefix},
        id,
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

    async fn add_domain(&self, app: &AppId, new: NewDomain) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let mut fields = Fields::default();
        let host = fields.take("host", Hostname::parse(new.host.trim()));
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

async fn retry(cx: &Ctx, app: id::AppId, domain: &DomainId) -> std::result::Result<(), Error> {
    let found = control::domains::list(cx, app).await?;
    let domain = found.into_iter().find(|found| found.id.to_string() == domain.0);
    let domain = domain.ok_or(Error::NotFound("domain"))?;
    control::certificates::retry(cx, app, &domain.host).await
}

fn view(cx: &Ctx, domain: Domain, certificates: &[Certificate]) -> DomainView {
    let certificate = certificates.iter().find(|c| c.host == domain.host).filter(|_| domain.https);
    let until = certificate.filter(|c| c.chain.is_some()).and_then(|c| c.not_after);
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
            State::PendingBudget => CertificateState::PendingBudget,
            State::Ordering => CertificateState::Ordering,
        },
        reason: certificate.reason.clone(),
        expires_at: certificate.not_after.map(time),
        next_try_at: (certificate.state != State::Issued).then(|| time(certificate.next_try_at)),
        issuer: issuer(&certificate.directory),
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
