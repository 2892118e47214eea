//! Changes what holds for a domain: served within seconds, without a deployment.

use super::{take, tell};
use crate::{
    control::{Ctx, Error, audit, settings::public_url},
    db,
    domain::{
        audit::{Action, Change, Object},
        certificate::{Challenge, Kind},
        domain_name::Domain,
        fault::Wrong,
        id::{AppId, DomainId},
        right::Right,
        route::{DomainChange, Login, Logins},
    },
};

/// Changes a domain.
///
/// # Errors
/// [`Error::NotFound`]; options that do not go together; a new login without a password; host and path
/// are there already; another app has the host with or without `www.`.
pub async fn change(cx: &Ctx, app: AppId, id: DomainId, change: DomainChange) -> Result<Domain, Error> {
    // Hashing takes long, so it comes before the transaction.
    let given = match change.logins {
        Some(logins) => Some(hashed(cx, logins).await?),
        None => None,
    };
    let no_door = public_url(&cx.parts).await?.is_none();
    let mut tx = cx.parts.db.write().await?;
    let of = cx.app(&mut tx, app, Right::Configure).await?;
    let before = db::domain_name::lock(&mut tx, app, id).await?.ok_or(Error::NotFound("domain"))?;
    let port = change.port.unwrap_or(before.port);
    if port == 0 {
        return Err(Error::wrong("port", Wrong::new("must be 1 to 65535")));
    }
    let logins = match given {
        Some(given) => known(given, &before.logins)?,
        None => before.logins.clone(),
    };
    let other_host = match change.redirect_www {
        Some(true) => Some(before.host.other().map_err(|wrong| Error::wrong("redirect_www", wrong))?),
        Some(false) => None,
        None => before.other_host.clone(),
    };
    let after = Domain {
        path: change.path.unwrap_or_else(|| before.path.clone()),
        strip: change.strip.unwrap_or(before.strip),
        service: change.service.or_else(|| before.service.clone()),
        port,
        https: change.https.unwrap_or(before.https),
        other_host,
        options: change.options.onto(before.options.clone()),
        logins,
        ..before.clone()
    };
    after.options.check(after.https).map_err(Error::Invalid)?;
    if after.options.sign_in.is_some() && before.options.sign_in.is_none() && no_door {
        let rule =
            "needs a host of Skep's own, where people sign in: `skep config set domain skep.example.org`";
        return Err(Error::wrong("options.sign_in", Wrong::coded("no_public_url", rule)));
    }
    if let Some(other) = after.other_host.as_ref().filter(|other| before.other_host.as_ref() != Some(other)) {
        take::host(cx, &mut tx, &of, other, false).await?;
    }
    let no_more = before.other_host.as_ref().filter(|other| after.other_host.as_ref() != Some(other));
    db::domain_name::change(&mut tx, &after, no_more).await.map_err(take::twice)?;
    if after.https {
        for host in after.hosts() {
            take::want(cx, &mut tx, host).await?;
        }
        // Others are proved by http unless somebody chose; these cannot be.
        if !before.https && (after.host.is_wildcard() || after.host.is_private()) {
            let kind = if after.host.is_private() { Kind::Internal } else { Kind::Acme };
            db::acme::choose(&mut tx, &after.host, kind, Challenge::Dns).await?;
        }
    }
    audit::record(
        cx,
        &mut tx,
        Action::DomainChange,
        Object::new("domain", id, &after.host).of_environment(of.environment),
        Change::of(&told(&before), &told(&after)),
    )
    .await?;
    tx.commit().await?;
    tell(cx).await;
    Ok(after)
}

/// Each login, with a hash where a password was given.
async fn hashed(cx: &Ctx, logins: Logins) -> Result<Vec<(Login, bool)>, Error> {
    let mut all = Vec::new();
    for given in logins.into_vec() {
        let Some(password) = given.password else {
            all.push((Login::new(given.name, String::new()), false));
            continue;
        };
        let mut salt = [0; 16];
        cx.parts.clock.fill(&mut salt);
        let hash = tokio::task::spawn_blocking(move || password.hash(salt)).await.map_err(Error::internal)?;
        all.push((Login::new(given.name, hash.map_err(Error::internal)?), true));
    }
    Ok(all)
}

/// The logins to keep: those without a password are known by their names already.
fn known(given: Vec<(Login, bool)>, before: &[Login]) -> Result<Vec<Login>, Error> {
    let one = |(n, (login, new)): (usize, (Login, bool))| {
        let old = before.iter().find(|old| old.name == login.name).cloned();
        let kept = if new { Some(login) } else { old };
        let rule = "is missing: nobody of this name is known yet";
        kept.ok_or_else(|| Error::wrong(&format!("logins[{n}].password"), Wrong::coded("missing", rule)))
    };
    given.into_iter().enumerate().map(one).collect()
}

/// What the log tells of a domain: of logins the names alone.
fn told(domain: &Domain) -> serde_json::Value {
    serde_json::json!({
        "path": domain.path, "strip": domain.strip, "service": domain.service, "port": domain.port,
        "https": domain.https, "redirect_www": domain.other_host.is_some(), "options": domain.options,
        "logins": domain.logins.iter().map(|login| login.name.as_str()).collect::<Vec<_>>(),
    })
}
