//! What a provider says of itself (OpenID Connect Discovery 1.0).

use serde_json::Value;
use url::Url;

use super::super::{SsoError, http::Http};
use crate::domain::sso::{Issuer, secure};

/// Where a provider has what.
#[derive(Debug)]
pub(super) struct Discovery {
    /// Where a browser signs in.
    pub(super) authorize: Url,
    /// Where a code becomes a token.
    pub(super) token: Url,
    /// Where its public keys are.
    pub(super) keys: Url,
    /// Where it tells about somebody.
    pub(super) userinfo: Option<Url>,
    /// It takes our secret in a header; else in the form.
    pub(super) basic: bool,
    /// It says that it takes PKCE.
    pub(super) pkce: bool,
    scopes: Vec<String>,
}

impl Discovery {
    /// What is asked for: a scope for groups only where the provider has one, as others refuse it.
    pub(super) fn scope(&self, claim: &str) -> String {
        let mut scope = "openid email profile".to_owned();
        for name in ["groups", claim] {
            let asked = scope.split(' ').any(|had| had == name);
            if !asked && self.scopes.iter().any(|known| known == name) {
                scope.push(' ');
                scope.push_str(name);
            }
        }
        scope
    }
}

/// Asks a provider.
///
/// # Errors
/// It does not answer, it is none, or it says that it is another one.
pub(super) async fn look(http: &Http, issuer: &Issuer) -> Result<Discovery, SsoError> {
    let at = format!("{}/.well-known/openid-configuration", issuer.as_str().trim_end_matches('/'));
    let at = Url::parse(&at).map_err(|_| SsoError::wrong("not_a_provider", "its address is none"))?;
    read(&http.get(&at, |request| request).await?.ok()?, issuer)
}

fn read(json: &Value, issuer: &Issuer) -> Result<Discovery, SsoError> {
    let said = json.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if said != issuer.as_str() {
        let message = format!(
            "what answers there calls itself `{}`: enter the issuer as the provider writes it, to the last slash",
            super::super::words(said)
        );
        return Err(SsoError::wrong("issuer_mismatch", message));
    }
    let url = |name: &str| {
        let text = json.get(name).and_then(Value::as_str);
        text.and_then(|text| Url::parse(text).ok()).filter(secure)
    };
    let must = |name: &'static str| {
        url(name).ok_or_else(|| {
            SsoError::wrong("not_a_provider", format!("its discovery has no `{name}` by https"))
        })
    };
    let list = |name: &str| -> Vec<String> {
        let items = json.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let methods = list("token_endpoint_auth_methods_supported");
    Ok(Discovery {
        authorize: must("authorization_endpoint")?,
        token: must("token_endpoint")?,
        keys: must("jwks_uri")?,
        userinfo: url("userinfo_endpoint"),
        // The default, if it says nothing.
        basic: methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic"),
        pkce: list("code_challenge_methods_supported").iter().any(|method| method == "S256"),
        scopes: list("scopes_supported"),
    })
}
