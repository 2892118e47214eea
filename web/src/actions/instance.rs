//! Settings of the instance.

use super::{Reply, go};
use crate::{
    api::{Error, InstanceSettings},
    http::{Cx, Done, Form},
};

/// Saves them.
pub async fn save(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let own = form.optional("own_directory");
    cx.api
        .set_instance(InstanceSettings {
            domain: form.text("domain").to_owned(),
            base_domain: form.text("base_domain").to_owned(),
            acme_email: form.text("acme_email").to_owned(),
            acme_directory: own.unwrap_or_else(|| form.text("acme_directory").to_owned()),
        })
        .await?;
    go("/instance", Done::InstanceSaved)
}
