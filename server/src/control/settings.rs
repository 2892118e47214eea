//! Settings of the whole instance that can be changed while it runs: the platform's own host, the
//! domain for generated host names, and where certificates come from.
//!
//! They are kept in SQL, so that all replicas see a change. What is given at start by flag or
//! environment is written there, too, and cannot be changed here.
//! To add one: a name in [`NAMES`], its check in [`set`], its line in [`given_at_start`].

use url::Url;

use super::{Ctx, Error, audit};
use crate::{
    acme::Directory,
    bus::Hint,
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        audit::{self as log, Action, Object},
        certificate::Certificate,
        domain_name::Hostname,
        fault::Wrong,
        host_pattern::HostPattern,
        id::{CertificateId, JobId},
        instance::Instance,
        job::Work,
        name::Email,
    },
};

/// Names as the API has them, and the keys that they are kept under.
const NAMES: [(&str, &str); 4] = [
    ("domain", "public_host"),
    ("base_domain", "base_domain"),
    ("acme_email", "acme_email"),
    ("acme_directory", "acme_directory"),
];

/// As it is set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The host of the dashboard itself.
    pub domain: Option<String>,
    /// The domain below which host names are generated.
    pub base_domain: Option<String>,
    /// Where the ACME authority may write to.
    pub acme_email: Option<String>,
    /// The ACME directory.
    pub acme_directory: String,
}

/// What is to be changed: none stays, an empty text takes the value away.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The host of the dashboard itself.
    pub domain: Option<String>,
    /// The domain below which host names are generated.
    pub base_domain: Option<String>,
    /// Where the ACME authority may write to.
    pub acme_email: Option<String>,
    /// The ACME directory.
    pub acme_directory: Option<String>,
}

/// The settings as they count now.
///
/// # Errors
/// The database.
pub async fn get(parts: &Parts) -> Result<Settings, Error> {
    let mut tx = parts.db.read().await?;
    load(&mut tx, &parts.instance).await
}

/// As the audit log compares them.
fn told(settings: &Settings) -> serde_json::Value {
    serde_json::json!({
        "domain": settings.domain,
        "base_domain": settings.base_domain,
        "acme_email": settings.acme_email,
        "acme_directory": settings.acme_directory,
    })
}

async fn load(tx: &mut Tx, instance: &Instance) -> Result<Settings, Error> {
    Ok(Settings {
        domain: db::setting::get(tx, "public_host").await?,
        base_domain: db::setting::get(tx, "base_domain").await?,
        acme_email: db::setting::get(tx, "acme_email").await?,
        acme_directory: db::setting::get(tx, "acme_directory")
            .await?
            .unwrap_or_else(|| instance.acme_directory.clone()),
    })
}

/// The certificate of the platform's own host, if it has a host.
///
/// # Errors
/// The database.
pub async fn certificate(cx: &Ctx) -> Result<Option<Certificate>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let host = db::setting::get(&mut tx, "public_host").await?;
    match host.and_then(|host| Hostname::parse(&host).ok()) {
        Some(host) => Ok(db::acme::by_host(&mut tx, &host.into()).await?),
        None => Ok(None),
    }
}

/// The address of this instance as people and forges reach it; links are built from it alone (S15).
///
/// # Errors
/// The database.
pub async fn public_url(parts: &Parts) -> Result<Option<Url>, Error> {
    if let Some(url) = &parts.instance.public_url {
        return Ok(Some(url.clone()));
    }
    let host = get(parts).await?.domain;
    let port = parts.instance.https_port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(host.and_then(|host| Url::parse(&format!("https://{host}{port}/")).ok()))
}

/// Changes settings. A new host of the platform is routed within seconds; an app's host cannot
/// be it.
///
/// # Errors
/// Every wrong field at once; an app has the host.
pub async fn set(cx: &Ctx, change: Change) -> Result<Settings, Error> {
    cx.allow_instance()?;
    let mut faults = Vec::new();
    let mut values: Vec<(&'static str, Option<String>)> = Vec::new();
    let given = [change.domain, change.base_domain, change.acme_email, change.acme_directory];
    for ((name, key), value) in NAMES.into_iter().zip(given) {
        let Some(value) = value.map(|text| text.trim().to_owned()) else { continue };
        if cx.parts.instance.fixed.contains(name) {
            let wrong = Wrong::coded("fixed", "is given when the server starts; change it there");
            faults.push(wrong.at(name));
        } else if value.is_empty() {
            values.push((key, None));
        } else {
            match check(name, &value) {
                Ok(value) => values.push((key, Some(value))),
                Err(wrong) => faults.push(wrong.at(name)),
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut tx = cx.parts.db.write().await?;
    let before = load(&mut tx, &cx.parts.instance).await?;
    for (key, value) in &values {
        if let (&"public_host", Some(host)) = (key, value) {
            let taken =
                db::domain_name::all(&mut tx).await?.iter().any(|domain| domain.host.as_str() == host);
            if taken {
                return Err(Error::conflict("domain_taken", "an app has this host; remove it there first"));
            }
        }
        match value {
            Some(value) => db::setting::put(&mut tx, key, value).await?,
            None => db::setting::remove(&mut tx, key).await?,
        }
    }
    let settings = load(&mut tx, &cx.parts.instance).await?;
    audit::record(
        cx,
        &mut tx,
        Action::SettingsChange,
        Object::instance(),
        log::Change::of(&told(&before), &told(&settings)),
    )
    .await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    Ok(settings)
}

/// Asks for a certificate for the platform's own host, now.
///
/// # Errors
/// There is no host; a wrong address; the authority must not be asked again yet.
pub async fn enable_tls(cx: &Ctx, email: Option<&str>) -> Result<Certificate, Error> {
    cx.allow_instance()?;
    if let Some(email) = email {
        set(cx, Change { acme_email: Some(email.to_owned()), ..Change::default() }).await?;
    }
    let clock = &*cx.parts.clock;
    let now = clock.now();
    let mut tx = cx.parts.db.write().await?;
    let settings = load(&mut tx, &cx.parts.instance).await?;
    let host = settings.domain.as_deref().and_then(|host| Hostname::parse(host).ok()).ok_or_else(|| {
        Error::conflict(
            "no_domain",
            "set the platform's own host first: `skep config set domain skep.example.org`",
        )
    })?;
    let host = HostPattern::from(host);
    db::acme::want(&mut tx, CertificateId::new(clock), &host, &settings.acme_directory, now).await?;
    let mut certificate = db::acme::by_host(&mut tx, &host)
        .await?
        .ok_or_else(|| Error::internal("the certificate's row is gone"))?;
    // A CA counts failed validations, five in an hour: one that failed is asked for again when it is due.
    if certificate.failures == 0 && certificate.chain.is_none() {
        certificate.next_try_at = now;
        db::acme::save(&mut tx, &certificate).await?;
        let work = Work::Certificate { host: host.to_string() };
        let key = format!("certificate:{host}");
        if !db::job::is_open(&mut tx, &key, work.kind()).await? {
            db::job::enqueue(&mut tx, JobId::new(clock), &work, &key).await?;
        }
    }
    audit::record(
        cx,
        &mut tx,
        Action::SettingsTls,
        Object::new("certificate", certificate.id, &host),
        log::Change::none(),
    )
    .await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Jobs).await;
    Ok(certificate)
}

/// Writes what was given at start to the settings, so that all parts find it in one place.
///
/// # Errors
/// The database.
pub async fn given_at_start(parts: &Parts) -> Result<(), Error> {
    let instance = &parts.instance;
    let host = instance.public_url.as_ref().and_then(|url| url.host_str());
    // A host that no name server knows (an address, `localhost`) needs no route.
    let host = host.filter(|host| Hostname::parse(host).is_ok());
    let given = [
        ("public_host", "domain", host),
        ("base_domain", "base_domain", instance.base_domain.as_deref()),
        ("acme_email", "acme_email", instance.acme_email.as_deref()),
        ("acme_directory", "acme_directory", Some(instance.acme_directory.as_str())),
    ];
    let mut tx = parts.db.write().await?;
    for (key, name, value) in given {
        if let Some(value) = value.filter(|_| instance.fixed.contains(name)) {
            db::setting::put(&mut tx, key, value).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn check(name: &str, value: &str) -> Result<String, Wrong> {
    match name {
        "domain" => Hostname::parse(value).map(|host| host.to_string()),
        "base_domain" => {
            Hostname::parse(value.strip_prefix("*.").unwrap_or(value)).map(|host| host.to_string())
        }
        "acme_email" => Email::parse(value).map(|email| email.to_string()),
        _ => match Url::parse(value) {
            Ok(_) if Directory::parse(value).is_ok() && value.len() < 500 => Ok(value.to_owned()),
            _ => Err(Wrong::new("must be an https URL: `https://acme-v02.api.letsencrypt.org/directory`")),
        },
    }
}
