//! Webhooks of apps and their deliveries.

mod create;
mod deliveries;
mod list;
mod redeliver;
mod remove;
mod rotate;

use serde::Serialize;
use url::Url;

use crate::{
    control::{Ctx, Error, settings},
    domain::{
        clock::Time,
        delivery::{Provider, Webhook},
        id::WebhookId,
        secret::Secret,
    },
};

/// A webhook, without its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WebhookView {
    /// Its id.
    #[schema(value_type = String)]
    id: WebhookId,
    /// Who sends.
    provider: Provider,
    /// The address to enter at the sender; only a path while the instance has no host of its own.
    url: String,
    /// The secret before the last rotation counts until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    old_secret_until: Option<Time>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl WebhookView {
    fn new(webhook: &Webhook, base: Option<&Url>) -> Self {
        let path = format!("hooks/{}/{}", webhook.provider.name(), webhook.id);
        Self {
            id: webhook.id,
            provider: webhook.provider,
            url: base.map_or_else(|| format!("/{path}"), |base| format!("{base}{path}")),
            old_secret_until: webhook.old_secret.as_ref().map(|(_, until)| *until),
            created_at: webhook.created_at,
        }
    }
}

/// A webhook with its new secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewSecret {
    /// The webhook.
    #[serde(flatten)]
    webhook: WebhookView,
    /// What the sender signs with. Told this once.
    secret: String,
}

impl NewSecret {
    fn new(webhook: WebhookView, secret: &Secret) -> Self {
        Self { webhook, secret: secret.expose().to_owned() }
    }
}

/// Where senders reach us.
async fn base(cx: &Ctx) -> Result<Option<Url>, Error> {
    settings::public_url(&cx.parts).await
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(rotate::handler))
        .routes(routes!(remove::handler))
        .routes(routes!(deliveries::handler))
        .routes(routes!(redeliver::handler))
}
