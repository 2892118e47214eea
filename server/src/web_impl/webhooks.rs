//! Webhooks and what came to them.

use async_trait::async_trait;
use skep_web::api::{
    self, AppId, DeliveryId, DeliveryView, DeploymentId, Provider, Result, Secret, WebhookId, WebhookView,
};

use super::{
    Web,
    fields::{id, time},
    outcome::sentence,
};
use crate::{
    control::{self, Ctx, Error, settings::public_url},
    db::delivery::About,
    domain::{
        delivery::{self, Delivery, Webhook},
        id,
    },
};

#[async_trait]
impl api::Webhooks for Web {
    async fn webhooks(&self, app: &AppId) -> Result<Vec<WebhookView>> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let found = control::webhooks::list(&cx, app).await.map_err(|e| self.told(e))?;
        let base = base(&cx).await.map_err(|e| self.told(e))?;
        Ok(found.iter().map(|webhook| view(&cx, &base, webhook)).collect())
    }

    async fn create_webhook(&self, app: &AppId, provider: Provider) -> Result<(WebhookView, Secret)> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let made = control::webhooks::create(&cx, app, to_provider(provider)).await;
        let (webhook, secret) = made.map_err(|e| self.told(e))?;
        let base = base(&cx).await.map_err(|e| self.told(e))?;
        Ok((view(&cx, &base, &webhook), Secret::new(secret.expose())))
    }

    async fn rotate_webhook(&self, app: &AppId, webhook: &WebhookId) -> Result<(WebhookView, Secret)> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        rotate(&cx, app, webhook).await.map_err(|e| self.told(e))
    }

    async fn delete_webhook(&self, app: &AppId, webhook: &WebhookId) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let webhook = id(&webhook.0).map_err(|e| self.told(e))?;
        control::webhooks::remove(&cx, app, webhook).await.map_err(|e| self.told(e))
    }

    async fn deliveries(&self, app: &AppId, limit: u32) -> Result<Vec<DeliveryView>> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let found = control::detail::deliveries(&cx, app, i64::from(limit)).await;
        let found = found.map_err(|e| self.told(e))?;
        Ok(found.into_iter().map(|(delivery, about)| delivery_view(delivery, &about)).collect())
    }

    async fn redeliver(&self, app: &AppId, delivery: &DeliveryId) -> Result<String> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let delivery = id(&delivery.0).map_err(|e| self.told(e))?;
        let answer = control::deliveries::redeliver(&cx, app, delivery).await;
        answer.map(|answer| sentence(&answer.outcome)).map_err(|e| self.told(e))
    }
}

/// What addresses of webhooks begin with: our own address, never one that a request names (S15).
async fn base(cx: &Ctx) -> std::result::Result<String, Error> {
    let url = public_url(&cx.parts).await?;
    let base = url.map_or_else(|| format!("http://{}", cx.parts.instance.listen), |url| url.to_string());
    Ok(base.trim_end_matches('/').to_owned())
}

async fn rotate(
    cx: &Ctx,
    app: id::AppId,
    webhook: &WebhookId,
) -> std::result::Result<(WebhookView, Secret), Error> {
    let webhook = id(&webhook.0)?;
    let secret = control::webhooks::rotate(cx, app, webhook).await?;
    let found = control::webhooks::list(cx, app).await?.into_iter().find(|found| found.id == webhook);
    let base = base(cx).await?;
    let found = found.ok_or(Error::NotFound("webhook"))?;
    Ok((view(cx, &base, &found), Secret::new(secret.expose())))
}

fn view(cx: &Ctx, base: &str, webhook: &Webhook) -> WebhookView {
    let until = webhook.old_secret.as_ref().map(|(_, until)| *until).filter(|until| *until > cx.now());
    WebhookView {
        id: WebhookId(webhook.id.to_string()),
        provider: from_provider(webhook.provider),
        url: format!("{base}/hooks/{}/{}", webhook.provider.name(), webhook.id),
        old_secret_until: until.map(time),
        created_at: time(webhook.created_at),
    }
}

fn delivery_view(delivery: Delivery, about: &About) -> DeliveryView {
    let deployment = delivery.deployment.zip(about.number);
    DeliveryView {
        id: DeliveryId(delivery.id.to_string()),
        webhook: WebhookId(delivery.webhook.to_string()),
        provider: from_provider(about.provider),
        event: delivery.event,
        status: delivery.status,
        reason: sentence(&delivery.outcome),
        outcome: delivery.outcome,
        deployment: deployment.map(|(id, number)| (DeploymentId(id.to_string()), number)),
        can_redeliver: about.whole,
        received_at: time(delivery.received_at),
    }
}

const fn to_provider(provider: Provider) -> delivery::Provider {
    match provider {
        Provider::Github => delivery::Provider::Github,
        Provider::Gitlab => delivery::Provider::Gitlab,
        Provider::Gitea => delivery::Provider::Gitea,
        Provider::Bitbucket => delivery::Provider::Bitbucket,
        Provider::Generic => delivery::Provider::Generic,
        Provider::Registry => delivery::Provider::Registry,
    }
}

const fn from_provider(provider: delivery::Provider) -> Provider {
    match provider {
        delivery::Provider::Github => Provider::Github,
        delivery::Provider::Gitlab => Provider::Gitlab,
        delivery::Provider::Gitea => Provider::Gitea,
        delivery::Provider::Bitbucket => Provider::Bitbucket,
        delivery::Provider::Generic => Provider::Generic,
        delivery::Provider::Registry => Provider::Registry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_have_the_same_names_on_both_sides() {
        for provider in delivery::Provider::ALL {
            assert_eq!(from_provider(provider).name(), provider.name());
            assert_eq!(to_provider(from_provider(provider)), provider);
        }
    }
}
