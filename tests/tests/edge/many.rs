//! Size: 5,000 domains with a certificate each.

use std::time::Instant;

use skep::edge::render;
use skep_tests::parts::until;

use crate::stage::{App, Stage, certificate, route};

#[tokio::test]
async fn five_thousand_domains_are_rendered_and_served() {
    let stage = Stage::start().await;
    let app = App::start("one of many").await;
    let host = |i: usize| format!("shop-{i}.example.org");
    let routes = (0..5000).map(|i| route(&host(i), "/", &[app.address])).collect();
    let mut input = stage.input(routes);
    let (pairs, roots): (Vec<_>, Vec<_>) = (0..5000).map(|i| certificate(&host(i))).unzip();
    input.certificates = pairs;

    let began = Instant::now();
    let rendered = render(&input);
    let rendering = began.elapsed();
    assert_eq!((rendered.routes, rendered.left_out.len()), (5000, 0));
    let began = Instant::now();
    for _ in 0..1_000_000 {
        std::hint::black_box(stage.skep.published.current());
    }
    let polling = began.elapsed() / 1_000_000;

    stage.skep.published.offer(input.clone(), std::time::Instant::now());
    let began = Instant::now();
    stage.serves(&host(4999)).await;
    let client = stage.traefik.client(&[&host(4999)], Some(&roots[4999]));
    until("the last certificate is served", async || {
        client.get(stage.traefik.https(&host(4999), "/")).send().await.ok()
    })
    .await;
    let serving = began.elapsed();
    println!(
        "5000 domains with certificates: rendered in {rendering:?}, {} KiB, a poll {polling:?}, served by Traefik after {serving:?}",
        rendered.json.len() / 1024
    );
    assert!(rendering.as_secs() < 5, "{rendering:?}, without optimisation");
}
