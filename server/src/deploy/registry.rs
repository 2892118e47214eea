//! Credentials of registries: which one goes with which image. Each goes to its own host and to
//! no other; a source may name one, all else finds by the image's host the nearest of those that the
//! app may use: its environment's, its project's, the team's.

use super::{
    parts::Parts,
    run::{Run, Stop},
};
use crate::{
    db::{self, Tx},
    domain::{
        app::{App, Source},
        credential::{Credential, Kind},
        id::CredentialId,
        right::Place,
        step::Step,
    },
    swarm::{EngineError, RegistryAuth},
};

/// Where images without a registry's name come from.
const HUB: &str = "Docker Hub";
/// What Docker Hub is called by those who speak with it.
const HUB_HOSTS: [&str; 5] =
    ["docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com"];

/// The credentials that an app's images may need: the one that its source names, then nearest first.
#[derive(Debug, Clone, Default)]
pub struct Keys(pub Vec<RegistryAuth>);

impl Keys {
    /// Opens those that the app may use.
    ///
    /// # Errors
    /// The one that the source names is gone, belongs elsewhere, is for another host, or cannot be opened.
    pub async fn load(parts: &Parts, app: &App) -> Result<Self, Stop> {
        let mut tx = parts.db.read().await?;
        let mut all = db::credential::around(&mut tx, app.team, app.environment).await?;
        all.retain(|found| found.kind == Kind::Registry);
        let mut keys = Vec::new();
        if let Source::Image { image, credential: Some(id) } = &app.source {
            let Some(at) = all.iter().position(|found| found.id == *id) else {
                return Err(missing(&mut tx, app, *id, Step::Push).await?);
            };
            let found = all.remove(at);
            if !is_for(&found.host, image.as_str()) {
                let message = format!(
                    "the app's registry credential is for {}, and is sent to no other: choose one for {}",
                    found.host,
                    host(image.as_str())
                );
                return Err(Stop::failed(Step::Push, "credential_host", message));
            }
            keys.push(open(parts, found)?);
        }
        drop(tx);
        for found in all {
            keys.push(open(parts, found)?);
        }
        Ok(Self(keys))
    }

    /// The credential for an image, if there is one.
    #[must_use]
    pub fn of(&self, image: &str) -> Option<&RegistryAuth> {
        self.0.iter().find(|key| is_for(&key.host, image))
    }
}

/// Why an app may not use the credential that its source names.
///
/// # Errors
/// The database.
pub(super) async fn missing(tx: &mut Tx, app: &App, id: CredentialId, step: Step) -> Result<Stop, Stop> {
    let elsewhere = db::credential::get(tx, app.team, id).await?.map(|found| found.place);
    Ok(match elsewhere {
        Some(Place::Project(_) | Place::Environment(_)) => Stop::failed(
            step,
            "credential_place",
            "the app's credential belongs to another environment or project: choose one of its own environment, of its project, or of the team",
        ),
        _ => Stop::failed(
            step,
            "credential_missing",
            "the app's credential is gone, or of another kind: choose another in its settings",
        ),
    })
}

fn open(parts: &Parts, found: Credential) -> Result<RegistryAuth, Stop> {
    let password = parts.seal.open_text("credential", &found.sealed).map_err(|e| {
        Stop::failed(Step::Push, "sealed", format!("the credential for {} cannot be opened: {e}", found.host))
    })?;
    Ok(RegistryAuth { host: found.host, username: found.username.unwrap_or_default(), password })
}

/// A registry's answer to a push or a pull, in words that name it: what may pass is tried again.
#[must_use]
pub fn failed(run: &Run, registry: &str, error: &EngineError) -> Stop {
    if error.transient() {
        run.log.say(&format!("Registry {registry} does not answer: {error}"));
        return Stop::Retry(format!("registry {registry}: {error}"));
    }
    Stop::failed(
        Step::Push,
        "registry",
        format!("registry {registry}: {error}. Check the image's name and the registry's credential"),
    )
}

/// Whether a credential for `registry` may be sent to where the image is.
fn is_for(registry: &str, reference: &str) -> bool {
    let hub = |host: &str| HUB_HOSTS.iter().any(|known| host.eq_ignore_ascii_case(known));
    match host(reference) {
        HUB => hub(registry),
        host => registry.eq_ignore_ascii_case(host) || (hub(host) && hub(registry)),
    }
}

/// The registry that an image is in.
#[must_use]
pub fn host(reference: &str) -> &str {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => HUB,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn each_image_gets_the_credential_of_its_own_registry() {
        let key = |host: &str| RegistryAuth {
            host: host.to_owned(),
            username: host.to_owned(),
            password: Secret::new("x"),
        };
        let keys = Keys(vec![key("registry.example.org:5000"), key("docker.io")]);
        let of = |image: &str| keys.of(image).map(|key| key.host.as_str());
        assert_eq!(of("registry.example.org:5000/a/b:1"), Some("registry.example.org:5000"));
        assert_eq!(of("Registry.Example.org:5000/a/b@sha256:00"), Some("registry.example.org:5000"));
        assert_eq!(of("registry.example.org/a/b:1"), None, "another port is another registry");
        assert_eq!(of("evil-registry.example.org:5000/a:1"), None);
        assert_eq!(of("acme/shop:1"), Some("docker.io"));
        assert_eq!(of("redis"), Some("docker.io"));
        assert_eq!(of("docker.io/acme/shop"), Some("docker.io"));
    }
}
