//! DNS providers, proved domains, and certificates that the team brings along.

use super::{Reply, ask::ask, go};
use crate::{
    api::{Error, NewDnsProvider},
    http::{Cx, Done, Form},
};

const PAGE: &str = "/team/dns";

/// Names a provider.
pub async fn create(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let text = |name: &str| form.text(name).to_owned();
    cx.api
        .create_dns_provider(NewDnsProvider {
            name: text("name"),
            place: text("place"),
            kind: text("settings.kind"),
            zones: text("zones"),
            address: text("settings.address"),
            server: text("settings.server"),
            algorithm: text("settings.algorithm"),
            subdomain: text("settings.subdomain"),
            login_id: text("login.id"),
            login_secret: form.secret("login.secret"),
        })
        .await?;
    go(PAGE, Done::DnsCreated)
}

/// Changes a provider.
pub async fn change(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let (zones, id) = (form.text("zones"), form.text("login.id"));
    cx.api.change_dns_provider(form.text("provider"), zones, id, form.secret("login.secret")).await?;
    go(PAGE, Done::DnsChanged)
}

/// Tries a provider; what went wrong stands on the page.
pub async fn test(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    match cx.api.test_dns_provider(form.text("provider")).await? {
        None => go(PAGE, Done::DnsWorks),
        Some(words) => Err(Error::Conflict(format!("The test failed: {words}"))),
    }
}

/// Removes a provider.
pub async fn delete(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question =
        "Its credentials are deleted. Certificates that need it are not renewed any more.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Remove provider", PAGE) {
        return Ok(reply);
    }
    cx.api.delete_dns_provider(form.text("provider")).await?;
    go(PAGE, Done::DnsDeleted)
}

/// Begins the proof of a domain.
pub async fn claim(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.claim_domain(form.text("domain")).await?;
    go(PAGE, Done::DomainClaimed)
}

/// Looks for the record of a domain.
pub async fn verify(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.verify_domain(form.text("proof")).await?;
    go(PAGE, Done::DomainVerified)
}

/// Forgets a domain.
pub async fn release(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Others may prove names below it, and new wildcards need another proof.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Forget domain", PAGE) {
        return Ok(reply);
    }
    cx.api.release_domain(form.text("proof")).await?;
    go(PAGE, Done::DomainReleased)
}

/// Brings a certificate along.
pub async fn upload(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let warnings = cx.api.upload_certificate(form.text("chain"), form.secret("key")).await?;
    go(PAGE, if warnings.is_empty() { Done::CertificateUploaded } else { Done::CertificateOdd })
}

/// Removes a certificate that was brought along.
pub async fn remove(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Its hosts are without it until an authority gives them another one.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Remove certificate", PAGE) {
        return Ok(reply);
    }
    cx.api.remove_own_certificate(form.text("certificate")).await?;
    go(PAGE, Done::CertificateRemoved)
}
