//! All that a try needs to know, read at once.

use crate::{
    acme::{
        Directory,
        choice::{Entry, Listed, entries},
    },
    db::{self, DbError},
    deploy::parts::Parts,
    domain::{
        certificate::Certificate,
        host_pattern::HostPattern,
        id::{EnvironmentId, TeamId},
        name::Email,
    },
};

/// A certificate with where it can be ordered.
pub(super) struct Case {
    /// As it was when this was read.
    pub row: Certificate,
    /// The directories, the first to be asked in front; none if the server was started with an address that
    /// is none.
    pub entries: Vec<Entry>,
    /// What the owner entered of directories.
    pub listed: Vec<Listed>,
    /// The team and the environment of the host's app; none for the platform's own.
    pub place: Option<(TeamId, EnvironmentId)>,
    /// Where a CA may write to.
    pub email: Option<Email>,
}

impl Case {
    /// Of a host; nothing if it wants no certificate.
    pub async fn load(parts: &Parts, host: &HostPattern) -> Result<Option<Self>, DbError> {
        let mut tx = parts.db.read().await?;
        let Some(row) = db::acme::by_host(&mut tx, host).await? else { return Ok(None) };
        let email = db::setting::get(&mut tx, "acme_email").await?;
        let first = db::setting::get(&mut tx, "acme_directory").await?;
        let of_environment = db::acme_directory::of_host(&mut tx, host).await?;
        let listed = db::acme_directory::list(&mut tx).await?;
        let place = db::domain_name::place(&mut tx, host).await?;
        drop(tx);
        let chosen = row.plan.chosen.clone().or(of_environment);
        let chosen = chosen.and_then(|address| Directory::parse(&address).ok());
        let first = Directory::parse(first.as_deref().unwrap_or(&parts.instance.acme_directory));
        let entries = first.map(|first| entries(chosen, first, &listed)).unwrap_or_default();
        let email = email.or_else(|| parts.instance.acme_email.clone());
        Ok(Some(Self { row, entries, listed, place, email: email.and_then(|text| Email::parse(&text).ok()) }))
    }
}
