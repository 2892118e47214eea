//! Domains of an app.

use super::{Reply, ask::ask, domain_fields, go};
use crate::{
    api::{AppId, Error, NewDomain, NewPort},
    http::{Cx, Done, Form},
};

/// Adds a domain.
pub async fn add(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let mut faults = Vec::new();
    let new = NewDomain {
        host: form.text("host").to_owned(),
        path: form.text("path").to_owned(),
        strip: form.flag("strip"),
        service: form.optional("service"),
        port: form.number("port", &mut faults),
        https: form.flag("https"),
        dns: form.flag("dns"),
        private: form.flag("private"),
    };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    cx.api.add_domain(&app, new).await?;
    go(format!("/apps/{app}/domains"), Done::DomainAdded)
}

/// Adds a host name made by Skep.
pub async fn generate(cx: &Cx<'_>, app: AppId) -> Result<Reply, Error> {
    cx.api.generate_domain(&app).await?;
    go(format!("/apps/{app}/domains"), Done::DomainAdded)
}

/// Changes one part of what holds for a domain.
pub async fn change(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let change = domain_fields::change(form)?;
    cx.api.change_domain(&app, &form.text("domain").into(), change).await?;
    go(page_of(&app.to_string(), form), Done::DomainChanged)
}

/// The page of the domain that a form is about; that of all, if it names none.
pub fn page_of(app: &str, form: &Form) -> String {
    let id = form.text("domain");
    let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain { format!("/apps/{app}/domains/{id}") } else { format!("/apps/{app}/domains") }
}

/// Leads a public port to an app.
pub async fn add_port(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let mut faults = Vec::new();
    let new = NewPort {
        public: form.text("public").to_owned(),
        service: form.optional("service"),
        port: form.number("port", &mut faults).unwrap_or_default(),
        host: form.optional("host"),
        allow: form.lines("allow"),
    };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    cx.api.add_port(&app, new).await?;
    go(format!("/apps/{app}/domains"), Done::PortAdded)
}

/// Takes a public port away from an app.
pub async fn remove_port(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let page = format!("/apps/{app}/domains");
    let question = format!("{} leads to the app no more, at once.", form.text("public"));
    if let Some(reply) = ask(cx, form, question, "Remove port", &page) {
        return Ok(reply);
    }
    cx.api.remove_port(&app, form.text("port")).await?;
    go(page, Done::PortRemoved)
}

/// Removes a domain.
pub async fn remove(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let page = format!("/apps/{app}/domains");
    let question = format!("{} stops answering at once.", form.text("host"));
    if let Some(reply) = ask(cx, form, question, "Remove domain", &page) {
        return Ok(reply);
    }
    cx.api.remove_domain(&app, &form.text("domain").into()).await?;
    go(page, Done::DomainRemoved)
}

/// Tries again to get a certificate.
pub async fn retry(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    cx.api.retry_certificate(&app, &form.text("domain").into()).await?;
    go(format!("/apps/{app}/domains"), Done::CertificateRetried)
}
