//! What path and headers the app gets to see, and which route comes first.

use serde_json::json;
use skep::{domain::domain_name::PathPrefix, edge::Route};

use super::{options, with};
use crate::stage::{App, Stage, told};

#[tokio::test]
async fn a_prefix_is_put_in_front_after_one_was_taken_off() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let plain = with("plain.example.org", &[app.address], json!({"add_prefix": "/v1"}));
    let moved = Route {
        path: PathPrefix::parse("/shop").unwrap(),
        strip: true,
        ..with("moved.example.org", &[app.address], json!({"add_prefix": "/v2"}))
    };
    stage.publish(stage.input(vec![plain, moved])).await;
    for (host, path, target) in [
        ("plain.example.org", "/", "/v1/"),
        ("plain.example.org", "/a?b=c", "/v1/a?b=c"),
        ("moved.example.org", "/shop/a", "/v2/a"),
    ] {
        let (status, body) = stage.get(host, path).await;
        assert_eq!((status, told(&body)["target"].as_str().unwrap()), (200, target), "{host}{path}");
    }
}

#[tokio::test]
async fn a_higher_priority_wins_over_a_longer_path_of_the_same_host() {
    let stage = Stage::start().await;
    let (one, two) = (App::start("one").await, App::start("two").await);
    let top = with("shop.example.org", &[one.address], json!({"priority": 1}));
    let path = PathPrefix::parse("/a/long/path").unwrap();
    let below = Route { app: top.app, path, ..with("shop.example.org", &[two.address], json!({})) };
    stage.publish(stage.input(vec![top.clone(), below.clone()])).await;
    assert_eq!(told(&stage.get("shop.example.org", "/a/long/path").await.1)["app"], "one");
    stage.publish(stage.input(vec![Route { options: options(json!({})), ..top }, below])).await;
    assert_eq!(told(&stage.get("shop.example.org", "/a/long/path").await.1)["app"], "two");
}

#[tokio::test]
async fn the_app_gets_its_owners_headers_and_not_the_visitors_of_that_name() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let of = json!({"request_headers": {"X-Tenant": "acme", "X-Gone": ""}});
    stage.publish(stage.input(vec![with("shop.example.org", &[app.address], of)])).await;
    let request = stage.ask("shop.example.org", "/").header("x-tenant", "evil").header("x-gone", "here");
    let body = told(&request.send().await.unwrap().text().await.unwrap());
    assert_eq!(body["headers"]["x-tenant"], "acme");
    assert!(body["headers"].get("x-gone").is_none(), "{body}");
}
