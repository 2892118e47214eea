//! Single sign-on: providers to sign in through, setting them up, and which know the actor.

use serde::{Deserialize, Serialize};

use super::Time;
#[cfg(feature = "ssr")]
use super::{Result, Secret, SetCookie};

/// A provider that a login page offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its id.
    pub id: String,
    /// What the button says.
    pub name: String,
}

/// Who is given a role by a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingView {
    /// The group; none: everybody.
    pub group: Option<String>,
    /// `team`, `project:ID` or `environment:ID`.
    pub place: String,
    /// For people.
    pub place_name: String,
    /// For people.
    pub role_name: String,
}

/// An identity provider, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// `oidc` or `github`.
    pub kind: String,
    /// Where it is.
    pub issuer: String,
    /// What it calls us.
    pub client: String,
    /// The claim that lists groups.
    pub claim: String,
    /// People can sign in through it.
    pub enabled: bool,
    /// Who is given what.
    pub mappings: Vec<MappingView>,
}

/// Whose providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// Those of the team that is looked at.
    Team,
    /// Those of the instance.
    Instance,
}

/// All that the page of providers shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsoView {
    /// By name.
    pub providers: Vec<ProviderView>,
    /// What is to be registered with a provider; none while the instance has no address.
    pub redirect: Option<String>,
    /// Where people of the team sign in.
    pub login: String,
    /// People come into the team only through its providers.
    pub only: bool,
    /// Whoever looks came in so.
    pub through: bool,
    /// Roles that can be given: ids and names.
    pub roles: Vec<(String, String)>,
    /// Where: values and their texts.
    pub places: Vec<(String, String)>,
}

/// Something that was looked at in a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// What.
    pub what: String,
    /// It is as it should be.
    pub ok: bool,
    /// How it is, and what to do.
    pub text: String,
}

/// A provider, and whether it knows the actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityView {
    /// The provider's id.
    pub provider: String,
    /// What it is called.
    pub name: String,
    /// It knows them.
    pub connected: bool,
    /// Their address there.
    pub email: Option<String>,
    /// When they last signed in through it.
    pub used_at: Option<Time>,
}

/// A provider as it is entered.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// Whose.
    pub of: Whose,
    /// For people.
    pub name: String,
    /// `oidc` or `github`.
    pub kind: String,
    /// Where it is.
    pub issuer: String,
    /// The client id.
    pub client: String,
    /// The client secret.
    pub secret: Secret,
    /// The claim that lists groups.
    pub claim: String,
}

/// What a provider is to be like.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone)]
pub struct ChangedProvider {
    /// For people.
    pub name: String,
    /// The client id.
    pub client: String,
    /// The client secret; none: as it is.
    pub secret: Option<Secret>,
    /// The claim that lists groups.
    pub claim: String,
    /// People can sign in through it.
    pub enabled: bool,
}

/// What a browser brings back from a provider.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone)]
pub struct CameBack {
    /// What it took along.
    pub state: String,
    /// By which the provider says who it is.
    pub code: Secret,
    /// Why it does not, in its own words.
    pub error: Option<String>,
    /// Who the provider says that it is.
    pub issuer: Option<String>,
}

/// How far somebody came.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone)]
pub enum Went {
    /// On to an address, with cookies.
    On {
        /// A path of ours, or a provider's address.
        to: String,
        /// The cookies.
        cookies: SetCookie,
    },
    /// Not on, and why, in words that a provider may have written.
    Refused(String),
}

/// Questions and commands about it.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait SingleSignOn: Send + Sync {
    /// What a login page offers: the instance's providers, or those of a team with its name.
    async fn offers(&self, team: Option<&str>) -> Result<(Option<String>, Vec<Offer>)>;

    /// Sends the browser to a provider; `next` is where it goes on to after that.
    async fn begin_sso(&self, provider: &str, next: &str) -> Result<Went>;

    /// The browser comes back: signs in, or connects the provider to the account.
    async fn finish_sso(&self, back: CameBack) -> Result<Went>;

    /// The providers with all that their page shows.
    async fn sso(&self, of: Whose) -> Result<SsoView>;

    /// Enters a provider. Faults at `name`, `kind`, `issuer`, `client`, `secret`, `claim`.
    async fn create_sso(&self, new: NewProvider) -> Result<()>;

    /// Changes a provider. Faults as above.
    async fn change_sso(&self, id: &str, change: ChangedProvider) -> Result<()>;

    /// Gives a group, or everybody, a role at a place, or takes it. Faults at `group`, `role`, `place`.
    async fn map_sso(&self, id: &str, group: Option<&str>, place: &str, role: Option<&str>) -> Result<()>;

    /// Looks at a provider without anybody signing in.
    async fn test_sso(&self, id: &str) -> Result<Vec<FindingView>>;

    /// Removes a provider.
    async fn remove_sso(&self, id: &str) -> Result<()>;

    /// Says whether people come into the team only through its providers.
    async fn set_sso_only(&self, on: bool) -> Result<()>;

    /// The providers that know the actor, and those that they could connect.
    async fn identities(&self) -> Result<Vec<IdentityView>>;

    /// Connects a provider. A fault at `password`.
    async fn connect_identity(&self, provider: &str, password: Secret) -> Result<Went>;

    /// Disconnects it. A fault at `password`.
    async fn disconnect_identity(&self, provider: &str, password: Secret) -> Result<()>;
}
