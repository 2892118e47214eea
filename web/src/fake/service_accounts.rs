//! Service accounts: one, with a role and a token.

use super::Fake;
use crate::api::{
    Error, GrantView, MemberView, Result, Secret, ServiceAccountView, ServiceAccounts, Time, TokenId,
    TokenView,
};

const DAY: i64 = 86_400_000;

/// What the team of the fake has.
pub(super) fn sample(now: Time) -> Vec<ServiceAccountView> {
    let grant = GrantView {
        place: "environment:e2".into(),
        place_name: "shop / staging".into(),
        role: "deployer".into(),
        role_name: "deployer".into(),
        provided: false,
    };
    let token = TokenView {
        id: TokenId::from("t9"),
        name: "pipeline".into(),
        created_at: Time(now.0 - 20 * DAY),
        expires_at: Some(Time(now.0 + 70 * DAY)),
        used_at: Some(Time(now.0 - 60_000)),
    };
    let member = MemberView {
        id: "u9".into(),
        email: "ci@3f9a1c22b7d0.service.invalid".into(),
        me: false,
        grants: vec![grant],
        created_at: Time(now.0 - 20 * DAY),
    };
    vec![ServiceAccountView { name: "ci".into(), member, tokens: vec![token] }]
}

#[async_trait::async_trait]
impl ServiceAccounts for Fake {
    async fn create_service_account(&self, name: &str) -> Result<()> {
        self.up()?;
        match name {
            "ci" => {
                let rule = "there is a service account of that name already; choose another";
                Err(Error::Conflict(rule.into()))
            }
            name if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') => Ok(()),
            _ => Err(Error::invalid("name", "must be 1 to 30 lower-case letters, digits and single hyphens")),
        }
    }

    async fn rename_service_account(&self, _id: &str, name: &str) -> Result<()> {
        self.create_service_account(name).await
    }

    async fn remove_service_account(&self, _id: &str) -> Result<()> {
        self.up()
    }

    async fn create_service_token(&self, _id: &str, name: &str, _days: Option<u32>) -> Result<Secret> {
        self.up()?;
        if name.is_empty() {
            return Err(Error::invalid("name", "must not be empty"));
        }
        Ok(Secret::new("skep_Vq3k0WmT9mJxq0vXHc1n2pG8yRz4aL6bUeFsDiOoPtQ"))
    }

    async fn end_service_token(&self, _id: &str, _token: &str) -> Result<()> {
        self.up()
    }
}
