//! Webhooks.

use super::{Fake, Mood};
use crate::api::{
    AppId, DeliveryId, DeliveryView, DeploymentId, Error, Provider, Result, Secret, Time, WebhookId,
    WebhookView, Webhooks,
};

#[async_trait::async_trait]
impl Webhooks for Fake {
    async fn webhooks(&self, app: &AppId) -> Result<Vec<WebhookView>> {
        let mut state = self.state()?;
        state.app(&app.0)?;
        Ok(if app.0 == "a-new" { Vec::new() } else { state.webhooks.clone() })
    }

    async fn create_webhook(&self, app: &AppId, provider: Provider) -> Result<(WebhookView, Secret)> {
        let mut state = self.state()?;
        state.app(&app.0)?;
        let id = state.id();
        let hook = WebhookView {
            url: format!("https://skep.example.org/webhook/{}/{id}", provider.name()),
            id: WebhookId(id),
            provider,
            old_secret_until: None,
            created_at: self.now,
        };
        state.webhooks.push(hook.clone());
        Ok((hook, Secret::new("whsec_1kQ7Zp3vN8sT5xW2yB6dF9hJ4lM0oR")))
    }

    async fn rotate_webhook(&self, _app: &AppId, id: &WebhookId) -> Result<(WebhookView, Secret)> {
        let mut state = self.state()?;
        let hook = state.webhooks.iter_mut().find(|hook| hook.id == *id).ok_or(Error::NotFound)?;
        hook.old_secret_until = Some(Time(self.now.0 + 86_400_000));
        Ok((hook.clone(), Secret::new("whsec_9zY8xW7vU6tS5rQ4pO3nM2lK1jI0hG")))
    }

    async fn delete_webhook(&self, _app: &AppId, id: &WebhookId) -> Result<()> {
        self.state()?.webhooks.retain(|hook| hook.id != *id);
        Ok(())
    }

    async fn deliveries(&self, app: &AppId, _limit: u32) -> Result<Vec<DeliveryView>> {
        self.up()?;
        if self.mood == Mood::Empty || app.0 == "a-new" {
            return Ok(Vec::new());
        }
        let delivery =
            |id: &str, event: &str, status, outcome: &str, reason: &str, minutes: i64| DeliveryView {
                id: DeliveryId::from(id),
                webhook: WebhookId::from("w1"),
                provider: Provider::Github,
                event: event.into(),
                status,
                outcome: outcome.into(),
                reason: reason.into(),
                deployment: (status == 202).then(|| (DeploymentId::from("d-live"), 41)),
                can_redeliver: status == 202,
                received_at: Time(self.now.0 - minutes * 60_000),
            };
        Ok(vec![
            delivery("e1", "push", 202, "accepted", "main moved to 8d1f2c3a.", 8),
            delivery("e2", "push", 200, "ignored:branch", "The app follows main, not feature/cart.", 50),
            delivery("e3", "push", 401, "signature_invalid", "Signed with another secret.", 130),
            delivery("e4", "ping", 200, "pong", "The sender checked whether we are there.", 140),
        ])
    }

    async fn redeliver(&self, _app: &AppId, id: &DeliveryId) -> Result<String> {
        self.up()?;
        if id.0 == "e1" {
            Ok("Accepted.".into())
        } else {
            Err(Error::Conflict("Its body is not kept any more.".into()))
        }
    }
}
