//! The small git host itself: what it serves and what it tells.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use skep::{
    domain::{
        delivery::Provider,
        push::{Event, Target},
        secret::Secret,
    },
    git::deliveries::{Secrets, parse, verify},
};
use skep_tests::{
    git_server::{Hook, Settings, TestGitServer},
    worktree::Worktree,
};
use tokio::sync::mpsc;

type Seen = Arc<Mutex<mpsc::UnboundedSender<(HeaderMap, Bytes)>>>;

async fn receiver() -> (String, mpsc::UnboundedReceiver<(HeaderMap, Bytes)>) {
    let (send, receive) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new()
        .route(
            "/hook",
            post(async |State(seen): State<Seen>, headers: HeaderMap, body: Bytes| {
                seen.lock().unwrap().send((headers, body)).unwrap();
            }),
        )
        .with_state(Arc::new(Mutex::new(send)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receive)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_told_by_a_signed_delivery() {
    let (hook_url, mut seen) = receiver().await;
    let server = TestGitServer::start(Settings::default()).await;
    let url = server.repository("team/app").await;
    let set = reqwest::Client::new()
        .put(format!("{}/-/hooks/team/app", server.url))
        .json(&Hook { url: hook_url, secret: "quiet".into() })
        .send()
        .await
        .unwrap();
    assert_eq!(set.status().as_u16(), 204);

    let tree = Worktree::new();
    tree.write("a.txt", "one");
    let first = tree.commit("One");
    tree.push(&url, "main:side");
    tree.write("b.txt", "two");
    let second = tree.commit("Two");
    tree.push(&url, "main:side");
    tree.push(&url, ":side");

    let mut told = Vec::new();
    for _ in 0..3 {
        let (headers, body) = seen.recv().await.unwrap();
        let now = chrono::DateTime::from_timestamp(0, 0).unwrap();
        verify(Provider::Generic, &headers, &body, Secrets::only(&Secret::new("quiet")), now).unwrap();
        let refused = verify(Provider::Generic, &headers, &body, Secrets::only(&Secret::new("loud")), now);
        assert_eq!(refused.unwrap_err().code, "signature_invalid");
        match parse(Provider::Generic, &headers, &body).unwrap().remove(0) {
            Event::Push(push) => told.push(push),
            other => panic!("{other:?}"),
        }
    }
    told.sort_by_key(|push| (push.after.is_none(), push.before.is_some()));
    assert_eq!(told[0].after.as_ref().unwrap().as_str(), first);
    assert_eq!(told[0].target, Target::Branch("side".parse().unwrap()));
    assert_eq!(told[1].before.as_ref().unwrap().as_str(), first);
    assert_eq!(told[1].after.as_ref().unwrap().as_str(), second);
    assert_eq!(told[1].paths.as_deref(), Some(["b.txt".to_owned()].as_slice()));
    assert_eq!(told[1].head.as_ref().unwrap().message.trim(), "Two");
    assert_eq!((told[2].after.as_ref(), told[2].before.as_ref().unwrap().as_str()), (None, second.as_str()));
    assert!(told.iter().all(|push| push.repository == ["team/app"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_wanted_for_everything() {
    let login = Some(("ada".to_owned(), "pass".to_owned()));
    let server = TestGitServer::start(Settings { login, ..Settings::default() }).await;
    let url = server.repository("app").await;
    let tree = Worktree::new();
    tree.commit("One");
    assert!(tree.try_git(&["push", &url, "main"]).is_err());
    assert!(tree.try_git(&["ls-remote", &url]).is_err());
    let signed_in = url.replace("http://", "http://ada:pass@");
    tree.push(&signed_in, "main");
    let put = reqwest::Client::new().put(format!("{}/-/repositories/x", server.url)).send().await.unwrap();
    assert_eq!(put.status().as_u16(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_push_and_clone_pass_whole() {
    let server = TestGitServer::start(Settings::default()).await;
    let url = server.repository("app").await;
    let tree = Worktree::new();
    // Text that does not compress: a pack of over 4 MB goes in chunks.
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(4 << 20)
    .collect();
    tree.write("noise", &noise);
    tree.commit("Noise");
    tree.push(&url, "main");
    let other = Worktree::new();
    other.git(&["fetch", "--quiet", &url, "main"]);
    other.git(&["checkout", "--quiet", "FETCH_HEAD"]);
    assert_eq!(std::fs::read(other.path().join("noise")).unwrap(), noise);
}
