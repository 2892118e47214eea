//! How long the two largest pages take to draw: the overview with 1,000 apps, and a page of an app
//! with 10,000 deployments. Run with `--release`.

use std::{sync::Arc, time::Instant};

use axum::{body::Body, extract::Request};
use skep_web::{
    Visit,
    api::Time,
    fake::{Fake, Mood},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fake = Arc::new(Fake::new(Mood::Large(1_000), Time(1_790_000_000_000)));
    for path in [
        "/",
        "/environments/e-large",
        "/apps/a-0/deployments",
        "/apps/a-0/deployments?before=5000",
        "/apps/a-0/settings",
    ] {
        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..30 {
            let visit = Visit { nonce: "n".into(), now: Time(1_790_000_000_000) };
            let request = Request::get(path).body(Body::empty())?;
            let start = Instant::now();
            let response = skep_web::handle(request, fake.clone(), visit).await;
            bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?.len();
            times.push(start.elapsed());
        }
        times.sort();
        println!("{path}: median {:.1?}, slowest {:.1?}, {bytes} bytes", times[15], times[29]);
    }
    Ok(())
}
