//! The kinds of stores, and what each needs beside its address and credentials; nothing here is secret.

use serde::{Deserialize, Serialize};

use super::{Login, Reference, StoreAddress};
use crate::domain::fault::{Fault, Wrong};

/// Which engine of keys and values a Vault has at a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KvVersion {
    /// One value for each key.
    V1,
    /// Versions of each.
    #[default]
    V2,
}

/// A kind with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = StoreSettings)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Settings {
    /// Vault or OpenBao. The login is a token, or the role id and secret id of an AppRole.
    /// References: `path` below the mount, and a key of the secret there.
    Vault {
        /// Where the engine of keys and values is mounted.
        #[serde(default = "secret")]
        mount: String,
        /// Which engine that is.
        #[serde(default)]
        #[schema(inline)]
        version: KvVersion,
        /// The namespace, if there are any.
        #[serde(default)]
        namespace: String,
    },
    /// Infisical. The login is the client id and client secret of universal auth.
    /// References: a folder's path (`/` for the top), and the secret's name.
    Infisical {
        /// The project's id.
        project: String,
        /// The environment's slug there: `prod`.
        environment: String,
    },
    /// AWS Secrets Manager. The login is an access key with its secret.
    /// References: a secret's name or ARN, and a key of its JSON; all of its text without a key.
    Aws {
        /// `eu-central-1`.
        region: String,
    },
    /// Doppler. The login is a service token. References: `project/config`, and the secret's name.
    Doppler {},
    /// 1Password Connect. The login is an access token. References: `vault/item`, and a field's label.
    Onepassword {},
}

fn secret() -> String {
    "secret".to_owned()
}

impl Settings {
    /// The kind's name in API, command line and forms.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Vault { .. } => "vault",
            Self::Infisical { .. } => "infisical",
            Self::Aws { .. } => "aws",
            Self::Doppler {} => "doppler",
            Self::Onepassword {} => "onepassword",
        }
    }

    /// All that is wrong with them and with the login for them.
    #[must_use]
    pub fn faults(&self, login: &Login) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut text = |field: &str, text: &str, signs: &str, empty: bool| {
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c));
            let climbs = text.split('/').any(|part| part.is_empty() || part == "." || part == "..");
            if !(empty && text.is_empty()) && (!plain || climbs || text.len() > 128) {
                let rule = format!("must be 1 to 128 letters, digits and `{signs}`");
                faults.push(Wrong::new(rule).at(format!("settings.{field}")));
            }
        };
        match self {
            Self::Vault { mount, namespace, .. } => {
                text("mount", mount, "-_./", false);
                text("namespace", namespace, "-_./", true);
            }
            Self::Infisical { project, environment } => {
                text("project", project, "-_", false);
                text("environment", environment, "-_", false);
            }
            Self::Aws { region } => text("region", region, "-", false),
            Self::Doppler {} | Self::Onepassword {} => {}
        }
        let named = !login.id.is_empty();
        match self {
            Self::Infisical { .. } if !named => {
                faults.push(Wrong::new("must be the client id of universal auth").at("login.id"));
            }
            Self::Aws { .. } if !named => {
                faults.push(Wrong::new("must be the id of the access key").at("login.id"));
            }
            Self::Doppler {} | Self::Onepassword {} if named => {
                faults.push(Wrong::new("must be empty: this kind takes a token alone").at("login.id"));
            }
            _ => {}
        }
        faults
    }

    /// The address given, or the one that this kind has everywhere.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn address(&self, given: &str) -> Result<StoreAddress, Wrong> {
        let own = match self {
            _ if !given.trim().is_empty() => given.trim().to_owned(),
            Self::Infisical { .. } => "https://app.infisical.com".to_owned(),
            Self::Aws { region } => format!("https://secretsmanager.{region}.amazonaws.com"),
            Self::Doppler {} => "https://api.doppler.com".to_owned(),
            Self::Vault { .. } | Self::Onepassword {} => {
                return Err(Wrong::coded("invalid_address", "must not be empty for this kind of store"));
            }
        };
        StoreAddress::parse(&own)
    }

    /// Whether a reference can lead to anything in a store of this kind.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn fits(&self, reference: &Reference) -> Result<(), Wrong> {
        let parts = Reference::parts(&reference.path).count();
        let wrong = |rule: &str| Err(Wrong::coded("invalid_path", rule));
        match self {
            Self::Aws { .. } => Ok(()),
            _ if reference.key.is_none() => {
                let rule = "must name a key after the path: `path#key`";
                Err(Wrong::coded("invalid_key", rule))
            }
            Self::Doppler {} if parts != 2 => wrong("the path must be `project/config` for Doppler"),
            Self::Onepassword {} if parts != 2 => wrong("the path must be `vault/item` for 1Password"),
            Self::Vault { .. } if parts == 0 => wrong("the path must name a secret below the mount"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        serde_json::from_str(text).unwrap()
    }

    fn fields(settings: &Settings, id: &str) -> Vec<String> {
        let faults = settings.faults(&Login::new(id, "x").unwrap());
        faults.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn each_kind_says_what_it_lacks() {
        let vault = settings(r#"{"kind": "vault"}"#);
        assert!(matches!(&vault, Settings::Vault { mount, version: KvVersion::V2, .. } if mount == "secret"));
        assert!(fields(&vault, "").is_empty() && fields(&vault, "role").is_empty());
        let odd = settings(r#"{"kind": "vault", "mount": "a/../b", "namespace": "x?y"}"#);
        assert_eq!(fields(&odd, ""), ["settings.mount", "settings.namespace"]);
        let infisical = settings(r#"{"kind": "infisical", "project": "", "environment": "a b"}"#);
        assert_eq!(fields(&infisical, ""), ["settings.project", "settings.environment", "login.id"]);
        let aws = settings(r#"{"kind": "aws", "region": "eu-1.evil.org/"}"#);
        assert_eq!(fields(&aws, "AKIA"), ["settings.region"]);
        assert_eq!(fields(&settings(r#"{"kind": "doppler"}"#), "x"), ["login.id"]);
        assert!(serde_json::from_str::<Settings>(r#"{"kind": "doppler", "token": "x"}"#).is_err());
    }

    #[test]
    fn some_kinds_have_an_address_of_their_own() {
        let aws = settings(r#"{"kind": "aws", "region": "eu-central-1"}"#);
        assert_eq!(aws.address("").unwrap().as_str(), "https://secretsmanager.eu-central-1.amazonaws.com");
        assert_eq!(aws.address("http://a:5000").unwrap().as_str(), "http://a:5000");
        assert!(settings(r#"{"kind": "vault"}"#).address(" ").is_err());
    }

    #[test]
    fn a_reference_fits_its_kind() {
        let fits = |kind: &str, text: &str| {
            let reference = Reference::find(text).unwrap().unwrap();
            settings(kind).fits(&reference).is_ok()
        };
        assert!(fits(r#"{"kind": "aws", "region": "x"}"#, "store.a:db"));
        assert!(!fits(r#"{"kind": "vault"}"#, "store.a:db"));
        assert!(!fits(r#"{"kind": "vault"}"#, "store.a:/#k"));
        assert!(fits(r#"{"kind": "doppler"}"#, "store.a:shop/prd#K"));
        assert!(!fits(r#"{"kind": "doppler"}"#, "store.a:shop#K"));
        assert!(!fits(r#"{"kind": "onepassword"}"#, "store.a:a/b/c#K"));
        assert!(fits(r#"{"kind": "infisical", "project": "p", "environment": "e"}"#, "store.a:/#K"));
    }
}
