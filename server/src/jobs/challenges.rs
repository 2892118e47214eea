//! Answers to challenges, laid in SQL: any replica gives them.

use async_trait::async_trait;

use crate::{
    acme::Challenges,
    db,
    deploy::parts::Parts,
    domain::{clock::Time, host_pattern::HostPattern},
};

/// Challenges in SQL.
pub(in crate::jobs) struct Stored(pub Parts);

#[async_trait]
impl Challenges for Stored {
    async fn put(
        &self,
        token: &str,
        key_authorization: &str,
        host: &HostPattern,
        expires: Time,
    ) -> Result<(), String> {
        let write = async {
            let mut tx = self.0.db.write().await?;
            db::acme::put_challenge(&mut tx, token, key_authorization, host.as_str(), expires).await?;
            tx.commit().await
        };
        write.await.map_err(|e| e.to_string())
    }

    async fn remove(&self, token: &str) -> Result<(), String> {
        let write = async {
            let mut tx = self.0.db.write().await?;
            db::acme::remove_challenge(&mut tx, token).await?;
            tx.commit().await
        };
        write.await.map_err(|e| e.to_string())
    }
}
