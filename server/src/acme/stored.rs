//! Certificates as a Traefik keeps them (`acme.json`, versions 2 and 3): one entry for each resolver,
//! with its account and its certificates, chain and key as PEM in base64.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Directory, pkcs8};
use crate::domain::{fault::Wrong, secret::Secret};

/// Certificates of one file that are looked at, at most.
const MOST: usize = 10_000;

/// One certificate of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its first name.
    pub host: String,
    /// Its other names.
    pub others: Vec<String>,
    /// The chain, PEM; empty if it cannot be read.
    pub chain: String,
    /// The key, PEM (PKCS#8); empty if it cannot be read.
    pub key: Secret,
    /// Where the account of its resolver is, if that is known by its name.
    pub directory: Option<Directory>,
}

#[derive(Deserialize)]
struct Entry {
    domain: Domain,
    #[serde(default)]
    certificate: String,
    #[serde(default)]
    key: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Domain {
    #[serde(default)]
    main: String,
    #[serde(default)]
    sans: Option<Vec<String>>,
}

/// Reads the file.
///
/// # Errors
/// It is no such file.
pub fn read(text: &Secret) -> Result<Vec<Stored>, Wrong> {
    let wrong = || {
        Wrong::coded(
            "not_acme_json",
            "must be the text of a Traefik's acme.json: an object with `Certificates` for each resolver",
        )
    };
    let file: serde_json::Map<String, Value> = serde_json::from_str(text.expose()).map_err(|_| wrong())?;
    let mut all = Vec::new();
    let mut known = file.is_empty();
    for resolver in file.values() {
        known |= resolver.get("Certificates").is_some() || resolver.get("Account").is_some();
        let account = resolver["Account"]["Registration"]["uri"].as_str().unwrap_or_default();
        let directory = directory(account);
        let entries = match resolver.get("Certificates") {
            None | Some(Value::Null) => continue,
            Some(entries) => Vec::<Entry>::deserialize(entries).map_err(|_| wrong())?,
        };
        for entry in entries {
            let Domain { main, sans } = entry.domain;
            let others = sans.unwrap_or_default().into_iter().filter(|name| *name != main).collect();
            all.push(Stored {
                host: main,
                others,
                chain: text_of(&entry.certificate).map(|text| text.to_string()).unwrap_or_default(),
                key: Secret::new(text_of(&entry.key).and_then(|pem| pkcs8::of_pem(&pem)).unwrap_or_default()),
                directory: directory.clone(),
            });
        }
    }
    if all.len() > MOST {
        return Err(Wrong::coded("quota", format!("must hold at most {MOST} certificates")));
    }
    if known { Ok(all) } else { Err(wrong()) }
}

fn text_of(base64: &str) -> Option<Zeroizing<String>> {
    String::from_utf8(STANDARD.decode(base64).ok()?).ok().map(Zeroizing::new)
}

/// The directory of an account, by the host that keeps it.
fn directory(account: &str) -> Option<Directory> {
    let host = |text: &str| url::Url::parse(text).ok()?.host_str().map(str::to_owned);
    let at = host(account)?;
    let known =
        [Directory::LETSENCRYPT, Directory::LETSENCRYPT_STAGING, Directory::ZEROSSL, Directory::GOOGLE];
    let found = known.into_iter().find(|known| host(known).as_ref() == Some(&at))?;
    Directory::parse(found).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> Result<Vec<Stored>, Wrong> {
        read(&Secret::new(value.to_string()))
    }

    #[test]
    fn certificates_of_all_resolvers() {
        let entry = |main: &str, sans: Value| json!({"domain": {"main": main, "sans": sans}, "certificate": STANDARD.encode("chain"), "key": "!", "Store": "default"});
        let account = json!({"Registration": {"uri": "https://acme-v02.api.letsencrypt.org/acme/acct/1"}});
        let all = of(&json!({
            "le": {"Account": account, "Certificates": [entry("a.example.org", json!(["a.example.org"])), entry("b.example.org", json!(["www.b.example.org"]))]},
            "own": {"Account": null, "Certificates": [entry("c.example.org", Value::Null)]},
            "new": {"Account": null, "Certificates": null},
        }))
        .unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!(
            (all[0].host.as_str(), all[0].others.len(), all[0].chain.as_str()),
            ("a.example.org", 0, "chain")
        );
        assert_eq!(all[0].directory.as_ref().map(Directory::as_str), Some(Directory::LETSENCRYPT));
        assert_eq!(all[1].others, ["www.b.example.org"]);
        assert_eq!((&all[2].directory, all[2].key.expose()), (&None, ""));
        assert_eq!(of(&json!({})).unwrap(), []);
    }

    #[test]
    fn what_is_no_such_file() {
        for bad in [json!([]), json!("x"), json!({"a": 1}), json!({"le": {"Certificates": [{"x": 1}]}})] {
            assert_eq!(of(&bad).unwrap_err().code, "not_acme_json", "{bad}");
        }
    }
}
