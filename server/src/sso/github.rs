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

#[cfg(test)]
mod tests {
    use axum::{
        Json, Router,
        extract::Query,
        http::{HeaderMap, StatusCode},
        response::IntoResponse,
        routing::{get, post},
    };
    use serde_json::json;

    use super::*;
    use crate::domain::{
        outbound::Outbound,
        secret::Secret,
        sso::{Claim, ClientName, Kind},
    };

    /// A GitHub that knows one code, one secret and one person.
    async fn github() -> Endpoint {
        let told = |headers: HeaderMap, json: Value| match headers.get("authorization").map(|a| a.as_bytes())
        {
            Some(b"Bearer gho_1") => Json(json).into_response(),
            _ => (StatusCode::UNAUTHORIZED, Json(json!({"message": "Bad credentials"}))).into_response(),
        };
        let router = Router::new()
            .route(
                "/login/oauth/access_token",
                post(async |form: String| {
                    // As GitHub does it: 200 with an error.
                    Json(if !form.contains("client_secret=right") {
                        json!({"error": "incorrect_client_credentials", "error_description": "The client is unknown."})
                    } else if form.contains("code=good") && form.contains("code_verifier=verifier") {
                        json!({"access_token": "gho_1", "token_type": "bearer"})
                    } else {
                        json!({"error": "bad_verification_code"})
                    })
                }),
            )
            .route("/api/v3/user", get(async move |headers| told(headers, json!({"id": 583_231, "login": "ada"}))))
            .route(
                "/api/v3/user/emails",
                get(async move |headers| {
                    let other = json!({"email": "old@acme.example", "primary": false, "verified": true});
                    let primary = json!({"email": "ada@acme.example", "primary": true, "verified": true});
                    told(headers, json!([other, primary]))
                }),
            )
            .route("/api/v3/user/orgs", get(async move |headers| told(headers, json!([{"login": "acme"}]))))
            .route(
                "/api/v3/user/teams",
                get(async move |Query(query): Query<std::collections::HashMap<String, u32>>, headers| {
                    // A full page, and one more on the next.
                    let count = if query["page"] == 1 { query["per_page"] } else { 1 };
                    let team = |n| json!({"slug": format!("t{}-{n}", query["page"]), "organization": {"login": "acme"}});
                    told(headers, (0..count).map(team).collect())
                }),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Issuer::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Endpoint {
            kind: Kind::Github,
            issuer,
            client: ClientName::parse("Iv1.1").unwrap(),
            secret: Secret::new("right"),
            claim: Claim::parse("groups").unwrap(),
        }
    }

    fn ask() -> Ask {
        Ask {
            redirect: Url::parse("https://skep.example.org/login/callback").unwrap(),
            state: "state".into(),
            nonce: "nonce".into(),
            verifier: Secret::new("verifier"),
        }
    }

    #[tokio::test]
    async fn a_code_becomes_somebody_with_organisations_and_teams() {
        let at = github().await;
        let http = Http::new(Outbound::parse("127.0.0.0/8").unwrap());
        let url = begin(&at, &ask()).unwrap();
        assert!(url.as_str().contains("/login/oauth/authorize?client_id=Iv1.1&redirect_uri="), "{url}");
        assert!(url.as_str().contains("code_challenge_method=S256"), "{url}");
        let ada = identify(&http, &at, &ask(), "good").await.unwrap();
        assert_eq!(
            (ada.subject.as_str(), ada.email.as_deref(), ada.verified),
            ("583231", Some("ada@acme.example"), true)
        );
        assert_eq!(ada.groups.len(), 102, "the organisation, and teams of two pages");
        assert!(ada.groups.contains(&"acme".to_owned()) && ada.groups.contains(&"acme/t2-0".to_owned()));
        let wrong = identify(&http, &at, &ask(), "bad").await.unwrap_err();
        assert_eq!(wrong, SsoError::Said("bad_verification_code".into()));
        assert!(examine(&http, &at, &ask()).await[0].ok);
        let stranger = Endpoint { secret: Secret::new("wrong"), ..at };
        let finding = &examine(&http, &stranger, &ask()).await[0];
        assert!(!finding.ok && finding.text.contains("The client is unknown."), "{finding:?}");
    }

    #[test]
    fn the_interface_is_found_by_the_address() {
        for (issuer, at) in [
            ("https://github.com", "https://api.github.com/"),
            ("https://github.example.org/", "https://github.example.org/api/v3"),
        ] {
            assert_eq!(api(&Issuer::parse(issuer).unwrap()).unwrap().as_str(), at);
        }
    }
}
