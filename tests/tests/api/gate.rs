//! Visitors of an app sign in with Skep: sent to its host, back with a code, in by a cookie; and out at once.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use skep_tests::{
    app::TestApp,
    client::{Answer, Client},
    db_test,
};
use url::Url;

const HOST: &str = "shop.example.net";

/// An app with one domain, whose visitors are to sign in.
struct Gated {
    app: TestApp,
    admin: Client,
    domain: String,
    path: String,
}

impl Gated {
    async fn new(db: skep_tests::database::TestDb) -> Self {
        let app = TestApp::with(db, |instance, _| {
            instance.public_url = Some(Url::parse("https://skep.example.org").unwrap());
        });
        let admin = app.admin().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let body = json!({"environment": project["environments"][0]["id"], "name": "web",
            "source": {"kind": "image", "image": "nginx"}});
        let id = admin.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
        let all = format!("/api/v1/apps/{id}/domains");
        let made = admin.post(&all, json!({ "host": HOST })).await.ok(201);
        let domain = made["id"].as_str().unwrap().to_owned();
        let path = format!("{all}/{domain}");
        admin.patch(&path, json!({"options": {"sign_in": {}}})).await.ok(200);
        Self { app, admin, domain, path }
    }

    /// Traefik asks whether a visitor with these cookies may go on.
    async fn asks(&self, cookies: &str, accept: &str) -> Answer {
        let request = Request::builder()
            .uri(format!("/edge/gate/{}", self.domain))
            .header(header::HOST, "skep:3000")
            .header("x-forwarded-host", HOST)
            .header("x-forwarded-method", "GET")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-uri", "/cart?full=1")
            .header(header::ACCEPT, accept)
            .header(header::COOKIE, cookies);
        self.visits(request).await
    }

    /// The visitor's browser on the app's host.
    async fn comes_back(&self, to: &Url, host: &str, cookies: &str) -> Answer {
        let there = format!("{}?{}", to.path(), to.query().unwrap_or_default());
        let request =
            Request::builder().uri(there).header(header::HOST, host).header(header::COOKIE, cookies);
        self.visits(request).await
    }

    async fn visits(&self, request: axum::http::request::Builder) -> Answer {
        let peer = axum::extract::ConnectInfo(std::net::SocketAddr::from(([192, 0, 2, 9], 40_000)));
        self.app.stranger().ask(request.extension(peer).body(Body::empty()).unwrap()).await
    }
}

fn to(answer: &Answer) -> Url {
    assert_eq!(answer.status, 303, "{answer:?}");
    let to = answer.headers[header::LOCATION].to_str().unwrap();
    Url::options().base_url(Some(&Url::parse("https://here.example").unwrap())).parse(to).unwrap()
}

fn path(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// The cookie that was set, as it is shown again.
fn cookie(answer: &Answer, name: &str) -> String {
    let mut lines = answer.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let line = lines.find(|line| line.starts_with(&format!("{name}="))).unwrap();
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Secure"), "{line}");
    line.split(';').next().unwrap().to_owned()
}

db_test! {
    async fn a_visitor_signs_in_with_skep_and_comes_back_to_where_they_were(db: TestDb) {
        let gated = Gated::new(db).await;
        let first = gated.asks("", "text/html").await;
        let away = to(&first);
        assert_eq!(away.host_str(), Some("skep.example.org"));
        let word = cookie(&first, "__Host-skep-gate-state");

        // Not signed in yet: first to the login, and then here again.
        let login = to(&gated.app.browser().get(&path(&away)).await);
        assert_eq!(login.path(), "/login");
        assert_eq!(login.query_pairs().next().unwrap().1, path(&away));

        let browser = gated.admin.copy();
        let back = to(&browser.get(&path(&away)).await);
        assert_eq!((back.host_str(), back.path()), (Some(HOST), "/.well-known/skep/gate"));
        let passed = gated.comes_back(&back, HOST, &word).await;
        assert_eq!(passed.headers[header::LOCATION], "/cart?full=1");
        let pass = cookie(&passed, "__Host-skep-gate");

        let welcome = gated.asks(&pass, "application/json").await;
        assert_eq!(welcome.status, 200);
        assert!(welcome.headers["x-skep-user"].to_str().unwrap().contains('@'));
        // Signed out of Skep, out of the app.
        assert!(browser.post("/api/v1/logout", json!({})).await.status.is_success());
        assert_eq!(to(&gated.asks(&pass, "text/html").await).host_str(), Some("skep.example.org"));
    }

    async fn whoever_has_no_pass_of_their_own_stays_out(db: TestDb) {
        let gated = Gated::new(db).await;
        // What is no page is told so.
        gated.asks("", "application/json").await.refused(401, "sign_in");
        gated.asks("__Host-skep-gate=forged", "application/json").await.refused(401, "sign_in");
        // Not by the cookie of plain http, which any host beside could set.
        let browser = gated.admin.copy();
        let first = gated.asks("", "text/html").await;
        let (away, word) = (to(&first), cookie(&first, "__Host-skep-gate-state"));
        let back = to(&browser.get(&path(&away)).await);
        // A link with somebody else's code signs nobody in.
        for cookies in ["", "__Host-skep-gate-state=other", "skep-gate-state=x"] {
            assert_eq!(gated.comes_back(&back, HOST, cookies).await.status, 400, "{cookies}");
        }
        // Nor at another host, nor after its minute.
        assert_eq!(gated.comes_back(&back, "other.example.net", &word).await.status, 400);
        let pass = cookie(&gated.comes_back(&back, HOST, &word).await, "__Host-skep-gate");
        gated.asks(&pass.replace("-gate=", "="), "application/json").await.refused(401, "sign_in");
        // A code is no pass.
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        gated.asks(&format!("__Host-skep-gate={code}"), "application/json").await.refused(401, "sign_in");
        gated.app.pass(61);
        assert_eq!(gated.comes_back(&back, HOST, &word).await.status, 400);
        assert_eq!(gated.asks(&pass, "application/json").await.status, 200);
        gated.app.pass(12 * 3_600);
        gated.asks(&pass, "application/json").await.refused(401, "sign_in");
    }

    async fn nobody_is_sent_elsewhere_with_a_code(db: TestDb) {
        let gated = Gated::new(db).await;
        let browser = gated.admin.copy();
        for host in ["evil.example", "shop.example.net.evil.example", "*.example.net", ""] {
            let asked = format!("/gate/{}?host={host}&to=/&state=x", gated.domain);
            assert_eq!(browser.get(&asked).await.status, 404, "{host}");
        }
        for elsewhere in ["//evil.example", "https://evil.example", "%2F%5Cevil.example"] {
            let asked = format!("/gate/{}?host={HOST}&to={elsewhere}&state=x", gated.domain);
            let back = to(&browser.get(&asked).await);
            assert_eq!(back.query_pairs().find(|(name, _)| name == "to").unwrap().1, "/", "{elsewhere}");
        }
        // Whoever is in another team is not let in, and learns nothing of the app.
        let foreigner = gated.app.foreigner().await;
        assert!(matches!(foreigner.get(&format!("/gate/{}?host={HOST}&state=x", gated.domain)).await.status.as_u16(), 303 | 403 | 404));
    }

    async fn it_needs_https_and_a_host_of_skeps_own(db: TestDb) {
        let gated = Gated::new(db).await;
        let wrong = |answer: Value| answer["errors"][0]["field"].as_str().map(str::to_owned);
        let refused = gated.admin.patch(&gated.path, json!({"https": false})).await;
        assert_eq!(refused.status, 422);
        assert_eq!(wrong(refused.json).as_deref(), Some("options.sign_in"));
        let unknown = gated.admin.patch(&gated.path, json!({"options": {"sign_in": {"right": "fly"}}})).await;
        assert!(unknown.status.is_client_error(), "{unknown:?}");
        // A domain that asks nobody has no gate.
        gated.admin.patch(&gated.path, json!({"options": {"sign_in": null}})).await.ok(200);
        let browser = gated.admin.copy();
        assert_eq!(browser.get(&format!("/gate/{}?host={HOST}&state=x", gated.domain)).await.status, 404);
    }
}
