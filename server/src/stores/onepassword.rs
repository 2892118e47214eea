//! 1Password Connect: a field of an item of a vault, both by name or by id.

use async_trait::async_trait;
use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::{
    Store, StoreError, value,
    wire::{Again, Wire},
};
use crate::domain::{
    secret::Secret,
    store::{Login, Reference},
};

/// A Connect server.
pub(super) struct Connect {
    wire: Wire,
    login: Login,
}

impl Connect {
    pub(super) const fn new(wire: Wire, login: Login) -> Self {
        Self { wire, login }
    }

    async fn ask(&self, url: &Url) -> Result<Value, StoreError> {
        let make = |client: &Client| client.get(url.clone()).bearer_auth(self.login.secret.expose());
        self.wire.ask(Again::Yes, make).await?.good()
    }

    /// The id of the only thing of that name in a list.
    async fn id(&self, mut list: Url, field: &str, name: &str, what: &str) -> Result<String, StoreError> {
        if is_id(name) {
            return Ok(name.to_owned());
        }
        // No quote can be in a name: `Reference` refuses it.
        list.query_pairs_mut().append_pair("filter", &format!("{field} eq \"{name}\""));
        let found = self.ask(&list).await?;
        let named = |thing: &&Value| thing[field].as_str() == Some(name);
        let mut all = found.as_array().into_iter().flatten().filter(named);
        match (all.next().and_then(|thing| thing["id"].as_str()), all.next()) {
            (Some(id), None) => Ok(id.to_owned()),
            (Some(_), Some(_)) => {
                Err(StoreError::Unusable(format!("there are several {what}s `{name}`: name one by its id")))
            }
            (None, _) => Err(StoreError::Missing(format!("there is no {what} `{name}` that the token sees"))),
        }
    }
}

/// Ids are 26 lower-case letters and digits.
fn is_id(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[async_trait]
impl Store for Connect {
    async fn read(&self, path: &str, key: Option<&str>) -> Result<Secret, StoreError> {
        let key = key.unwrap_or_default();
        let mut parts = Reference::parts(path);
        let (vault, item) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let vault = self.id(self.wire.url(["v1", "vaults"]), "name", vault, "vault").await?;
        let items = self.wire.url(["v1", "vaults", &vault, "items"]);
        let item = self.id(items, "title", item, "item").await?;
        let item = self.ask(&self.wire.url(["v1", "vaults", &vault, "items", &item])).await?;
        let named =
            |field: &&Value| [&field["label"], &field["id"]].iter().any(|name| name.as_str() == Some(key));
        let mut fields = item["fields"].as_array().into_iter().flatten().filter(named);
        let field = fields.next();
        if fields.next().is_some() {
            let rule = format!("there are several fields `{key}` in this item: name one by its id");
            return Err(StoreError::Unusable(rule));
        }
        value::text(field.and_then(|field| field.get("value")), &format!("field `{key}` in this item"))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.ask(&self.wire.url(["v1", "vaults"])).await.map(drop)
    }
}
