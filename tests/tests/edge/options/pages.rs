//! Skep's pages in place of an app: away, in maintenance, after an error.

use serde_json::json;
use skep::edge::{Route, Servers};

use super::with;
use crate::stage::{App, Stage, route, serve, told};

#[tokio::test]
async fn an_app_that_nobody_serves_is_answered_by_skep() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let shop = route("shop.example.org", "/", &[app.address]);
    for servers in [Servers::Nobody, Servers::At(Vec::new())] {
        let away = Route {
            id: skep::domain::id::DomainId::new(&skep::domain::clock::SystemClock),
            servers,
            ..shop.clone()
        };
        stage.publish(stage.input(vec![away])).await;
        assert_eq!(stage.get("shop.example.org", "/x?y=z").await, (503, "page away y=z".to_owned()));
        let client = stage.traefik.client(&["shop.example.org"], None);
        let answer =
            client.post(stage.traefik.http("shop.example.org", "/form")).body("a=b").send().await.unwrap();
        assert_eq!(answer.status(), 503);
    }
    stage.publish(stage.input(vec![shop])).await;
    assert_eq!(stage.get("shop.example.org", "/").await.0, 200);
}

#[tokio::test]
async fn maintenance_lets_only_those_through_that_are_listed() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let shut = with(
        "shut.example.org",
        &[app.address],
        json!({"maintenance": {"on": true, "allow": ["192.0.2.1"]}}),
    );
    let mine = with(
        "mine.example.org",
        &[app.address],
        json!({"maintenance": {"on": true, "allow": ["127.0.0.0/8", "::1"]}}),
    );
    let measured = json!({"maintenance": {"on": true, "allow": ["127.0.0.1"]}, "body_bytes": 3});
    let measured = with("measured.example.org", &[app.address], measured);
    let off = with("off.example.org", &[app.address], json!({"maintenance": {"on": false}}));
    stage.publish(stage.input(vec![shut, mine, measured, off])).await;
    assert_eq!(stage.get("shut.example.org", "/a/b").await, (503, "page maintenance -".to_owned()));
    assert_eq!(told(&stage.get("mine.example.org", "/a/b").await.1)["target"], "/a/b");
    assert_eq!(stage.get("off.example.org", "/").await.0, 200);
    let client = stage.traefik.client(&["measured.example.org"], None);
    for (body, status) in [("abc", 200), ("abcd", 413)] {
        let request = client.post(stage.traefik.http("measured.example.org", "/")).body(body);
        assert_eq!(request.send().await.unwrap().status(), status, "{body}");
    }
    let faults: Vec<_> = stage.traefik.faults().into_iter().filter(|f| !f.contains("over limit")).collect();
    assert_eq!(faults, [""; 0]);
}

#[tokio::test]
async fn errors_get_a_page_and_keep_their_status() {
    let stage = Stage::start().await;
    let app = axum::Router::new()
        .route("/oops", axum::routing::get(async || "the app's own page"))
        .route("/fine", axum::routing::get(async || "fine"))
        .route("/teapot", axum::routing::get(async || (axum::http::StatusCode::IM_A_TEAPOT, "tea")))
        .fallback(async || (axum::http::StatusCode::BAD_GATEWAY, "broken"));
    let (address, _) = serve(app).await;
    let ours = with("ours.example.org", &[address], json!({"errors": {"statuses": ["500-599"]}}));
    let own =
        with("own.example.org", &[address], json!({"errors": {"statuses": ["404", "502"], "path": "/oops"}}));
    stage.publish(stage.input(vec![ours, own])).await;
    assert_eq!(stage.get("ours.example.org", "/x").await, (502, "page error status=502".to_owned()));
    assert_eq!(stage.get("own.example.org", "/x").await, (502, "the app's own page".to_owned()));
    for host in ["ours.example.org", "own.example.org"] {
        assert_eq!(stage.get(host, "/fine").await, (200, "fine".to_owned()));
        assert_eq!(stage.get(host, "/teapot").await, (418, "tea".to_owned()));
    }
}
