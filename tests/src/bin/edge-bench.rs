//! What a change and a poll cost the edge's configuration with thousands of domains: time, allocations,
//! memory. `edge-bench [DOMAINS]`; run by `tests/bench/run`.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use rcgen::{CertificateParams, Issuer, KeyPair};
use skep::{
    domain::{
        clock::SystemClock,
        domain_name::PathPrefix,
        host_pattern::HostPattern,
        id::{AppId, CertificateId, DomainId},
        secret::Secret,
    },
    edge::{Certificate, EdgeInput, Options, Published, Route, Scheme, Servers},
};

/// Counts what is asked of the system's allocator.
struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

#[expect(unsafe_code, reason = "an allocator can only be stood in for so; it hands everything on")]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: as it came.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as it came.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Time, allocations and bytes of one call, of `times`.
fn measured(what: &str, times: u32, mut work: impl FnMut()) {
    let before = (COUNT.load(Ordering::Relaxed), BYTES.load(Ordering::Relaxed));
    let began = Instant::now();
    (0..times).for_each(|_| work());
    let took: Duration = began.elapsed() / times;
    let count = (COUNT.load(Ordering::Relaxed) - before.0) / u64::from(times);
    let bytes = (BYTES.load(Ordering::Relaxed) - before.1) / u64::from(times);
    println!("edge: {what}: {took:?}, {count} allocations, {} KiB", bytes / 1024);
}

/// Of this process: KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

fn input(domains: usize) -> Result<EdgeInput, String> {
    let key = KeyPair::generate().map_err(|e| e.to_string())?;
    let root = Issuer::new(CertificateParams::default(), &key);
    let (mut routes, mut certificates) = (Vec::new(), Vec::new());
    for i in 0..domains {
        let text = format!("shop-{i}.example.org");
        let host = HostPattern::parse(&text).map_err(|wrong| wrong.message)?;
        let server = SocketAddr::from(([10, 0, u8::try_from(i / 250).unwrap_or(0), 7], 8080));
        routes.push(Route {
            id: DomainId::new(&SystemClock),
            app: AppId::new(&SystemClock),
            host: host.clone(),
            path: PathPrefix::parse("/").map_err(|wrong| wrong.message)?,
            strip: false,
            scheme: Scheme::Https { redirect: true },
            servers: Servers::At(vec![server]),
            trial: None,
            health: None,
            encoded_slash: false,
            other_host: None,
            options: Default::default(),
            logins: Vec::new(),
        });
        let key = KeyPair::generate().map_err(|e| e.to_string())?;
        let params = CertificateParams::new(vec![text]).map_err(|e| e.to_string())?;
        certificates.push(Certificate {
            id: CertificateId::new(&SystemClock),
            hosts: vec![host],
            chain: params.signed_by(&key, &root).map_err(|e| e.to_string())?.pem(),
            key: Secret::new(key.serialize_pem()),
        });
    }
    Ok(EdgeInput {
        skep: Vec::new(),
        platform: None,
        routes,
        ports: Vec::new(),
        certificates,
        options: Options::default(),
    })
}

fn main() -> Result<(), String> {
    let domains = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5_000);
    let mut input = input(domains)?;
    let published = Published::new();
    let before = resident();
    published.offer(input.clone(), Instant::now());
    let size = published.current().map_or(0, |document| document.json.len()) / 1024;
    println!(
        "edge: {domains} domains with a certificate each: {size} KiB of JSON, {} MiB more in memory",
        (resident() - before) / 1024
    );
    measured("the same again", 10, || {
        published.offer(input.clone(), Instant::now());
    });
    let mut port = 1;
    measured("one route changed", 10, || {
        port += 1;
        if let Some(route) = input.routes.first_mut() {
            route.servers = Servers::At(vec![SocketAddr::from(([10, 0, 0, 7], port))]);
        }
        published.offer(input.clone(), Instant::now());
    });
    measured("a poll", 1_000_000, || {
        std::hint::black_box(published.current());
    });
    Ok(())
}
