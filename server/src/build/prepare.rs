//! From an app's build settings to a recipe.

use super::{Asked, BuildError, Order, Recipe, dockerfile, nixpacks, static_site};
use crate::domain::app::Build;

/// The recipe for a source that lies in `order.folder`; none if there is nothing to build. `asked` is
/// for Dockerfiles.
///
/// # Errors
/// The source or the settings are at fault: `path_outside_repository`, `dockerfile_missing`,
/// `context_missing`, `folder_missing`, `index_missing`, `dockerfile_unreadable`, `secret_missing`,
/// `frontend_not_allowed`, `step_not_allowed`, `image_not_allowed`, `context_is_stage`,
/// `nixpacks_no_plan`, `nixpacks_failed`.
pub async fn prepare(build: &Build, asked: &Asked, order: Order) -> Result<Option<Recipe>, BuildError> {
    match build {
        // What Compose files want built comes here build by build.
        Build::None | Build::Compose { .. } => Ok(None),
        Build::Dockerfile { path, context, target, args, secrets, no_cache } => {
            let target = target.as_ref();
            let settings =
                dockerfile::Settings { path, asked, context, target, args, secrets, no_cache: *no_cache };
            dockerfile::recipe(&settings, order).map(Some)
        }
        Build::Static { folder, single_page } => static_site::recipe(folder, *single_page, order).map(Some),
        Build::Nixpacks { folder } => nixpacks::recipe(folder, order).await.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path, time::Duration};

    use super::*;
    use crate::{build::Limits, domain::secret::Secret};

    fn order(folder: &Path) -> Order {
        Order {
            folder: folder.to_owned(),
            tag: "skep.invalid/web:1".to_owned(),
            own: "skep.invalid/web".to_owned(),
            labels: BTreeMap::from([("dev.skep.commit".to_owned(), "abc".to_owned())]),
            secrets: BTreeMap::from([("TOKEN".to_owned(), Secret::new("t0ken"))]),
            variables: BTreeMap::new(),
            registries: Vec::new(),
            site: Some(b"\x7fELF"),
            limits: Limits { time: Duration::from_secs(60), memory: None, nano_cpus: None, context: 1 << 20 },
        }
    }

    async fn made(build: serde_json::Value, folder: &Path) -> Result<Recipe, &'static str> {
        let build: Build = serde_json::from_value(build).unwrap();
        match prepare(&build, &Asked::default(), order(folder)).await {
            Ok(recipe) => Ok(recipe.unwrap()),
            Err(BuildError::Failed { code, .. }) => Err(code),
            Err(error) => panic!("{error}"),
        }
    }

    #[tokio::test]
    async fn dockerfile_outside_its_context_with_its_own_ignore_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("docker")).unwrap();
        fs::create_dir_all(dir.path().join("app")).unwrap();
        fs::write(dir.path().join("docker/web"), "FROM scratch\n").unwrap();
        fs::write(dir.path().join("docker/web.dockerignore"), "*.log").unwrap();
        fs::write(dir.path().join("app/.dockerignore"), "*.md").unwrap();
        let build = serde_json::json!({"kind": "dockerfile", "path": "docker/web", "context": "app",
            "args": {"A": "1"}, "secrets": ["TOKEN"]});
        let recipe = made(build, dir.path()).await.unwrap();
        assert_eq!((recipe.dockerfile.as_str(), recipe.ignore.as_str()), ("FROM scratch\n", "*.log"));
        assert!(recipe.context.ends_with("app") && recipe.secrets.contains_key("TOKEN"));
        assert!(!format!("{recipe:?}").contains("t0ken"));
    }

    #[tokio::test]
    async fn case_046_a_dockerfile_or_context_that_leaves_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("Dockerfile")).unwrap();
        std::os::unix::fs::symlink("/etc", dir.path().join("etc")).unwrap();
        fs::write(dir.path().join("ok"), "FROM scratch").unwrap();
        for build in [
            serde_json::json!({"kind": "dockerfile"}),
            serde_json::json!({"kind": "dockerfile", "path": "ok", "context": "etc"}),
            serde_json::json!({"kind": "static", "folder": "etc"}),
            serde_json::json!({"kind": "nixpacks", "folder": "etc"}),
        ] {
            assert_eq!(
                made(build.clone(), dir.path()).await.unwrap_err(),
                "path_outside_repository",
                "{build}"
            );
        }
        std::os::unix::fs::symlink("/etc/hostname", dir.path().join("package.json")).unwrap();
        fs::remove_file(dir.path().join("Dockerfile")).unwrap();
        fs::remove_file(dir.path().join("etc")).unwrap();
        let build = serde_json::json!({"kind": "nixpacks"});
        assert_eq!(made(build, dir.path()).await.unwrap_err(), "path_outside_repository");
    }

    #[tokio::test]
    async fn what_is_missing_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let missing = made(serde_json::json!({"kind": "dockerfile"}), dir.path()).await;
        assert_eq!(missing.unwrap_err(), "dockerfile_missing");
        fs::write(dir.path().join("Dockerfile"), "FROM scratch").unwrap();
        let build = serde_json::json!({"kind": "dockerfile", "secrets": ["OTHER"]});
        assert_eq!(made(build, dir.path()).await.unwrap_err(), "secret_missing");
        let build = serde_json::json!({"kind": "dockerfile", "args": {"BUILDKIT_SYNTAX": "x/y"}});
        assert_eq!(made(build, dir.path()).await.unwrap_err(), "frontend_not_allowed");
        let build = serde_json::json!({"kind": "static", "single_page": true});
        assert_eq!(made(build, dir.path()).await.unwrap_err(), "index_missing");
    }

    #[tokio::test]
    async fn static_sites_get_a_server_and_lose_what_nobody_should_see() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("index.html"), "hi").unwrap();
        let recipe =
            made(serde_json::json!({"kind": "static", "single_page": true}), dir.path()).await.unwrap();
        assert!(recipe.dockerfile.starts_with("FROM scratch\nCOPY --chmod=755 .skep.site /bin/site\n"));
        assert!(recipe.dockerfile.ends_with("CMD [\"/bin/site\", \"--single-page\", \"/www\"]\n"));
        assert_eq!(recipe.files[".skep.site"], b"\x7fELF");
        let ignore = crate::build::dockerignore::Ignore::parse(&recipe.ignore);
        assert!(
            ignore.leaves_out(".git/config")
                && ignore.leaves_out("a/.env")
                && !ignore.leaves_out("index.html")
        );
    }

    #[tokio::test]
    async fn nixpacks_plans_the_common_languages_without_a_network() {
        type Files = &'static [(&'static str, &'static str)];
        let samples: [(&str, Files, &str); 3] = [
            (
                "node",
                &[("package.json", r#"{"name":"a","scripts":{"start":"node i.js"}}"#), ("i.js", "")],
                "npm",
            ),
            ("python", &[("main.py", "print(1)"), ("requirements.txt", "flask")], "pip"),
            (
                "rust",
                &[("Cargo.toml", "[package]\nname=\"a\"\nversion=\"0.1.0\""), ("src/main.rs", "fn main(){}")],
                "cargo",
            ),
        ];
        for (name, files, word) in samples {
            let dir = tempfile::tempdir().unwrap();
            for (file, text) in files {
                let file = dir.path().join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            let recipe = made(serde_json::json!({"kind": "nixpacks"}), dir.path()).await.unwrap();
            assert!(recipe.dockerfile.starts_with("FROM "), "{name}: {}", recipe.dockerfile);
            assert!(recipe.dockerfile.contains(word), "{name}: {}", recipe.dockerfile);
            assert!(
                recipe.files.keys().any(|file| file.ends_with(".nix")),
                "{name}: {:?}",
                recipe.files.keys()
            );
            assert!(!dir.path().join(".nixpacks").exists(), "the source stays as it is");
        }
    }

    #[tokio::test]
    async fn case_149_nixpacks_configuration_cannot_ask_for_the_nodes_network() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("package.json"), r#"{"name":"a","scripts":{"start":"node i.js"}}"#)
            .unwrap();
        fs::write(
            dir.path().join("nixpacks.toml"),
            "[phases.build]\ncmds = [\"true\\nRUN --network=host id\"]\n",
        )
        .unwrap();
        assert_eq!(
            made(serde_json::json!({"kind": "nixpacks"}), dir.path()).await.unwrap_err(),
            "step_not_allowed"
        );
    }

    #[tokio::test]
    async fn nixpacks_without_a_plan_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("notes.txt"), "x").unwrap();
        assert_eq!(
            made(serde_json::json!({"kind": "nixpacks"}), dir.path()).await.unwrap_err(),
            "nixpacks_no_plan"
        );
    }
}
