//! The document as a whole. What Traefik makes of it is tested in `tests/tests/edge/`.

use std::time::Instant;

use chrono::{DateTime, Duration};
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    clock::MockClock,
    domain_name::{Hostname, PathPrefix},
    host_pattern::HostPattern,
    id::{AppId, CertificateId, DomainId},
    secret::Secret,
};

fn clock() -> MockClock {
    MockClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap())
}

fn route(clock: &MockClock, host: &str, path: &str, servers: &[&str]) -> Route {
    clock.advance(Duration::milliseconds(1));
    Route {
        id: DomainId::new(clock),
        app: AppId::new(clock),
        host: HostPattern::parse(host).unwrap(),
        path: PathPrefix::parse(path).unwrap(),
        strip: false,
        scheme: Scheme::Https { redirect: true },
        servers: Servers::At(servers.iter().map(|s| s.parse().unwrap()).collect()),
        trial: None,
        health: None,
        encoded_slash: false,
        other_host: None,
        options: Default::default(),
        logins: Vec::new(),
    }
}

fn input(routes: Vec<Route>) -> EdgeInput {
    let skep = vec!["http://skep:3000".parse().unwrap()];
    EdgeInput { skep, routes, ..EdgeInput::default() }
}

fn json(rendered: &Rendered) -> Value {
    serde_json::from_slice(&rendered.json).unwrap()
}

fn certificate(clock: &MockClock, names: &[&str], hosts: &[&str]) -> Certificate {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    Certificate {
        id: CertificateId::new(clock),
        hosts: hosts.iter().map(|h| HostPattern::parse(h).unwrap()).collect(),
        chain: params.self_signed(&key).unwrap().pem(),
        key: Secret::new(key.serialize_pem()),
    }
}

#[test]
fn a_route_becomes_two_routers_and_a_service() {
    let clock = clock();
    let mut shop = route(&clock, "shop.example.org", "/api", &["10.0.3.9:80", "10.0.3.7:80"]);
    shop.strip = true;
    let name = format!("d-{}", shop.id);
    let rendered = render(&input(vec![shop]));
    assert_eq!(rendered.left_out, []);
    let document = json(&rendered);
    let rule = "Host(`shop.example.org`) && (Path(`/api`) || PathPrefix(`/api/`))";
    assert_eq!(
        document["http"]["routers"][&name],
        json!({
            "entryPoints": ["websecure"], "rule": rule, "priority": 100_004, "tls": {},
            "middlewares": ["path", format!("{name}-strip"), "retry"], "service": name,
        })
    );
    assert_eq!(
        document["http"]["routers"][format!("{name}-http")],
        json!({
            "entryPoints": ["web"], "rule": rule, "priority": 100_004,
            "middlewares": ["https", "path", format!("{name}-strip"), "retry"], "service": name,
        })
    );
    assert_eq!(
        document["http"]["services"][&name]["loadBalancer"]["servers"],
        json!([{ "url": "http://10.0.3.7:80" }, { "url": "http://10.0.3.9:80" }])
    );
}

#[test]
fn the_challenge_is_above_all_and_never_redirected() {
    let clock = clock();
    let mut all =
        input(vec![route(&clock, "a.example.org", "/.well-known/acme-challenge/x", &["10.0.0.1:80"])]);
    let host = Hostname::parse("skep.example.org").unwrap();
    all.platform = Some(Platform { host, scheme: Scheme::Https { redirect: true } });
    let document = json(&render(&all));
    let routers = document["http"]["routers"].as_object().unwrap();
    let challenge = &routers["challenge"];
    assert_eq!(challenge["rule"], "PathPrefix(`/.well-known/acme-challenge/`)");
    assert_eq!(challenge["entryPoints"], json!(["web"]));
    assert_eq!(challenge["middlewares"], Value::Null);
    let mine = challenge["priority"].as_u64().unwrap();
    // Another path.
    let ours = ["challenge", "ping"];
    assert!(
        routers.iter().all(|(n, r)| ours.contains(&n.as_str()) || r["priority"].as_u64().unwrap() < mine)
    );
}

#[test]
fn fault_28_a_bad_route_or_certificate_is_left_out_alone() {
    let clock = clock();
    let good = route(&clock, "good.example.org", "/", &["10.0.3.7:80"]);
    let metadata = route(&clock, "bad.example.org", "/", &["169.254.169.254:80"]);
    let partly = route(&clock, "partly.example.org", "/", &["10.0.3.8:80", "127.0.0.1:2375"]);
    let stolen = route(&clock, "good.example.org", "/login", &["10.0.3.66:80"]);
    let again = Route { id: DomainId::new(&clock), ..good.clone() };
    let ours = route(&clock, "skep.example.org", "/", &["10.0.3.66:80"]);
    let bad = [&metadata, &partly, &stolen, &again, &ours].map(|r| format!("domain {}", r.id));
    let mut all = input(vec![ours, stolen, again, partly.clone(), metadata, good.clone()]);
    let host = Hostname::parse("skep.example.org").unwrap();
    all.platform = Some(Platform { host, scheme: Scheme::Https { redirect: true } });
    let fine = certificate(&clock, &["good.example.org"], &["good.example.org"]);
    let shadow = certificate(&clock, &["good.example.org", "bank.example.org"], &["good.example.org"]);
    let broken = Certificate { chain: "-----BEGIN CERTIFICATE-----\nx".into(), ..fine.clone() };
    let keyless = Certificate { key: Secret::new("/etc/passwd"), ..fine.clone() };
    all.certificates = vec![broken, shadow, keyless, fine.clone()];
    all.options.metrics = Some(Secret::new("` || true"));

    let rendered = render(&all);
    let document = json(&rendered);
    let services: Vec<_> = document["http"]["services"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(services, [format!("d-{}", good.id), format!("d-{}", partly.id), "skep".to_owned()]);
    let kept = &document["http"]["services"][format!("d-{}", partly.id)]["loadBalancer"]["servers"];
    assert_eq!(kept, &json!([{ "url": "http://10.0.3.8:80" }]));
    assert_eq!(
        document["tls"]["certificates"],
        json!([{ "certFile": fine.chain, "keyFile": fine.key.expose() }])
    );
    let what: Vec<_> = rendered.left_out.iter().map(|l| l.what.as_str()).collect();
    for name in &bad {
        assert!(what.contains(&name.as_str()), "{name} is not reported: {what:?}");
    }
    assert_eq!(what.iter().filter(|w| w.starts_with("certificate")).count(), 3);
    assert!(what.contains(&"metrics"));
    assert!(document["http"]["routers"].get("metrics").is_none());
    assert_eq!(rendered.routes, 2);
}

#[test]
fn the_same_input_in_any_order_gives_the_same_bytes() {
    let clock = clock();
    let mut routes: Vec<_> = (0..20)
        .map(|i| route(&clock, &format!("h{i}.example.org"), "/", &["10.0.0.2:80", "10.0.0.1:80"]))
        .collect();
    let one = render(&input(routes.clone()));
    routes.reverse();
    let two = render(&input(routes.clone()));
    assert_eq!((&one.json, &one.version), (&two.json, &two.version));
    routes.pop();
    assert_ne!(one.version, render(&input(routes)).version);
}

#[test]
fn keys_are_in_no_debug_output() {
    let clock = clock();
    let mut all = input(Vec::new());
    all.certificates = vec![certificate(&clock, &["a.example.org"], &["a.example.org"])];
    let rendered = render(&all);
    assert!(String::from_utf8_lossy(&rendered.json).contains("PRIVATE KEY"));
    assert!(!format!("{rendered:?} {all:?}").contains("PRIVATE KEY"));
}

fn servers(published: &Published, route: &Route) -> Vec<String> {
    let document = json(&published.current().unwrap());
    let servers = &document["http"]["services"][format!("d-{}", route.id)]["loadBalancer"]["servers"];
    servers.as_array().unwrap().iter().map(|s| s["url"].as_str().unwrap().to_owned()).collect()
}

fn at(route: &Route, servers: Servers) -> Route {
    Route { servers, ..route.clone() }
}

#[test]
fn fault_27_an_empty_observation_takes_no_server_away() {
    let (clock, published) = (clock(), Published::new());
    assert!(published.current().is_none(), "before the first input nothing is known");
    let shop = route(&clock, "shop.example.org", "/", &["10.0.3.7:80"]);
    let now = Instant::now();
    assert!(published.offer(input(vec![shop.clone()]), now).changed);
    let first = published.current().unwrap();
    for nothing in [Servers::Unknown, Servers::At(Vec::new())] {
        assert!(!published.offer(input(vec![at(&shop, nothing)]), now).changed);
        assert!(std::sync::Arc::ptr_eq(&first, &published.current().unwrap()), "polls share the bytes");
    }
    let other = route(&clock, "other.example.org", "/", &["10.0.3.7:8080"]);
    published.offer(input(vec![at(&shop, Servers::Unknown), other.clone()]), now);
    assert_eq!(servers(&published, &shop), [""; 0], "the address belongs to somebody else by now");
    assert_eq!(servers(&published, &other), ["http://10.0.3.7:8080"]);
}

#[test]
fn a_stopped_app_has_no_servers_and_does_not_get_the_old_ones_back() {
    let (clock, published) = (clock(), Published::new());
    let shop = route(&clock, "shop.example.org", "/", &["10.0.3.7:80"]);
    for (observed, expected) in
        [(shop.servers.clone(), 1), (Servers::Nobody, 0), (Servers::Unknown, 0), (shop.servers.clone(), 1)]
    {
        published.offer(input(vec![at(&shop, observed)]), Instant::now());
        assert_eq!(servers(&published, &shop).len(), expected);
    }
}

#[test]
fn fault_27_an_empty_list_wipes_nothing_until_it_has_lasted() {
    let (clock, published) = (clock(), Published::new());
    let begin = Instant::now();
    let offer = |routes: Vec<Route>, after: u64| {
        published.offer(input(routes), begin + std::time::Duration::from_secs(after))
    };
    let shop = route(&clock, "shop.example.org", "/", &["10.0.3.7:80"]);
    assert!(!offer(Vec::new(), 0).held_back, "there was nothing to wipe");
    offer(vec![shop.clone()], 0);
    assert!(offer(Vec::new(), 0).held_back);
    assert!(offer(Vec::new(), 9).held_back);
    offer(vec![shop.clone()], 9);
    assert!(offer(Vec::new(), 18).held_back, "it counts from the last time there was one");
    assert_eq!(servers(&published, &shop).len(), 1);
    assert!(offer(Vec::new(), 28).changed);
    assert_eq!(published.current().unwrap().routes, 0);
}

#[tokio::test]
async fn the_first_poll_waits_for_the_first_document() {
    let published = std::sync::Arc::new(Published::new());
    let none = published.current_within(std::time::Duration::from_millis(10)).await;
    assert!(none.is_none(), "it does not wait for ever");
    let poll = tokio::spawn({
        let published = published.clone();
        async move { published.current_within(std::time::Duration::from_secs(60)).await }
    });
    published.offer(input(Vec::new()), Instant::now());
    assert_eq!(poll.await.unwrap().unwrap().version, published.current().unwrap().version);
}
