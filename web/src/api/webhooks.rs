//! Webhooks of an app and what came to them.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{AppId, Result, Secret};
use super::{DeliveryId, DeploymentId, Time, WebhookId};

/// Who sends to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// GitHub.
    Github,
    /// GitLab.
    Gitlab,
    /// Gitea and Forgejo.
    Gitea,
    /// Bitbucket.
    Bitbucket,
    /// curl, any CI.
    Generic,
    /// Container registries.
    Registry,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Github, Self::Gitlab, Self::Gitea, Self::Bitbucket, Self::Generic, Self::Registry];

    /// The name in paths and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Gitea => "gitea",
            Self::Bitbucket => "bitbucket",
            Self::Generic => "generic",
            Self::Registry => "registry",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// A webhook of an app; its secret is told when it is made or rotated, and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    /// Its id.
    pub id: WebhookId,
    /// Who sends.
    pub provider: Provider,
    /// The address to enter at the sender.
    pub url: String,
    /// The secret before the last rotation counts until then.
    pub old_secret_until: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// One received delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// Its id.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// Who sent it.
    pub provider: Provider,
    /// The event's name: `push`.
    pub event: String,
    /// What we answered: an HTTP status.
    pub status: u16,
    /// `accepted`, `duplicate`, `ignored:tag`...
    pub outcome: String,
    /// The outcome in a sentence.
    pub reason: String,
    /// The deployment that it queued, with its number.
    pub deployment: Option<(DeploymentId, i64)>,
    /// Its body is still there, so it can be delivered again.
    pub can_redeliver: bool,
    /// When it came.
    pub received_at: Time,
}

/// Questions and commands about webhooks.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Webhooks: Send + Sync {
    /// An app's webhooks, oldest first.
    async fn webhooks(&self, app: &AppId) -> Result<Vec<WebhookView>>;

    /// Makes a webhook; its secret is told this once.
    async fn create_webhook(&self, app: &AppId, provider: Provider) -> Result<(WebhookView, Secret)>;

    /// Gives it a new secret, told this once; the old one counts for a grace time.
    async fn rotate_webhook(&self, app: &AppId, id: &WebhookId) -> Result<(WebhookView, Secret)>;

    /// Removes a webhook and its deliveries.
    async fn delete_webhook(&self, app: &AppId, id: &WebhookId) -> Result<()>;

    /// What came last to an app's webhooks, newest first, at most `limit`.
    async fn deliveries(&self, app: &AppId, limit: u32) -> Result<Vec<DeliveryView>>;

    /// Handles a delivery again as if it came now; answers the outcome in a sentence.
    async fn redeliver(&self, app: &AppId, id: &DeliveryId) -> Result<String>;
}
