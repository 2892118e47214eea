//! What a visitor must not be able to do to the edge (S19).

use std::{sync::atomic::Ordering, time::Duration};

use skep::{
    domain::secret::Secret,
    edge::{Limits, Route},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::stage::{App, Stage, route, told};

/// Sends bytes as they are; the status of the answer, 0 if there is none, and all of it.
async fn raw(stage: &Stage, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(stage.traefik.web).await.unwrap();
    drop(stream.write_all(request).await); // it may answer and hang up before all is sent
    let mut answer = Vec::new();
    drop(tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

async fn get(stage: &Stage, host: &str, target: &str, headers: &str) -> (u16, String) {
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
    raw(stage, request.as_bytes()).await
}

#[tokio::test]
async fn case_093_a_hostile_host_or_path_reaches_nobody() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    stage.publish(stage.input(vec![route("shop.example.org", "/api", &[app.address])])).await;
    for host in [
        "shop.example.org`",
        "shop.example.org`)||Host(`x",
        "*",
        "",
        ".shop.example.org",
        "shop.example.org/",
        "shop.example.org\\",
        "shop.example.org%00",
        "user@shop.example.org",
        "shop.example.org shop.example.org",
        "x.shop.example.org",
        "shop.example.orgx",
    ] {
        let (status, answer) = get(&stage, host, "/api", "").await;
        assert!(matches!(status, 400 | 404), "{host:?}: {answer}");
    }
    for target in
        ["/", "/ap", "/apis", "/api/../x", "/api/%2e%2e/x", "/%61pi/../x", "api", "*", "/api\\..\\x"]
    {
        let (status, answer) = get(&stage, "shop.example.org", target, "").await;
        assert!(matches!(status, 0 | 400 | 404), "{target:?}: {answer}");
    }
    assert_eq!(app.hits.load(Ordering::SeqCst), 0);
    assert_eq!(get(&stage, "shop.example.org", "/api", "").await.0, 200);
}

#[tokio::test]
async fn case_094_encoded_separators_are_refused_unless_the_app_wants_them() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let strict = route("strict.example.org", "/", &[app.address]);
    let open = Route { encoded_slash: true, ..route("open.example.org", "/", &[app.address]) };
    stage.publish(stage.input(vec![strict, open])).await;
    for (target, on_strict, on_open) in [
        ("/a%2fb", 400, 200),
        ("/a%2F..%2Fb", 400, 200),
        ("/a%5cb", 400, 400),
        ("/a%00b", 400, 400),
        ("/a%3bb", 400, 400),
        ("/a%20b", 200, 200),
        ("/100%25", 200, 200),
        ("/C%23", 200, 200),
        ("/what%3F", 200, 200),
    ] {
        assert_eq!(get(&stage, "strict.example.org", target, "").await.0, on_strict, "{target}");
        assert_eq!(get(&stage, "open.example.org", target, "").await.0, on_open, "{target}");
    }
}

#[tokio::test]
async fn case_133_headers_that_only_the_edge_may_set_are_not_the_visitors() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    stage.publish(stage.input(vec![route("shop.example.org", "/", &[app.address])])).await;
    let evil = "X-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nX.Forwarded.Host: evil.example.org\r\n\
        X-Forwarded-Host: evil.example.org\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /evil\r\n\
        X-Real-Ip: 6.6.6.6\r\nX_Auth_User: admin\r\nForwarded: for=6.6.6.6\r\n";
    let (status, answer) = get(&stage, "shop.example.org", "/", evil).await;
    assert_eq!(status, 200);
    let body = told(answer.split("\r\n\r\n").nth(1).unwrap());
    let headers = body["headers"].as_object().unwrap();
    for (name, value) in headers.iter().filter(|(name, _)| *name != "forwarded") {
        let value = value.as_str().unwrap();
        assert!(!value.contains("6.6.6.6") && !value.contains("evil") && value != "admin", "{name}: {value}");
    }
    assert_eq!(headers["x-forwarded-proto"], "http");
    assert_eq!(headers["x-forwarded-for"], "127.0.0.1");
    assert!(!headers.contains_key("x_auth_user"));

    let long = format!("X-Long: {}\r\n", "a".repeat(64 * 1024));
    assert_eq!(get(&stage, "shop.example.org", "/", &long).await.0, 431);
    let smuggled = "POST / HTTP/1.1\r\nHost: shop.example.org\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\
        Connection: close\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: shop.example.org\r\n\r\n";
    let before = app.hits.load(Ordering::SeqCst);
    raw(&stage, smuggled.as_bytes()).await;
    assert!(app.hits.load(Ordering::SeqCst) <= before + 1, "one request in, at most one out");
    let twice =
        "POST / HTTP/1.1\r\nHost: shop.example.org\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!";
    assert_eq!(raw(&stage, twice.as_bytes()).await.0, 400);
}

#[tokio::test]
async fn metrics_open_by_their_token_alone_and_name_no_host() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    let mut input = stage.input(vec![route("shop.example.org", "/", &[app.address])]);
    let token = "metrics-token-0123456789";
    input.options.metrics = Some(Secret::new(token));
    stage.publish(input).await;
    stage.get("shop.example.org", "/").await;
    let client = reqwest::Client::new();
    let metrics = format!("http://{}/metrics", stage.traefik.internal);
    assert_eq!(client.get(&metrics).send().await.unwrap().status(), 404);
    assert_eq!(
        client.get(&metrics).bearer_auth("metrics-token-012345678").send().await.unwrap().status(),
        404
    );
    let text = client.get(&metrics).bearer_auth(token).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("traefik_service_requests_total"), "{text}");
    assert!(!text.contains("shop.example.org"), "routers are opaque");
    for path in ["/api/rawdata", "/dashboard/", "/debug/vars"] {
        let address = format!("http://{}{path}", stage.traefik.internal);
        assert_eq!(client.get(&address).send().await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test]
async fn one_client_cannot_take_all_connections() {
    let stage = Stage::start().await;
    let slow = axum::Router::new().fallback(async || {
        tokio::time::sleep(Duration::from_secs(2)).await;
        "done"
    });
    let (slow, _) = crate::stage::serve(slow).await;
    let mut input = stage.input(vec![route("shop.example.org", "/", &[slow])]);
    input.options.limits = Limits { per_client: Some(3), per_route: None };
    stage.publish(input).await;
    let all = (0..6).map(|_| stage.get("shop.example.org", "/"));
    let mut statuses: Vec<u16> =
        futures::future::join_all(all).await.into_iter().map(|(status, _)| status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 429, 429, 429]);
}

#[tokio::test]
async fn the_access_log_has_no_secrets_of_visitors() {
    let stage = Stage::start().await;
    let app = App::start("shop").await;
    stage.publish(stage.input(vec![route("shop.example.org", "/", &[app.address])])).await;
    get(
        &stage,
        "shop.example.org",
        "/logged?token=query-secret",
        "Cookie: a=cookie-secret\r\nAuthorization: Bearer head-secret\r\n",
    )
    .await;
    let line = skep_tests::parts::until("the request is logged", async || {
        stage.traefik.output().lines().find(|line| line.contains("/logged")).map(str::to_owned)
    })
    .await;
    assert!(!line.contains("secret"), "{line}");
}
