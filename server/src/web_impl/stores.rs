//! Secret stores, without their credentials.

use async_trait::async_trait;
use skep_web::api::{self, NewStore, Result, Secret, StoreView, StoresView};

use super::{
    Web,
    fields::{Fields, id, time},
    places::{Places, place},
};
use crate::{
    control::{
        Error,
        stores::{self, Changed},
    },
    domain::{
        fault::Wrong,
        id::StoreId,
        name::Slug,
        secret,
        store::{KvVersion, Settings},
    },
};

/// The settings of a kind that were entered.
fn settings(new: &NewStore) -> std::result::Result<Settings, Wrong> {
    Ok(match new.kind.as_str() {
        "vault" => Settings::Vault {
            mount: new.mount.clone(),
            version: if new.version == "v1" { KvVersion::V1 } else { KvVersion::V2 },
            namespace: new.namespace.clone(),
        },
        "infisical" => {
            Settings::Infisical { project: new.project.clone(), environment: new.environment.clone() }
        }
        "aws" => Settings::Aws { region: new.region.clone() },
        "doppler" => Settings::Doppler {},
        "onepassword" => Settings::Onepassword {},
        _ => return Err(Wrong::new("must be one of the list")),
    })
}

/// What was entered, as `control` takes it.
fn given(new: &NewStore) -> std::result::Result<stores::NewStore, Error> {
    let mut fields = Fields::default();
    let name = fields.take("name", Slug::parse(&new.name));
    let settings = fields.take("settings.kind", settings(new));
    let place = match place(&new.place) {
        Err(Error::Invalid(faults)) => {
            fields.add(faults);
            None
        }
        place => Some(place?),
    };
    let (name, settings, place) = fields.all(name.zip(settings).zip(place).map(|((n, s), p)| (n, s, p)))?;
    Ok(stores::NewStore {
        name,
        place,
        address: new.address.clone(),
        settings,
        login_id: new.login_id.clone(),
        login_secret: secret::Secret::new(new.login_secret.expose()),
    })
}

#[async_trait]
impl api::Stores for Web {
    async fn stores(&self) -> Result<StoresView> {
        let cx = self.cx()?;
        let found = stores::list(&cx).await.map_err(|e| self.told(e))?;
        let places = Places::of(&cx).await.map_err(|e| self.told(e))?;
        let view = |store: crate::domain::store::Store| StoreView {
            id: store.id.to_string(),
            name: store.name.to_string(),
            kind: store.settings.kind().to_owned(),
            address: store.address.as_str().to_owned(),
            place_name: places.name(store.place),
            created_at: time(store.created_at),
        };
        Ok(StoresView { stores: found.into_iter().map(view).collect(), places: places.choices() })
    }

    async fn create_store(&self, new: NewStore) -> Result<()> {
        let cx = self.cx()?;
        let new = given(&new).map_err(|e| self.told(e))?;
        stores::create(&cx, new).await.map(drop).map_err(|e| self.told(e))
    }

    async fn change_store(&self, store: &str, address: &str, login: &str, secret: Secret) -> Result<()> {
        let cx = self.cx()?;
        let store: StoreId = id(store).map_err(|e| self.told(e))?;
        let changed = Changed {
            address: Some(address.to_owned()).filter(|address| !address.is_empty()),
            settings: None,
            login_id: login.to_owned(),
            login_secret: secret::Secret::new(secret.expose()),
        };
        stores::change(&cx, store, changed).await.map(drop).map_err(|e| self.told(e))
    }

    async fn check_store(&self, store: &str) -> Result<Option<String>> {
        let cx = self.cx()?;
        let store: StoreId = id(store).map_err(|e| self.told(e))?;
        let found = stores::check(&cx, store).await.map_err(|e| self.told(e))?;
        Ok(found.err().map(|wrong| wrong.message))
    }

    async fn delete_store(&self, store: &str) -> Result<()> {
        let cx = self.cx()?;
        let store: StoreId = id(store).map_err(|e| self.told(e))?;
        stores::remove(&cx, store).await.map_err(|e| self.told(e))
    }
}
