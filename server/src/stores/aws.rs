//! AWS Secrets Manager: all of a secret's text, or one key of its JSON.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Client;
use serde_json::{Value, json};

use super::{
    Store, StoreError,
    sign::{Key, Signing},
    value,
    wire::{Again, Answer, Wire},
};
use crate::domain::{clock::Clock, secret::Secret, store::Login};

const JSON: &str = "application/x-amz-json-1.1";

/// The Secrets Manager of one region.
pub(super) struct SecretsManager {
    wire: Wire,
    login: Login,
    region: String,
    clock: Arc<dyn Clock>,
}

impl SecretsManager {
    pub(super) fn new(wire: Wire, login: Login, region: String, clock: Arc<dyn Clock>) -> Self {
        Self { wire, login, region, clock }
    }

    async fn call(&self, operation: &str, body: &Value) -> Result<Answer, StoreError> {
        let url = self.wire.url([]);
        let body = body.to_string();
        let target = format!("secretsmanager.{operation}");
        let key = Key { id: &self.login.id, secret: &self.login.secret, region: &self.region };
        let make = |client: &Client| {
            // Each try is signed for its own moment.
            let time = self.clock.now().format("%Y%m%dT%H%M%SZ").to_string();
            let host = url.host_str().unwrap_or_default();
            let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            let headers =
                [("content-type", JSON), ("host", &host), ("x-amz-date", &time), ("x-amz-target", &target)];
            let signing =
                Signing { method: "POST", path: url.path(), query: "", headers: &headers, body: &body };
            let authorization = signing.authorization(&key, "secretsmanager", &time);
            let request = client.post(url.clone()).header("authorization", authorization);
            // The host is written by the client itself.
            let own = headers.into_iter().filter(|(name, _)| *name != "host");
            own.fold(request, |request, (name, value)| request.header(name, value)).body(body.clone())
        };
        self.wire.ask(Again::Yes, make).await
    }
}

/// What an answer that says no means: all of them are 400, and told apart by their type.
fn refusal(answer: Answer) -> Result<Value, StoreError> {
    let kind = answer.json["__type"].as_str().unwrap_or_default();
    let kind = kind.rsplit('#').next().unwrap_or_default().to_owned();
    if answer.status != 400 {
        return answer.good();
    }
    let words = format!("{}: {}", super::words::shown(&kind, &[]), answer.words);
    Err(match kind.as_str() {
        "ResourceNotFoundException" => StoreError::Missing(words),
        "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "InvalidClientTokenId"
        | "IncompleteSignatureException"
        | "MissingAuthenticationTokenException"
        | "ExpiredTokenException" => StoreError::Denied(words),
        "ThrottlingException" | "InternalServiceError" => StoreError::Unreachable(words),
        _ => StoreError::Unusable(words),
    })
}

#[async_trait]
impl Store for SecretsManager {
    async fn read(&self, path: &str, key: Option<&str>) -> Result<Secret, StoreError> {
        let json = refusal(self.call("GetSecretValue", &json!({"SecretId": path})).await?)?;
        let whole = value::text(json.get("SecretString"), "text in this secret: it holds bytes")?;
        let Some(key) = key else { return Ok(whole) };
        let Ok(Value::Object(keys)) = serde_json::from_str(whole.expose()) else {
            let rule = "the secret is no JSON object: refer to all of it, without `#key`";
            return Err(StoreError::Unusable(rule.to_owned()));
        };
        value::text(keys.get(key), &format!("key `{key}` in this secret"))
    }

    async fn check(&self) -> Result<(), StoreError> {
        let answer = self.call("ListSecrets", &json!({"MaxResults": 1})).await?;
        // Who may read a secret need not be allowed to list them: being known is enough.
        let known =
            answer.json["__type"].as_str().is_some_and(|kind| kind.ends_with("AccessDeniedException"));
        if known { Ok(()) } else { refusal(answer).map(drop) }
    }
}
