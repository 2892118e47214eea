//! Typed ids: UUIDv7 (RFC 9562), so that they sort by the time they were made.
//!
//! To add one: a line in the `typed_ids!` list below; `db/types.rs` reads the same list.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was no UUID in its hyphenated form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an id")]
pub struct NotAnId;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[schema(value_type = String, format = Uuid)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id for this moment; `clock` and its random source are parameters.
            #[must_use]
            pub fn new(clock: &dyn super::clock::Clock) -> Self {
                Self(clock.uuid())
            }

            /// The bare value, for storage alone.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// Wraps a stored value.
            #[must_use]
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if text.len() != 36 {
                    return Err(NotAnId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId)
            }
        }
    )*

    /// Calls `$with!` with every typed id, so that storage needs no second list.
    macro_rules! for_each_id {
        ($with:ident) => { $($with!($crate::domain::id::$name);)* };
    }
    pub(crate) use for_each_id;
    };
}

typed_ids! {
    /// A team: the tenancy border.
    TeamId,
    /// A person who signs in, or a service account.
    UserId,
    /// A signed-in browser.
    SessionId,
    /// An API token.
    TokenId,
    /// A passkey of a person.
    PasskeyId,
    /// A role that a team made.
    RoleId,
    /// An invitation to a team.
    InvitationId,
    /// An identity provider.
    ProviderId,
    /// A project.
    ProjectId,
    /// An environment of a project.
    EnvironmentId,
    /// An app.
    AppId,
    /// A variable.
    VariableId,
    /// A stored credential for git or a registry.
    CredentialId,
    /// A webhook of an app.
    WebhookId,
    /// One received webhook delivery.
    DeliveryId,
    /// One attempt to make a generation of an app real.
    DeploymentId,
    /// The immutable record of a live deployment.
    ReleaseId,
    /// A domain of an app.
    DomainId,
    /// A public port of an app.
    PortId,
    /// A certificate.
    CertificateId,
    /// A background job.
    JobId,
    /// A secret store that a team has elsewhere.
    StoreId,
    /// Where a team's names are served, and how they are changed there.
    DnsProviderId,
    /// A record that was put there for a while.
    DnsRecordId,
    /// A domain that a team has proved to be theirs, or is about to.
    VerifiedDomainId,
    /// A certificate that a team brought along.
    OwnCertificateId,
    /// A directory that certificates come from.
    DirectoryId,
    /// An order for a certificate.
    OrderId,
}
