//! What a host tells after a push: one signed delivery for each ref that moved.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::json;
use skep::{domain::secret::Secret, git::deliveries};

use super::{
    Settings,
    repository::{folder, git},
};

/// Where to tell, and the secret to sign with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hook {
    /// The webhook's address.
    pub url: String,
    /// Its secret.
    pub secret: String,
}

impl Hook {
    /// Keeps it in the repository's own configuration.
    pub(super) async fn save(&self, root: &Path, name: &str) -> io::Result<()> {
        let folder = folder(root, name)?;
        git(&folder, &["config", "hook.url", &self.url]).await?;
        git(&folder, &["config", "hook.secret", &self.secret]).await?;
        Ok(())
    }

    async fn load(folder: &Path) -> Option<Self> {
        let url = git(folder, &["config", "--get", "hook.url"]).await.ok()?;
        let secret = git(folder, &["config", "--get", "hook.secret"]).await.ok()?;
        Some(Self { url: url.trim().to_owned(), secret: secret.trim().to_owned() })
    }
}

type Refs = BTreeMap<String, String>;

/// Tells what moved between `before` and `after`; what cannot be told is printed.
pub(super) async fn tell(settings: Arc<Settings>, name: String, before: Refs, after: Refs) {
    let Ok(folder) = folder(&settings.root, &name) else { return };
    let Some(hook) = Hook::load(&folder).await.or_else(|| settings.hook.clone()) else { return };
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for moved in names.into_iter().filter(|one| before.get(*one) != after.get(*one)) {
        let zero = "0".repeat(40);
        let old = before.get(moved).unwrap_or(&zero);
        let new = after.get(moved).unwrap_or(&zero);
        let body = payload(&folder, &name, moved, old, new).await;
        match send(&hook, &body).await {
            Ok(status) => println!("{name} {moved} {new}: told {}, answered {status}", hook.url),
            Err(error) => eprintln!("{name} {moved} {new}: could not tell {}: {error}", hook.url),
        }
    }
}

async fn payload(folder: &Path, name: &str, moved: &str, old: &str, new: &str) -> serde_json::Value {
    let gone = new.bytes().all(|b| b == b'0');
    let born = old.bytes().all(|b| b == b'0');
    let ask = async |args: &[&str]| git(folder, args).await.ok();
    let mut body = json!({
        "ref": moved, "before": old, "after": new, "deleted": gone,
        "repository": name.strip_suffix(".git").unwrap_or(name),
    });
    if !gone {
        body["message"] = ask(&["log", "-1", "--format=%B", new, "--"]).await.into();
        body["author"] =
            ask(&["log", "-1", "--format=%an", new, "--"]).await.map(|a| a.trim().to_owned()).into();
    }
    if !gone && !born {
        let forced = ask(&["merge-base", "--is-ancestor", old, new]).await.is_none();
        body["forced"] = forced.into();
        let paths = ask(&["diff", "--name-only", "-z", old, new, "--"]).await.unwrap_or_default();
        let paths: Vec<&str> = paths.split('\0').filter(|path| !path.is_empty()).collect();
        body["paths"] = paths.into();
    }
    body
}

async fn send(hook: &Hook, payload: &serde_json::Value) -> reqwest::Result<u16> {
    let body = payload.to_string();
    let answer = reqwest::Client::new()
        .post(&hook.url)
        .timeout(std::time::Duration::from_secs(10))
        .header("content-type", "application/json")
        .header("x-skep-event", "push")
        .header("x-skep-delivery", uuid::Uuid::new_v4().to_string())
        .header(
            deliveries::GENERIC_SIGNATURE,
            deliveries::sign(&Secret::new(hook.secret.as_str()), body.as_bytes()),
        )
        .body(body)
        .send()
        .await?;
    Ok(answer.status().as_u16())
}
