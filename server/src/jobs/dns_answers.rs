//! Answers to challenges in the DNS of the app's team (RFC 8555, 8.4): at `_acme-challenge` below the host, or
//! where that leads by aliases.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::{
    acme::{Challenges, Method},
    db,
    deploy::{dns_record, parts::Parts},
    domain::{
        clock::Time,
        dns_provider::{DnsProvider, DnsRecord, Settings},
        host_pattern::HostPattern,
    },
};

/// Challenges in the zone of one name.
pub(super) struct DnsAnswers {
    parts: Parts,
    provider: DnsProvider,
    /// Where the name of the challenge leads.
    target: String,
    laid: Arc<Mutex<Option<DnsRecord>>>,
}

impl DnsAnswers {
    pub(super) fn new(parts: Parts, provider: DnsProvider, target: String) -> Self {
        Self { parts, provider, target, laid: Arc::default() }
    }
}

#[async_trait]
impl Challenges for DnsAnswers {
    fn method(&self) -> Method {
        Method::Dns
    }

    fn patience(&self) -> Duration {
        dns_record::PATIENCE + Duration::from_secs(60)
    }

    async fn put(&self, _: &str, answer: &str, host: &HostPattern, expires: Time) -> Result<(), String> {
        let asked = host.challenge_name();
        if matches!(self.provider.settings, Settings::AcmeDns { .. }) && self.target == asked {
            return Err(format!(
                "{asked} must be an alias (CNAME) of the name that acme-dns gave at the registration"
            ));
        }
        let mut laid = self.laid.lock().await;
        let what = (self.target.as_str(), answer);
        let done = dns_record::lay(&self.parts, &self.provider, what, expires, &mut laid).await;
        done.map_err(|wrong| wrong.message)
    }

    async fn remove(&self, _: &str) -> Result<(), String> {
        let Some(record) = self.laid.lock().await.take() else { return Ok(()) };
        let gone = dns_record::take_away(&self.parts, &self.provider, &record).await;
        if gone.is_err() {
            // Not at the end of its time, but soon.
            let write = async {
                let mut tx = self.parts.db.write().await?;
                db::dns_provider::put_off_record(&mut tx, record.id, self.parts.clock.now()).await?;
                tx.commit().await
            };
            let written: Result<(), db::DbError> = write.await;
            drop(written);
        }
        gone
    }
}
