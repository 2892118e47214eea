//! Secret stores.

use super::{Reply, ask::ask, go};
use crate::{
    api::{Error, NewStore},
    http::{Cx, Done, Form},
};

const PAGE: &str = "/team/stores";

/// Names one.
pub async fn create(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let text = |name: &str| form.text(name).to_owned();
    cx.api
        .create_store(NewStore {
            name: text("name"),
            place: text("place"),
            kind: text("settings.kind"),
            address: text("address"),
            mount: text("settings.mount"),
            version: text("settings.version"),
            namespace: text("settings.namespace"),
            project: text("settings.project"),
            environment: text("settings.environment"),
            region: text("settings.region"),
            login_id: text("login.id"),
            login_secret: form.secret("login.secret"),
        })
        .await?;
    go(PAGE, Done::StoreCreated)
}

/// Gives one other credentials.
pub async fn change(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let (address, id) = (form.text("address"), form.text("login.id"));
    cx.api.change_store(form.text("store"), address, id, form.secret("login.secret")).await?;
    go(PAGE, Done::StoreChanged)
}

/// Asks one; what it says instead stands on the page.
pub async fn check(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    match cx.api.check_store(form.text("store")).await? {
        None => go(PAGE, Done::StoreAnswers),
        Some(words) => Err(Error::Conflict(format!("The store cannot be used: {words}"))),
    }
}

/// Removes one that nothing refers to.
pub async fn delete(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question =
        "Its credentials are deleted. What runs keeps the values that it was started with.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Remove store", PAGE) {
        return Ok(reply);
    }
    cx.api.delete_store(form.text("store")).await?;
    go(PAGE, Done::StoreDeleted)
}
