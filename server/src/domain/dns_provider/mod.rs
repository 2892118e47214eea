//! Where a team's names are served, and with which credentials Skep may put records there: what wildcard
//! certificates need, as no web server can prove a name that has a star.
//!
//! To add a kind: its settings in `settings.rs`, its file in `server/src/dns`, and its words in the command
//! line and the form (`cli/client/dns.rs`, `web/src/pages/team/dns.rs`).

mod settings;

pub use settings::{Algorithm, Endpoint, Settings};

use super::{
    clock::Time,
    domain_name::Hostname,
    id::{DnsProviderId, DnsRecordId, TeamId},
    name::Slug,
    right::Place,
};

/// A DNS provider, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsProvider {
    /// Its id.
    pub id: DnsProviderId,
    /// The owner.
    pub team: TeamId,
    /// What people call it; unique within the team.
    pub name: Slug,
    /// Apps there and below may use it, no others.
    pub place: Place,
    /// The zones there that it is for, as the provider calls them; what is elsewhere is never touched.
    pub zones: Vec<Hostname>,
    /// Its kind, and how that one is asked.
    pub settings: Settings,
    /// The [`Login`](super::store::Login), encrypted.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Time,
}

/// A value that was put at a name, so that it is taken away whatever becomes of who put it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// Its id.
    pub id: DnsRecordId,
    /// Where it was put.
    pub provider: DnsProviderId,
    /// The name, without a dot at its end.
    pub name: String,
    /// The value of the TXT record.
    pub value: String,
    /// When somebody else may take it away.
    pub due_at: Time,
    /// When it was put.
    pub created_at: Time,
}

/// The longest of `zones` that `name` lies at or below.
#[must_use]
pub fn zone_of<'z>(zones: &'z [Hostname], name: &str) -> Option<&'z Hostname> {
    let within = |zone: &&Hostname| {
        name.strip_suffix(zone.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    zones.iter().filter(within).max_by_key(|zone| zone.as_str().len())
}

/// Of providers in order of nearness, the one whose zone is nearest to `name`.
#[must_use]
pub fn nearest<'p>(providers: &'p [DnsProvider], name: &str) -> Option<&'p DnsProvider> {
    let length = |provider: &DnsProvider| zone_of(&provider.zones, name).map(|zone| zone.as_str().len());
    // The last of equal ones is taken: begin at the end.
    providers
        .iter()
        .rev()
        .filter(|provider| length(provider).is_some())
        .max_by_key(|provider| length(provider))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(names: &[&str]) -> Vec<Hostname> {
        names.iter().map(|name| Hostname::parse(name).unwrap()).collect()
    }

    #[test]
    fn the_longest_zone_of_whole_labels_is_the_one() {
        let all = zones(&["example.org", "shop.example.org", "example.net"]);
        let of = |name| zone_of(&all, name).map(Hostname::as_str);
        assert_eq!(of("_acme-challenge.a.shop.example.org"), Some("shop.example.org"));
        assert_eq!(of("_acme-challenge.example.org"), Some("example.org"));
        assert_eq!(of("example.net"), Some("example.net"));
        assert_eq!(of("badexample.org"), None);
        assert_eq!(of("org"), None);
    }
}
