//! Visitors who are sent on, and never to where they chose (case 98).

use serde_json::json;
use skep::{
    domain::host_pattern::HostPattern,
    edge::{Route, Scheme},
};

use super::{header, with};
use crate::stage::{App, Stage, route, told};

#[tokio::test]
async fn paths_and_patterns_lead_on() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let of = json!({"redirects": [
        {"from": "/old", "to": "/new", "permanent": true},
        {"from": "/soon", "to": "https://soon.example.com/x"},
        {"from": "/blog/(\\d+)/(.*)", "regex": true, "to": "/posts/$2?id=$1x", "permanent": true},
        {"from": "/go/(.*)", "regex": true, "to": "https://elsewhere.example.com/$1"},
        {"from": "/here/(.*)", "regex": true, "to": "/$1"},
    ]});
    let shop =
        Route { scheme: Scheme::Http, encoded_slash: true, ..with("shop.example.org", &[app.address], of) };
    stage.publish(stage.input(vec![shop])).await;
    for (path, status, to) in [
        ("/old", 301, "http://shop.example.org/new"),
        ("/old?a=b", 301, "http://shop.example.org/new"),
        ("/soon", 302, "https://soon.example.com/x"),
        ("/blog/7/hello", 301, "http://shop.example.org/posts/hello?id=7x"),
        ("/go/a/b", 302, "https://elsewhere.example.com/a/b"),
        ("/go/.evil.example.net", 302, "https://elsewhere.example.com/.evil.example.net"),
        ("/here/%2Fevil.example.net", 302, "http://shop.example.org/%2Fevil.example.net"),
    ] {
        let answer = stage.ask("shop.example.org", path).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "location")),
            (status, to.to_owned()),
            "{path}"
        );
    }
    for path in ["/older", "/old/er", "/blog/x/y", "/x/old"] {
        let (status, body) = stage.get("shop.example.org", path).await;
        assert_eq!((status, &told(&body)["target"]), (200, &path.into()));
    }
    let client = stage.traefik.client(&["shop.example.org"], None);
    let answer = client.post(stage.traefik.http("shop.example.org", "/old")).send().await.unwrap();
    assert_eq!(answer.status(), 308, "a form keeps its method");
    assert_eq!(stage.traefik.faults(), [""; 0]);
}

#[tokio::test]
async fn the_other_host_leads_to_the_route_whatever_the_path() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let other_host = Some(HostPattern::parse("www.shop.example.org").unwrap());
    let shop = Route { scheme: Scheme::Http, other_host, ..route("shop.example.org", "/", &[app.address]) };
    let apex = Some(HostPattern::parse("blog.example.org").unwrap());
    let https = Scheme::Https { redirect: true };
    let www = Route { scheme: https, other_host: apex, ..route("www.blog.example.org", "/", &[app.address]) };
    stage.publish(stage.input(vec![shop, www])).await;
    let answer = stage.ask("www.shop.example.org", "/a/b?c=d").send().await.unwrap();
    assert_eq!(answer.status(), 301);
    assert_eq!(header(&answer, "location"), "http://shop.example.org/a/b?c=d");
    let answer = stage.ask("blog.example.org", "//evil.example.net").send().await.unwrap();
    let port = stage.traefik.websecure.port();
    assert!(
        header(&answer, "location").starts_with(&format!("https://www.blog.example.org:{port}/")),
        "{:?}",
        answer.headers()
    );
    assert_eq!(stage.get("shop.example.org", "/").await.0, 200);
}

#[tokio::test]
async fn a_host_of_another_app_is_not_sent_on() {
    let stage = Stage::start().await;
    let (theirs, mine) = (App::start("theirs").await, App::start("mine").await);
    let www = route("www.shop.example.org", "/", &[theirs.address]);
    let other_host = Some(HostPattern::parse("www.shop.example.org").unwrap());
    let shop = Route { scheme: Scheme::Http, other_host, ..route("shop.example.org", "/", &[mine.address]) };
    stage.publish(stage.input(vec![www, shop])).await;
    assert_eq!(told(&stage.get("www.shop.example.org", "/").await.1)["app"], "theirs");
    assert_eq!(told(&stage.get("shop.example.org", "/").await.1)["app"], "mine", "the rest of it is served");
}
