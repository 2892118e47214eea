//! Headers of answers, CORS, HSTS, compression.

use axum::http::Method;
use serde_json::json;
use skep::edge::{Route, Scheme};

use super::{header, with};
use crate::stage::{App, Stage, certificate};

#[tokio::test]
async fn headers_of_answers_are_set_replaced_and_taken_away() {
    let stage = Stage::start().await;
    let app = axum::Router::new().fallback(async || ([("x-powered-by", "secrets"), ("x-shop", "shut")], ""));
    let (address, _) = crate::stage::serve(app).await;
    let of = json!({"response_headers": {"X-Shop": "open", "X-Powered-By": ""}, "security_headers": true});
    stage.publish(stage.input(vec![with("shop.example.org", &[address], of)])).await;
    let answer = stage.ask("shop.example.org", "/").send().await.unwrap();
    assert_eq!(header(&answer, "x-shop"), "open");
    assert_eq!(header(&answer, "x-powered-by"), "", "taken away");
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert_eq!(header(&answer, "x-frame-options"), "SAMEORIGIN");
    assert_eq!(header(&answer, "referrer-policy"), "strict-origin-when-cross-origin");
    assert_eq!(stage.traefik.faults(), [""; 0]);
}

#[tokio::test]
async fn hsts_is_said_by_https_alone() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let hsts = json!({"hsts": {"seconds": 63072000, "subdomains": true, "preload": true}});
    let shop = with("shop.example.org", &[app.address], hsts);
    let (certificate, root) = certificate("shop.example.org");
    let mut input = stage.input(vec![Route { scheme: Scheme::Https { redirect: false }, ..shop }]);
    input.certificates = vec![certificate];
    stage.publish(input).await;
    let client = stage.traefik.client(&["shop.example.org"], Some(&root));
    let answer = client.get(stage.traefik.https("shop.example.org", "/")).send().await.unwrap();
    assert_eq!(header(&answer, "strict-transport-security"), "max-age=63072000; includeSubDomains; preload");
    let answer = stage.ask("shop.example.org", "/").send().await.unwrap();
    assert_eq!(header(&answer, "strict-transport-security"), "");
}

#[tokio::test]
async fn the_edge_answers_what_browsers_ask_before_even_where_a_login_is_asked() {
    let stage = Stage::start().await;
    let app = App::start("api").await;
    let cors = json!({"cors": {
        "origins": ["https://shop.example.org"], "methods": ["GET", "PUT"], "headers": ["X-Token"],
        "credentials": true, "max_age_seconds": 600,
    }});
    let api = with("api.example.org", &[app.address], cors);
    let password: skep::domain::route::LoginPassword =
        serde_json::from_value(json!("correct horse")).unwrap();
    let name = skep::domain::route::LoginName::parse("ops").unwrap();
    let login = skep::domain::route::Login::new(name, password.hash([1; 16]).unwrap());
    stage.publish(stage.input(vec![Route { logins: vec![login], ..api }])).await;
    let before = |origin: &'static str| {
        let client = stage.traefik.client(&["api.example.org"], None);
        client
            .request(Method::OPTIONS, stage.traefik.http("api.example.org", "/x"))
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "x-token")
            .send()
    };
    let answer = before("https://shop.example.org").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "access-control-allow-origin"), "https://shop.example.org");
    assert_eq!(header(&answer, "access-control-allow-methods"), "GET,PUT");
    assert_eq!(header(&answer, "access-control-allow-headers"), "X-Token");
    assert_eq!(header(&answer, "access-control-allow-credentials"), "true");
    assert_eq!(header(&answer, "access-control-max-age"), "600");
    let answer = before("https://evil.example.org").await.unwrap();
    assert_eq!(header(&answer, "access-control-allow-origin"), "");
    assert_eq!(app.hits.load(std::sync::atomic::Ordering::SeqCst), 0, "the app is not asked");
    let origin = "https://shop.example.org";
    let request = stage.ask("api.example.org", "/x").basic_auth("ops", Some("correct horse"));
    let answer = request.header("origin", origin).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "access-control-allow-origin")),
        (200, origin.into())
    );
    assert!(header(&answer, "vary").contains("Origin"));
}

#[tokio::test]
async fn answers_are_compressed_for_who_takes_them() {
    let stage = Stage::start().await;
    let long =
        axum::Router::new().fallback(async || ([("content-type", "text/plain")], "again ".repeat(1000)));
    let (address, _) = crate::stage::serve(long).await;
    let small = with("small.example.org", &[address], json!({"compress": true}));
    stage.publish(stage.input(vec![small, with("plain.example.org", &[address], json!({}))])).await;
    for (host, asks, expected) in [
        ("small.example.org", "gzip", "gzip"),
        ("small.example.org", "identity", ""),
        ("plain.example.org", "gzip", ""),
    ] {
        let answer = stage.ask(host, "/").header("accept-encoding", asks).send().await.unwrap();
        assert_eq!(header(&answer, "content-encoding"), expected, "{host} {asks}");
    }
}
