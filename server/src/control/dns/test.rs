//! Tries a DNS provider: a harmless value is put in each of its zones, looked up, and taken away.

use crate::{
    control::{Ctx, Error},
    deploy::dns_record::{lay, take_away},
    domain::{dns_provider::Settings, fault::Wrong, id::DnsProviderId, right::Right},
};

/// Tries a provider now, in each zone. `Err` within is what went wrong instead.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn test(cx: &Ctx, id: DnsProviderId) -> Result<Result<(), Wrong>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let provider = cx.dns_provider(&mut tx, id, Right::Credentials).await?;
    drop(tx);
    for zone in &provider.zones {
        // acme-dns takes a value for its registration alone, which must look like one of a challenge.
        let name = match provider.settings {
            Settings::AcmeDns { .. } => {
                let asked = format!("_acme-challenge.{zone}");
                let target = cx.parts.look.target(&asked).await.unwrap_or_else(|_| asked.clone());
                if target == asked {
                    let rule = format!(
                        "{asked} must be an alias (CNAME) of the name that acme-dns gave at the registration"
                    );
                    return Ok(Err(Wrong::coded("alias_missing", rule)));
                }
                target
            }
            _ => format!("_skep-test.{zone}"),
        };
        let until = cx.now() + chrono::Duration::minutes(10);
        let mut row = None;
        let laid = lay(&cx.parts, &provider, (&name, &cx.parts.clock.token()), until, &mut row).await;
        let gone = match &row {
            Some(row) => take_away(&cx.parts, &provider, row).await,
            None => Ok(()),
        };
        if let Err(wrong) = laid {
            return Ok(Err(wrong));
        }
        if let Err(why) = gone {
            return Ok(Err(Wrong::coded(
                "dns_unreachable",
                format!("the record at {name} stays for now: {why}"),
            )));
        }
    }
    Ok(Ok(()))
}
