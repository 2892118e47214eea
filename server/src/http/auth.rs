//! Who asks: by an API token in `Authorization: Bearer`, or by the session cookie. Never by
//! anything in the address (case 119).

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{header, request::Parts},
};

use super::{Problem, State, answer::RequestId, client, cookie::Cookie};
use crate::{
    control::{
        Ctx, Error,
        identity::{self, Caller},
    },
    domain::secret::Secret,
};

/// A request by somebody who is known.
#[derive(Clone)]
pub struct SignedInCaller {
    /// What commands and queries take.
    pub cx: Ctx,
    /// Who, and by what.
    pub caller: Caller,
    proof: Proof,
}

/// What was shown, to look at it again later.
#[derive(Clone)]
enum Proof {
    Token(Secret),
    Cookie(Secret),
}

impl SignedInCaller {
    /// Whether what was shown still counts for the same: the same person, team and rights.
    ///
    /// # Errors
    /// The database.
    pub async fn still(&self, state: &State) -> Result<bool, Error> {
        Ok(match &self.proof {
            Proof::Token(value) => identity::by_token(&state.parts, value.expose()).await?,
            Proof::Cookie(value) => identity::by_cookie(&state.parts, value.expose()).await?,
        }
        .is_some_and(|caller| caller == self.caller))
    }
}

impl FromRequestParts<State> for SignedInCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        find(parts, state).await?.ok_or_else(sign_in)
    }
}

impl OptionalFromRequestParts<State> for SignedInCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, Problem> {
        find(parts, state).await
    }
}

impl FromRequestParts<State> for Ctx {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        <SignedInCaller as FromRequestParts<State>>::from_request_parts(parts, state)
            .await
            .map(|known| known.cx)
    }
}

async fn find(parts: &Parts, state: &State) -> Result<Option<SignedInCaller>, Problem> {
    let (caller, proof) = match parts.headers.get(header::AUTHORIZATION) {
        // Whoever shows a token means it: a wrong one is not helped out by a cookie.
        Some(value) => {
            let Some(token) = value.to_str().ok().and_then(bearer) else { return Ok(None) };
            (identity::by_token(&state.parts, token).await?, Proof::Token(Secret::new(token)))
        }
        None => {
            let https = client::is_https(parts, state);
            let Some(value) = Cookie::Session.read(&parts.headers, https) else { return Ok(None) };
            (identity::by_cookie(&state.parts, value).await?, Proof::Cookie(Secret::new(value)))
        }
    };
    let request = parts.extensions.get::<RequestId>().map_or("", |id| id.0.as_str());
    let address = client::address(parts, state);
    Ok(caller.map(|caller| SignedInCaller {
        cx: Ctx::new(state.parts.clone(), &caller, address, request),
        caller,
        proof,
    }))
}

/// The token of a `Bearer` header (RFC 6750).
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn sign_in() -> Problem {
    Error::Unauthenticated {
        code: "sign_in",
        message: "sign in, or send an API token as `Authorization: Bearer skep_…`".to_owned(),
    }
    .into()
}
