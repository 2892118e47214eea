//! GitHub and GitHub Enterprise: OAuth 2 with PKCE, and its API for who it is. There is no signed token:
//! the access token comes straight from GitHub over TLS, for our own code and secret.
//!
//! Groups are organisations (`acme`) and their teams (`acme/devs`).

use serde_json::Value;
use url::Url;

use super::{Ask, Endpoint, Finding, SsoError, Vouched, http::Http};
use crate::domain::sso::Issuer;

/// What is asked for: who it is, their addresses, their organisations.
const SCOPE: &str = "read:user user:email read:org";
/// Entries of a page of the API.
const PAGE: usize = 100;
/// Pages that are read.
const PAGES: usize = 5;

/// Where a browser is sent to sign in.
pub(super) fn begin(at: &Endpoint, ask: &Ask) -> Result<Url, SsoError> {
    let mut url = below(&at.issuer, "login/oauth/authorize")?;
    url.query_pairs_mut()
        .append_pair("client_id", at.client.as_str())
        .append_pair("redirect_uri", ask.redirect.as_str())
        .append_pair("scope", SCOPE)
        .append_pair("state", &ask.state)
        .append_pair("code_challenge", &ask.challenge())
        .append_pair("code_challenge_method", "S256");
    Ok(url)
}

/// Who came back with this code.
pub(super) async fn identify(http: &Http, at: &Endpoint, ask: &Ask, code: &str) -> Result<Vouched, SsoError> {
    let answer = exchange(http, at, ask, code).await?;
    let token = answer.get("access_token").and_then(Value::as_str);
    let token = token.ok_or_else(|| SsoError::wrong("token_missing", "GitHub gave no access token"))?;
    let api = Api { http, base: api(&at.issuer)?, token };
    let user = api.get("user", "").await?;
    let subject = user.get("id").and_then(Value::as_u64);
    let subject = subject.ok_or_else(|| SsoError::wrong("token_subject", "GitHub does not say who it is"))?;
    let emails = api.get("user/emails", "").await?;
    let primary = emails.as_array().into_iter().flatten().find(|email| email["primary"] == true);
    let mut groups = Vec::new();
    for organisation in api.all("user/orgs").await? {
        groups.extend(organisation["login"].as_str().map(str::to_owned));
    }
    for team in api.all("user/teams").await? {
        if let (Some(organisation), Some(name)) =
            (team["organization"]["login"].as_str(), team["slug"].as_str())
        {
            groups.push(format!("{organisation}/{name}"));
        }
    }
    Ok(Vouched {
        subject: subject.to_string(),
        email: primary.and_then(|email| email["email"].as_str()).map(str::to_owned),
        verified: primary.is_some_and(|email| email["verified"] == true),
        groups,
    })
}

async fn exchange(http: &Http, at: &Endpoint, ask: &Ask, code: &str) -> Result<Value, SsoError> {
    let form = [
        ("client_id", at.client.as_str()),
        ("client_secret", at.secret.expose()),
        ("code", code),
        ("redirect_uri", ask.redirect.as_str()),
        ("code_verifier", ask.verifier.expose()),
    ];
    let url = below(&at.issuer, "login/oauth/access_token")?;
    http.post(&url, &form, |request| request).await?.ok()
}

/// All that can be known without anybody signing in: whoever knows the client complains about the code.
pub(super) async fn examine(http: &Http, at: &Endpoint, ask: &Ask) -> Vec<Finding> {
    let (ok, text) = match exchange(http, at, ask, "skep-test").await {
        Err(SsoError::Said(said)) if said.starts_with("bad_verification_code") => {
            (true, "it knows client id and secret".to_owned())
        }
        Err(error) => (false, format!("{error}; compare address, client id and secret")),
        Ok(_) => (false, "it took a code that is none".to_owned()),
    };
    vec![
        Finding { what: "client", ok, text },
        Finding { what: "scope", ok: true, text: format!("it is asked for `{SCOPE}`") },
    ]
}

struct Api<'a> {
    http: &'a Http,
    base: Url,
    token: &'a str,
}

impl Api<'_> {
    async fn get(&self, path: &str, query: &str) -> Result<Value, SsoError> {
        let url = format!("{}/{path}{query}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|_| SsoError::wrong("not_a_provider", "its address is none"))?;
        self.http.get(&url, |request| request.bearer_auth(self.token)).await?.ok()
    }

    async fn all(&self, path: &str) -> Result<Vec<Value>, SsoError> {
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let Value::Array(items) = self.get(path, &format!("?per_page={PAGE}&page={page}")).await? else {
                break;
            };
            let last = items.len() < PAGE;
            all.extend(items);
            if last {
                break;
            }
        }
        Ok(all)
    }
}

fn below(issuer: &Issuer, path: &str) -> Result<Url, SsoError> {
    let text = format!("{}/{path}", issuer.as_str().trim_end_matches('/'));
    Url::parse(&text).map_err(|_| SsoError::wrong("not_a_provider", "its address is none"))
}

/// Where the API is: a host of its own for github.com, a path for others.
fn api(issuer: &Issuer) -> Result<Url, SsoError> {
    match Url::parse(issuer.as_str()).ok().as_ref().and_then(Url::host_str) {
        Some("github.com") => {
            Url::parse("https://api.github.com/").map_err(|_| SsoError::wrong("not_a_provider", ""))
        }
        _ => below(issuer, "api/v3"),
    }
}
