//! What Pebble can refuse stands on the page: its own words, its problem type, and what to do. And two
//! replicas that want one certificate place one order.

use std::{net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};
use skep::{
    acme::{AcmeIssuer, dns::Resolver, fake::FakeVisitor},
    cli::dashboard::dashboard,
    db,
    deploy::parts::Parts,
    domain::{
        certificate::Certificate,
        certificate::State as Standing,
        clock::{Clock as _, SystemClock},
        host_pattern::HostPattern,
        id::JobId,
        job::Work,
    },
    http::{self, Limits},
    jobs::Worker,
    reconcile,
};
use skep_tests::{app::TestApp, client::Client, database::TestDb, db_test, parts::pebble::Pebble};
use tokio_util::sync::CancellationToken;

/// All names lead here, as far as we know.
struct Here;

#[async_trait]
impl Resolver for Here {
    async fn addresses(&self, _: &skep::domain::domain_name::Hostname) -> Result<Vec<IpAddr>, String> {
        Ok(vec![[127, 0, 0, 1].into()])
    }
}

/// An instance with an app, whose certificates Pebble gives.
struct Scene {
    app: TestApp,
    parts: Parts,
    owner: Client,
    pebble: Pebble,
    /// Of the app, in the API.
    path: String,
}

/// Gives the answers that are laid in SQL; another one where somebody else has the host.
async fn answer(State(parts): State<Parts>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    if host.starts_with("impostor") {
        return "somebody else's answer".into_response();
    }
    let mut tx = parts.db.read().await.unwrap();
    let found = db::acme::challenge(&mut tx, &token, parts.clock.now()).await.unwrap();
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), axum::response::IntoResponse::into_response)
}

impl Scene {
    async fn new(db: TestDb, bad_nonces: u8, slow: u8, further: Value) -> Self {
        // The port is known before Pebble starts, what answers there only once there is a database.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pebble = Pebble::with(port, bad_nonces, slow, further).await;
        let directory = pebble.directory();
        let app = TestApp::with(db, |instance, _| {
            instance.public_addresses = vec![[127, 0, 0, 1].into()];
            instance.acme_directory = directory;
        });
        let issuer = AcmeIssuer::new(Arc::new(SystemClock), Some(&pebble.ca_file())).unwrap();
        let parts = Parts {
            issuer: Arc::new(issuer.within(Duration::from_secs(15))),
            resolver: Arc::new(Here),
            visitor: Arc::new(FakeVisitor::well()),
            ..app.parts.clone()
        };
        let challenges =
            Router::new().route("/.well-known/acme-challenge/{token}", get(answer)).with_state(parts.clone());
        tokio::spawn(async move { axum::serve(listener, challenges).await.unwrap() });
        let pages = dashboard(parts.clone());
        let state = http::State::with_dashboard(parts.clone(), Limits::default(), app.stop.clone(), pages);
        let owner = app.program().await.through(http::router(state));
        let project = owner.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let source = json!({"kind": "image", "image": "nginx:1"});
        let body = json!({"environment": project["environments"][0]["id"], "name": "web", "source": source});
        let made = owner.post("/api/v1/apps", body).await.ok(201);
        let path = format!("/api/v1/apps/{}", made["id"].as_str().unwrap());
        Self { app, parts, owner, pebble, path }
    }

    async fn add(&self, host: &str) {
        self.owner.post(&format!("{}/domains", self.path), json!({ "host": host })).await.ok(201);
    }

    async fn row(&self, host: &str) -> Certificate {
        let mut tx = self.parts.db.read().await.unwrap();
        db::acme::by_host(&mut tx, &HostPattern::parse(host).unwrap()).await.unwrap().unwrap()
    }

    /// Time passes until the host's next try is due, and it is made.
    async fn next(&self, host: &str) -> Certificate {
        let wait = self.row(host).await.next_try_at - self.app.clock.now();
        self.app.clock.advance(wait.max(chrono::Duration::zero()));
        let mut tx = self.parts.db.write().await.unwrap();
        let work = Work::Certificate { host: host.to_owned() };
        db::job::enqueue(&mut tx, JobId::new(&SystemClock), &work, &format!("certificate:{host}"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Worker::new(self.parts.clone(), CancellationToken::new()).drain().await.unwrap();
        self.row(host).await
    }

    /// The host fails, and the page says all of this.
    async fn fails(&self, host: &str, words: &[&str]) {
        let row = self.next(host).await;
        assert_eq!(row.state, Standing::Failed, "{host}: {row:?}");
        let answer = self.owner.get("/certificates").await;
        assert_eq!(answer.status, 200);
        let page = answer.text.replace("&#x27;", "'").replace("&#39;", "'").replace("&quot;", "\"");
        assert!(page.contains(host));
        for word in words.iter().chain(&["What to do: ", "Failed"]) {
            assert!(page.contains(word), "{host}: the page does not say {word:?}: {:?}\n{page}", row.reason);
        }
        println!("{host}: {}", row.reason.unwrap());
    }
}

db_test! {
    async fn every_refusal_of_pebble_stands_on_the_page(db: TestDb) {
        let blocked = json!({"domainBlocklist": ["blocked.example.org"]});
        let mut scene = Scene::new(db, 50, 0, blocked).await;

        scene.add("refused.example.org").await;
        let elsewhere = json!({"host": "refused.example.org.", "addresses": ["127.0.0.2"]});
        scene.pebble.dns("add-a", elsewhere).await;
        let words = ["urn:ietf:params:acme:error:connection", "refused", "port 80 of every address"];
        scene.fails("refused.example.org", &words).await;

        scene.add("broken.example.org").await;
        scene.pebble.dns("set-servfail", json!({"host": "broken.example.org."})).await;
        scene.fails("broken.example.org", &["urn:ietf:params:acme:error:", "broken.example.org", "try"]).await;

        scene.add("impostor.example.org").await;
        let words = ["urn:ietf:params:acme:error:unauthorized", "somebody else's answer", "A and AAAA records"];
        scene.fails("impostor.example.org", &words).await;

        scene.add("blocked.example.org").await;
        let words = ["urn:ietf:params:acme:error:rejectedIdentifier", "blocked.example.org", "another name"];
        scene.fails("blocked.example.org", &words).await;

        // Somebody who takes the call and says nothing.
        scene.add("silent.example.org").await;
        let port = tokio::net::TcpListener::bind(("127.0.0.3", scene.pebble.http())).await.unwrap();
        scene.pebble.dns("add-a", json!({"host": "silent.example.org.", "addresses": ["127.0.0.3"]})).await;
        scene.fails("silent.example.org", &["next try"]).await;
        drop(port);

        // One that is well, between all these, with half of all nonces refused.
        scene.add("well.example.org").await;
        assert_eq!(scene.next("well.example.org").await.state, Standing::Issued);
        let page = scene.owner.get("/certificates").await.text;
        assert!(page.contains("well.example.org") && page.contains("Valid") && page.contains("Pebble"), "{page}");

        // The CA forgets us: it is said, and the next try makes a new account.
        scene.pebble.restart().await;
        scene.add("forgotten.example.org").await;
        let words = ["urn:ietf:params:acme:error:accountDoesNotExist", "account"];
        scene.fails("forgotten.example.org", &words).await;
        assert_eq!(scene.next("forgotten.example.org").await.state, Standing::Issued);

        // It is away.
        scene.pebble.kill();
        scene.add("away.example.org").await;
        scene.fails("away.example.org", &["CA cannot be reached", "backup directory"]).await;
    }

    async fn who_needs_a_key_from_elsewhere_is_told_so_and_then_served(db: TestDb) {
        let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        let strict = json!({"externalAccountBindingRequired": true, "externalAccountMACKeys": {"kid-1": key}});
        let scene = Scene::new(db, 0, 0, strict).await;
        scene.add("shop.example.org").await;
        let words = ["urn:ietf:params:acme:error:externalAccountRequired", "EAB"];
        scene.fails("shop.example.org", &words).await;
        // Without the key the directory is not taken; with it the account is made.
        let body = |kid: &str, hmac: &str| json!({"address": scene.pebble.directory(), "external_key": kid, "hmac": hmac, "key_type": "ecdsa-p384"});
        let refused = scene.owner.post("/api/v1/directories", body("", "")).await;
        assert_eq!((refused.status.as_u16(), &refused.json["errors"][0]["field"]), (422, &json!("external_key")), "{}", refused.text);
        let made = scene.owner.post("/api/v1/directories", body("kid-1", key)).await.ok(201);
        assert!(!made.to_string().contains(key));
        let row = scene.next("shop.example.org").await;
        assert_eq!(row.state, Standing::Issued, "{row:?}");
    }

    async fn two_replicas_place_one_order(db: TestDb) {
        // Slow, and half of all nonces refused: there is time to be in each other's way.
        let scene = Scene::new(db, 50, 3, json!({})).await;
        for number in 0..4 {
            scene.add(&format!("h{number}.example.org")).await;
        }
        let rounds = async || {
            for _ in 0..3 {
                reconcile::certificates_round(scene.parts.clone()).await.unwrap();
                Worker::new(scene.parts.clone(), CancellationToken::new()).drain().await.unwrap();
            }
        };
        tokio::join!(rounds(), rounds());
        let mut tx = scene.parts.db.read().await.unwrap();
        let all = db::acme::all(&mut tx).await.unwrap();
        // The four, and the host that Skep made.
        assert_eq!(all.len(), 5);
        assert!(all.iter().all(|row| row.state == Standing::Issued), "{all:?}");
        assert_eq!(scene.pebble.output().matches("Added order").count(), 5);
    }
}
