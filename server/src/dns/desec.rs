//! deSEC (API v1): the whole set of a name is read and written. Who writes at the same time could undo it:
//! one server at a time proves a name (the lock key of its job), and what was lost is found missing before
//! the authority is asked to look.

use async_trait::async_trait;
use reqwest::Client;
use serde_json::{Value, json};

use super::{DnsError, Zone, quoted, within};
use crate::{
    domain::store::Login,
    stores::wire::{Again, Wire},
};

/// The shortest that deSEC takes, in seconds.
const TTL: u32 = 3600;

/// A zone at deSEC.
pub(super) struct Desec {
    pub(super) wire: Wire,
    pub(super) login: Login,
    pub(super) zone: String,
}

impl Desec {
    fn token(&self) -> String {
        format!("Token {}", self.login.secret.expose())
    }

    async fn values(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let mut list = self.wire.url(["api", "v1", "domains", &self.zone, "rrsets", ""]);
        list.query_pairs_mut().append_pair("type", "TXT").append_pair("subname", within(name, &self.zone));
        let token = self.token();
        let make = |client: &Client| client.get(list.clone()).header("authorization", &token);
        let answer = self.wire.ask(Again::Yes, make).await?;
        if answer.status == 404 {
            return Err(DnsError::NoZone(self.zone.clone()));
        }
        let found = answer.good()?;
        let records = found[0]["records"].as_array().into_iter().flatten();
        Ok(records.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// No value at all takes the set away.
    async fn write(&self, name: &str, values: &[String]) -> Result<(), DnsError> {
        let url = self.wire.url(["api", "v1", "domains", &self.zone, "rrsets", ""]);
        let token = self.token();
        let body = json!([
            {"subname": within(name, &self.zone), "type": "TXT", "ttl": TTL, "records": values}
        ]);
        let make = |client: &Client| client.patch(url.clone()).header("authorization", &token).json(&body);
        self.wire.ask(Again::Yes, make).await?.good()?;
        Ok(())
    }
}

#[async_trait]
impl Zone for Desec {
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError> {
        let mut values = self.values(name).await?;
        if values.contains(&quoted(value)) {
            return Ok(());
        }
        values.push(quoted(value));
        self.write(name, &values).await
    }

    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError> {
        let mut values = self.values(name).await?;
        let before = values.len();
        values.retain(|other| *other != quoted(value));
        if values.len() == before { Ok(()) } else { self.write(name, &values).await }
    }
}
