//! Doppler: one secret of a project's config, by a service token.

use async_trait::async_trait;
use reqwest::Client;

use super::{
    Store, StoreError, value,
    wire::{Again, Wire},
};
use crate::domain::{
    secret::Secret,
    store::{Login, Reference},
};

/// Doppler.
pub(super) struct Doppler {
    wire: Wire,
    login: Login,
}

impl Doppler {
    pub(super) const fn new(wire: Wire, login: Login) -> Self {
        Self { wire, login }
    }
}

#[async_trait]
impl Store for Doppler {
    async fn read(&self, path: &str, key: Option<&str>) -> Result<Secret, StoreError> {
        let key = key.unwrap_or_default();
        let mut parts = Reference::parts(path);
        let mut url = self.wire.url(["v3", "configs", "config", "secret"]);
        url.query_pairs_mut()
            .append_pair("project", parts.next().unwrap_or_default())
            .append_pair("config", parts.next().unwrap_or_default())
            .append_pair("name", key);
        let make = |client: &Client| client.get(url.clone()).bearer_auth(self.login.secret.expose());
        let json = self.wire.ask(Again::Yes, make).await?.good()?;
        // What it is after Doppler's own references were put in.
        value::text(json["value"].get("computed"), &format!("value of `{key}` in this config"))
    }

    async fn check(&self) -> Result<(), StoreError> {
        let url = self.wire.url(["v3", "me"]);
        let make = |client: &Client| client.get(url.clone()).bearer_auth(self.login.secret.expose());
        self.wire.ask(Again::Yes, make).await?.good().map(drop)
    }
}
