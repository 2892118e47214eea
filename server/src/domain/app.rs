//! What a user deploys: where it comes from, how it becomes an image, and how it runs.

use serde::{Deserialize, Serialize};
pub use skep_stack::app::Settings;

use super::{
    clock::Time,
    fault::{Fault, Wrong},
    git_url::GitUrl,
    id::{AppId, CredentialId, EnvironmentId, TeamId},
    name::{ImageRef, RefName, RelPath, Sha, Slug},
};

/// Where an app comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A git repository.
    Git {
        /// https or ssh.
        url: GitUrl,
        /// What to follow.
        follow: Follow,
        /// The git credential to use.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        credential: Option<CredentialId>,
        /// Only pushes that change one of these globs deploy; empty means every push does.
        #[serde(default)]
        watch: Vec<String>,
    },
    /// An image of a registry.
    Image {
        /// Which.
        image: ImageRef,
        /// The registry credential to use.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        credential: Option<CredentialId>,
    },
    /// A Compose file given as text.
    Compose {
        /// The file.
        text: String,
    },
    /// An archive given by API or CLI; its files lie in the store under this digest.
    Upload {
        /// `sha256` of the archive, hexadecimal; none until the first upload.
        #[serde(default)]
        digest: Option<String>,
    },
}

/// What of a repository an app follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Follow {
    /// The head of a branch.
    Branch {
        /// Its name.
        branch: RefName,
    },
    /// Each new tag that matches.
    Tags {
        /// A glob: `v*`.
        pattern: String,
    },
    /// One commit, never anything else.
    Commit {
        /// Which.
        sha: Sha,
    },
}

/// How an app becomes an image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Build {
    /// There is an image already (or a Compose file that names them).
    #[default]
    None,
    /// By a Dockerfile.
    Dockerfile {
        /// The Dockerfile, relative to the repository's top.
        #[serde(default = "dockerfile")]
        path: RelPath,
        /// The folder sent as build context.
        #[serde(default = "top")]
        context: RelPath,
        /// The stage to build; the last one if none.
        #[serde(default)]
        target: Option<Slug>,
        /// Build arguments, not secret: they stay in the image's history.
        #[serde(default)]
        args: std::collections::BTreeMap<String, String>,
        /// Variables of the app given as BuildKit secrets, by key.
        #[serde(default)]
        secrets: Vec<super::name::EnvKey>,
        /// Do not use earlier layers.
        #[serde(default)]
        no_cache: bool,
    },
    /// Files served as they are by a small web server.
    Static {
        /// The folder to serve.
        #[serde(default = "top")]
        folder: RelPath,
        /// Answer `index.html` for unknown paths.
        #[serde(default)]
        single_page: bool,
    },
    /// By Nixpacks' plan.
    Nixpacks {
        /// The folder of the app.
        #[serde(default = "top")]
        folder: RelPath,
    },
    /// Compose files of the source say what is built and what runs.
    Compose {
        /// The file; under its usual names if it is not said. Paths in all files begin at its folder.
        #[serde(default = "compose_file")]
        path: RelPath,
        /// Files that are merged onto it, in this order, as `docker compose -f path -f override` does.
        /// None is taken that is not named here, `compose.override.yaml` neither.
        #[serde(default)]
        overrides: Vec<RelPath>,
    },
}

/// Compose files that are merged onto the first one, at most.
pub const OVERRIDES_MAX: usize = 16;

impl Build {
    /// What is wrong with settings whose every field is right by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let Self::Compose { path, overrides } = self else { return Vec::new() };
        let mut faults = Vec::new();
        if overrides.len() > OVERRIDES_MAX {
            let rule = format!("must be at most {OVERRIDES_MAX} files: bring some together by `include`");
            faults.push(Wrong::coded("too_many", rule).at("build.overrides"));
        }
        let mut before = Vec::new();
        let fields = (0..).map(|i| format!("build.overrides[{i}]"));
        let all = std::iter::once(path)
            .chain(overrides)
            .zip(std::iter::once("build.path".to_owned()).chain(fields));
        for (path, field) in all {
            if path.as_str().is_empty() {
                let rule = "must be the path of a Compose file in the repository, not its top";
                faults.push(Wrong::coded("invalid_path", rule).at(field));
            } else if before.contains(&path) {
                let rule = "is named before: name each file once, in the order in which they are merged";
                faults.push(Wrong::coded("duplicate", rule).at(field));
            }
            before.push(path);
        }
        faults
    }
}

fn compose_file() -> RelPath {
    RelPath::parse("compose.yaml").unwrap_or_else(|_| top())
}

fn dockerfile() -> RelPath {
    RelPath::parse("Dockerfile").unwrap_or_else(|_| top())
}

#[expect(clippy::expect_used, reason = "the empty path is always inside")]
fn top() -> RelPath {
    RelPath::parse("").expect("the top is a path inside")
}

/// Whether an app should run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// It should run.
    Running,
    /// It should be scaled to nothing; its replicas are kept for the next start.
    Stopped,
    /// It is being removed.
    Removed,
}

impl Wanted {
    /// The name in tables and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Removed => "removed",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Running, Self::Stopped, Self::Removed].into_iter().find(|w| w.name() == name)
    }
}

/// What a user deploys.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// The owner, by way of environment and project.
    pub team: TeamId,
    /// Where it lives.
    pub environment: EnvironmentId,
    /// Unique within the environment.
    pub name: Slug,
    /// The name of its stack in Swarm: unique on the cluster, at most 40 characters, never changes.
    pub stack: String,
    /// Where it comes from.
    pub source: Source,
    /// How it becomes an image.
    pub build: Build,
    /// How it runs.
    pub settings: Settings,
    /// Counted up by each change of source, build, settings or variables.
    pub generation: i64,
    /// The generation of the last change that only a deployment brings; scaling is none.
    pub configured: i64,
    /// Whether it should run.
    pub wanted: Wanted,
    /// Pushes deploy by themselves.
    pub auto_deploy: bool,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

impl App {
    /// Whether a Compose file says what runs: several services, with settings of their own.
    #[must_use]
    pub const fn composed(&self) -> bool {
        matches!(self.source, Source::Compose { .. })
            || matches!(
                (&self.source, &self.build),
                (Source::Git { .. } | Source::Upload { .. }, Build::Compose { .. })
            )
    }

    /// What its images are called on the node that built them, without a tag.
    #[must_use]
    pub fn local_image(&self) -> String {
        format!("{}/{}", skep_stack::text::LOCAL_REGISTRY, self.stack)
    }
}
