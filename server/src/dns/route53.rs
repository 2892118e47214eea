//! AWS Route 53 (2013-04-01): XML, signed. A set is changed by naming the one before and the one after, so
//! that nobody's value is lost: if it is not the one before any more, it is read again.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Client, Method};
use url::Url;

use super::{DnsError, TTL, Zone, quoted};
use crate::{
    domain::{clock::Clock, store::Login},
    stores::{
        sign::{Key, Signing},
        wire::{Again, Answer, Wire},
    },
};

const VERSION: &str = "2013-04-01";
/// Route 53 is everywhere, and signed for here.
const REGION: &str = "us-east-1";
/// Changes that others may come between.
const TRIES: u32 = 5;

/// A hosted zone.
pub(super) struct Route53 {
    pub(super) wire: Wire,
    pub(super) login: Login,
    pub(super) zone: String,
    pub(super) clock: Arc<dyn Clock>,
}

/// The set of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Set {
    ttl: String,
    values: Vec<String>,
}

impl Route53 {
    async fn call(&self, method: Method, url: &Url, body: String) -> Result<Answer, DnsError> {
        let key = Key { id: &self.login.id, secret: &self.login.secret, region: REGION };
        let make = |client: &Client| {
            // Each try is signed for its own moment.
            let time = self.clock.now().format("%Y%m%dT%H%M%SZ").to_string();
            let host = url.host_str().unwrap_or_default();
            let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            let headers = [("host", host.as_str()), ("x-amz-date", time.as_str())];
            let query = url.query().unwrap_or_default();
            let signing =
                Signing { method: method.as_str(), path: url.path(), query, headers: &headers, body: &body };
            let authorization = signing.authorization(&key, "route53", &time);
            let request = client.request(method.clone(), url.clone()).body(body.clone());
            request.header("authorization", authorization).header("x-amz-date", &time)
        };
        Ok(self.wire.ask(Again::Yes, make).await?)
    }

    /// The answer's XML, if it says yes.
    fn good(answer: Answer) -> Result<String, DnsError> {
        if answer.status.is_success() {
            return Ok(answer.text);
        }
        Err(match answer.status.as_u16() {
            401 | 403 => DnsError::Denied(answer.words),
            429 | 500.. => DnsError::Unreachable(answer.words),
            _ => DnsError::Unusable(answer.words),
        })
    }

    /// The path of the hosted zone: the public one of exactly this name.
    async fn zone(&self) -> Result<String, DnsError> {
        let mut url = self.wire.url([VERSION, "hostedzonesbyname"]);
        url.set_query(Some(&format!("dnsname={}&maxitems=10", self.zone)));
        let xml = Self::good(self.call(Method::GET, &url, String::new()).await?)?;
        let wanted = format!("{}.", self.zone);
        let ours = |zone: &&str| {
            tags(zone, "Name").next() == Some(&wanted) && tags(zone, "PrivateZone").next() != Some("true")
        };
        let found = tags(&xml, "HostedZone").find(ours).and_then(|zone| tags(zone, "Id").next());
        let id = found.and_then(|id| id.rsplit('/').next()).filter(|id| !id.is_empty());
        id.map(str::to_owned).ok_or_else(|| DnsError::NoZone(self.zone.clone()))
    }

    async fn set(&self, zone: &str, name: &str) -> Result<Option<Set>, DnsError> {
        let mut url = self.wire.url([VERSION, "hostedzone", zone, "rrset"]);
        url.set_query(Some(&format!("maxitems=1&name={name}.&type=TXT")));
        let xml = Self::good(self.call(Method::GET, &url, String::new()).await?)?;
        let wanted = format!("{name}.");
        let ours =
            |set: &&str| tags(set, "Name").next() == Some(&wanted) && tags(set, "Type").next() == Some("TXT");
        Ok(tags(&xml, "ResourceRecordSet").find(ours).map(|set| Set {
            ttl: tags(set, "TTL").next().unwrap_or_default().to_owned(),
            values: tags(set, "Value").map(plain).collect(),
        }))
    }

    /// Changes the set by `change`; nothing is asked for if it stays as it is.
    async fn change(
        &self,
        name: &str,
        change: impl Fn(&mut Vec<String>) + Send + Sync,
    ) -> Result<(), DnsError> {
        let zone = self.zone().await?;
        let url = self.wire.url([VERSION, "hostedzone", &zone, "rrset", ""]);
        let mut left = TRIES;
        loop {
            let before = self.set(&zone, name).await?;
            let mut values = before.as_ref().map(|set| set.values.clone()).unwrap_or_default();
            change(&mut values);
            if values == before.as_ref().map(|set| set.values.clone()).unwrap_or_default() {
                return Ok(());
            }
            let after = Some(Set { ttl: TTL.to_string(), values }).filter(|set| !set.values.is_empty());
            let changes = [("DELETE", before), ("CREATE", after)];
            let changes: String =
                changes.into_iter().filter_map(|(verb, set)| Some(one(verb, name, &set?))).collect();
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/{VERSION}/\"><ChangeBatch><Changes>{changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
            );
            let answer = self.call(Method::POST, &url, body).await?;
            left -= 1;
            // Somebody changed it since it was read, or a first try was heard.
            if answer.status == 400 && left > 0 && answer.text.contains("InvalidChangeBatch") {
                continue;
            }
            return Self::good(answer).map(drop);
        }
    }
}

/// One change of a batch.
fn one(verb: &str, name: &str, set: &Set) -> String {
    let value = |value: &String| {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!("<ResourceRecord><Value>{value}</Value></ResourceRecord>")
    };
    let values: String = set.values.iter().map(value).collect();
    format!(
        "<Change><Action>{verb}</Action><ResourceRecordSet><Name>{name}.</Name><Type>TXT</Type><TTL>{}</TTL><ResourceRecords>{values}</ResourceRecords></ResourceRecordSet></Change>",
        set.ttl
    )
}

/// What stands within each `<tag>` that has no attributes, in order.
fn tags<'x>(xml: &'x str, tag: &str) -> impl Iterator<Item = &'x str> + use<'x> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let (within, next) = after.split_once(&close)?;
        rest = next;
        Some(within)
    })
}

/// The text of a tag without XML's own spelling.
fn plain(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&#34;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&")
}

#[async_trait]
impl Zone for Route53 {
    async fn put(&self, name: &str, value: &str) -> Result<(), DnsError> {
        let value = quoted(value);
        let add = |values: &mut Vec<String>| {
            if !values.contains(&value) {
                values.push(value.clone());
            }
        };
        self.change(name, add).await
    }

    async fn remove(&self, name: &str, value: &str) -> Result<(), DnsError> {
        let value = quoted(value);
        self.change(name, |values: &mut Vec<String>| values.retain(|other| *other != value)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_read_as_far_as_it_is_needed() {
        let xml = "<A><B>1</B><C><B>2 &quot;x&quot; &amp;amp;</B></C></A><A><B>3</B></A><A>";
        assert_eq!(tags(xml, "B").map(plain).collect::<Vec<_>>(), ["1", "2 \"x\" &amp;", "3"]);
        assert_eq!(tags(xml, "A").count(), 2);
        assert_eq!(tags(xml, "D").count(), 0);
    }
}
