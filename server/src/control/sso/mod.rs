//! Single sign-on: the providers of a team and of the instance, and who comes in by their word.
//!
//! A provider is trusted by its team alone (`identity/authenticate.rs` narrows what is begun through it),
//! so a team's owners enter one without asking anybody. To add a command: a file named by its verb.

mod admit;
mod begin;
mod change;
mod connect;
mod create;
mod finish;
mod identities;
mod list;
mod only;
mod remove;
mod test;

pub use begin::{Begun, begin};
pub use change::{Change, change};
pub use connect::connect;
pub use create::{New, create};
pub use finish::{Back, Finished, finish};
pub use identities::{Known, disconnect, identities};
pub use list::{list, offered};
pub use only::{only, set_only};
pub use remove::remove;
pub use test::test;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{Ctx, Error, roles, settings};
use crate::{
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        fault::{Fault, Wrong},
        id::ProviderId,
        outbound::{Outbound, ranges},
        right::Right,
        secret::Secret,
        sso::{Issuer, Mapping, Provider},
    },
    sso::{Ask, Endpoint, SsoError},
};

/// Where browsers come back to, below the instance's own address.
pub const CALLBACK: &str = "login/callback";
/// For which place a provider's secret is sealed.
const SEALED: &str = "identity provider";
/// Providers of one team, or of the instance.
const COUNT: usize = 20;
/// Mappings of one provider.
const MAPPINGS: usize = 200;
/// Bytes of a provider's secret.
const SECRET: usize = 2_000;

/// Whose providers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// Those of the caller's team.
    #[default]
    Team,
    /// Those of the whole instance.
    Instance,
}

/// Whether the caller may set these up: the team's owners, or the owner of the instance.
fn allow(cx: &Ctx, of: Of) -> Result<(), Error> {
    match of {
        Of::Team => cx.allow_team(Right::Team),
        Of::Instance => cx.allow_instance(),
    }
}

/// A provider that the caller may set up. Another team's is not there.
async fn load(cx: &Ctx, tx: &mut Tx, id: ProviderId) -> Result<Provider, Error> {
    let found = db::sso::provider(tx, id).await?;
    let ours = |p: &Provider| p.team == Some(cx.team()) || p.team.is_none() && cx.access.instance();
    match found.filter(ours) {
        Some(provider) => {
            allow(cx, if provider.team.is_some() { Of::Team } else { Of::Instance })?;
            Ok(provider)
        }
        None => {
            allow(cx, Of::Team)?;
            Err(Error::NotFound("identity provider"))
        }
    }
}

/// Who may be given what: nobody gives more than they have (as with an invitation).
async fn check_mappings(
    cx: &Ctx,
    tx: &mut Tx,
    of: Of,
    mappings: Vec<Mapping>,
) -> Result<Vec<Mapping>, Error> {
    let mut faults: Vec<Fault> = Vec::new();
    if of == Of::Instance && !mappings.is_empty() {
        let rule = "must be none: a provider of the instance says who it is; teams say what they may";
        faults.push(Wrong::new(rule).at("mappings"));
    }
    if mappings.len() > MAPPINGS {
        faults.push(Wrong::coded("quota", format!("at most {MAPPINGS}")).at("mappings"));
    }
    let mut checked: Vec<Mapping> = Vec::new();
    for (i, mapping) in mappings.into_iter().enumerate() {
        if checked.iter().any(|other| other.group == mapping.group && other.place == mapping.place) {
            faults.push(Wrong::new("names a group at a place twice").at(format!("mappings[{i}].group")));
            continue;
        }
        match mapping.check() {
            Ok(mapping) => checked.push(mapping),
            Err((field, wrong)) => faults.push(wrong.at(format!("mappings[{i}].{field}"))),
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    for mapping in &checked {
        cx.there(tx, mapping.place).await?;
        let rights = roles::rights_of(cx, tx, mapping.role).await?;
        roles::within(cx, mapping.place, rights)?;
    }
    Ok(checked)
}

/// A provider is reached by the rule for all addresses that users enter (S9).
fn check_issuer(parts: &Parts, issuer: &Issuer) -> Result<(), Error> {
    let outbound = Outbound::new(ranges(&parts.instance.allow_addresses));
    let host = url::Url::parse(issuer.as_str()).ok().and_then(|url| url.host_str().map(str::to_owned));
    outbound.check_host(&host.unwrap_or_default()).map_err(|wrong| Error::wrong("issuer", wrong))
}

fn check_secret(secret: &Secret) -> Result<(), Error> {
    if (1..=SECRET).contains(&secret.expose().len()) {
        return Ok(());
    }
    Err(Error::wrong(
        "secret",
        Wrong::new(format!("must be the client secret of the provider, 1 to {SECRET} bytes")),
    ))
}

fn seal(parts: &Parts, secret: &Secret) -> Vec<u8> {
    parts.seal.seal(&*parts.clock, "identity provider", secret.expose().as_bytes())
}

/// As the audit log compares it.
fn told(provider: &Provider) -> serde_json::Value {
    let mappings = provider.mappings.iter().map(|mapping| {
        let group = mapping.group.as_deref().unwrap_or("everybody");
        (format!("{group} at {}", mapping.place), json!(mapping.role.name()))
    });
    json!({
        "name": provider.name.as_str(), "issuer": provider.issuer.as_str(), "client": provider.client.as_str(),
        "claim": provider.claim.as_str(), "enabled": provider.enabled,
        "mappings": mappings.collect::<serde_json::Map<_, _>>(),
    })
}

/// A provider as it is spoken with.
async fn endpoint(parts: &Parts, tx: &mut Tx, provider: &Provider) -> Result<Endpoint, Error> {
    let sealed = db::sso::secret(tx, provider.id).await?.ok_or(Error::NotFound("identity provider"))?;
    let secret = String::from_utf8(parts.seal.open(SEALED, &sealed)?).map_err(Error::internal)?;
    Ok(Endpoint {
        kind: provider.kind,
        issuer: provider.issuer.clone(),
        client: provider.client.clone(),
        secret: Secret::new(secret),
        claim: provider.claim.clone(),
    })
}

/// The address that is registered with providers, of the instance's own one (S15).
///
/// # Errors
/// The instance has none.
pub async fn redirect(parts: &Parts) -> Result<url::Url, Error> {
    let own = settings::public_url(parts).await?;
    own.and_then(|url| url.join(CALLBACK).ok()).ok_or_else(|| {
        let rule = "this instance has no address of its own yet, to which providers send people back; its owner sets it";
        Error::conflict("no_public_url", rule)
    })
}

/// What goes along to the provider, made of what only the browser keeps: so it is written down nowhere.
async fn ask(parts: &Parts, cookie: &Secret) -> Result<Ask, Error> {
    let made = |what: &str| {
        use sha2::Digest as _;
        URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(format!("skep sign-on {what} {}", cookie.expose())))
    };
    Ok(Ask {
        redirect: redirect(parts).await?,
        state: made("state"),
        nonce: made("nonce"),
        verifier: Secret::new(made("verifier")),
    })
}

/// A provider that failed somebody who is to be told.
fn refused(error: &SsoError) -> Error {
    Error::Unauthenticated { code: error.code(), message: error.to_string() }
}
