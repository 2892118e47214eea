//! Whether another certificate of the team serves a host already: one that the team brought along, or one for
//! all names below its parent. None is ordered then: Traefik finds the other one by the names in it.

use crate::{
    db::{self, DbError, Tx},
    domain::{
        certificate::{Certificate, State},
        clock::Time,
        host_pattern::HostPattern,
        id::TeamId,
    },
};

/// What serves a host.
pub(super) enum Cover {
    /// Another certificate, until then.
    By(String, Time),
    /// Perhaps a wildcard that is on its way.
    Perhaps(String),
}

/// What serves `host`, an app's of `team`, beside a certificate of its own.
pub(super) async fn of(
    tx: &mut Tx,
    host: &HostPattern,
    team: TeamId,
    now: Time,
) -> Result<Option<Cover>, DbError> {
    let brought = db::own_certificate::list(tx, team).await?;
    // The one that lasts longest is the first.
    let brought = brought.into_iter().find(|own| own.not_after > now && own.covers(host));
    if let Some(own) = brought {
        return Ok(Some(Cover::By("the certificate that was brought along".to_owned(), own.not_after)));
    }
    let parent = host.exact().and_then(|name| {
        let above = name.as_str().split_once('.')?.1;
        HostPattern::any(&format!("*.{above}")).ok()
    });
    let Some(parent) = parent else { return Ok(None) };
    if db::domain_name::place(tx, &parent).await?.is_none_or(|(owner, _)| owner != team) {
        return Ok(None);
    }
    let Some(row) = db::acme::by_host(tx, &parent).await? else { return Ok(None) };
    Ok(match row {
        Certificate { chain: Some(_), not_after: Some(until), .. } if until > now => {
            Some(Cover::By(format!("the certificate of {parent}"), until))
        }
        Certificate { state: State::Covered, not_after: Some(until), .. } if until > now => {
            // What serves the wildcard is for names below it, too, if it says so: asked above.
            None
        }
        Certificate { state: State::Pending, .. } => {
            Some(Cover::Perhaps(format!("the certificate of {parent}")))
        }
        _ => None,
    })
}
