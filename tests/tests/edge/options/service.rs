//! Sticky visitors; apps that speak HTTP/2 or TLS.

use serde_json::json;
use skep::edge::{Route, Scheme};

use super::{header, with};
use crate::stage::{App, Stage, route, serve, told};

#[tokio::test]
async fn a_visitor_stays_with_one_task_by_a_cookie() {
    let stage = Stage::start().await;
    let (one, two) = (App::start("one").await, App::start("two").await);
    let of = json!({"sticky": {"cookie": "stays", "same_site": "strict", "max_age_seconds": 60}});
    stage.publish(stage.input(vec![with("shop.example.org", &[one.address, two.address], of)])).await;
    let answer = stage.ask("shop.example.org", "/").send().await.unwrap();
    let cookie = header(&answer, "set-cookie");
    assert!(
        cookie.starts_with("stays=")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Strict")
            && cookie.contains("Max-Age=60")
            && cookie.contains("Path=/"),
        "{cookie}"
    );
    let first = told(&answer.text().await.unwrap())["app"].clone();
    let mine = cookie.split(';').next().unwrap().to_owned();
    for _ in 0..10 {
        let answer = stage.ask("shop.example.org", "/").header("cookie", &mine).send().await.unwrap();
        assert_eq!(told(&answer.text().await.unwrap())["app"], first);
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..10 {
        seen.insert(told(&stage.get("shop.example.org", "/").await.1)["app"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen.len(), 2, "who has no cookie is spread");
}

#[tokio::test]
async fn a_cookie_of_a_host_that_redirects_to_https_goes_by_https_alone() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let shop = with("shop.example.org", &[app.address], json!({"sticky": {}}));
    let (certificate, root) = crate::stage::certificate("shop.example.org");
    let mut input = stage.input(vec![Route { scheme: Scheme::Https { redirect: true }, ..shop }]);
    input.certificates = vec![certificate];
    stage.publish(input).await;
    let client = stage.traefik.client(&["shop.example.org"], Some(&root));
    let answer = client.get(stage.traefik.https("shop.example.org", "/")).send().await.unwrap();
    let cookie = header(&answer, "set-cookie");
    assert!(cookie.contains("Secure") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn an_app_is_spoken_to_by_http2_if_it_asks_for_it() {
    let stage = Stage::start().await;
    let app = axum::Router::new().fallback(async |request: axum::extract::Request| {
        format!("{:?} {}", request.version(), request.headers().contains_key("te"))
    });
    let (address, _) = serve(app).await;
    let h2c = with("h2c.example.org", &[address], json!({"backend": "h2c"}));
    stage.publish(stage.input(vec![h2c, with("http.example.org", &[address], json!({}))])).await;
    assert_eq!(stage.get("h2c.example.org", "/").await, (200, "HTTP/2.0 false".to_owned()));
    assert_eq!(stage.get("http.example.org", "/").await, (200, "HTTP/1.1 false".to_owned()));
}

#[tokio::test]
async fn a_certificate_that_nobody_knows_is_taken_only_by_an_explicit_choice() {
    let stage = Stage::start().await;
    // Another Traefik stands in for an app with a certificate of its own making.
    let (behind, app) = (Stage::start().await, App::start("behind").await);
    behind.publish(behind.input(vec![route("loose.example.org", "/", &[app.address])])).await;
    let address = behind.traefik.websecure;
    let strict = with("strict.example.org", &[address], json!({"backend": "https"}));
    let loose = with("loose.example.org", &[address], json!({"backend": "https_unverified"}));
    stage.publish(stage.input(vec![strict, loose])).await;
    let (status, body) = stage.get("loose.example.org", "/").await;
    assert_eq!((status, &told(&body)["app"]), (200, &"behind".into()));
    assert_eq!(stage.get("strict.example.org", "/").await.0, 500);
}
