//! Webhooks of apps and their deliveries: what came, what we answered, and why.

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    id::{AppId, DeliveryId, DeploymentId, WebhookId},
};

/// Who sends to a webhook; decides which headers and which algorithm count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// `X-Hub-Signature-256`.
    Github,
    /// `X-Gitlab-Token`, or signed deliveries.
    Gitlab,
    /// `X-Gitea-Signature`; Forgejo's `X-Forgejo-Signature` comes first.
    Gitea,
    /// `X-Hub-Signature` with `sha256=`.
    Bitbucket,
    /// Standard-Webhooks form or `X-Skep-Signature-256`: curl, any CI.
    Generic,
    /// Docker Hub, GHCR and generic V2 notifications.
    Registry,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Github, Self::Gitlab, Self::Gitea, Self::Bitbucket, Self::Generic, Self::Registry];

    /// The name in paths, tables and API.
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

/// A webhook of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id; part of its path, and no secret.
    pub id: WebhookId,
    /// The app.
    pub app: AppId,
    /// Who sends.
    pub provider: Provider,
    /// The shared secret, encrypted; never empty.
    pub sealed_secret: Vec<u8>,
    /// The secret before the last rotation, encrypted, and until when it counts.
    pub old_secret: Option<(Vec<u8>, Time)>,
    /// When it was made.
    pub created_at: Time,
}

/// One received delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// The sender's own id; unique within the webhook.
    pub provider_id: String,
    /// The event's name.
    pub event: String,
    /// What we answered: an HTTP status.
    pub status: u16,
    /// `accepted`, `duplicate`, `ignored:tag`, ...
    pub outcome: String,
    /// The deployment that it queued.
    pub deployment: Option<DeploymentId>,
    /// The verified body, for redelivery; at most 25 MiB, cut from old ones.
    pub body: Option<Vec<u8>>,
    /// When it came.
    pub received_at: Time,
}
