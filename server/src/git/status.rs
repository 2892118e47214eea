//! Commit statuses: what became of a commit, told back to the forge it came from.
//!
//! One request for each change of a deployment. A forge that cannot be told changes nothing for
//! the deployment: the caller notes the error and goes on.
//! To add a forge: its path, headers and words in the three functions at the end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    GitError,
    cli::{Resolve, SystemResolver, address},
};
use crate::domain::{
    delivery::Provider,
    git_url::{GitUrl, Scheme},
    name::Sha,
    outbound::Outbound,
    secret::Secret,
};

/// How far a deployment is, in the words that forges have for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits or runs.
    Pending,
    /// It is live.
    Success,
    /// It did not become live.
    Failure,
    /// It was cancelled or superseded: nothing is wrong with the commit.
    Stopped,
}

/// What to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// How far it is.
    pub state: State,
    /// Tells our statuses apart on one commit: `skep/production/shop`.
    pub context: String,
    /// One line for people; cut to what the forge takes.
    pub description: String,
    /// The deployment's page.
    pub link: Option<url::Url>,
}

/// Where a repository's statuses are posted.
#[derive(Debug, Clone)]
pub struct Forge {
    /// Which interface it speaks.
    pub provider: Provider,
    /// Where that interface is: `https://api.github.com`, `https://git.example.org/api/v1`.
    pub api: url::Url,
    /// The repository there: `team/app`.
    pub repository: String,
}

impl Forge {
    /// By the address that the app is cloned from; none for senders that keep no statuses.
    #[must_use]
    pub fn of(provider: Provider, url: &GitUrl) -> Option<Self> {
        let path = url.path().trim_matches('/');
        let repository = path.strip_suffix(".git").unwrap_or(path).to_owned();
        let scheme = if url.scheme() == Scheme::Http { "http" } else { "https" };
        // An ssh port says nothing about where https is.
        let port = if url.is_ssh() { String::new() } else { format!(":{}", url.port()) };
        let base = format!("{scheme}://{}{port}", url.host());
        let api = match (provider, url.host()) {
            (Provider::Github, "github.com" | "ssh.github.com") => "https://api.github.com".to_owned(),
            (Provider::Github, _) => format!("{base}/api/v3"),
            (Provider::Gitlab, "altssh.gitlab.com") => "https://gitlab.com/api/v4".to_owned(),
            (Provider::Gitlab, _) => format!("{base}/api/v4"),
            (Provider::Gitea, _) => format!("{base}/api/v1"),
            (Provider::Bitbucket, "bitbucket.org" | "altssh.bitbucket.org") => {
                "https://api.bitbucket.org/2.0".to_owned()
            }
            (Provider::Bitbucket | Provider::Generic | Provider::Registry, _) => return None,
        };
        Some(Self { provider, api: url::Url::parse(&api).ok()?, repository })
    }
}

/// Tells forges.
pub struct Teller {
    outbound: Outbound,
    resolver: Arc<dyn Resolve>,
}

impl Teller {
    /// To addresses that `outbound` allows.
    #[must_use]
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, resolver: Arc::new(SystemResolver) }
    }

    /// Resolves names another way.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Posts a status. `username`: for tokens that want one (Bitbucket's app passwords).
    ///
    /// # Errors
    /// `address_not_allowed`; `unauthorized`; `status_refused` with the forge's status code; or
    /// no answer within ten seconds.
    pub async fn tell(
        &self,
        forge: &Forge,
        sha: &Sha,
        status: &Status,
        username: Option<&str>,
        token: &Secret,
    ) -> Result<(), GitError> {
        let host = forge.api.host_str().unwrap_or_default();
        let port = forge.api.port_or_known_default().unwrap_or(443);
        let addresses = address::checked(host, port, &self.outbound, &*self.resolver).await?;
        let sockets: Vec<SocketAddr> = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        let unreachable = |error: reqwest::Error| GitError::Unreachable(error.without_url().to_string());
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .resolve_to_addrs(host, &sockets)
            .user_agent("skep")
            .build()
            .map_err(unreachable)?;
        let request = client.post(url(forge, sha)).json(&body(forge.provider, status));
        let answer = sign_in(request, forge.provider, username, token).send().await.map_err(unreachable)?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            // GitLab's answer to being told the same again.
            400 if forge.provider == Provider::Gitlab && cannot_transition(answer).await => Ok(()),
            401 | 403 => Err(GitError::Refused {
                code: "unauthorized",
                message: "the forge refuses the token: it must be allowed to write commit statuses"
                    .to_owned(),
            }),
            500.. | 429 => Err(GitError::Unreachable("the forge has a fault of its own".to_owned())),
            code => Err(GitError::Refused {
                code: "status_refused",
                message: format!("the forge does not take the commit status: it answers {code}"),
            }),
        }
    }
}

async fn cannot_transition(mut answer: reqwest::Response) -> bool {
    let first = answer.chunk().await.ok().flatten().unwrap_or_default();
    String::from_utf8_lossy(&first).contains("Cannot transition status")
}

fn url(forge: &Forge, sha: &Sha) -> url::Url {
    let mut url = forge.api.clone();
    if let Ok(mut parts) = url.path_segments_mut() {
        parts.pop_if_empty();
        let path = forge.repository.split('/');
        match forge.provider {
            Provider::Gitlab => parts.extend(["projects", &forge.repository, "statuses", sha.as_str()]),
            Provider::Bitbucket => {
                parts.push("repositories").extend(path).extend(["commit", sha.as_str(), "statuses", "build"])
            }
            _ => parts.push("repos").extend(path).extend(["statuses", sha.as_str()]),
        };
    }
    url
}

fn sign_in(
    request: reqwest::RequestBuilder,
    provider: Provider,
    username: Option<&str>,
    token: &Secret,
) -> reqwest::RequestBuilder {
    match (provider, username) {
        (Provider::Gitlab, _) => request.header("private-token", token.expose()),
        (Provider::Gitea, _) => request.header("authorization", format!("token {}", token.expose())),
        (Provider::Bitbucket, Some(user)) => request.basic_auth(user, Some(token.expose())),
        _ => request.bearer_auth(token.expose()).header("accept", "application/vnd.github+json"),
    }
}

fn body(provider: Provider, status: &Status) -> Value {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let link = status.link.as_ref().map(url::Url::as_str);
    let state = |names: [&'static str; 4]| match status.state {
        State::Pending => names[0],
        State::Success => names[1],
        State::Failure => names[2],
        State::Stopped => names[3],
    };
    match provider {
        Provider::Gitlab => json!({
            "state": state(["running", "success", "failed", "canceled"]), "name": cut(&status.context, 255),
            "description": cut(&status.description, 255), "target_url": link,
        }),
        Provider::Bitbucket => json!({
            "state": state(["INPROGRESS", "SUCCESSFUL", "FAILED", "STOPPED"]), "key": cut(&status.context, 40),
            "name": status.context, "description": cut(&status.description, 255), "url": link,
        }),
        _ => json!({
            "state": state(["pending", "success", "failure", "error"]), "context": cut(&status.context, 255),
            "description": cut(&status.description, 140), "target_url": link,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::{
        Router,
        body::Bytes,
        extract::State as Shared,
        http::{HeaderMap, StatusCode, Uri},
    };

    use super::*;

    type Seen = Arc<Mutex<Vec<(String, HeaderMap, Value)>>>;

    /// A forge that notes what it is told and answers as it is asked.
    async fn forge(provider: Provider, answer: StatusCode, text: &'static str) -> (Forge, Seen) {
        let seen = Seen::default();
        let router = Router::new()
            .fallback(async move |Shared(seen): Shared<Seen>, uri: Uri, headers: HeaderMap, body: Bytes| {
                seen.lock().unwrap().push((uri.to_string(), headers, serde_json::from_slice(&body).unwrap()));
                (answer, [("location", "http://127.0.0.1:1/")], text)
            })
            .with_state(seen.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = url::Url::parse(&format!("http://{}/api", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Forge { provider, api, repository: "team/app".into() }, seen)
    }

    fn sha() -> Sha {
        Sha::parse("0123456789012345678901234567890123456789").unwrap()
    }

    fn status(state: State) -> Status {
        Status {
            state,
            context: "skep/production/shop".into(),
            description: "x".repeat(300),
            link: url::Url::parse("https://skep.example.org/d/1").ok(),
        }
    }

    async fn tell(forge: &Forge, state: State, username: Option<&str>) -> Result<(), GitError> {
        let teller = Teller::new(Outbound::parse("127.0.0.0/8").unwrap());
        teller.tell(forge, &sha(), &status(state), username, &Secret::new("token-1")).await
    }

    #[tokio::test]
    async fn each_forge_is_told_in_its_own_words() {
        let at = "0123456789012345678901234567890123456789";
        for (provider, username, path, header, value, state, told) in [
            (
                Provider::Github,
                None,
                format!("/api/repos/team/app/statuses/{at}"),
                "authorization",
                "Bearer token-1",
                State::Failure,
                "failure",
            ),
            (
                Provider::Gitea,
                None,
                format!("/api/repos/team/app/statuses/{at}"),
                "authorization",
                "token token-1",
                State::Stopped,
                "error",
            ),
            (
                Provider::Gitlab,
                None,
                format!("/api/projects/team%2Fapp/statuses/{at}"),
                "private-token",
                "token-1",
                State::Pending,
                "running",
            ),
            (
                Provider::Bitbucket,
                None,
                format!("/api/repositories/team/app/commit/{at}/statuses/build"),
                "authorization",
                "Bearer token-1",
                State::Success,
                "SUCCESSFUL",
            ),
            (
                Provider::Bitbucket,
                Some("ada"),
                format!("/api/repositories/team/app/commit/{at}/statuses/build"),
                "authorization",
                "Basic YWRhOnRva2VuLTE=",
                State::Stopped,
                "STOPPED",
            ),
        ] {
            let (forge, seen) = forge(provider, StatusCode::CREATED, "").await;
            tell(&forge, state, username).await.unwrap();
            let seen = seen.lock().unwrap();
            let (uri, headers, body) = &seen[0];
            assert_eq!(uri, &path);
            assert_eq!(headers[header].to_str().unwrap(), value);
            assert_eq!(body["state"], told);
            assert!(body["description"].as_str().unwrap().len() <= 255);
        }
    }

    #[tokio::test]
    async fn answers_are_understood() {
        for (provider, answer, text, code) in [
            (Provider::Github, StatusCode::UNAUTHORIZED, "", Some("unauthorized")),
            (Provider::Github, StatusCode::UNPROCESSABLE_ENTITY, "", Some("status_refused")),
            (Provider::Github, StatusCode::FOUND, "", Some("status_refused")), // not followed
            (Provider::Github, StatusCode::BAD_GATEWAY, "", None),
            (Provider::Gitlab, StatusCode::BAD_REQUEST, "{\"message\":\"Bad\"}", Some("status_refused")),
        ] {
            let (forge, seen) = forge(provider, answer, text).await;
            match (tell(&forge, State::Success, None).await, code) {
                (Err(GitError::Refused { code, .. }), Some(expected)) => assert_eq!(code, expected),
                (Err(GitError::Unreachable(_)), None) => {}
                other => panic!("{answer}: {other:?}"),
            }
            assert_eq!(seen.lock().unwrap().len(), 1);
        }
        let again = "{\"message\":\"Cannot transition status via :run from :running\"}";
        let (forge, _) = forge(Provider::Gitlab, StatusCode::BAD_REQUEST, again).await;
        tell(&forge, State::Pending, None).await.unwrap();
    }

    #[tokio::test]
    async fn case_041_a_private_forge_is_not_told_unless_allowed() {
        let (forge, seen) = forge(Provider::Github, StatusCode::CREATED, "").await;
        let teller = Teller::new(Outbound::default());
        let refused = teller.tell(&forge, &sha(), &status(State::Success), None, &Secret::new("t")).await;
        assert!(matches!(refused, Err(GitError::Refused { code: "address_not_allowed", .. })));
        assert!(seen.lock().unwrap().is_empty());
    }

    #[test]
    fn the_interface_is_found_by_the_clone_address() {
        let of = |provider, url: &str| {
            Forge::of(provider, &GitUrl::parse(url).unwrap()).map(|f| (f.api.to_string(), f.repository))
        };
        for (provider, url, api) in [
            (Provider::Github, "git@github.com:team/app.git", "https://api.github.com/"),
            (Provider::Github, "https://github.example.org/team/app", "https://github.example.org/api/v3"),
            (
                Provider::Gitlab,
                "ssh://git@git.example.org:2222/team/app.git",
                "https://git.example.org/api/v4",
            ),
            (
                Provider::Gitea,
                "https://git.example.org:8443/team/app.git",
                "https://git.example.org:8443/api/v1",
            ),
            (Provider::Bitbucket, "https://bitbucket.org/team/app", "https://api.bitbucket.org/2.0"),
        ] {
            assert_eq!(of(provider, url), Some((api.to_owned(), "team/app".to_owned())));
        }
        assert_eq!(of(Provider::Generic, "https://git.example.org/team/app"), None);
    }
}
