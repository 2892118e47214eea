//! From a Dockerfile in the source.

use std::{fs, path::Path};

use super::{ADDED, Asked, BuildError, Order, Recipe, frontend, inside::inside};
use crate::domain::name::{EnvKey, RelPath, Slug};

/// A Dockerfile is text of at most this many bytes.
const LONGEST: u64 = 1 << 20;

/// What the app's settings say.
pub(super) struct Settings<'a> {
    pub(super) path: &'a RelPath,
    /// What is asked beside; its Dockerfile counts instead of one at `path`.
    pub(super) asked: &'a Asked,
    pub(super) context: &'a RelPath,
    pub(super) target: Option<&'a Slug>,
    pub(super) args: &'a std::collections::BTreeMap<String, String>,
    pub(super) secrets: &'a [EnvKey],
    pub(super) no_cache: bool,
}

/// The recipe.
///
/// # Errors
/// `path_outside_repository`, `dockerfile_missing`, `context_missing`, `dockerfile_unreadable`,
/// `secret_missing`, `frontend_not_allowed`, `step_not_allowed`, `image_not_allowed`,
/// `context_is_stage`.
pub(super) fn recipe(settings: &Settings<'_>, order: Order) -> Result<Recipe, BuildError> {
    let context = inside(&order.folder, settings.context.as_str(), "build context", "context_missing")?;
    let (text, path) = match &settings.asked.inline {
        Some(text) => (text.clone(), None),
        None => {
            let file = inside(&order.folder, settings.path.as_str(), "Dockerfile", "dockerfile_missing")?;
            let path = file.strip_prefix(&context).ok().and_then(Path::to_str).map(ToOwned::to_owned);
            (read(&file, settings.path.as_str())?, path)
        }
    };
    // Before anything is put in front of it, so that its own lines are named.
    frontend::check(&text, settings.args, &order.own)?;
    let own = order.own.clone();
    settings.args.keys().try_for_each(|name| frontend::check_argument(name))?;

    let mut secrets = std::collections::BTreeMap::new();
    for key in settings.secrets {
        let Some(value) = order.secrets.get(key.as_str()) else {
            return Err(BuildError::Failed {
                code: "secret_missing",
                message: format!(
                    "the build asks for the secret {0}: set the variable {0} of the app",
                    key.as_str()
                ),
            });
        };
        secrets.insert(key.as_str().to_owned(), value.clone());
    }
    let mut recipe = Recipe {
        ignore: ignore(&order.folder, settings, &context)?,
        context,
        files: std::collections::BTreeMap::new(),
        dockerfile: text,
        path: path.unwrap_or_else(|| ADDED.to_owned()),
        target: settings.target.map(|target| target.as_str().to_owned()),
        args: settings.args.clone(),
        secrets,
        no_cache: settings.no_cache,
        ..Recipe::of(order)
    };
    settings.asked.put(&mut recipe, &own)?;
    Ok(recipe)
}

/// The Dockerfile's own ignore file, else the context's.
fn ignore(top: &Path, settings: &Settings<'_>, context: &Path) -> Result<String, BuildError> {
    let own = format!("{}.dockerignore", settings.path.as_str());
    let own = settings.asked.inline.is_none().then_some((top, own.as_str()));
    for (folder, name) in own.into_iter().chain([(context, ".dockerignore")]) {
        match inside(folder, name, "ignore file", "none") {
            Ok(file) => return read(&file, name),
            Err(BuildError::Failed { code: "none", .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(String::new())
}

fn read(file: &Path, name: &str) -> Result<String, BuildError> {
    let unreadable = |why: String| BuildError::Failed {
        code: "dockerfile_unreadable",
        message: format!("'{name}' cannot be read: {why}"),
    };
    let about = fs::metadata(file).map_err(|error| unreadable(error.to_string()))?;
    if !about.is_file() || about.len() > LONGEST {
        return Err(unreadable(format!("it must be a text file of at most {} KiB", LONGEST >> 10)));
    }
    fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))
}
