//! DNS providers of a team: which may put records in which zones, for which apps, and with which
//! credentials. What is put there is for certificates alone (`deploy/dns_record.rs`).
//!
//! To add an operation: a file named by its verb.

mod change;
mod create;
mod list;
mod remove;
mod test;

pub use change::{Changed, change};
pub use create::{NewProvider, create};
pub use list::list;
pub use remove::remove;
pub use test::test;

use serde_json::{Value, json};

use super::{Ctx, Error};
use crate::domain::{
    audit::Object,
    dns_provider::{DnsProvider, Endpoint, Settings},
    domain_name::Hostname,
    fault::Wrong,
    outbound::{Outbound, ranges},
    right::Place,
    store::Login,
};

/// Providers of one team at most.
const COUNT: usize = 50;
/// Zones of one provider at most.
const ZONES: usize = 50;

/// What is asked for, checked: the zones and the login, for these settings.
///
/// # Errors
/// Every wrong field at once.
fn checked(
    cx: &Ctx,
    settings: &Settings,
    zones: &[String],
    login: Result<Login, Vec<crate::domain::fault::Fault>>,
) -> Result<(Vec<Hostname>, Login), Error> {
    let mut faults = Vec::new();
    let mut names = Vec::new();
    for (at, zone) in zones.iter().enumerate() {
        match Hostname::parse(zone.trim()) {
            Ok(name) if names.contains(&name) => {}
            Ok(name) => names.push(name),
            Err(wrong) => faults.push(wrong.at(format!("zones[{at}]"))),
        }
    }
    if zones.is_empty() || zones.len() > ZONES {
        faults
            .push(Wrong::new(format!("must be 1 to {ZONES} zones, as the provider calls them")).at("zones"));
    }
    let outbound = Outbound::new(ranges(&cx.parts.instance.allow_addresses));
    let (field, allowed) = match settings.endpoint() {
        Ok(Endpoint::Http(address)) => ("settings.address", address.allowed(&outbound)),
        Ok(Endpoint::Server(server)) => {
            let host = server.as_str().rsplit_once(':').map_or(server.as_str(), |(host, _)| host);
            ("settings.server", outbound.check_host(host))
        }
        // Told below, by the settings themselves.
        Err(_) => ("settings", Ok(())),
    };
    faults.extend(allowed.err().map(|wrong| wrong.at(field)));
    match login {
        Ok(login) => {
            faults.extend(settings.faults(&login));
            if faults.is_empty() { Ok((names, login)) } else { Err(Error::Invalid(faults)) }
        }
        Err(wrong) => {
            faults.extend(wrong);
            faults.extend(settings.endpoint().err());
            Err(Error::Invalid(faults))
        }
    }
}

fn sealed(cx: &Ctx, login: &Login) -> Vec<u8> {
    cx.parts.seal.seal(&*cx.parts.clock, "dns provider", login.plain().expose().as_bytes())
}

/// As the audit log names it.
fn object(provider: &DnsProvider) -> Object {
    let object = Object::new("dns_provider", provider.id, &provider.name);
    match provider.place {
        Place::Team => object,
        Place::Project(id) => object.of_project(id),
        Place::Environment(id) => object.of_environment(id),
    }
}

/// As the audit log compares it.
fn told(provider: &DnsProvider) -> Value {
    json!({"place": provider.place.to_string(), "zones": provider.zones, "settings": provider.settings})
}
