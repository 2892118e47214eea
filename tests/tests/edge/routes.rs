//! Hosts, paths, schemes: who gets a request.

use skep::{
    domain::{domain_name::Hostname, host_pattern::HostPattern},
    edge::{HealthCheck, Platform, Route, Scheme, Servers},
};
use skep_tests::parts::until;

use crate::stage::{App, Stage, certificate, route, told};

#[tokio::test]
async fn host_and_path_decide_and_the_longer_path_wins() {
    let stage = Stage::start().await;
    let (web, api, other) = (App::start("web").await, App::start("api").await, App::start("other").await);
    let top = route("shop.example.org", "/", &[web.address]);
    let below = Route { app: top.app, ..route("shop.example.org", "/api", &[api.address]) };
    let stripped =
        Route { app: top.app, strip: true, ..route("shop.example.org", "/v2/api", &[api.address]) };
    stage
        .publish(stage.input(vec![top, below, stripped, route("other.example.org", "/", &[other.address])]))
        .await;
    for (host, path, app, target) in [
        ("shop.example.org", "/", "web", "/"),
        ("shop.example.org", "/apis", "web", "/apis"),
        ("shop.example.org", "/api", "api", "/api"),
        ("shop.example.org", "/api/", "api", "/api/"),
        ("shop.example.org", "/api/x?q=1", "api", "/api/x?q=1"),
        ("shop.example.org", "/v2/api", "api", "/"),
        ("shop.example.org", "/v2/api/x", "api", "/x"),
        ("shop.example.org", "/v2/apix", "web", "/v2/apix"),
        ("shop.example.org", "/a/../api/x", "api", "/api/x"),
        ("shop.example.org", "//api//x", "api", "/api/x"),
        ("other.example.org", "/api", "other", "/api"),
        ("SHOP.Example.ORG", "/api", "api", "/api"),
    ] {
        let (status, body) = stage.get(host, path).await;
        assert_eq!(status, 200, "{host}{path}");
        let told = told(&body);
        assert_eq!((&told["app"], &told["target"]), (&app.into(), &target.into()), "{host}{path}");
    }
    let (_, body) = stage.get("shop.example.org", "/x").await;
    let host = format!("shop.example.org:{}", stage.traefik.web.port());
    assert_eq!(told(&body)["headers"]["host"], host, "the app sees the visitor's host");
    assert_eq!(stage.get("nobody.example.org", "/").await.0, 404);
    assert_eq!(stage.traefik.faults(), [""; 0]);
}

#[tokio::test]
async fn https_by_an_inline_certificate_and_a_redirect_that_spares_challenges() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let shop =
        Route { scheme: Scheme::Https { redirect: true }, ..route("shop.example.org", "/", &[app.address]) };
    let (certificate, root) = certificate("shop.example.org");
    let mut input = stage.input(vec![shop]);
    input.certificates = vec![certificate];
    stage.publish(input).await;

    let client = stage.traefik.client(&["shop.example.org"], Some(&root));
    let answer = client.get(stage.traefik.https("shop.example.org", "/x")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = told(&answer.text().await.unwrap());
    assert_eq!((&body["app"], &body["headers"]["x-forwarded-proto"]), (&"shop".into(), &"https".into()));

    let answer = client.get(stage.traefik.http("shop.example.org", "/x?q=1")).send().await.unwrap();
    assert_eq!(answer.status(), 301);
    assert_eq!(answer.headers()["location"], stage.traefik.https("shop.example.org", "/x?q=1"));
    let answer = client.post(stage.traefik.http("shop.example.org", "/x")).send().await.unwrap();
    assert_eq!(answer.status(), 308, "a form keeps its method");

    use skep::acme::Challenges as _;
    let host = HostPattern::parse("shop.example.org").unwrap();
    let never = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    stage.skep.put("token-0123456789", "token-0123456789.print", &host, never).await.unwrap();
    for host in ["shop.example.org", "not-yet-known.example.org"] {
        let answered = stage.get(host, "/.well-known/acme-challenge/token-0123456789").await;
        assert_eq!(answered, (200, "token-0123456789.print".into()), "{host}");
        assert_eq!(stage.get(host, "/.well-known/acme-challenge/another-0123456").await.0, 404, "{host}");
    }
    assert_eq!(stage.traefik.faults(), [""; 0]);
}

#[tokio::test]
async fn without_its_certificate_a_host_is_not_served_with_another_ones() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let (certificate, root) = certificate("other.example.org");
    let mut input = stage.input(vec![route("shop.example.org", "/", &[app.address])]);
    input.certificates = vec![certificate];
    stage.publish(input).await;
    let client = stage.traefik.client(&["shop.example.org"], Some(&root));
    let error = client.get(stage.traefik.https("shop.example.org", "/")).send().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn the_platforms_host_is_skep_whatever_the_path() {
    let stage = Stage::start().await;
    let (certificate, root) = certificate("skep.example.org");
    let mut input = stage.input(Vec::new());
    input.certificates = vec![certificate];
    let host = Hostname::parse("skep.example.org").unwrap();
    input.platform = Some(Platform { host, scheme: Scheme::Https { redirect: true } });
    stage.publish(input).await;
    let client = stage.traefik.client(&["skep.example.org"], Some(&root));
    let answer = client.get(stage.traefik.https("skep.example.org", "/login")).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "Skep itself");
    assert_eq!(stage.get("skep.example.org", "/login").await.0, 301);
}

#[tokio::test]
async fn a_stopped_app_is_unavailable_and_a_removed_one_unknown() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let shop = route("shop.example.org", "/", &[app.address]);
    stage.publish(stage.input(vec![shop.clone()])).await;
    assert_eq!(stage.get("shop.example.org", "/").await.0, 200);
    stage.publish(stage.input(vec![Route { servers: Servers::Nobody, ..shop }])).await;
    assert_eq!(stage.get("shop.example.org", "/").await.0, 503);
    stage.publish(stage.input(Vec::new())).await;
    assert_eq!(stage.get("shop.example.org", "/").await.0, 404);
}

#[tokio::test]
async fn a_server_that_says_it_is_sick_is_left_out() {
    let stage = Stage::start().await;
    let well = App::start("well").await;
    let sick = axum::Router::new().fallback(async || axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    let (sick, _) = crate::stage::serve(sick).await;
    let health = HealthCheck {
        path: skep::domain::domain_name::PathPrefix::parse("/health").unwrap(),
        interval: std::time::Duration::from_millis(200),
        timeout: std::time::Duration::from_millis(150),
    };
    let shop = route("shop.example.org", "/", &[well.address, sick]);
    stage.publish(stage.input(vec![Route { health: Some(health), ..shop }])).await;
    let mut in_a_row = 0;
    until("only the well one answers", async || {
        in_a_row = if stage.get("shop.example.org", "/").await.0 == 200 { in_a_row + 1 } else { 0 };
        (in_a_row >= 20).then_some(())
    })
    .await;
}
