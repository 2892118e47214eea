//! What edges counted: taken once, added up as it grows old, shown, and watched as it happens.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skep::{
    db,
    domain::{
        id::{AppId, DomainId},
        traffic::{Counts, error_share, percentile, rate},
    },
    reconcile::traffic_round,
};
use skep_tests::{
    app::TestApp,
    client::{Answer, Client},
    db_test,
};
use uuid::Uuid;

use crate::events::{Stream, image_app};

const EDGE: &str = "edge-token-edge-token-edge-token";

/// What was counted of a domain: so many requests that were answered with 2xx, one in ten with 5xx.
fn counts(requests: u64, backend: &str) -> String {
    let mut counts = Counts::default();
    for n in 0..requests {
        let class = if n % 10 == 9 { 5 } else { 2 };
        let tally = counts.tally(class, backend).0;
        tally.requests += 1;
        tally.bytes_out += 100;
        tally.latency.add(Duration::from_millis(n % 10 + 1));
    }
    counts.to_string()
}

fn paths(path: &str, times: u64) -> String {
    let mut counts = Counts::default();
    for _ in 0..times {
        counts.paths.add(path);
    }
    counts.countries.insert(*b"DE", times);
    counts.to_string()
}

struct Edge {
    client: Client,
    id: Uuid,
}

impl Edge {
    fn new(app: &TestApp, id: u128) -> Self {
        Self { client: Client::program(app.router.clone(), Some(EDGE)), id: Uuid::from_u128(id) }
    }

    async fn tell(&self, seq: i64, from: i64, until: i64, windows: Value) -> Answer {
        let counted = json!({"seq": seq, "from": from, "until": until, "uncounted": 0, "last": false, "windows": windows});
        self.send(json!({"counted": counted})).await
    }

    async fn send(&self, mut report: Value) -> Answer {
        report["edge"] = json!(self.id);
        report["node"] = json!("edge-1");
        self.client.post("/edge/traffic", report).await
    }
}

async fn domain(client: &Client, app: &str, host: &str) -> DomainId {
    let made = client.post(&format!("/api/v1/apps/{app}/domains"), json!({"host": host})).await.ok(201);
    made["id"].as_str().unwrap().parse().unwrap()
}

fn window(domain: DomainId, span: i64, at: i64, counts: &str) -> Value {
    json!({"domain": domain, "span": span, "at": at - at % span, "counts": counts})
}

db_test! {
    async fn a_report_counts_once_and_several_edges_add_up(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let id = image_app(&app, &owner).await;
        let (shop, api) = (domain(&owner, &id, "shop.example.org").await, domain(&owner, &id, "api.example.org").await);
        // A window is told when it is over.
        let now = app.parts.clock.now().timestamp() - 10;
        let (one, two) = (Edge::new(&app, 1), Edge::new(&app, 2));
        let gone = DomainId::new(&*app.parts.clock);
        let windows = json!([
            window(shop, 10, now, &counts(100, "10.0.1.5:80")), window(api, 10, now, &counts(10, "10.0.1.6:80")),
            window(gone, 10, now, &counts(7, "10.0.1.7:80")), window(shop, 300, now, &paths("/orders/*", 60)),
        ]);
        for _ in 0..3 {
            one.tell(1, now - 10, now, windows.clone()).await.ok(200);
        }
        two.tell(1, now - 10, now, json!([window(shop, 10, now, &counts(50, "10.0.1.5:80"))])).await.ok(200);
        // An answer was lost, and what came after it was taken: what is older is no news.
        one.tell(2, now, now, json!([])).await.ok(200);
        one.tell(1, now - 10, now, windows).await.ok(200);

        let path = format!("/api/v1/apps/{id}/traffic");
        let seen = owner.get(&path).await.ok(200);
        let sum = &seen["sum"];
        assert_eq!((&sum["requests"], &sum["classes"]), (&json!(160), &json!([0, 144, 0, 0, 16])), "{sum}");
        assert_eq!((&sum["bytes_out"], &sum["error_share"]), (&json!(16_000), &json!(0.1)));
        assert!((sum["p50"].as_f64().unwrap() - 5.0).abs() <= 5.0 / 16.0, "{sum}");
        let by = |list: &str, key: &str, name: &str| {
            let all = seen[list].as_array().unwrap();
            all.iter().find(|of| of[key] == name).map(|of| of["requests"].clone())
        };
        assert_eq!(by("backends", "backend", "10.0.1.5:80"), Some(json!(150)));
        assert_eq!(by("domains", "host", "api.example.org"), Some(json!(10)));
        assert_eq!(seen["paths"], json!([{"name": "/orders/*", "requests": 60, "over": 0}]));
        assert_eq!(seen["countries"], json!([{"name": "DE", "requests": 60, "over": 0}]));
        let points = seen["points"].as_array().unwrap();
        assert_eq!(points.iter().map(|point| point["requests"].as_u64().unwrap()).sum::<u64>(), 160);
        assert!(points.iter().any(|point| point["requests"] == 160), "they are of one window");
        let of_one = owner.get(&format!("{path}?domain={api}&step=10")).await.ok(200);
        assert_eq!((&of_one["sum"]["requests"], &of_one["step"]), (&json!(10), &json!(10)));
        owner.get(&format!("{path}?domain={gone}")).await.refused(422, "invalid");
        owner.get(&format!("{path}?step=7")).await.refused(422, "invalid");
        owner.get(&format!("{path}?from=2020-01-01T00:00:00Z")).await.refused(422, "invalid");
    }

    async fn only_the_edges_token_opens_and_nonsense_is_refused(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let id = image_app(&app, &owner).await;
        let shop = domain(&owner, &id, "shop.example.org").await;
        let now = app.parts.clock.now().timestamp() - 10;
        for client in [app.stranger(), owner.same(), Client::program(app.router.clone(), Some("edge-token"))] {
            client.post("/edge/traffic", json!({"nonsense": true})).await.refused(401, "edge_token_wrong");
        }
        let edge = Edge::new(&app, 1);
        for windows in [
            json!([window(shop, 10, now, "c 2 - 1 0 0 0")]),
            json!([window(shop, 10, now, "hunter2")]),
            json!([window(shop, 60, now, "")]),
            json!([window(shop, 10, now + 86_400, "")]),
            json!([{"domain": shop, "span": 10, "at": 7, "counts": ""}]),
        ] {
            edge.tell(1, now - 10, now, windows).await.refused(422, "invalid");
        }
        edge.tell(1, now, now - 10, json!([])).await.refused(422, "invalid");
        edge.tell(0, now - 10, now, json!([])).await.refused(422, "invalid");
        edge.send(json!({"lines": [{"domain": "x"}]})).await.refused(422, "invalid");
        // What was refused is not taken for told.
        edge.tell(1, now - 10, now, json!([window(shop, 10, now, &counts(3, "-"))])).await.ok(200);
        let seen = owner.get(&format!("/api/v1/apps/{id}/traffic")).await.ok(200);
        assert_eq!(seen["sum"]["requests"], 3);
        assert_eq!(seen["missing"], json!([]));
    }

    async fn old_counts_are_added_up_and_none_is_lost(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let id = image_app(&app, &owner).await;
        let shop = domain(&owner, &id, "shop.example.org").await;
        let edge = Edge::new(&app, 1);
        let spans = async || {
            let mut tx = app.parts.db.read().await.unwrap();
            let rows = db::traffic::of_app(&mut tx, id.parse::<AppId>().unwrap(), None, 0, i64::MAX).await.unwrap();
            let mut all = Counts::default();
            rows.iter().for_each(|row| all.merge(&row.counts.parse().unwrap()));
            let requests: u64 = all.groups.iter().map(|group| group.tally.requests).sum();
            let mut spans: Vec<i64> = rows.iter().map(|row| row.span).collect();
            spans.sort_unstable();
            (spans, requests, all)
        };
        let mut sent = 0;
        for seq in 1..=60 {
            app.pass(10);
            let now = app.parts.clock.now().timestamp();
            let windows = json!([window(shop, 10, now, &counts(10, "10.0.1.5:80")), window(shop, 300, now, &paths("/a", 10))]);
            edge.tell(seq, now - 10, now, windows).await.ok(200);
            sent += 10;
        }
        let (before, requests, exact) = spans().await;
        assert_eq!((before.iter().filter(|span| **span == 10).count(), requests), (60, sent));
        traffic_round(app.parts.clone()).await.unwrap();
        assert_eq!(spans().await.0, before, "nothing is old yet");
        for (days, left) in [(0, 300), (2, 3_600), (30, 86_400)] {
            app.pass(days * 86_400 + 3 * 3_600);
            // Two servers at once: each count is moved by one of them.
            for _ in 0..2 {
                let (a, b) = tokio::join!(traffic_round(app.parts.clone()), traffic_round(app.parts.clone()));
                a.and(b).unwrap();
            }
            let (spans, requests, sum) = spans().await;
            assert!(spans.iter().all(|span| *span == left) && spans.len() <= 4, "{left}: {spans:?}");
            assert_eq!(requests, sent);
            assert_eq!((&sum.groups[0].tally, sum.paths.entries()), (&exact.groups[0].tally, exact.paths.entries()));
        }
        let year = owner.get(&format!("/api/v1/apps/{id}/traffic?from={}", (app.parts.clock.now() - chrono::Duration::days(300)).format("%FT%TZ"))).await.ok(200);
        assert_eq!((&year["sum"]["requests"], &year["step"]), (&json!(sent), &json!(604_800)));
        app.pass(400 * 86_400);
        traffic_round(app.parts.clone()).await.unwrap();
        assert_eq!(spans().await.1, 0, "a year is kept");
    }

    async fn what_is_missing_is_told(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let id = image_app(&app, &owner).await;
        domain(&owner, &id, "shop.example.org").await;
        let start = app.parts.clock.now().timestamp();
        let edge = Edge::new(&app, 1);
        let path = format!("/api/v1/apps/{id}/traffic");
        let missing = async || {
            let seen = owner.get(&path).await.ok(200);
            let gaps = seen["missing"].as_array().unwrap().clone();
            let second = |gap: &Value, key: &str| gap[key].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp() - start;
            gaps.iter().map(|gap| (second(gap, "from"), second(gap, "to"), gap["requests"].as_i64().unwrap())).collect::<Vec<_>>()
        };
        edge.tell(1, start - 10, start, json!([])).await.ok(200);
        app.pass(20);
        assert_eq!(missing().await, [], "it may still come");
        app.pass(100);
        assert_eq!(missing().await, [(0, 120, 0)], "it did not come until now");
        // It comes back, and had to let go what it counted in a minute.
        let counted = json!({"seq": 9, "from": start + 60, "until": start + 120, "uncounted": 17, "last": false, "windows": []});
        edge.send(json!({"counted": counted})).await.ok(200);
        assert_eq!(missing().await, [(0, 60, 17)]);
        // It dies, and nobody hears of it any more.
        app.pass(700);
        assert_eq!(missing().await, [(0, 60, 17), (120, 820, 0)]);
        traffic_round(app.parts.clone()).await.unwrap();
        app.pass(60);
        assert_eq!(missing().await, [(0, 60, 17), (120, 720, 0)]);
        // Another one ends as it should: nothing is missing of it.
        let now = app.parts.clock.now().timestamp();
        let last = json!({"seq": 1, "from": now - 10, "until": now, "uncounted": 0, "last": true, "windows": []});
        Edge::new(&app, 2).send(json!({"counted": last})).await.ok(200);
        app.pass(300);
        assert_eq!(missing().await.len(), 2);
    }

    async fn a_canary_is_asked_by_its_backends(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let id = image_app(&app, &owner).await;
        let shop = domain(&owner, &id, "shop.example.org").await;
        let now = app.parts.clock.now().timestamp();
        let edge = Edge::new(&app, 1);
        let windows = json!([
            window(shop, 10, now - 60, &counts(1_000, "10.0.1.5:80")),
            window(shop, 10, now, &counts(90, "10.0.1.5:80")), window(shop, 10, now, &counts(10, "10.0.1.9:80")),
        ]);
        edge.tell(1, now - 70, now, windows).await.ok(200);
        let mut tx = app.parts.db.read().await.unwrap();
        let since = skep::db::traffic::since(&mut tx, id.parse().unwrap(), now - now % 10).await.unwrap();
        let (old, new) = (&since["10.0.1.5:80"], &since["10.0.1.9:80"]);
        assert_eq!((old.requests(), new.requests()), (90, 10));
        assert_eq!((rate(old, 10.0), error_share(new)), (9.0, Some(0.1)));
        assert!(percentile(new, 0.95).unwrap() > Duration::from_millis(9));
    }

    async fn requests_are_watched_as_they_end_and_only_by_who_may(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let id = image_app(&app, &owner).await;
        let (shop, api) = (domain(&owner, &id, "shop.example.org").await, domain(&owner, &id, "api.example.org").await);
        let path = format!("/events/apps/{id}/requests");
        app.foreigner().await.get(&path).await.refused(404, "not_found");
        app.stranger().get(&path).await.refused(401, "sign_in");
        let edge = Edge::new(&app, 1);
        assert_eq!(edge.send(json!({})).await.ok(200)["watch"], json!([]), "nobody watches");
        let mut stream = Stream::open(&owner, &format!("{path}?domain={shop}")).await;
        let line = |domain: DomainId, status: u16| json!({
            "domain": domain, "at": "2026-11-22T12:00:00.5Z", "method": "GET", "host": "shop.example.org", "path": "/cart",
            "protocol": "HTTP/2.0", "status": status, "micros": 12_345, "bytes": 3_000, "client": "203.0.113.9",
            "backend": "10.0.1.5:80", "retries": 1,
        });
        let tells = async {
            loop {
                let watch = edge.send(json!({})).await.ok(200)["watch"].clone();
                if watch == json!([shop]) {
                    break;
                }
                assert_eq!(watch, json!([]));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            edge.send(json!({"lines": [line(api, 200), line(shop, 502)], "skipped": 4})).await.ok(200);
        };
        let (first, ()) = tokio::join!(stream.next(), tells);
        let (_, told) = first.unwrap();
        let wanted = "GET shop.example.org/cart 502 12.3 ms 3000 B from 203.0.113.9 by HTTP/2.0, asked 2 times";
        assert_eq!((&told["text"], &told["replica"], &told["stderr"]), (&json!(wanted), &json!("10.0.1.5:80"), &json!(true)));
        let (_, gap) = stream.next().await.unwrap();
        assert_eq!((&gap["kind"], &gap["count"]), (&json!("gap"), &json!(4)));
        drop(stream);
        app.pass(10);
        assert_eq!(edge.send(json!({})).await.ok(200)["watch"], json!([]), "nobody watches any more");
    }

    async fn a_thousand_domains_leave_room_for_others(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let id: AppId = image_app(&app, &owner).await.parse().unwrap();
        let first = domain(&owner, &id.to_string(), "shop.example.org").await;
        let mut tx = app.parts.db.write().await.unwrap();
        let pattern = db::domain_name::of_app(&mut tx, id).await.unwrap().remove(0);
        let mut all = vec![first];
        for n in 1..1_000 {
            let host = skep::domain::domain_name::Hostname::parse(&format!("h{n}.example.org")).unwrap();
            let domain = skep::domain::domain_name::Domain { id: DomainId::new(&*app.parts.clock), host: host.into(), ..pattern.clone() };
            db::domain_name::own(&mut tx, &domain.host, id).await.unwrap();
            db::domain_name::insert(&mut tx, &domain).await.unwrap();
            all.push(domain.id);
        }
        tx.commit().await.unwrap();
        let (edge, text) = (Edge::new(&app, 1), counts(40, "10.0.1.5:80"));
        let now = app.parts.clock.now().timestamp();
        let reports = async {
            let began = Instant::now();
            for round in 0..10 {
                let at = now - 100 + round * 10;
                for (piece, domains) in all.chunks(250).enumerate() {
                    let windows: Vec<Value> = domains.iter().map(|domain| window(*domain, 10, at, &text)).collect();
                    edge.tell(round * 4 + piece as i64 + 1, at, at + 10, json!(windows)).await.ok(200);
                }
            }
            began.elapsed() / 10
        };
        let others = async {
            let mut slowest = Duration::ZERO;
            for n in 0..100 {
                let began = Instant::now();
                let mut tx = app.parts.db.write().await.unwrap();
                db::setting::put(&mut tx, "beside", &n.to_string()).await.unwrap();
                tx.commit().await.unwrap();
                slowest = slowest.max(began.elapsed());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            slowest
        };
        let (window, slowest) = tokio::join!(reports, others);
        println!("1,000 domains: {window:?} for all counts of a window; the slowest write beside: {slowest:?}");
        assert!(slowest < Duration::from_secs(2), "{slowest:?}");
        let began = Instant::now();
        let seen = owner.get(&format!("/api/v1/apps/{id}/traffic")).await.ok(200);
        assert_eq!(seen["sum"]["requests"], 10 * 1_000 * 40);
        println!("10,000 rows are shown in {:?}", began.elapsed());
        app.pass(3 * 3_600);
        let began = Instant::now();
        let mut rounds = 0;
        loop {
            rounds += 1;
            traffic_round(app.parts.clone()).await.unwrap();
            let mut tx = app.parts.db.read().await.unwrap();
            if db::traffic::old(&mut tx, 10, i64::MAX, 1).await.unwrap().is_empty() {
                break;
            }
            assert!(rounds < 50, "they come to an end");
        }
        println!("10,000 rows are added up in {rounds} rounds, {:?}", began.elapsed());
    }
}
