//! Service accounts of the team.

use async_trait::async_trait;
use skep_web::api::{self, Result, Secret};

use super::{
    Web,
    fields::{id, parsed},
};
use crate::{
    control::{
        identity::NewToken,
        service_accounts::{self, tokens},
    },
    domain::{
        id::{TokenId, UserId},
        name::Slug,
    },
};

#[async_trait]
impl api::ServiceAccounts for Web {
    async fn create_service_account(&self, name: &str) -> Result<()> {
        let cx = self.cx()?;
        let name = parsed("name", Slug::parse(name)).map_err(|e| self.told(e))?;
        service_accounts::create(&cx, name).await.map(drop).map_err(|e| self.told(e))
    }

    async fn rename_service_account(&self, account: &str, name: &str) -> Result<()> {
        let account: UserId = id(account).map_err(|e| self.told(e))?;
        let name = parsed("name", Slug::parse(name)).map_err(|e| self.told(e))?;
        service_accounts::rename(&self.cx()?, account, name).await.map(drop).map_err(|e| self.told(e))
    }

    async fn remove_service_account(&self, account: &str) -> Result<()> {
        let account: UserId = id(account).map_err(|e| self.told(e))?;
        service_accounts::remove(&self.cx()?, account).await.map_err(|e| self.told(e))
    }

    async fn create_service_token(&self, account: &str, name: &str, days: Option<u32>) -> Result<Secret> {
        let account: UserId = id(account).map_err(|e| self.told(e))?;
        let new = NewToken { name, days, ..NewToken::default() };
        let (_, value) = tokens::create(&self.cx()?, account, new).await.map_err(|e| self.told(e))?;
        Ok(Secret::new(value.expose()))
    }

    async fn end_service_token(&self, account: &str, token: &str) -> Result<()> {
        let account: UserId = id(account).map_err(|e| self.told(e))?;
        let token: TokenId = id(token).map_err(|e| self.told(e))?;
        tokens::end(&self.cx()?, account, token).await.map_err(|e| self.told(e))
    }
}
