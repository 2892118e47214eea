//! The connection to the engine: made when it is first needed, with the API version that both
//! sides know, and made anew after the engine went away.

use std::{future::Future, path::PathBuf, time::Duration};

use bollard::{API_DEFAULT_VERSION, BollardRequest, ClientVersion, Docker};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{EngineError, RegistryAuth, address::Address, wire};

/// The lowest API version that has all we need: Docker 20.10.
pub const LOWEST: (usize, usize) = (1, 41);
/// For a call that reads or changes one thing.
pub(super) const SHORT: Duration = Duration::from_secs(20);
/// For a call after which the engine may work for a while before it answers.
const ANSWER: u64 = 60;

/// A Docker engine reached through its API. Making one needs no engine: it connects when it is
/// first asked.
#[derive(Debug)]
pub struct DockerEngine {
    pub(super) address: Address,
    pub(super) ipvs: PathBuf,
    session: Mutex<Option<Session>>,
}

/// What was agreed with the engine.
#[derive(Debug, Clone)]
struct Session {
    docker: Docker,
    api: (usize, usize),
}

/// `GET /version`, as far as it matters here.
#[derive(Deserialize)]
struct Version {
    #[serde(rename = "ApiVersion")]
    api: String,
    #[serde(rename = "MinAPIVersion", default)]
    lowest: Option<String>,
}

impl DockerEngine {
    /// An engine at this address.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self { address, ipvs: PathBuf::from("/proc/net/ip_vs"), session: Mutex::new(None) }
    }

    /// Looks for IPVS in this file instead of `/proc/net/ip_vs`: where Skep itself runs in a
    /// container, the node's file is mounted elsewhere.
    #[must_use]
    pub fn with_ipvs_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.ipvs = file.into();
        self
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// The agreed API version as a path's beginning: `/v1.41`.
    pub(crate) async fn prefix(&self) -> Result<String, EngineError> {
        let session = self.session().await?;
        Ok(format!("/v{}.{}", session.api.0, session.api.1))
    }

    /// The agreed API version: `1.41`.
    pub(super) async fn api(&self) -> Result<String, EngineError> {
        let session = self.session().await?;
        Ok(format!("{}.{}", session.api.0, session.api.1))
    }

    /// One call through the client library, within `limit`. After a lost connection the next call
    /// agrees on the version again, as the engine may be another one then.
    pub(super) async fn call<T, E, Call, Answer>(&self, limit: Duration, call: Call) -> Result<T, EngineError>
    where
        E: Into<EngineError>,
        Call: FnOnce(Docker) -> Answer,
        Answer: Future<Output = Result<T, E>>,
    {
        let docker = self.session().await?.docker;
        let result = match tokio::time::timeout(limit, call(docker)).await {
            Ok(result) => result.map_err(Into::into),
            Err(_) => Err(EngineError::Unreachable(format!("no answer within {} s", limit.as_secs()))),
        };
        self.heard(result).await
    }

    /// `GET` below the agreed version, for what the library's types leave out.
    pub(super) async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, EngineError> {
        let path = format!("{}{path}", self.prefix().await?);
        let result = wire::get_json(&self.address, &path, SHORT).await;
        self.heard(result).await
    }

    /// Forgets what was agreed if the engine is gone.
    pub(super) async fn heard<T>(&self, result: Result<T, EngineError>) -> Result<T, EngineError> {
        if matches!(result, Err(EngineError::Unreachable(_))) {
            *self.session.lock().await = None;
        }
        result
    }

    async fn session(&self) -> Result<Session, EngineError> {
        let mut held = self.session.lock().await;
        if let Some(session) = held.as_ref() {
            return Ok(session.clone());
        }
        let version: Version = wire::get_json(&self.address, "/version", SHORT).await?;
        let api = agree(&version.api, version.lowest.as_deref())?;
        let session = Session { docker: connect(&self.address, api)?, api };
        *held = Some(session.clone());
        Ok(session)
    }
}

fn connect(address: &Address, api: (usize, usize)) -> Result<Docker, EngineError> {
    let version = ClientVersion { major_version: api.0, minor_version: api.1 };
    Ok(match address {
        Address::Unix(path) => Docker::connect_with_unix(&path.to_string_lossy(), ANSWER, &version)?,
        Address::Tcp(host) => Docker::connect_with_http(&format!("tcp://{host}"), ANSWER, &version)?,
    })
}

/// The highest version that both sides know.
fn agree(engine: &str, engine_lowest: Option<&str>) -> Result<(usize, usize), EngineError> {
    let unreadable = || EngineError::Refused(format!("an API version that cannot be read: {engine}"));
    let highest = parse(engine).ok_or_else(unreadable)?;
    let ours = (API_DEFAULT_VERSION.major_version, API_DEFAULT_VERSION.minor_version);
    let agreed = highest.min(ours);
    if agreed < LOWEST {
        return Err(EngineError::Refused(format!(
            "it speaks API {engine}, and Skep needs {}.{} at least: use Docker 20.10 or later",
            LOWEST.0, LOWEST.1
        )));
    }
    if engine_lowest.and_then(parse).is_some_and(|lowest| agreed < lowest) {
        return Err(EngineError::Refused("it is too new for this version of Skep: update Skep".to_owned()));
    }
    Ok(agreed)
}

fn parse(version: &str) -> Option<(usize, usize)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Puts the registry's credentials on a request, in the URL-safe base64 that engines read.
pub(super) fn signed(docker: Docker, auth: Option<&RegistryAuth>) -> Docker {
    let Some(value) = auth.map(header) else { return docker };
    docker.with_request_modifier(move |mut request: BollardRequest| {
        if let Ok(mut value) = hyper::header::HeaderValue::from_str(&value) {
            value.set_sensitive(true);
            request.headers_mut().insert("X-Registry-Auth", value);
        }
        request
    })
}

/// The value of `X-Registry-Auth`.
pub(super) fn header(auth: &RegistryAuth) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE};
    let json = serde_json::json!({
        "username": auth.username,
        "password": auth.password.expose(),
        "serveraddress": auth.host,
    });
    URL_SAFE.encode(json.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn agrees_on_the_highest_common_version() {
        assert_eq!(agree("1.41", Some("1.12")).unwrap(), (1, 41));
        assert_eq!(agree("1.51", Some("1.24")).unwrap(), (1, 51));
        let ours = (API_DEFAULT_VERSION.major_version, API_DEFAULT_VERSION.minor_version);
        assert_eq!(agree("1.999", Some("1.44")).unwrap(), ours);
    }

    #[test]
    fn refuses_what_is_too_old_or_too_new() {
        assert!(agree("1.40", None).unwrap_err().to_string().contains("20.10"));
        assert!(agree("9.1", Some("9.0")).unwrap_err().to_string().contains("update Skep"));
        assert!(agree("new", None).is_err());
    }

    #[test]
    fn registry_credentials_are_url_safe() {
        let auth = RegistryAuth {
            host: "r.test".to_owned(),
            username: "u".to_owned(),
            password: Secret::new("??>>~~\u{ff}"),
        };
        let value = header(&auth);
        assert!(!value.contains(['+', '/']), "{value}");
    }

    #[tokio::test]
    async fn fault_29_no_engine_is_unreachable_not_empty() {
        use super::super::Engine;
        let engine = DockerEngine::new(Address::Unix("/nonexistent/docker.sock".into()));
        assert!(matches!(engine.observe("x").await, Err(EngineError::Unreachable(_))));
        assert!(matches!(engine.tasks("x").await, Err(EngineError::Unreachable(_))));
        assert!(matches!(engine.info().await, Err(EngineError::Unreachable(_))));
    }
}
