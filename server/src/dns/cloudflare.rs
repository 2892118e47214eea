//! Cloudflare (API v4): a record for each value.

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use super::{DnsError, TTL, Zone, quoted};
use crate::{
    domain::store::Login,
    stores::wire::{Again, Wire},
};

/// A zone at Cloudflare.
pub(super) struct Cloudflare {
    pub(super) wire: Wire,
    pub(super) login: Login,
    pub(super) zone: String,
}

impl Cloudflare {
    async fn ask(
        &self,
        again: Again,
        method: Method,
        url: &Url,
        body: Option<&Value>,
    ) -> Result<Value, DnsError> {
        let make = |client: &Client| -> RequestBuilder {
            let request = client.request(method.clone(), url.clone()).bearer_auth(self.login.secret.expose());
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        Ok(self.wire.ask(again, make).await?.good()?)
    }

    /// Where the zone's records are.
    async fn records(&self) -> Result<Url, DnsError> {
        let mut zones = self.wire.url(["zones"]);
        zones.query_pairs_mut().append_pair("name", &self.zone);
        let found = self.ask(Again::Yes, Method::GET, &zones, None).await?;
        let id = found["result"][0]["id"].as_str().ok_or_else(|| DnsError::NoZone(self.zone.clone()))?;
        Ok(self.wire.url(["zones", id, "dns_records"]))
    }

    /// The ids of the records that hold the value: one, or more if a try was heard twice.
    async fn found(&self, records: &Url, name: &str, value: &str) -> Result<Vec<String>, DnsError> {
        let mut list = records.clone();
        list.query_pairs_mut()
            .append_pair("type", "TXT")
            .append_pair("name", name)
            .append_pair("per_page", "100");
        let found = self.ask(Again::Yes, Method::GET, &list, None).await?;
        let same =
            |record: &&Value| record["content"].as_str().is_some_and(|text| text.trim_matches('"') == value);
        let all = found["result"].as_array().into_iter().flatten().filter(same);
        Ok(all.filter_map(|record| record["id"].as_str().map(str::to_owned)).collect())
    }
}

#[async_trait]
impl Zone for Cloudflare {
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError> {
        let records = self.records().await?;
        if !self.found(&records, name, value).await?.is_empty() {
            return Ok(());
        }
        let body = json!({"type": "TXT", "name": name, "content": quoted(value), "ttl": TTL});
        match self.ask(Again::No, Method::POST, &records, Some(&body)).await {
            Ok(_) => Ok(()),
            // Another replica was faster, or the answer to a first try was lost.
            Err(error) if self.found(&records, name, value).await?.is_empty() => Err(error),
            Err(_) => Ok(()),
        }
    }

    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError> {
        let records = self.records().await?;
        for id in self.found(&records, name, value).await? {
            let mut record = records.clone();
            if let Ok(mut path) = record.path_segments_mut() {
                path.push(&id);
            }
            self.ask(Again::Yes, Method::DELETE, &record, None).await?;
        }
        Ok(())
    }
}
