//! Two-factor sign-in of the actor.

use serde::{Deserialize, Serialize};

use super::Time;
#[cfg(feature = "ssr")]
use super::{Result, Secret, SetCookie};

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactorView {
    /// Since when a code is asked for; none: it is off.
    pub since: Option<Time>,
    /// It was begun, and waits for a first code.
    pub begun: bool,
    /// Recovery codes that were not used.
    pub codes_left: u32,
}

/// What an authenticator app is given.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// To be typed.
    pub key: Secret,
    /// To be shown as a QR code.
    pub uri: Secret,
}

/// Questions and commands about it. Each command wants the password again: a fault at `password`, if
/// it is wrong, and one at `code`; `Busy` after too many tries.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait TwoFactor: Send + Sync {
    /// How it stands.
    async fn two_factor(&self) -> Result<TwoFactorView>;

    /// Makes a key, told this once. It counts once a code of it was shown. `Conflict` while it is on.
    async fn begin_two_factor(&self, password: Secret) -> Result<Enrolment>;

    /// Turns it on: the cookies of the session that goes on, and the recovery codes, told this once.
    async fn confirm_two_factor(&self, password: Secret, code: Secret) -> Result<(SetCookie, Vec<Secret>)>;

    /// Makes new recovery codes, told this once.
    async fn renew_recovery_codes(&self, password: Secret, code: Secret) -> Result<Vec<Secret>>;

    /// Turns it off: the cookies of the session that goes on.
    async fn turn_off_two_factor(&self, password: Secret, code: Secret) -> Result<SetCookie>;
}
