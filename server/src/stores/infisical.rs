//! Infisical, by universal auth: a token for the client, then one secret at a time.

use async_trait::async_trait;
use reqwest::Client;
use serde_json::json;
use tokio::sync::OnceCell;

use super::{
    Store, StoreError, value,
    wire::{Again, Wire},
};
use crate::domain::{
    secret::Secret,
    store::{Login, Reference},
};

/// One environment of one project.
pub(super) struct Infisical {
    wire: Wire,
    login: Login,
    project: String,
    environment: String,
    token: OnceCell<Secret>,
}

impl Infisical {
    pub(super) fn new(wire: Wire, login: Login, project: String, environment: String) -> Self {
        Self { wire, login, project, environment, token: OnceCell::new() }
    }

    async fn token(&self) -> Result<&Secret, StoreError> {
        self.token.get_or_try_init(|| self.sign_in()).await
    }

    async fn sign_in(&self) -> Result<Secret, StoreError> {
        let url = self.wire.url(["api", "v1", "auth", "universal-auth", "login"]);
        let body = json!({"clientId": self.login.id, "clientSecret": self.login.secret.expose()});
        let make = |client: &Client| client.post(url.clone()).json(&body);
        let json = self.wire.ask(Again::No, make).await?.good()?;
        let token = value::text(json.get("accessToken"), "token in the answer to the sign-in")?;
        self.wire.hide(&token);
        Ok(token)
    }
}

#[async_trait]
impl Store for Infisical {
    async fn read(&self, path: &str, key: Option<&str>) -> Result<Secret, StoreError> {
        let token = self.token().await?;
        let key = key.unwrap_or_default();
        let folder = format!("/{}", Reference::parts(path).collect::<Vec<_>>().join("/"));
        let mut url = self.wire.url(["api", "v3", "secrets", "raw", key]);
        url.query_pairs_mut()
            .append_pair("workspaceId", &self.project)
            .append_pair("environment", &self.environment)
            .append_pair("secretPath", &folder)
            .append_pair("viewSecretValue", "true");
        let make = |client: &Client| client.get(url.clone()).bearer_auth(token.expose());
        let json = self.wire.ask(Again::Yes, make).await?.good()?;
        value::text(json["secret"].get("secretValue"), &format!("value of `{key}` in this folder"))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.token().await.map(drop)
    }
}
