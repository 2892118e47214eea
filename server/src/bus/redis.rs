//! Hints between replicas by Redis pub/sub: the cluster profile. While Redis is away, hints stay
//! within the process and everybody else finds out by polling.

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt as _, stream::BoxStream};
use redis::{AsyncCommands as _, aio::ConnectionManager};
use tokio::sync::OnceCell;

use super::{Bus, Hint, local::LocalBus};

const CHANNEL: &str = "skep:hints";

/// Redis, and the process's own broadcast behind it.
pub struct RedisBus {
    client: redis::Client,
    publisher: OnceCell<ConnectionManager>,
    local: LocalBus,
}

impl std::fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisBus(…)")
    }
}

impl RedisBus {
    /// A bus over the server at `url`; connects when it is first needed, and again whenever it
    /// must. A task that lives as long as the process listens.
    ///
    /// # Errors
    /// The URL is not Redis'.
    pub fn new(url: &str) -> Result<Self, redis::RedisError> {
        let bus = Self {
            client: redis::Client::open(url)?,
            publisher: OnceCell::new(),
            local: LocalBus::default(),
        };
        let (client, local) = (bus.client.clone(), bus.local.clone());
        tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&client, &local).await {
                    tracing::debug!(%error, "Redis is away: hints stay within this process");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Ok(bus)
    }

    async fn send(&self, text: &str) -> Result<(), redis::RedisError> {
        let connect = || async {
            let settings = redis::aio::ConnectionManagerConfig::new()
                .set_connection_timeout(Some(Duration::from_millis(500)))
                .set_response_timeout(Some(Duration::from_millis(500)))
                .set_number_of_retries(1);
            self.client.get_connection_manager_with_config(settings).await
        };
        let mut connection = self.publisher.get_or_try_init(connect).await?.clone();
        connection.publish(CHANNEL, text).await
    }
}

async fn listen(client: &redis::Client, local: &LocalBus) -> Result<(), redis::RedisError> {
    let mut pubsub = client.get_async_pubsub().await?;
    pubsub.subscribe(CHANNEL).await?;
    let mut messages = pubsub.on_message();
    while let Some(message) = messages.next().await {
        let text: String = message.get_payload()?;
        if let Ok(hint) = serde_json::from_str(&text) {
            local.publish(hint).await;
        }
    }
    Ok(())
}

#[async_trait]
impl Bus for RedisBus {
    async fn publish(&self, hint: Hint) {
        let sent = match serde_json::to_string(&hint) {
            Ok(text) => self.send(&text).await.is_ok(),
            Err(_) => false,
        };
        if !sent {
            self.local.publish(hint).await;
        }
    }

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        self.local.subscribe()
    }
}
