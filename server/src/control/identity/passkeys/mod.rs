//! Passkeys (WebAuthn level 3): a key pair that an authenticator keeps, bound to the address of this instance,
//! and used only after it knew its person by a PIN or a finger. So one of them is both factors at once.
//!
//! Who has a second step may take a passkey for it; having one asks nobody for more than before. The cryptography is
//! `webauthn-rs`, 0.6 of which is Rust alone, without OpenSSL: it reads what authenticators send and verifies it.
//! Attestation is not asked for: what make a key is decides nothing here. What belongs to us is around it
//! (`challenge.rs`): challenges lie in SQL, count once and for five minutes, and belong to the browser that asked.
//!
//! To add an operation: its file here. To add a purpose of a challenge: a line in [`Purpose`].

mod begin;
mod begin_sign_in;
mod challenge;
mod list;
mod register;
mod remove;
mod rename;
mod reset;
mod sign_in;

pub use begin::begin;
pub use begin_sign_in::{Step, begin_sign_in};
pub use list::list;
pub use register::register;
pub use remove::remove;
pub use rename::rename;
pub use reset::reset;
pub use sign_in::{PasskeySignIn, sign_in};
/// What an authenticator answers when it signs in.
pub use webauthn_rs::prelude::PublicKeyCredential as Assertion;
/// What an authenticator answers when it has made a key.
pub use webauthn_rs::prelude::RegisterPublicKeyCredential as Registration;

use webauthn_rs::prelude::{Webauthn, WebauthnBuilder};

use crate::{
    control::{Error, settings},
    deploy::parts::Parts,
    domain::secret::Secret,
};

/// What the browser is asked, and what it shows with the answer; the latter is a cookie.
#[derive(Debug)]
pub struct Asked {
    /// For `navigator.credentials`, as `PublicKeyCredential.parse…OptionsFromJSON` takes it.
    pub options: serde_json::Value,
    /// The cookie's value; told this once.
    pub cookie: Secret,
}

/// What a challenge is for: one for registering does not sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Register,
    SignIn,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign_in",
        }
    }
}

/// The verifier for this instance: keys are bound to its host, and answers must come from its origin, both by
/// the address that is set, never by what a request says (S15).
async fn site(parts: &Parts) -> Result<Webauthn, Error> {
    let url = settings::public_url(parts).await?;
    let named = url.as_ref().and_then(|url| url.domain().map(|host| (host, url)));
    let Some((host, url)) = named else {
        let rule = "passkeys belong to the name of this instance, and it has none: its owner sets a domain first \
                    (`skep config set domain`); an IP address is no name";
        return Err(Error::conflict("no_public_name", rule));
    };
    let built = WebauthnBuilder::new(host, url).map(|builder| builder.rp_name("Skep"));
    built.and_then(WebauthnBuilder::build).map_err(Error::internal)
}
