//! Where an edge tells what it counted: Skep's `POST /edge/traffic`.

use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::domain::{secret::Secret, traffic::Watching};

/// A report was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Skep does not answer, or not now: the same report again later.
    #[error("Skep does not take what was counted: {0}")]
    Later(String),
    /// Skep never takes this one.
    #[error("Skep refuses what was counted: status {0}")]
    Never(u16),
}

/// Takes reports.
#[async_trait]
pub trait Skep: Send + Sync {
    /// Sends a [`Report`](crate::domain::traffic::Report) as JSON; a repeat of the same counts once.
    async fn report(&self, body: Vec<u8>) -> Result<Watching, NotTaken>;
}

/// Skep over HTTP.
#[derive(Debug)]
pub struct HttpSkep {
    client: reqwest::Client,
    address: Url,
    token: Secret,
}

impl HttpSkep {
    /// Skep at `base` (`http://skep:3000`), to which the edge's token is shown.
    ///
    /// # Errors
    /// `base` is no base of an address, or there is no client for it.
    pub fn new(base: &Url, token: Secret) -> Result<Self, String> {
        let address = base.join("/edge/traffic").map_err(|error| error.to_string())?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5))
            .build();
        Ok(Self { client: client.map_err(|error| error.to_string())?, address, token })
    }
}

#[async_trait]
impl Skep for HttpSkep {
    async fn report(&self, body: Vec<u8>) -> Result<Watching, NotTaken> {
        // Without its address: it is ours alone, and says nothing to whoever reads the log.
        let later = |error: reqwest::Error| NotTaken::Later(error.without_url().to_string());
        let request = self.client.post(self.address.clone()).bearer_auth(self.token.expose());
        let request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body);
        let answer = request.send().await.map_err(later)?;
        match answer.status().as_u16() {
            200 => answer.json().await.map_err(later),
            status @ (400 | 413 | 415 | 422) => Err(NotTaken::Never(status)),
            status => Err(NotTaken::Later(format!("status {status}"))),
        }
    }
}
