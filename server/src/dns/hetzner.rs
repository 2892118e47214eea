//! Hetzner's DNS of its cloud API (v1): values are added to and taken from the set of a name, by one call each.

use async_trait::async_trait;
use reqwest::Client;
use serde_json::{Value, json};

use super::{DnsError, TTL, Zone, quoted, within};
use crate::{
    domain::store::Login,
    stores::wire::{Again, Answer, Wire},
};

/// A zone at Hetzner.
pub(super) struct Hetzner {
    pub(super) wire: Wire,
    pub(super) login: Login,
    pub(super) zone: String,
}

impl Hetzner {
    fn label<'n>(&self, name: &'n str) -> &'n str {
        Some(within(name, &self.zone)).filter(|name| !name.is_empty()).unwrap_or("@")
    }

    /// The values at a name; none if there is no set.
    async fn values(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let zone = self.wire.url(["v1", "zones", &self.zone]);
        let token = self.login.secret.expose();
        let answer =
            self.wire.ask(Again::Yes, |client: &Client| client.get(zone.clone()).bearer_auth(token)).await?;
        if answer.status == 404 {
            return Err(DnsError::NoZone(self.zone.clone()));
        }
        answer.good()?;
        let set = self.wire.url(["v1", "zones", &self.zone, "rrsets", self.label(name), "TXT"]);
        let answer =
            self.wire.ask(Again::Yes, |client: &Client| client.get(set.clone()).bearer_auth(token)).await?;
        if answer.status == 404 {
            return Ok(Vec::new());
        }
        let found = answer.good()?;
        let records = found["rrset"]["records"].as_array().into_iter().flatten();
        Ok(records.filter_map(|record| record["value"].as_str().map(str::to_owned)).collect())
    }

    async fn act(&self, name: &str, action: &str, body: &Value) -> Result<Answer, DnsError> {
        let url =
            self.wire.url(["v1", "zones", &self.zone, "rrsets", self.label(name), "TXT", "actions", action]);
        let token = self.login.secret.expose();
        let make = |client: &Client| client.post(url.clone()).bearer_auth(token).json(body);
        Ok(self.wire.ask(Again::No, make).await?)
    }
}

#[async_trait]
impl Zone for Hetzner {
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError> {
        if self.values(name).await?.contains(&quoted(value)) {
            return Ok(());
        }
        let body = json!({"ttl": TTL, "records": [{"value": quoted(value)}]});
        self.act(name, "add_records", &body).await?.good()?;
        Ok(())
    }

    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError> {
        if !self.values(name).await?.contains(&quoted(value)) {
            return Ok(());
        }
        let body = json!({"records": [{"value": quoted(value)}]});
        self.act(name, "remove_records", &body).await?.good()?;
        Ok(())
    }
}
