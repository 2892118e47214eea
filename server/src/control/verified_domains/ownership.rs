//! Whose the names around a host are: the nearest proof decides.

use crate::{
    db::{self, DbError, Tx},
    domain::{host_pattern::HostPattern, id::TeamId},
};

/// Whose a host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// Nobody proved anything around it.
    Open,
    /// The team proved it, or a domain above it, nearer than anybody else.
    Ours,
    /// Another team proved this domain, nearer than we did.
    Theirs(String),
}

/// Whose `host` is to `team`. A certificate that an authority gave another team for a domain above is a proof,
/// too; one of our own record at the same domain or nearer goes before.
///
/// # Errors
/// The database's.
pub async fn ownership(tx: &mut Tx, host: &HostPattern, team: TeamId) -> Result<Ownership, DbError> {
    for name in host.around() {
        let owners = db::verified_domain::owners(tx, name).await?;
        if owners.contains(&team) {
            return Ok(Ownership::Ours);
        }
        let above = name != host.as_str();
        if !owners.is_empty() || (above && db::domain_name::proven_elsewhere(tx, name, team).await?) {
            return Ok(Ownership::Theirs(name.to_owned()));
        }
    }
    Ok(Ownership::Open)
}
