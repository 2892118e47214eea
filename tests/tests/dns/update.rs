//! Dynamic updates of a real name server (RFC 2136), and what it says of its names.

use std::sync::Arc;

use skep::{
    dns::{Dns as _, DnsError, Look as _, Outside, SystemLook, Zone},
    domain::{
        clock::SystemClock,
        dns_provider::{Algorithm, Settings},
        domain_name::Hostname,
        outbound::Outbound,
        store::Login,
    },
};
use skep_tests::parts::knot::{KEY, Knot, LONG_KEY};

const NAME: &str = "_acme-challenge.shop.example.org";

fn open(knot: &Knot, zone: &str, key: (&str, &str), algorithm: Algorithm, outbound: &str) -> Box<dyn Zone> {
    let settings = Settings::Rfc2136 { server: knot.address.to_string(), algorithm };
    let outside = Outside::new(Outbound::parse(outbound).unwrap(), Arc::new(SystemClock));
    let zone = Hostname::parse(zone).unwrap();
    outside.open(&settings, &zone, Login::new(key.0, key.1).unwrap()).unwrap()
}

fn look(knot: &Knot) -> SystemLook {
    let outbound = Outbound::parse("127.0.0.0/8").unwrap();
    SystemLook { server: Some(knot.address), port: knot.address.port(), ..SystemLook::new(outbound) }
}

async fn values(knot: &Knot) -> Vec<String> {
    let mut found = look(knot).txt(knot.address, NAME).await.unwrap();
    found.sort();
    found
}

#[tokio::test]
async fn values_of_one_name_come_and_go_beside_one_another() {
    let knot = Knot::start().await;
    let zone = open(&knot, "example.org", KEY, Algorithm::HmacSha256, "127.0.0.0/8");
    let long = open(&knot, "example.org", LONG_KEY, Algorithm::HmacSha512, "127.0.0.0/8");
    zone.put(NAME, "one").await.unwrap();
    long.put(NAME, "two").await.unwrap();
    zone.put(NAME, "two").await.unwrap();
    assert_eq!(values(&knot).await, ["one", "two"], "{}", knot.output());
    long.remove(NAME, "one").await.unwrap();
    zone.remove(NAME, "one").await.unwrap();
    assert_eq!(values(&knot).await, ["two"]);
    zone.remove(NAME, "two").await.unwrap();
    assert!(values(&knot).await.is_empty());
}

#[tokio::test]
async fn a_refusal_says_what_to_correct() {
    let knot = Knot::start().await;
    let of = |zone: &str, key, outbound: &str| open(&knot, zone, key, Algorithm::HmacSha256, outbound);
    let wrong_secret = (KEY.0, LONG_KEY.1);
    let said = of("example.org", wrong_secret, "127.0.0.0/8").put(NAME, "x").await.unwrap_err();
    assert!(matches!(&said, DnsError::Denied(words) if words.contains("BADSIG")), "{said}");
    let said = of("example.org", ("nobody.test", KEY.1), "127.0.0.0/8").put(NAME, "x").await.unwrap_err();
    assert!(matches!(&said, DnsError::Denied(words) if words.contains("BADKEY")), "{said}");
    let elsewhere = of("example.net", KEY, "127.0.0.0/8").put("_a.example.net", "x").await.unwrap_err();
    assert_eq!(elsewhere.code(), "zone_missing", "{elsewhere}");
    let outside = of("example.org", KEY, "10.0.0.0/8").put(NAME, "x").await.unwrap_err();
    assert_eq!(outside.code(), "address_not_allowed", "{outside}");
    for said in [said, elsewhere, outside] {
        assert!(!said.to_string().contains(KEY.1), "a secret in {said}");
    }
    assert!(values(&knot).await.is_empty());
}

#[tokio::test]
async fn aliases_and_the_servers_of_a_zone_are_found() {
    let knot = Knot::start().await;
    let look = look(&knot);
    assert_eq!(
        look.target("_acme-challenge.alias.example.org").await.unwrap(),
        "_acme-challenge.target.example.org"
    );
    assert_eq!(look.target(NAME).await.unwrap(), NAME);
    let found = look.authorities(NAME).await.unwrap();
    assert_eq!((found.zone.as_str(), found.servers.as_slice()), ("example.org", &[knot.address][..]));
    // A server at an address that may not be asked is none.
    let closed = SystemLook { outbound: Outbound::default(), ..look };
    assert!(closed.authorities(NAME).await.unwrap_err().contains("may be asked"));
}
