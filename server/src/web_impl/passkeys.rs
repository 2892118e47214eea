//! Passkeys of the actor.

use async_trait::async_trait;
use skep_web::api::{self, PasskeyView, Result};

use super::{
    Web,
    fields::{id, parsed, time},
};
use crate::{
    control::identity::passkeys,
    domain::{id::PasskeyId, identity::Passkey, name::DisplayName},
};

#[async_trait]
impl api::Passkeys for Web {
    async fn passkeys(&self) -> Result<Vec<PasskeyView>> {
        let all = passkeys::list(&self.cx()?).await.map_err(|e| self.told(e))?;
        Ok(all.into_iter().map(view).collect())
    }

    async fn rename_passkey(&self, passkey: &str, name: &str) -> Result<()> {
        let passkey: PasskeyId = id(passkey).map_err(|e| self.told(e))?;
        let name = parsed("name", DisplayName::parse(name)).map_err(|e| self.told(e))?;
        let renamed = passkeys::rename(&self.cx()?, self.caller()?, passkey, name).await;
        renamed.map(drop).map_err(|e| self.told(e))
    }

    async fn remove_passkey(&self, passkey: &str) -> Result<()> {
        let passkey: PasskeyId = id(passkey).map_err(|e| self.told(e))?;
        passkeys::remove(&self.cx()?, self.caller()?, passkey).await.map_err(|e| self.told(e))
    }
}

fn view(passkey: Passkey) -> PasskeyView {
    PasskeyView {
        id: passkey.id.to_string(),
        name: passkey.name,
        created_at: time(passkey.created_at),
        used_at: passkey.used_at.map(time),
    }
}
