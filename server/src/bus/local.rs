//! Hints within one process: the embedded profile.

use async_trait::async_trait;
use futures::{StreamExt as _, stream::BoxStream};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use super::{Bus, Hint};

/// A broadcast within the process.
#[derive(Debug, Clone)]
pub struct LocalBus(broadcast::Sender<Hint>);

impl Default for LocalBus {
    fn default() -> Self {
        Self(broadcast::Sender::new(256))
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, hint: Hint) {
        // Nobody listening is no error: hints may be lost.
        let _ = self.0.send(hint);
    }

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        BroadcastStream::new(self.0.subscribe()).filter_map(|hint| async { hint.ok() }).boxed()
    }
}
