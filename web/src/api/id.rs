//! Ids as the dashboard knows them: opaque text from the server, one type per noun.
//!
//! To add one: a line in the list below.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

ids! {
    /// Of a project.
    ProjectId,
    /// Of an environment.
    EnvironmentId,
    /// Of an app.
    AppId,
    /// Of a deployment.
    DeploymentId,
    /// Of a release.
    ReleaseId,
    /// Of a domain.
    DomainId,
    /// Of a webhook.
    WebhookId,
    /// Of one delivery to a webhook.
    DeliveryId,
    /// Of a credential.
    CredentialId,
    /// Of a signed-in browser.
    SessionId,
    /// Of an API token.
    TokenId,
    /// Of a node, as the engine gives it.
    NodeId,
}
