//! Over a real socket: slow and large heads, and an orderly end.

use std::time::Duration;

use skep::lifecycle;
use skep_tests::{app::TestApp, db_test};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

async fn answer(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut text)).await;
    String::from_utf8_lossy(&text).into_owned()
}

db_test! {
    async fn what_is_begun_is_finished_and_nothing_new_is_taken(db: TestDb) {
        let app = TestApp::with(db, |_, limits| limits.read = Duration::from_secs(5));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let server = tokio::spawn(lifecycle::serve(listener, app.router.clone(), stop.clone(), Duration::from_secs(10)));
        let mut begun = TcpStream::connect(address).await.expect("connected");
        let head = "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{";
        begun.write_all(head.as_bytes()).await.expect("written");
        // It has arrived when another one, sent later, is answered.
        let mut other = TcpStream::connect(address).await.expect("connected");
        other.write_all(b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("written");
        assert!(answer(other).await.starts_with("HTTP/1.1 200"));
        stop.cancel();
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(!server.is_finished(), "it waits for what is begun");
        begun.write_all(b"}").await.expect("written");
        let told = answer(begun).await;
        assert!(told.starts_with("HTTP/1.1 422"), "{told}");
        tokio::time::timeout(Duration::from_secs(5), server).await.expect("it ends").expect("well");
    }

    async fn case_133_a_head_that_is_too_large_is_refused(db: TestDb) {
        let app = TestApp::new(db);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let server = tokio::spawn(lifecycle::serve(listener, app.router.clone(), stop.clone(), Duration::from_secs(1)));
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let large = format!("GET /live HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "x".repeat(64 << 10));
        let _ = stream.write_all(large.as_bytes()).await;
        let told = answer(stream).await;
        assert!(told.starts_with("HTTP/1.1 431"), "{told}");
        stop.cancel();
        server.await.expect("it ends");
    }
}
