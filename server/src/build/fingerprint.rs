//! What an image is made of, as far as its recipe tells: the same for two recipes that build the same.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{
    BuildError, Recipe,
    context::{Context, unreadable},
};

/// The fingerprint of a recipe, in hexadecimal: its Dockerfile, stage, arguments and own settings, and
/// what is in its context. The image's name and Skep's labels, times of files, and values of secrets do
/// not count, and neither do images that it begins with, whatever their names lead to today.
///
/// # Errors
/// `context_too_large`, `context_unreadable`.
pub fn fingerprint(recipe: &Recipe) -> Result<String, BuildError> {
    let secrets: Vec<&String> = recipe.secrets.keys().collect();
    let mut words = serde_json::json!([recipe.dockerfile, recipe.target, recipe.args, secrets]);
    // Recipes without any of it keep the names that their images have had.
    let more = (&recipe.own_labels, &recipe.hosts, recipe.offline, recipe.below);
    if more != (&BTreeMap::new(), &Vec::new(), false, "")
        && let Some(words) = words.as_array_mut()
    {
        words.push(serde_json::json!(more));
    }
    let mut hash = Sha256::new();
    hash.update(words.to_string());
    let files = recipe.files.clone();
    let context = Context::collect(&recipe.context, &recipe.ignore, files, recipe.limits.context)?;
    context.print(&mut hash).map_err(|error| unreadable(".", &error))?;
    Ok(hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

    use super::*;
    use crate::{
        build::{Limits, Order},
        domain::secret::Secret,
    };

    fn recipe(context: &Path) -> Recipe {
        let order = Order {
            folder: context.to_owned(),
            tag: "skep.invalid/shop:1".to_owned(),
            own: "skep.invalid/shop".to_owned(),
            labels: BTreeMap::new(),
            secrets: BTreeMap::new(),
            variables: BTreeMap::new(),
            registries: Vec::new(),
            site: None,
            limits: Limits { time: Duration::from_secs(60), memory: None, nano_cpus: None, context: 1 << 20 },
        };
        Recipe {
            dockerfile: "FROM scratch\nCOPY . /\n".to_owned(),
            ignore: "*.md".to_owned(),
            secrets: BTreeMap::from([("TOKEN".to_owned(), Secret::new("one"))]),
            ..Recipe::of(order)
        }
    }

    #[test]
    fn what_counts_and_what_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        fs::create_dir(top.join("src")).unwrap();
        fs::write(top.join("src/main"), "one").unwrap();
        std::os::unix::fs::symlink("src/main", top.join("link")).unwrap();
        let first = fingerprint(&recipe(top)).unwrap();

        fs::write(top.join("README.md"), "ignored").unwrap();
        fs::write(top.join("src/main"), "one").unwrap();
        let mut same = recipe(top);
        same.tag = "skep.invalid/shop:2".to_owned();
        same.labels = BTreeMap::from([("deployment".to_owned(), "2".to_owned())]);
        same.secrets = BTreeMap::from([("TOKEN".to_owned(), Secret::new("two"))]);
        assert_eq!(fingerprint(&same).unwrap(), first);

        let mut seen = vec![first];
        let mut another = |recipe: &Recipe, what: &str| {
            let print = fingerprint(recipe).unwrap();
            assert!(!seen.contains(&print), "{what}");
            seen.push(print);
        };
        type Change = fn(&mut Recipe);
        let asked: [(&str, Change); 4] = [
            ("a label", |recipe| drop(recipe.own_labels.insert("a".to_owned(), "b".to_owned()))),
            ("a host", |recipe| recipe.hosts.push("a:127.0.0.1".to_owned())),
            ("no network", |recipe| recipe.offline = true),
            ("a place", |recipe| recipe.below = "files"),
        ];
        for (what, change) in asked {
            let mut changed = recipe(top);
            change(&mut changed);
            another(&changed, what);
        }
        let mut args = recipe(top);
        args.args = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        another(&args, "an argument");
        let mut stage = recipe(top);
        stage.target = Some("run".to_owned());
        another(&stage, "a stage");
        fs::set_permissions(top.join("src/main"), fs::Permissions::from_mode(0o755)).unwrap();
        another(&recipe(top), "a program");
        fs::write(top.join("src/main"), "two").unwrap();
        another(&recipe(top), "bytes");
        fs::rename(top.join("src/main"), top.join("src/start")).unwrap();
        another(&recipe(top), "a name");
        fs::create_dir(top.join("empty")).unwrap();
        another(&recipe(top), "a folder");
        fs::remove_file(top.join("link")).unwrap();
        std::os::unix::fs::symlink("src/start", top.join("link")).unwrap();
        another(&recipe(top), "a link");
    }
}
