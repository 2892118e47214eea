//! Vault and OpenBao: the engine of keys and values, version 1 or 2, by a token or an AppRole.

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use tokio::sync::OnceCell;
use url::Url;

use super::{
    Store, StoreError, value,
    wire::{Again, Wire},
};
use crate::domain::{
    secret::Secret,
    store::{KvVersion, Login, Reference},
};

/// One of them.
pub(super) struct Vault {
    wire: Wire,
    login: Login,
    mount: String,
    version: KvVersion,
    namespace: String,
    /// Of the AppRole; a token alone is the login's own.
    token: OnceCell<Secret>,
}

impl Vault {
    pub(super) fn new(
        wire: Wire,
        login: Login,
        mount: String,
        version: KvVersion,
        namespace: String,
    ) -> Self {
        Self { wire, login, mount, version, namespace, token: OnceCell::new() }
    }

    fn request(&self, client: &Client, method: Method, url: &Url) -> RequestBuilder {
        let request = client.request(method, url.clone()).header("x-vault-request", "true");
        if self.namespace.is_empty() {
            return request;
        }
        request.header("x-vault-namespace", &self.namespace)
    }

    async fn token(&self) -> Result<&Secret, StoreError> {
        if self.login.id.is_empty() {
            return Ok(&self.login.secret);
        }
        self.token.get_or_try_init(|| self.sign_in()).await
    }

    async fn sign_in(&self) -> Result<Secret, StoreError> {
        let url = self.wire.url(["v1", "auth", "approle", "login"]);
        let body = json!({"role_id": self.login.id, "secret_id": self.login.secret.expose()});
        let make = |client: &Client| self.request(client, Method::POST, &url).json(&body);
        let answer = self.wire.ask(Again::No, make).await?;
        // A wrong role or secret is a bad request to it.
        if answer.status == 400 {
            return Err(StoreError::Denied(answer.words));
        }
        let token =
            value::text(answer.good()?["auth"].get("client_token"), "token in the answer to the sign-in")?;
        self.wire.hide(&token);
        Ok(token)
    }
}

#[async_trait]
impl Store for Vault {
    async fn read(&self, path: &str, key: Option<&str>) -> Result<Secret, StoreError> {
        let token = self.token().await?;
        let data = (self.version == KvVersion::V2).then_some("data");
        let parts = ["v1"].into_iter().chain(Reference::parts(&self.mount)).chain(data);
        let url = self.wire.url(parts.chain(Reference::parts(path)));
        let make =
            |client: &Client| self.request(client, Method::GET, &url).header("x-vault-token", token.expose());
        let answer = self.wire.ask(Again::Yes, make).await?;
        if answer.status == 404 {
            let what = format!("nothing is at this path of mount `{}` ({})", self.mount, answer.words);
            return Err(StoreError::Missing(what));
        }
        let json = answer.good()?;
        let found = match self.version {
            KvVersion::V1 => &json["data"],
            KvVersion::V2 => &json["data"]["data"],
        };
        if !found.is_object() {
            let rule = "it has no keys and values: perhaps the mount has another version";
            return Err(StoreError::Unusable(rule.to_owned()));
        }
        let key = key.unwrap_or_default();
        value::text(found.get(key), &format!("key `{key}` at this path"))
    }

    async fn check(&self) -> Result<(), StoreError> {
        let token = self.token().await?;
        let url = self.wire.url(["v1", "auth", "token", "lookup-self"]);
        let make =
            |client: &Client| self.request(client, Method::GET, &url).header("x-vault-token", token.expose());
        self.wire.ask(Again::Yes, make).await?.good().map(drop)
    }
}
