//! Images that were built here and that no kept release is made of, under their local name and
//! under the registry's.

use std::collections::{BTreeMap, BTreeSet};

use skep_stack::{labels, text};

use crate::{
    db,
    deploy::parts::Parts,
    domain::{app::App, id::AppId, release::Release},
    reconcile::Trouble,
};

/// What kept releases are made of.
#[derive(Debug, Default)]
pub(super) struct Needed {
    names: BTreeSet<String>,
    /// App and number of the deployment: an image that was pushed is named by its digest there.
    deployments: BTreeSet<(String, String)>,
}

impl Needed {
    /// Keeps what this release is made of.
    pub(super) fn add(&mut self, release: &Release) {
        self.names.extend(release.images.values().cloned());
        self.deployments.insert((release.app.to_string(), release.number.to_string()));
    }
}

/// Takes the others away. One that a container still uses stays until the next round.
pub(super) async fn sweep(
    parts: &Parts,
    apps: &[App],
    busy: &BTreeSet<AppId>,
    needed: &Needed,
) -> Result<(), Trouble> {
    let numbers: BTreeMap<String, String> =
        parts.engine.images_labelled(labels::DEPLOYMENT).await?.into_iter().collect();
    let registry = parts.instance.registry.as_deref();
    let images = parts.engine.images_labelled(labels::APP).await?;
    // What was built since the round began belongs to a deployment that is open now.
    let mut tx = parts.db.read().await?;
    let open = db::deployment::open(&mut tx).await?;
    drop(tx);
    let busy: BTreeSet<AppId> = open.iter().map(|deployment| deployment.app).chain(busy.clone()).collect();
    for (image, owner) in images {
        let pushed = registry.and_then(|registry| image.strip_prefix(registry));
        let ours = text::local_image(&image).is_some() || pushed.is_some_and(|rest| rest.starts_with('/'));
        let idle =
            apps.iter().find(|app| app.id.to_string() == owner).is_none_or(|app| !busy.contains(&app.id));
        let number = numbers.get(&image).cloned().unwrap_or_default();
        let kept = needed.names.contains(&image) || needed.deployments.contains(&(owner, number));
        if ours && idle && !kept {
            let _ = parts.engine.remove_image(&image).await;
        }
    }
    Ok(())
}
