//! Settings of the whole instance.

use async_trait::async_trait;
use skep_web::api::{self, InstanceSettings, InstanceView, Result};

use super::Web;
use crate::{
    acme::Directory,
    control::settings::{self, Change},
};

#[async_trait]
impl api::Instances for Web {
    async fn instance(&self) -> Result<InstanceView> {
        let cx = self.cx()?;
        let set = settings::get(&cx.parts).await.map_err(|e| self.told(e))?;
        let instance = &cx.parts.instance;
        Ok(InstanceView {
            settings: InstanceSettings {
                domain: set.domain.unwrap_or_default(),
                base_domain: set.base_domain.unwrap_or_default(),
                acme_email: set.acme_email.filter(|_| cx.access.instance()).unwrap_or_default(),
                acme_directory: set.acme_directory,
            },
            version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: cx.parts.db.profile().to_owned(),
            public_address: instance.public_addresses.first().map(ToString::to_string),
            fixed: instance.fixed.iter().map(|name| (*name).to_owned()).collect(),
            directories: [
                (Directory::LETSENCRYPT, "Let's Encrypt"),
                (Directory::LETSENCRYPT_STAGING, "Let's Encrypt, for trials (browsers do not trust it)"),
            ]
            .map(|(url, name)| (url.to_owned(), name.to_owned()))
            .into(),
        })
    }

    async fn set_instance(&self, new: InstanceSettings) -> Result<()> {
        let cx = self.cx()?;
        let fixed = &cx.parts.instance.fixed;
        // The form sends every field; one that is given at start is left alone.
        let given = |name: &str, value: String| (!fixed.contains(name)).then_some(value);
        let change = Change {
            domain: given("domain", new.domain),
            base_domain: given("base_domain", new.base_domain),
            acme_email: given("acme_email", new.acme_email),
            acme_directory: given("acme_directory", new.acme_directory),
        };
        settings::set(&cx, change).await.map(drop).map_err(|e| self.told(e))
    }
}
