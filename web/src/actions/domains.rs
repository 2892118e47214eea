//! Domains of an app.

use super::{Reply, ask::ask, go};
use crate::{
    api::{AppId, Error, NewDomain},
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
