//! DigitalOcean (API v2): a record for each value, found by the whole name and made by what is within the zone.

use async_trait::async_trait;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::Url;

use super::{DnsError, TTL, Zone, within};
use crate::{
    domain::store::Login,
    stores::wire::{Again, Answer, Wire},
};

/// A zone at DigitalOcean.
pub(super) struct DigitalOcean {
    pub(super) wire: Wire,
    pub(super) login: Login,
    pub(super) zone: String,
}

impl DigitalOcean {
    async fn ask(
        &self,
        again: Again,
        method: Method,
        url: &Url,
        body: Option<&Value>,
    ) -> Result<Answer, DnsError> {
        let make = |client: &Client| {
            let request = client.request(method.clone(), url.clone()).bearer_auth(self.login.secret.expose());
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        let answer = self.wire.ask(again, make).await?;
        if answer.status == 404 && method != Method::DELETE {
            return Err(DnsError::NoZone(self.zone.clone()));
        }
        Ok(answer)
    }

    fn records(&self) -> Url {
        self.wire.url(["v2", "domains", &self.zone, "records"])
    }

    async fn found(&self, name: &str, value: &str) -> Result<Vec<String>, DnsError> {
        let mut list = self.records();
        list.query_pairs_mut()
            .append_pair("type", "TXT")
            .append_pair("name", name)
            .append_pair("per_page", "200");
        let found = self.ask(Again::Yes, Method::GET, &list, None).await?.good()?;
        let same = |record: &&Value| record["data"].as_str() == Some(value);
        let all = found["domain_records"].as_array().into_iter().flatten().filter(same);
        Ok(all.filter_map(|record| record["id"].as_u64().map(|id| id.to_string())).collect())
    }
}

#[async_trait]
impl Zone for DigitalOcean {
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError> {
        if !self.found(name, value).await?.is_empty() {
            return Ok(());
        }
        let within = Some(within(name, &self.zone)).filter(|name| !name.is_empty()).unwrap_or("@");
        let body = json!({"type": "TXT", "name": within, "data": value, "ttl": TTL});
        self.ask(Again::No, Method::POST, &self.records(), Some(&body)).await?.good()?;
        Ok(())
    }

    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError> {
        for id in self.found(name, value).await? {
            let record = self.wire.url(["v2", "domains", &self.zone, "records", &id]);
            let answer = self.ask(Again::Yes, Method::DELETE, &record, None).await?;
            if answer.status != 404 {
                answer.good()?;
            }
        }
        Ok(())
    }
}
