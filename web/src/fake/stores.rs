//! Secret stores.

use super::{Fake, Mood};
use crate::api::{Error, Fault, NewStore, Result, Secret, StoreView, Stores, StoresView, Time};

const DAY: i64 = 86_400_000;

#[async_trait::async_trait]
impl Stores for Fake {
    async fn stores(&self) -> Result<StoresView> {
        self.up()?;
        let store = |id: &str, kind: &str, address: &str, place: &str| StoreView {
            id: id.into(),
            name: id.into(),
            kind: kind.into(),
            address: address.into(),
            place_name: place.into(),
            created_at: Time(self.now.0 - 9 * DAY),
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let rich = vec![
            store("aws", "aws", "https://secretsmanager.eu-central-1.amazonaws.com", "shop / staging"),
            store("vault", "vault", "https://vault.example.org:8200", "the whole team"),
        ];
        Ok(StoresView {
            stores: if self.mood == Mood::Empty { Vec::new() } else { rich },
            places: vec![pair("team", "the whole team"), pair("environment:e2", "shop / staging")],
        })
    }

    async fn create_store(&self, new: NewStore) -> Result<()> {
        self.up()?;
        super::check_name("name", &new.name)?;
        let mut faults = Vec::new();
        let own = matches!(new.kind.as_str(), "infisical" | "aws" | "doppler");
        if !own && !new.address.starts_with("http") {
            faults.push(Fault::new("address", "must be an address like `https://vault.example.org:8200`"));
        }
        if new.login_secret.is_empty() {
            faults.push(Fault::new("login.secret", "must be 1 to 8192 visible ASCII characters"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    async fn change_store(&self, id: &str, _address: &str, _login_id: &str, secret: Secret) -> Result<()> {
        self.delete_store(id).await?;
        if secret.is_empty() {
            return Err(Error::invalid("login.secret", "must be 1 to 8192 visible ASCII characters"));
        }
        Ok(())
    }

    async fn check_store(&self, id: &str) -> Result<Option<String>> {
        self.up()?;
        Ok((id != "vault").then(|| "it refuses: 403 Forbidden".to_owned()))
    }

    async fn delete_store(&self, id: &str) -> Result<()> {
        self.up()?;
        if matches!(id, "aws" | "vault") { Ok(()) } else { Err(Error::NotFound) }
    }
}
