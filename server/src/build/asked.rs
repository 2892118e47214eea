//! What a Compose file asks of a build beside an app's own build settings.
//!
//! To carry a key: a field of [`Asked`], and what becomes of it in [`Asked::put`]. The engine's build
//! API has no named contexts: each is an image already when it comes here, and a stage in front of the
//! Dockerfile's own gives it its name.

use std::collections::BTreeMap;

use skep_stack::text::LOCAL_REGISTRY;

use super::{BuildError, Recipe, frontend};
use crate::domain::secret::Secret;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The Dockerfile's text, if it is none of the source's files.
    pub inline: Option<String>,
    /// Images by the names that the Dockerfile has for them.
    pub contexts: BTreeMap<String, String>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// BuildKit secrets by id.
    pub secrets: BTreeMap<String, Secret>,
    /// Hosts that steps know by name: `name:address`.
    pub hosts: Vec<String>,
    /// Steps have no network.
    pub offline: bool,
    /// Base images are looked up in their registries anew, unless one of them is in none.
    pub pull: bool,
    /// The context is only there to be copied: it is put under this folder, and so apart from the
    /// Dockerfile.
    pub below: &'static str,
}

impl Asked {
    /// Puts it into the recipe of its Dockerfile.
    ///
    /// # Errors
    /// `context_is_stage`; `image_not_allowed` for a context.
    pub(super) fn put(&self, recipe: &mut Recipe, own: &str) -> Result<(), BuildError> {
        recipe.dockerfile = frontend::with_stages(&recipe.dockerfile, &self.contexts)?;
        frontend::check(&recipe.dockerfile, &recipe.args, own)?;
        recipe.own_labels.clone_from(&self.labels);
        recipe.secrets.extend(self.secrets.clone());
        recipe.hosts.clone_from(&self.hosts);
        recipe.offline = self.offline;
        // The engine would ask a registry for images that it alone has.
        let words = std::iter::once(&recipe.dockerfile).chain(recipe.args.values());
        recipe.pull = self.pull && !words.into_iter().any(|text| text.contains(LOCAL_REGISTRY));
        recipe.below = self.below;
        Ok(())
    }
}
