//! What an app's variables refer to in secret stores: read at the deployment, all at once, and kept
//! sealed with it.
//!
//! What is kept is what the release runs with. A deployment that is carried on after a crash does not
//! read again, a return to a release reads nothing, and logs hide the values of all releases that can
//! still run. What a store holds now counts from the next deployment on.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use serde::{Deserialize, Serialize};

use super::{
    parts::Parts,
    run::{Run, Stop},
};
use crate::{
    db,
    domain::{
        app::App,
        fault::Wrong,
        id::DeploymentId,
        name::Slug,
        project::Environment,
        secret::Secret,
        step::Step,
        store::{self, Login, Reference, Settings},
    },
    stores::Store,
};

/// Questions to stores at the same time.
const AT_ONCE: usize = 8;
/// Different references of one app at most.
pub const MOST: usize = 200;

/// Each reference with its value, or why there is none.
pub type Stored = BTreeMap<Reference, Result<Secret, Wrong>>;

/// A store with its settings, or why it cannot be used.
type Opened<'s> = Result<(&'s Settings, Box<dyn Store>), Wrong>;

/// What a deployment read; sealed, as it is kept.
#[derive(Default, Serialize, Deserialize)]
struct Reading {
    /// By reference.
    values: BTreeMap<String, String>,
    /// What else its services may run with: of the release that they are of.
    #[serde(default)]
    older: BTreeSet<String>,
}

impl Reading {
    fn open(parts: &Parts, sealed: &[u8]) -> Result<Self, Stop> {
        let damaged =
            |why: String| Stop::failed(Step::Plan, "sealed", format!("what was read from stores: {why}"));
        let json = parts.seal.open("store reading", sealed).map_err(|e| damaged(e.to_string()))?;
        serde_json::from_slice(&json).map_err(|e| damaged(e.to_string()))
    }

    async fn of(parts: &Parts, id: DeploymentId) -> Result<Self, Stop> {
        let mut tx = parts.db.read().await?;
        let sealed = db::secret_store::reading(&mut tx, id).await?;
        sealed.map_or_else(|| Ok(Self::default()), |sealed| Self::open(parts, &sealed))
    }

    async fn keep(&self, run: &Run) -> Result<(), Stop> {
        let json =
            serde_json::to_vec(self).map_err(|e| Stop::failed(Step::Plan, "internal", e.to_string()))?;
        let parts = &run.parts;
        let sealed = parts.seal.seal(&*parts.clock, "store reading", &json);
        let mut tx = parts.db.write().await?;
        db::secret_store::keep_reading(&mut tx, run.app.id, run.deployment.id, &sealed).await?;
        Ok(tx.commit().await?)
    }

    fn all(self) -> impl Iterator<Item = String> {
        self.values.into_values().chain(self.older)
    }
}

/// The values for a deployment: those that it read before, and those that it reads now. If all could be
/// read they are kept.
///
/// # Errors
/// The database does not answer, or gives what cannot be opened. What a store refuses is in the map.
pub(super) async fn of_deployment(
    run: &Run,
    environment: &Environment,
    wanted: BTreeSet<Reference>,
) -> Result<Stored, Stop> {
    if wanted.is_empty() {
        return Ok(Stored::new());
    }
    let mut reading = Reading::of(&run.parts, run.deployment.id).await?;
    let (known, new): (BTreeSet<_>, BTreeSet<_>) =
        wanted.into_iter().partition(|reference| reading.values.contains_key(&reference.to_string()));
    let mut all: Stored = known
        .into_iter()
        .map(|reference| {
            let value = Secret::new(reading.values[&reference.to_string()].as_str());
            (reference, Ok(value))
        })
        .collect();
    if new.is_empty() {
        return Ok(all);
    }
    let names: BTreeSet<&str> = new.iter().map(|reference| reference.store.as_str()).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    run.log.say(&format!("Reading {} values of {names}.", new.len()));
    let read = tokio::select! {
        read = read(&run.parts, &run.app, environment, new) => read?,
        () = run.cancel.cancelled() => return Err(Stop::Cancelled),
    };
    if read.values().all(Result::is_ok) {
        let kept = read.iter().filter_map(|(reference, value)| {
            Some((reference.to_string(), value.as_ref().ok()?.expose().to_owned()))
        });
        reading.values.extend(kept);
        reading.keep(run).await?;
    }
    all.extend(read);
    Ok(all)
}

/// Reads values now, several at the same time; nothing is kept.
///
/// # Errors
/// The database does not answer. What a store refuses is in the map.
pub(super) async fn read(
    parts: &Parts,
    app: &App,
    environment: &Environment,
    wanted: BTreeSet<Reference>,
) -> Result<Stored, Stop> {
    if wanted.is_empty() {
        return Ok(Stored::new());
    }
    if wanted.len() > MOST {
        let why = format!("the app's variables refer to {} values of stores: at most {MOST}", wanted.len());
        return Err(Stop::failed(Step::Plan, "quota", why));
    }
    let mut tx = parts.db.read().await?;
    let stores = db::secret_store::list(&mut tx, app.team).await?;
    drop(tx);
    let names: BTreeSet<Slug> = wanted.iter().map(|reference| reference.store.clone()).collect();
    let open: BTreeMap<Slug, Opened<'_>> = names
        .into_iter()
        .map(|name| {
            let opened = usable(&stores, &name, environment)
                .and_then(|store| open(parts, store).map(|opened| (&store.settings, opened)));
            (name, opened)
        })
        .collect();
    let one = async |reference: Reference| {
        let value = match &open[&reference.store] {
            Ok((settings, store)) => match settings.fits(&reference) {
                Ok(()) => store
                    .read(&reference.path, reference.key.as_deref())
                    .await
                    .map_err(|error| Wrong::coded(error.code(), error.to_string())),
                Err(wrong) => Err(wrong),
            },
            Err(wrong) => Err(wrong.clone()),
        };
        (reference, value)
    };
    Ok(futures::stream::iter(wanted.into_iter().map(one)).buffer_unordered(AT_ONCE).collect().await)
}

/// The store of that name, if apps of the environment may use it.
///
/// # Errors
/// `unknown_store`; `store_out_of_place`.
pub fn usable<'s>(
    stores: &'s [store::Store],
    name: &Slug,
    environment: &Environment,
) -> Result<&'s store::Store, Wrong> {
    let found = stores.iter().find(|store| store.name == *name);
    let found = found
        .ok_or_else(|| Wrong::coded("unknown_store", format!("there is no store `{name}` in the team")))?;
    if found.serves(environment) {
        return Ok(found);
    }
    let rule =
        format!("the store `{name}` is for apps of another place: name one that is for this environment");
    Err(Wrong::coded("store_out_of_place", rule))
}

/// Opens a store with its credentials.
///
/// # Errors
/// They cannot be read.
pub fn open(parts: &Parts, store: &store::Store) -> Result<Box<dyn Store>, Wrong> {
    let plain = parts.seal.open_text("store", &store.sealed).ok();
    let login = plain.as_ref().and_then(Login::read);
    let login =
        login.ok_or_else(|| Wrong::coded("sealed", "its credentials cannot be opened: give them anew"))?;
    Ok(parts.stores.open(&store.address, &store.settings, login))
}

/// The deployment runs what another one read, too: a release that is applied again, or services that
/// stay as they are.
///
/// # Errors
/// The database does not answer, or gives what cannot be opened.
pub(super) async fn carry(run: &Run, from: DeploymentId) -> Result<(), Stop> {
    let older: BTreeSet<String> = Reading::of(&run.parts, from).await?.all().collect();
    if older.is_empty() {
        return Ok(());
    }
    let mut reading = Reading::of(&run.parts, run.deployment.id).await?;
    reading.older.extend(older);
    reading.keep(run).await
}

/// All values that releases of the app may run with, newest first, for masks; what cannot be opened is
/// left out.
pub(super) async fn known(parts: &Parts, app: &App) -> (Stored, Vec<Secret>) {
    let found = async {
        let mut tx = parts.db.read().await?;
        db::secret_store::readings(&mut tx, app.id).await
    };
    let readings = found.await.unwrap_or_default();
    let readings: Vec<Reading> =
        readings.iter().filter_map(|sealed| Reading::open(parts, sealed).ok()).collect();
    let newest =
        readings.first().into_iter().flat_map(|reading| &reading.values).filter_map(|(text, value)| {
            Some((Reference::find(text)?.ok()?, Ok(Secret::new(value.as_str()))))
        });
    let newest = newest.collect();
    (newest, readings.into_iter().flat_map(Reading::all).map(Secret::new).collect())
}
