//! The first admin, signing in and out, the browsers and tokens of the actor.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{Result, Secret};
use super::{SessionId, Time, TokenId};

/// Who looks at the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Their address.
    pub email: String,
    /// The team that they look at, if they are in one.
    pub team: Option<String>,
    /// What they may do somewhere in it: `deploy`, `members`...
    pub rights: Vec<String>,
    /// They own the instance.
    pub owner: bool,
    /// Their team wants them to sign in through a provider of its own: there.
    pub sign_in_at: Option<String>,
}

impl Viewer {
    /// Whether they may do this somewhere.
    #[must_use]
    pub fn may(&self, right: &str) -> bool {
        self.rights.iter().any(|had| had == right)
    }
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// It is the one that asks.
    pub current: bool,
    /// The browser's own words about itself.
    pub agent: String,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
}

/// An API token, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its id.
    pub id: TokenId,
    /// For people.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// When it ends, if ever.
    pub expires_at: Option<Time>,
    /// When it was last used.
    pub used_at: Option<Time>,
}

/// A change of who is signed in: the whole values of `Set-Cookie` headers, made by whoever owns
/// sessions, so that their attributes are decided in one place.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie(pub Vec<Secret>);

/// How far a password led.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// They are signed in.
    SignedIn(SetCookie),
    /// They have to show a code; the cookie is what they go on with.
    SecondStep(SetCookie),
}

/// Questions and commands about sessions.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Sessions: Send + Sync {
    /// There is no admin yet: the setup page is open to whoever has the one-time token.
    async fn needs_setup(&self) -> Result<bool>;

    /// Makes the first admin and signs them in. Faults at `token`, `email`, `password`;
    /// `Conflict` if there is an admin already.
    async fn set_up(&self, token: Secret, email: &str, password: Secret) -> Result<SetCookie>;

    /// Who is signed in, if anybody.
    async fn viewer(&self) -> Result<Option<Viewer>>;

    /// Signs in. `Unauthenticated` for an unknown address and a wrong password alike; `Busy`
    /// after too many tries.
    async fn sign_in(&self, email: &str, password: Secret) -> Result<Entry>;

    /// Goes on with a code. A fault at `code`; `Unauthenticated` if no password was shown just
    /// before; `Busy` after too many tries.
    async fn second_step(&self, code: Secret) -> Result<SetCookie>;

    /// Ends this session; the answer clears the cookie.
    async fn sign_out(&self) -> Result<SetCookie>;

    /// Ends all sessions of the actor, this one too.
    async fn sign_out_everywhere(&self) -> Result<SetCookie>;

    /// The actor's sessions, newest first.
    async fn sessions(&self) -> Result<Vec<SessionView>>;

    /// Ends one of the actor's sessions.
    async fn end_session(&self, id: &SessionId) -> Result<()>;

    /// Changes the password and ends all other sessions. Faults at `current`, `password`.
    async fn change_password(&self, current: Secret, password: Secret) -> Result<()>;

    /// The actor's API tokens, newest first.
    async fn tokens(&self) -> Result<Vec<TokenView>>;

    /// Makes an API token that ends after `days`, or never; its value is told this once. Faults
    /// at `name`, `days`.
    async fn create_token(&self, name: &str, days: Option<u32>) -> Result<(TokenView, Secret)>;

    /// Revokes an API token.
    async fn delete_token(&self, id: &TokenId) -> Result<()>;
}
