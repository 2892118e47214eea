//! Where an app comes from and how it becomes an image: the JSON shapes of the public API, with
//! plain text where the server has checked types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CredentialId, Settings};

/// Where an app comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// A git repository.
    Git {
        /// https or ssh.
        url: String,
        /// What to follow.
        follow: Follow,
        /// The git credential to use.
        credential: Option<CredentialId>,
        /// Only pushes that change one of these globs deploy.
        watch: Vec<String>,
    },
    /// An image of a registry.
    Image {
        /// Which.
        image: String,
        /// The registry credential to use.
        credential: Option<CredentialId>,
    },
    /// A Compose file given as text.
    Compose {
        /// The file.
        text: String,
    },
    /// An archive given by upload.
    Upload {
        /// Its digest; none until the first upload.
        digest: Option<String>,
    },
}

impl Source {
    /// The name in forms and JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Git { .. } => "git",
            Self::Image { .. } => "image",
            Self::Compose { .. } => "compose",
            Self::Upload { .. } => "upload",
        }
    }
}

/// What of a repository an app follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Follow {
    /// The head of a branch.
    Branch {
        /// Its name.
        branch: String,
    },
    /// Each new tag that matches.
    Tags {
        /// A glob.
        pattern: String,
    },
    /// One commit.
    Commit {
        /// Its full id.
        sha: String,
    },
}

/// How an app becomes an image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Build {
    /// There is an image already.
    #[default]
    None,
    /// By a Dockerfile.
    Dockerfile {
        /// The Dockerfile.
        path: String,
        /// The build context.
        context: String,
        /// The stage; the last one if none.
        target: Option<String>,
        /// Build arguments, not secret.
        args: BTreeMap<String, String>,
        /// Variables given as BuildKit secrets, by key.
        secrets: Vec<String>,
        /// Do not use earlier layers.
        no_cache: bool,
    },
    /// Files served as they are.
    Static {
        /// The folder.
        folder: String,
        /// Answer `index.html` for unknown paths.
        single_page: bool,
    },
    /// By Nixpacks' plan.
    Nixpacks {
        /// The folder.
        folder: String,
    },
    /// Compose files of the source say what is built and what runs.
    Compose {
        /// The first file.
        path: String,
        /// Files merged onto it, in this order.
        overrides: Vec<String>,
    },
}

impl Build {
    /// The name in forms and JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Dockerfile { .. } => "dockerfile",
            Self::Static { .. } => "static",
            Self::Nixpacks { .. } => "nixpacks",
            Self::Compose { .. } => "compose",
        }
    }
}

/// All that can be set for an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// Where it comes from.
    pub source: Source,
    /// How it becomes an image.
    pub build: Build,
    /// How it runs.
    pub settings: Settings,
    /// Pushes deploy by themselves.
    pub auto_deploy: bool,
}

/// A new app as it was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApp {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// How it becomes an image.
    pub build: Build,
    /// How it runs; all but `port` is default.
    pub settings: Settings,
    /// Pushes deploy by themselves.
    pub auto_deploy: bool,
    /// A host for it, over HTTPS; fault at `host`.
    pub host: Option<String>,
    /// Deploy at once.
    pub deploy: bool,
}
