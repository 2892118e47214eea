//! OpenID Connect Core 1.0: the code flow with PKCE, a nonce, and the provider's own discovery.
//!
//! Discovery and keys are asked for at each sign-on: two small requests, and a key that the provider
//! took back counts no more, nor is there a time at which a new one is unknown.

mod discovery;
#[cfg(test)]
mod tests;
mod token;

use serde_json::{Map, Value};
use url::Url;

use self::{
    discovery::Discovery,
    token::{Expected, Keys},
};
use super::{Ask, Endpoint, Finding, SsoError, Vouched, http::Http};
use crate::domain::clock::Time;

/// Where a browser is sent to sign in.
pub(super) async fn begin(http: &Http, at: &Endpoint, ask: &Ask) -> Result<Url, SsoError> {
    let found = discovery::look(http, &at.issuer).await?;
    let mut url = found.authorize.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", at.client.as_str())
        .append_pair("redirect_uri", ask.redirect.as_str())
        .append_pair("scope", &found.scope(at.claim.as_str()))
        .append_pair("state", &ask.state)
        .append_pair("nonce", &ask.nonce)
        .append_pair("code_challenge", &ask.challenge())
        .append_pair("code_challenge_method", "S256");
    Ok(url)
}

/// Who came back with this code: by a signed token, and by what the provider tells with the access
/// token of it, as some put address and groups there alone.
pub(super) async fn identify(
    http: &Http,
    at: &Endpoint,
    ask: &Ask,
    code: &str,
    now: Time,
) -> Result<Vouched, SsoError> {
    let found = discovery::look(http, &at.issuer).await?;
    let keys = Keys::read(&http.get(&found.keys, |r| r).await?.ok()?);
    let answer = exchange(http, &found, at, ask, code).await?;
    let token = answer.get("id_token").and_then(Value::as_str).ok_or_else(|| {
        SsoError::wrong(
            "token_missing",
            "the provider gave no id_token: it does not speak OpenID Connect here",
        )
    })?;
    let expected = Expected { issuer: at.issuer.as_str(), client: at.client.as_str(), nonce: &ask.nonce };
    let mut claims = token::verify(token, &keys, &expected, now.timestamp())?;
    let claim = at.claim.as_str();
    if (!claims.contains_key("email") || !claims.contains_key(claim))
        && let (Some(url), Some(access)) =
            (&found.userinfo, answer.get("access_token").and_then(Value::as_str))
    {
        let more = http.get(url, |request| request.bearer_auth(access)).await?.ok()?;
        if more.get("sub") != claims.get("sub") {
            return Err(SsoError::wrong(
                "token_subject",
                "the provider tells about somebody else than it signed for",
            ));
        }
        for (name, value) in more.as_object().into_iter().flatten() {
            claims.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Ok(vouched(&claims, claim))
}

/// The provider's answer for a code.
async fn exchange(
    http: &Http,
    found: &Discovery,
    at: &Endpoint,
    ask: &Ask,
    code: &str,
) -> Result<Value, SsoError> {
    let (client, secret) = (at.client.as_str(), at.secret.expose());
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", ask.redirect.as_str()),
        ("code_verifier", ask.verifier.expose()),
    ];
    if found.basic {
        // RFC 6749, 2.3.1: both are form-encoded before they are joined.
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (client, secret) = (encoded(client), encoded(secret));
        return http
            .post(&found.token, &form, |request| request.basic_auth(client, Some(secret)))
            .await?
            .ok();
    }
    form.extend([("client_id", client), ("client_secret", secret)]);
    http.post(&found.token, &form, |request| request).await?.ok()
}

fn vouched(claims: &Map<String, Value>, claim: &str) -> Vouched {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let groups = match claims.get(claim) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    };
    // Some write it as a text.
    let verified = match claims.get("email_verified") {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    Vouched { subject: text("sub").unwrap_or_default(), email: text("email"), verified, groups }
}

/// All that can be known without anybody signing in. The client is shown with a code that is none: who
/// knows it complains about the code, anybody else about the client.
pub(super) async fn examine(http: &Http, at: &Endpoint, ask: &Ask) -> Vec<Finding> {
    let finding = |what, ok, text: String| Finding { what, ok, text };
    let found = match discovery::look(http, &at.issuer).await {
        Ok(found) => found,
        Err(error) => return vec![finding("discovery", false, error.to_string())],
    };
    let mut all = vec![finding("discovery", true, format!("it is {}", at.issuer))];
    all.push(match http.get(&found.keys, |r| r).await.and_then(super::http::Answer::ok) {
        Ok(json) => {
            let count = Keys::read(&json).count();
            let text = match count {
                0 => "it has no key of a kind that is taken: RSA, P-256, P-384, Ed25519".to_owned(),
                count => format!("{count} keys that are taken"),
            };
            finding("keys", count > 0, text)
        }
        Err(error) => finding("keys", false, error.to_string()),
    });
    let pkce = if found.pkce {
        "it takes PKCE"
    } else {
        "it does not say that it takes PKCE; it is sent all the same"
    };
    all.push(finding("pkce", true, pkce.to_owned()));
    let scope = found.scope(at.claim.as_str());
    all.push(finding(
        "scope",
        true,
        format!("it is asked for `{scope}`, and groups are read from `{}`", at.claim),
    ));
    all.push(match exchange(http, &found, at, ask, "skep-test").await {
        Err(SsoError::Said(said)) if !said.contains("client") => {
            finding("client", true, "it knows client id and secret".to_owned())
        }
        Err(error) => finding("client", false, format!("{error}; compare client id and secret")),
        Ok(_) => finding("client", false, "it took a code that is none".to_owned()),
    });
    all
}
