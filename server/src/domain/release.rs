//! The immutable record of a live deployment: what to apply again to return to it.

use super::{
    clock::Time,
    id::{AppId, DeploymentId, ReleaseId},
    name::Sha,
};

/// What served, or serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// The app.
    pub app: AppId,
    /// The deployment that became live.
    pub deployment: DeploymentId,
    /// The deployment's number, for people.
    pub number: i64,
    /// The commit, if it came from git.
    pub commit: Option<Sha>,
    /// The images by service, pinned by digest or local id.
    pub images: std::collections::BTreeMap<String, String>,
    /// The rendered `StackSpec` as JSON, encrypted: it holds variables and secrets.
    pub sealed_spec: Vec<u8>,
    /// When it became live.
    pub created_at: Time,
    /// When a newer one took over.
    pub retired_at: Option<Time>,
}
