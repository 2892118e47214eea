//! What reading the access log costs an edge: lines a second on one thread, and memory.

use std::{fmt::Write as _, sync::Arc, time::Instant};

use skep::{
    domain::{clock::SystemClock, id::DomainId},
    edge::traffic::{Edge, fake::FakeSkep, run},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Lines that are read.
const LINES: usize = 500_000;
/// Domains that they are about, each with two backends.
const DOMAINS: u128 = 1_000;

/// One line for the figures.
pub async fn traffic() {
    let mut text = String::new();
    for n in 0..DOMAINS * 5 {
        let domain = DomainId::from_uuid(Uuid::from_u128(n % DOMAINS));
        let status = [200, 200, 301, 404, 503][(n / DOMAINS) as usize];
        let _ = writeln!(
            text,
            r#"{{"ClientAddr":"203.0.113.9:37402","ClientHost":"203.0.113.9","ClientPort":"37402","ClientUsername":"-","DownstreamContentSize":3000,"DownstreamStatus":{status},"Duration":{duration},"OriginContentSize":3000,"OriginDuration":4859622,"OriginStatus":{status},"Overhead":71356,"RequestAddr":"h{n}.example.org","RequestContentSize":0,"RequestCount":{n},"RequestHost":"h{n}.example.org","RequestMethod":"GET","RequestPath":"/orders/{n}/items","RequestPort":"-","RequestProtocol":"HTTP/2.0","RequestScheme":"https","RetryAttempts":0,"RouterName":"d-{domain}@http","ServiceAddr":"10.0.1.{host}:8080","ServiceName":"d-{domain}@http","ServiceURL":"http://10.0.1.{host}:8080","StartLocal":"2026-11-22T19:14:57.721773139Z","StartUTC":"2026-11-22T19:14:57.721773139Z","TLSCipher":"TLS_AES_128_GCM_SHA256","TLSVersion":"1.3","entryPointName":"websecure","level":"info","msg":"","time":"2026-11-22T19:14:57Z"}}"#,
            duration = 1_000_000 + (n % 977) * 100_000,
            host = n % 2 + 5,
        );
    }
    let before = memory();
    let skep = Arc::new(FakeSkep::default());
    let edge = Edge { id: Uuid::from_u128(1), node: "bench".to_owned(), lost: Arc::default() };
    let times = LINES / (DOMAINS as usize * 5);
    let pieces = (0..times).map(|_| text.as_bytes()).collect::<Vec<_>>();
    let lines = tokio_util::io::StreamReader::new(futures::stream::iter(
        pieces.into_iter().map(Ok::<_, std::io::Error>),
    ));
    let began = Instant::now();
    run(lines, edge, skep.clone(), Arc::new(SystemClock), None, CancellationToken::new()).await;
    let took = began.elapsed().as_secs_f64();
    let bytes: usize = skep.heard().counted.iter().flat_map(|c| &c.windows).map(|w| w.counts.len()).sum();
    println!(
        "access log: {:.0} lines a second on one thread, {DOMAINS} domains; {:.1} MiB more with {} KiB of counts held",
        LINES as f64 / took,
        memory() - before,
        bytes / 1024,
    );
}

/// MiB of this process.
fn memory() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("our status");
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).expect("a number") / 1024.0
}
