//! Signed deliveries at a steady rate: how many are accepted, and how quickly, with the database
//! durable. Sent when they are due, whatever the answers take.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use skep::{domain::secret::Secret, git::deliveries::sign};

use super::server::Server;

/// The budget.
const SLOW: Duration = Duration::from_millis(5);
/// What comes later than that after a slow one is another stall.
const APART: Duration = Duration::from_millis(50);

/// An app's webhook.
pub struct Hook {
    path: String,
    secret: Secret,
    image: String,
}

impl Hook {
    /// A webhook of `app`, which runs `image` (without a tag).
    pub async fn of(server: &Server, app: &str, image: &str) -> Self {
        let hook = server.post(&format!("/api/v1/apps/{app}/webhooks"), json!({"provider": "generic"})).await;
        let url = hook["url"].as_str().expect("a URL");
        let path = url[url.find("/hooks/").expect("a path")..].to_owned();
        Self {
            path,
            secret: Secret::new(hook["secret"].as_str().expect("a secret")),
            image: image.to_owned(),
        }
    }

    /// A delivery that says that the image was pushed anew as `1`.
    pub fn pushed(&self, server: &Server, delivery: &str) -> RequestBuilder {
        let body = json!({"image": self.image, "tag": "1"}).to_string();
        server
            .at(&self.path, Client::post)
            .header("content-type", "application/json")
            .header("x-skep-event", "image")
            .header("x-skep-delivery", delivery)
            .header("x-skep-signature-256", sign(&self.secret, body.as_bytes()))
            .body(body)
    }
}

/// `rate` deliveries a second for `time`, spread over `apps` apps.
pub async fn steady(server: &Server, apps: usize, rate: u32, time: Duration) {
    let hooks = hooks(server, apps).await;
    let total = rate * u32::try_from(time.as_secs()).expect("seconds");
    // Signed before: the sender's work is not the server's.
    let requests: Vec<_> =
        (0..total).map(|n| hooks[n as usize % apps].pushed(server, &n.to_string())).collect();
    let begin = Instant::now();
    let mut sent = Vec::new();
    for (n, request) in (0..).zip(requests) {
        let due = begin + Duration::from_secs(1) * n / rate;
        tokio::time::sleep_until(due.into()).await;
        sent.push(tokio::spawn(async move {
            let sent = Instant::now();
            let status = request.send().await.map_or(0, |answer| answer.status().as_u16());
            (status, sent.elapsed(), sent - begin)
        }));
    }
    let mut times = Vec::new();
    let mut refused = 0;
    let mut slow = Vec::new();
    for each in sent {
        match each.await.expect("a request") {
            (202, took, at) => {
                if took > SLOW {
                    slow.push((at, took));
                }
                times.push(took);
            }
            _ => refused += 1,
        }
    }
    let took = begin.elapsed().as_secs_f64();
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, |t| t.as_secs_f64() * 1000.0);
    println!(
        "webhooks: {} accepted durably in {took:.1} s ({:.0}/s), {refused} refused; p50 {:.1} ms, p99 {:.1} ms",
        times.len(),
        times.len() as f64 / took,
        at(50),
        at(99),
    );
    println!("{}", stalls(&slow));
}

/// When those came that were slow: a stall delays all that come within it, so that they stand together.
fn stalls(slow: &[(Duration, Duration)]) -> String {
    let mut groups: Vec<(Duration, Duration, usize, Duration)> = Vec::new();
    for &(at, took) in slow {
        match groups.last_mut() {
            Some((_, last, count, worst)) if at < *last + APART => {
                (*last, *count, *worst) = (at, *count + 1, took.max(*worst));
            }
            _ => groups.push((at, at, 1, took)),
        }
    }
    groups.sort_by_key(|(.., worst)| std::cmp::Reverse(*worst));
    let mut line = format!("webhooks slower than {SLOW:?}: {}, in {} stalls", slow.len(), groups.len());
    for (from, _, count, worst) in groups.iter().take(12) {
        let _ = write!(
            line,
            "; {count} at {:.2} s, up to {:.0} ms",
            from.as_secs_f64(),
            worst.as_secs_f64() * 1e3
        );
    }
    line
}

async fn hooks(server: &Server, apps: usize) -> Vec<Hook> {
    let project = server.post("/api/v1/projects", json!({"name": "hooks"})).await;
    let environment: &Value = &project["environments"][0]["id"];
    let mut hooks = Vec::new();
    for i in 0..apps {
        let image = format!("registry.example.org/team/hook{i}");
        let source = json!({"kind": "image", "image": format!("{image}:1")});
        let app = json!({"environment": environment, "name": format!("hook{i}"), "source": source});
        let app = server.post("/api/v1/apps", app).await;
        hooks.push(Hook::of(server, app["id"].as_str().expect("an id"), &image).await);
    }
    hooks
}
