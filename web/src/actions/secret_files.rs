//! How containers of an app get a variable.

use super::{Reply, go};
use crate::{
    api::{AppId, Error, SecretFile},
    http::{Cx, Done, Form},
};

/// Says how containers get one.
pub async fn deliver(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let file = (form.text("kind") == "file").then(|| SecretFile {
        name: form.text("name").to_owned(),
        services: form
            .text("services")
            .split([',', ' '])
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        owner: form.optional("owner"),
    });
    cx.api.deliver_variable(&app, form.text("key"), file).await?;
    go(format!("/apps/{app}/variables"), Done::VariableDelivered)
}
