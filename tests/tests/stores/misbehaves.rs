//! What a store must not do to us: hang, flood, lead on, lie about its type, be private.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{body::Body, response::Response};

use crate::server::{Server, answer, json, open, read};

const VAULT: &str = r#"{"kind": "vault"}"#;
const GOOD: &str = r#"{"data": {"data": {"k": "v"}}}"#;

/// Each kind with credentials that it takes.
const KINDS: [(&str, &str, &str); 5] = [
    (VAULT, "", "a/b"),
    (r#"{"kind": "infisical", "project": "p", "environment": "e"}"#, "id", "a/b"),
    (r#"{"kind": "aws", "region": "eu-1"}"#, "id", "a/b"),
    (r#"{"kind": "doppler"}"#, "", "a/b"),
    (r#"{"kind": "onepassword"}"#, "", "aaaaaaaaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbbbbbbbb"),
];

#[tokio::test]
async fn each_kind_stands_what_no_store_should_do() {
    type Make = fn() -> Response;
    let cases: [(&str, Make, &str); 8] = [
        ("html", || answer(200, "text/html; charset=utf-8", "<h1>Sign in</h1>"), "store_unusable"),
        ("no type", || Response::new(Body::from("k=v")), "store_unusable"),
        ("no json", || json(200, "{\"data\": "), "store_unusable"),
        ("large", || json(200, &format!("\"{}\"", "x".repeat(2 << 20))), "store_unusable"),
        ("null", || json(200, "null"), ""),
        (
            "leads on",
            || {
                Response::builder()
                    .status(307)
                    .header("location", "http://127.0.0.1:1/")
                    .body(Body::empty())
                    .unwrap()
            },
            "store_unusable",
        ),
        ("sealed", || json(503, r#"{"errors": ["Vault is sealed"]}"#), "store_unreachable"),
        ("broken", || answer(502, "text/html", "<h1>Bad gateway</h1>"), "store_unreachable"),
    ];
    for (settings, id, path) in KINDS {
        for (name, make, code) in cases {
            let server = Server::start(move |_| make()).await;
            let store = server.open("", settings, id, "token-token");
            let (found, said) = read(&*store, path, "k").await.unwrap_err();
            assert!(code.is_empty() || found == code, "{settings} {name}: {found} {said}");
            assert!(!said.contains("token-token") && said.len() < 400, "{settings} {name}: {said}");
        }
    }
}

#[tokio::test]
async fn a_private_address_is_not_asked_unless_it_is_allowed() {
    let server = Server::start(|_| json(200, GOOD)).await;
    for (settings, id, path) in KINDS {
        let store = open(&server.address, settings, id, "t", "");
        let (code, said) = read(&*store, path, "k").await.unwrap_err();
        assert_eq!(code, "address_not_allowed", "{settings}");
        assert!(said.contains("SKEP_ALLOW_ADDRESSES"), "{said}");
        assert_eq!(store.check().await.unwrap_err().code(), "address_not_allowed");
    }
    let metadata = open("http://169.254.169.254/latest", VAULT, "", "t", "127.0.0.0/8");
    assert_eq!(read(&*metadata, "a", "k").await.unwrap_err().0, "address_not_allowed");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn what_passes_is_waited_for_and_what_does_not_is_not() {
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    let limited = Server::start(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => Response::builder().status(429).header("retry-after", "1").body(Body::empty()).unwrap(),
        _ => json(200, GOOD),
    })
    .await;
    let began = Instant::now();
    let store = limited.open("", VAULT, "", "token");
    assert_eq!(read(&*store, "a", "k").await.unwrap(), "v");
    assert!(began.elapsed() >= Duration::from_secs(1) && count.load(Ordering::SeqCst) == 2);

    let closed = Server::start(|_| {
        let body = r#"{"errors": ["request path rate limit quota exceeded"]}"#;
        let mut answer = json(429, body);
        answer.headers_mut().insert("retry-after", "3600".parse().unwrap());
        answer
    })
    .await;
    let (code, said) = read(&*closed.open("", VAULT, "", "token"), "a", "k").await.unwrap_err();
    assert_eq!((code, closed.seen().len()), ("store_unreachable", 1));
    assert!(said.contains("rate limit quota exceeded; it asks to wait 3600 s"), "{said}");

    let broken = Server::start(|_| json(500, r#"{"errors": ["internal error"]}"#)).await;
    assert_eq!(
        read(&*broken.open("", VAULT, "", "token"), "a", "k").await.unwrap_err().0,
        "store_unreachable"
    );
    assert_eq!(broken.seen().len(), 3);
    let refusing = Server::start(|_| json(403, r#"{"errors": ["permission denied"]}"#)).await;
    read(&*refusing.open("", VAULT, "", "token"), "a", "k").await.unwrap_err();
    assert_eq!(refusing.seen().len(), 1, "a refusal is not asked for again");
}

#[tokio::test]
async fn who_hangs_or_is_not_there_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let began = Instant::now();
    let store = open(&silent, VAULT, "", "token", "127.0.0.0/8");
    let (code, said) = read(&*store, "a", "k").await.unwrap_err();
    assert_eq!(code, "store_unreachable");
    assert!(said.contains("10 seconds"), "{said}");
    assert!((9..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    drop(listener);
    let store = open(&silent, VAULT, "", "token", "127.0.0.0/8");
    let (code, said) = read(&*store, "a", "k").await.unwrap_err();
    assert_eq!(code, "store_unreachable");
    assert!(said.contains("refused"), "{said}");
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let server = Server::start(|_| {
        let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 64 << 10]));
        answer(200, "application/json", Body::from_stream(endless))
    })
    .await;
    let store = server.open("", VAULT, "", "token");
    let (code, said) = read(&*store, "a", "k").await.unwrap_err();
    assert_eq!(
        (code, said.as_str()),
        ("store_unusable", "its answer cannot be used: it is larger than 1 MiB")
    );
}
