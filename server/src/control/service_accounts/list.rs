//! Lists the team's service accounts.

use crate::{
    control::{Ctx, Error, members},
    domain::team::Member,
};

/// The service accounts with their roles, by name.
///
/// # Errors
/// [`Error::Forbidden`] for whoever does not see the team.
pub async fn list(cx: &Ctx) -> Result<Vec<Member>, Error> {
    let mut all = members::list(cx).await?;
    all.retain(|member| member.service);
    Ok(all)
}
