//! What stays when something is wrong: servers, the provider, single routes.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use skep::{
    domain::secret::Secret,
    edge::{Certificate, Route, Servers},
};
use skep_tests::parts::free_ports;

use crate::stage::{App, Stage, certificate, route};

#[tokio::test]
async fn a_dead_server_costs_no_request() {
    let stage = Stage::start().await;
    let (app, [dead, dead_too]) = (App::start("alive").await, free_ports());
    let local = |port| ([127, 0, 0, 1], port).into();
    stage
        .publish(stage.input(vec![route(
            "shop.example.org",
            "/",
            &[local(dead), app.address, local(dead_too)],
        )]))
        .await;
    let client = stage.traefik.client(&["shop.example.org"], None);
    for i in 0..30 {
        let address = stage.traefik.http("shop.example.org", "/");
        let request = if i % 2 == 0 { client.get(address) } else { client.post(address).body("a body") };
        assert_eq!(request.send().await.unwrap().status(), 200, "request {i}");
    }
    assert_eq!(app.hits.load(Ordering::SeqCst), 30, "each came once");
}

#[tokio::test]
async fn servers_change_under_load_without_a_lost_request() {
    let stage = Stage::start().await;
    let (old, new) = (App::start("old").await, App::start("new").await);
    let shop = route("shop.example.org", "/", &[old.address]);
    stage.publish(stage.input(vec![shop.clone()])).await;
    let client = stage.traefik.client(&["shop.example.org"], None);
    let address = stage.traefik.http("shop.example.org", "/");
    let load = tokio::spawn(async move {
        let mut answers = Vec::new();
        while answers.last().is_none_or(|(_, body): &(u16, String)| !body.contains("\"new\""))
            || answers.len() < 200
        {
            let answer = client.get(&address).send().await.unwrap();
            answers.push((answer.status().as_u16(), answer.text().await.unwrap()));
        }
        answers
    });
    stage
        .publish(
            stage.input(vec![Route { servers: Servers::At(vec![old.address, new.address]), ..shop.clone() }]),
        )
        .await;
    stage.publish(stage.input(vec![Route { servers: Servers::At(vec![new.address]), ..shop }])).await;
    old.task.abort(); // it goes only when no route leads to it
    let answers = load.await.unwrap();
    let lost: Vec<_> = answers.iter().filter(|(status, _)| *status != 200).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), answers.len());
}

#[tokio::test]
async fn fault_27_whatever_the_provider_says_the_last_good_routes_stay() {
    // A Traefik for each: after an error it asks later and later.
    let all = [
        ("not known yet", StatusCode::SERVICE_UNAVAILABLE, ""),
        ("broken", StatusCode::INTERNAL_SERVER_ERROR, "{}"),
        ("refused", StatusCode::UNAUTHORIZED, ""),
        ("garbage", StatusCode::OK, "\u{0}\u{1}garbage"),
        ("a page", StatusCode::OK, "<html>502 Bad Gateway</html>"),
        ("half of it", StatusCode::OK, "half"),
        ("an unknown word", StatusCode::OK, r#"{"http":{"rooters":{}}}"#),
    ];
    futures::future::join_all(all.map(|(what, status, body)| async move {
        let stage = Stage::start().await;
        let app = App::start("shop").await;
        stage.publish(stage.input(vec![route("shop.example.org", "/", &[app.address])])).await;
        let good = stage.skep.published.current().unwrap().json.clone();
        let body = if body == "half" { good.slice(..good.len() / 2) } else { body.into() };
        stage.skep.say(status, body).await;
        assert_eq!(stage.get("shop.example.org", "/").await.0, 200, "{what}");
        *stage.skep.instead.lock().unwrap() = None;
        stage.publish(stage.input(vec![route("next.example.org", "/", &[app.address])])).await;
        assert_eq!(
            stage.get("next.example.org", "/").await.0,
            200,
            "after {what} it takes the next good one"
        );
    }))
    .await;
}

#[tokio::test]
async fn fault_27_an_empty_or_failed_observation_wipes_nothing() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let shop = route("shop.example.org", "/", &[app.address]);
    stage.publish(stage.input(vec![shop.clone()])).await;
    for servers in [Servers::At(Vec::new()), Servers::Unknown] {
        stage.publish(stage.input(vec![Route { servers, ..shop.clone() }])).await;
        assert_eq!(stage.get("shop.example.org", "/").await.0, 200);
    }
    let offered = stage.skep.published.offer(stage.input(Vec::new()), std::time::Instant::now());
    assert!(offered.held_back && !offered.changed);
}

#[tokio::test]
async fn fault_28_a_bad_route_or_certificate_harms_nobody_else() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let mut good = route("good.example.org", "/", &[app.address]);
    let metadata = route("bad.example.org", "/", &["169.254.169.254:80".parse().unwrap()]);
    let mut thief = route("good.example.org", "/login", &[app.address]);
    if thief.id < good.id {
        std::mem::swap(&mut thief.id, &mut good.id); // both of one millisecond: the host's owner is the older one
    }
    let (fine, root) = certificate("good.example.org");
    let (other, _) = certificate("other.example.org");
    let mut input = stage.input(vec![metadata.clone(), good, thief.clone()]);
    // The last one passes our checks: both halves are sound, but they do not belong together.
    let mismatched = Certificate { key: fine.key.clone(), ..other.clone() };
    let broken = Certificate { chain: "garbage".into(), ..other.clone() };
    let keyless = Certificate { key: Secret::new("garbage"), ..other };
    input.certificates = vec![broken, keyless, mismatched, fine];
    let offered = stage.skep.published.offer(input.clone(), std::time::Instant::now());
    let left_out: Vec<_> = offered.left_out.iter().map(|l| l.what.clone()).collect();
    for id in [metadata.id, thief.id] {
        assert!(left_out.contains(&format!("domain {id}")), "{left_out:?}");
    }
    assert_eq!(left_out.iter().filter(|what| what.starts_with("certificate")).count(), 2, "{left_out:?}");
    stage.publish(input).await;
    let client = stage.traefik.client(&["good.example.org"], Some(&root));
    for path in ["/", "/login"] {
        let answer = client.get(stage.traefik.https("good.example.org", path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    assert_eq!(stage.get("bad.example.org", "/").await.0, 404);
}
