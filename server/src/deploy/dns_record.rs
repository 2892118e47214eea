//! A TXT value that stands in a team's DNS for a while: written down before it is put, waited for until the
//! zone's servers give it, and taken away by whoever finds its row when its time is over.

use std::time::Duration;

use super::parts::Parts;
use crate::{
    db,
    dns::{DnsError, Zone},
    domain::{
        clock::Time,
        dns_provider::{DnsProvider, DnsRecord, Settings, nearest, zone_of},
        fault::Wrong,
        id::{DnsRecordId, EnvironmentId, TeamId},
        store::Login,
    },
};

/// How long a value may take from the provider to the zone's servers.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// How long is waited where those servers cannot be asked: who else asks has the last word.
const BLIND: Duration = Duration::from_secs(30);
/// The first pause between two looks; it grows to [`LONGEST`].
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// The provider that may put a value at `name` for apps of an environment, and the name at which it does: where
/// the name leads by aliases, as far as that can be known. Nothing if no provider is for it.
///
/// # Errors
/// The database's.
pub async fn provider_for(
    parts: &Parts,
    team: TeamId,
    environment: EnvironmentId,
    name: &str,
) -> Result<Option<(DnsProvider, String)>, db::DbError> {
    let mut tx = parts.db.read().await?;
    let around = db::dns_provider::around(&mut tx, team, environment).await?;
    drop(tx);
    if around.is_empty() {
        return Ok(None);
    }
    let target = parts.look.target(name).await.unwrap_or_else(|_| name.to_owned());
    // acme-dns has names of its own, and says for which ones it is.
    let delegate = |provider: &&DnsProvider| matches!(provider.settings, Settings::AcmeDns { .. });
    let (delegates, direct): (Vec<_>, Vec<_>) = around.iter().partition(delegate);
    let owned = |all: Vec<&DnsProvider>| all.into_iter().cloned().collect::<Vec<_>>();
    let (delegates, direct) = (owned(delegates), owned(direct));
    let found = nearest(&direct, &target).or_else(|| nearest(&delegates, name));
    Ok(found.map(|provider| (provider.clone(), target)))
}

/// Opens the zone of `name` at a provider.
///
/// # Errors
/// The credentials cannot be read; the name is not in its zones.
pub fn open(parts: &Parts, provider: &DnsProvider, name: &str) -> Result<Box<dyn Zone>, DnsError> {
    let plain = parts.seal.open_text("dns provider", &provider.sealed).ok();
    let login = plain.and_then(|plain| Login::read(&plain));
    let login = login
        .ok_or_else(|| DnsError::Unusable("its credentials cannot be read: give them anew".to_owned()))?;
    let delegates = matches!(provider.settings, Settings::AcmeDns { .. });
    let zone = zone_of(&provider.zones, name).or_else(|| provider.zones.first().filter(|_| delegates));
    let zone = zone.ok_or_else(|| DnsError::NoZone(format!("around {name}")))?;
    parts.dns.open(&provider.settings, zone, login)
}

/// Writes a value down, puts it, and waits until it is seen. What fails half-way stays written down: give the
/// row to [`take_away`], or leave it until `until`.
///
/// # Errors
/// Why it does not stand there, for people, with the provider's own words.
pub async fn lay(
    parts: &Parts,
    provider: &DnsProvider,
    (name, value): (&str, &str),
    until: Time,
    row: &mut Option<DnsRecord>,
) -> Result<(), Wrong> {
    let told =
        |error: DnsError| Wrong::coded(error.code(), format!("DNS provider {}: {error}", provider.name));
    let lost =
        |error: db::DbError| Wrong::coded("unavailable", format!("the database does not answer: {error}"));
    let zone = open(parts, provider, name).map_err(told)?;
    let record = DnsRecord {
        id: DnsRecordId::new(&*parts.clock),
        provider: provider.id,
        name: name.to_owned(),
        value: value.to_owned(),
        due_at: until,
        created_at: parts.clock.now(),
    };
    let mut tx = parts.db.write().await.map_err(lost)?;
    db::dns_provider::put_record(&mut tx, &record).await.map_err(lost)?;
    tx.commit().await.map_err(lost)?;
    *row = Some(record);
    zone.put(name, value).await.map_err(told)?;
    seen(parts, name, value).await
}

/// Waits until each server of the zone gives the value.
async fn seen(parts: &Parts, name: &str, value: &str) -> Result<(), Wrong> {
    let mut pause = PAUSE;
    let mut waited = Duration::ZERO;
    loop {
        let (missing, patience) = match parts.look.authorities(name).await {
            Err(why) => (Some(why), BLIND),
            Ok(all) => {
                let mut missing = None;
                for server in all.servers {
                    match parts.look.txt(server, name).await {
                        Ok(values) if values.iter().any(|found| found == value) => {}
                        Ok(_) => missing = Some(format!("name server {} does not give it", server.ip())),
                        Err(why) => missing = Some(format!("name server {}: {why}", server.ip())),
                    }
                }
                (missing, PATIENCE)
            }
        };
        let Some(missing) = missing else { return Ok(()) };
        if waited >= patience {
            if patience == BLIND {
                tracing::info!(name, missing, "Whether {name} is there cannot be seen from here");
                return Ok(());
            }
            let rule = format!(
                "the record at {name} was put, but is not there after {} seconds ({missing}): check that the provider serves this zone",
                patience.as_secs()
            );
            return Err(Wrong::coded("dns_not_seen", rule));
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 3 / 2).min(LONGEST);
    }
}

/// Takes a value away, and its row.
///
/// # Errors
/// Why it stays, for people; its row stays, too.
pub async fn take_away(parts: &Parts, provider: &DnsProvider, record: &DnsRecord) -> Result<(), String> {
    let zone = open(parts, provider, &record.name).map_err(|error| error.to_string())?;
    zone.remove(&record.name, &record.value).await.map_err(|error| error.to_string())?;
    let write = async {
        let mut tx = parts.db.write().await?;
        db::dns_provider::drop_record(&mut tx, record.id).await?;
        tx.commit().await
    };
    write.await.map_err(|error: db::DbError| error.to_string())
}
