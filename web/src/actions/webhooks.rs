//! Webhooks of an app.

use super::{Reply, ask::ask, go};
use crate::{
    api::{AppId, Error, Provider},
    http::{Cx, Done, Form},
    pages,
};

/// Makes a webhook and shows its secret this once.
pub async fn create(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let Some(provider) = Provider::named(form.text("provider")) else {
        return Err(Error::invalid("provider", "must be one of the list"));
    };
    let (hook, secret) = cx.api.create_webhook(&app, provider).await?;
    Ok(Reply::Show(pages::shown_webhook(&app.0, &hook, &secret)))
}

/// Gives a webhook a new secret and shows it this once.
pub async fn rotate(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let question = "The webhook gets a new secret. The old one counts for a while yet.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Make a new secret", &format!("/apps/{app}/webhooks")) {
        return Ok(reply);
    }
    let (hook, secret) = cx.api.rotate_webhook(&app, &form.text("webhook").into()).await?;
    Ok(Reply::Show(pages::shown_webhook(&app.0, &hook, &secret)))
}

/// Deletes a webhook.
pub async fn delete(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    let page = format!("/apps/{app}/webhooks");
    let question = "Its address answers nobody any more, and its deliveries are deleted.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Delete webhook", &page) {
        return Ok(reply);
    }
    cx.api.delete_webhook(&app, &form.text("webhook").into()).await?;
    go(page, Done::WebhookDeleted)
}

/// Handles a delivery again.
pub async fn redeliver(cx: &Cx<'_>, app: AppId, form: &Form) -> Result<Reply, Error> {
    cx.api.redeliver(&app, &form.text("delivery").into()).await?;
    go(format!("/apps/{app}/webhooks"), Done::Redelivered)
}
