//! Addresses, names and passwords.

use std::sync::atomic::Ordering;

use serde_json::json;
use skep::{
    domain::route::{Login, LoginName, LoginPassword},
    edge::Route,
};

use super::with;
use crate::stage::{App, Stage, route, told};

fn login(name: &str, password: &str) -> Login {
    let password: LoginPassword = serde_json::from_value(json!(password)).unwrap();
    Login::new(LoginName::parse(name).unwrap(), password.hash([3; 16]).unwrap())
}

#[tokio::test]
async fn only_who_shows_a_login_gets_to_the_app_which_does_not_see_it() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let logins = vec![login("ops", "correct horse"), login("eve", "battery staple")];
    stage
        .publish(stage.input(vec![Route { logins, ..route("shop.example.org", "/", &[app.address]) }]))
        .await;
    for (name, password, status) in [
        ("ops", "correct horse", 200),
        ("eve", "battery staple", 200),
        ("ops", "battery staple", 401),
        ("nobody", "correct horse", 401),
        ("", "", 401),
        ("ops", "", 401),
    ] {
        let answer =
            stage.ask("shop.example.org", "/").basic_auth(name, Some(password)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name} {password}");
        if status == 200 {
            let body = told(&answer.text().await.unwrap());
            assert!(body["headers"].get("authorization").is_none(), "{body}");
        }
    }
    assert_eq!(app.hits.load(Ordering::SeqCst), 2);
    let answer = stage.ask("shop.example.org", "/").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    assert_eq!(stage.traefik.faults(), [""; 0]);
}

#[tokio::test]
async fn only_listed_addresses_get_to_the_app_whatever_a_header_says() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let open = with("open.example.org", &[app.address], json!({"allow": ["192.0.2.0/24", "127.0.0.1"]}));
    let shut = with("shut.example.org", &[app.address], json!({"allow": ["192.0.2.0/24", "2001:db8::/32"]}));
    stage.publish(stage.input(vec![open, shut])).await;
    assert_eq!(stage.get("open.example.org", "/").await.0, 200);
    let answer =
        stage.ask("shut.example.org", "/").header("x-forwarded-for", "192.0.2.7").send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(app.hits.load(Ordering::SeqCst), 1);
    assert_eq!(stage.traefik.faults(), [""; 0]);
}

#[tokio::test]
async fn visitors_sign_in_with_skep_before_the_app_sees_them() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let mut gated = with("shop.example.org", &[app.address], json!({"sign_in": {"right": "view"}}));
    gated.scheme = skep::edge::Scheme::Https { redirect: false };
    stage.publish(stage.input(vec![gated])).await;
    let ask = || stage.ask("shop.example.org", "/cart?a=b").header("x-skep-user", "root@example.org");
    let away = ask().send().await.unwrap();
    assert_eq!(away.status(), 303);
    let of = format!("shop.example.org:{}", stage.traefik.web.port());
    assert_eq!(away.headers()["location"], format!("https://skep.example.org/cart?a=b?of={of}"));
    assert_eq!(away.headers()["set-cookie"], "state=word");
    assert_eq!(app.hits.load(Ordering::SeqCst), 0);
    let body = told(&ask().header("cookie", "pass=good").send().await.unwrap().text().await.unwrap());
    assert_eq!(
        body["headers"]["x-skep-user"], "ada@example.org",
        "what the visitor said of themselves is gone: {body}"
    );
    // A WebSocket's handshake and a form are asked about, too.
    let form = stage.traefik.client(&["shop.example.org"], None);
    let posted = form.post(stage.traefik.http("shop.example.org", "/cart")).body("x").send().await.unwrap();
    assert_eq!(posted.status(), 303);
    assert_eq!(app.hits.load(Ordering::SeqCst), 1);
    assert_eq!(stage.traefik.faults(), [""; 0]);
}
