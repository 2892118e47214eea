//! A server with pages, a provider that says what it is told, and browsers that go there and back.

use std::sync::Arc;

use axum::{Router, body::Body, http::Method, http::header};
use serde_json::{Value, json};
use skep::{
    cli::dashboard::dashboard,
    db,
    http::{self, Limits, State},
    sso::{SsoError, Vouched, Voucher, fake::FakeVoucher},
};
use skep_tests::{
    app::{ADMIN, SETUP_TOKEN, TestApp},
    client::{Answer, Client, HOST},
    database::TestDb,
};

/// A password that is long enough.
pub const PASSWORD: &str = "a password that is long";

/// A server, and what it believes.
pub struct Scene {
    pub app: TestApp,
    pub router: Router,
    pub says: Arc<FakeVoucher>,
}

impl Scene {
    /// With a provider that says what a test tells it.
    pub fn new(db: TestDb) -> Self {
        let says = Arc::new(FakeVoucher::default());
        Self::with(db, says.clone(), says)
    }

    /// With this way to speak with providers.
    pub fn with(db: TestDb, voucher: Arc<dyn Voucher>, says: Arc<FakeVoucher>) -> Self {
        let mut app = TestApp::with(db, |instance, _| {
            instance.public_url = Some(format!("http://{HOST}/").parse().unwrap());
            instance.allow_addresses = vec!["127.0.0.0/8".to_owned()];
        });
        app.parts.voucher = voucher;
        let pages = dashboard(app.parts.clone());
        app.state = State::with_dashboard(app.parts.clone(), Limits::default(), app.stop.clone(), pages);
        let router = http::router(app.state.clone());
        app.router = router.clone();
        Self { app, router, says }
    }

    pub fn browser(&self) -> Client {
        Client::browser(self.router.clone())
    }

    /// The first admin, who owns the instance and its first team.
    pub async fn admin(&self) -> Client {
        let browser = self.browser();
        let body = json!({"token": SETUP_TOKEN, "email": ADMIN.0, "password": ADMIN.1});
        browser.post("/api/v1/setup", body).await.ok(201);
        browser
    }

    /// Somebody with a password who was invited to the team that `owner` looks at.
    pub async fn member(&self, owner: &Client, email: &str, role: &str) -> Client {
        let invited = owner.post("/api/v1/invitations", json!({"email": email, "role": role})).await.ok(201);
        let browser = self.browser();
        let body = json!({"code": invited["code"], "password": PASSWORD});
        browser.post("/api/v1/invitations/accept", body).await.ok(201);
        browser
    }

    /// A provider of the team that `owner` looks at.
    pub async fn provider(&self, owner: &Client, mappings: Value) -> String {
        id(&owner.post("/api/v1/sso", provider("team", mappings)).await.ok(201))
    }

    /// Says who comes back from the provider.
    pub fn vouch(&self, subject: &str, groups: &[&str]) {
        self.says.say(Ok(vouched(subject, groups)));
    }

    /// To the provider and back, all as it should be.
    pub async fn sign_in(&self, browser: &Client, provider: &str) -> Answer {
        let state = go(browser, provider).await;
        back(browser, &format!("code=code&state={state}")).await
    }

    /// The same for somebody in these groups, who is let in.
    pub async fn come_in(&self, provider: &str, subject: &str, groups: &[&str]) -> Client {
        self.vouch(subject, groups);
        let browser = self.browser();
        let answer = self.sign_in(&browser, provider).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser
    }

    /// How many people there are.
    pub async fn people(&self) -> i64 {
        let mut tx = self.app.parts.db.read().await.unwrap();
        db::identity::count_users(&mut tx).await.unwrap()
    }
}

/// The body of a provider.
pub fn provider(of: &str, mappings: Value) -> Value {
    json!({
        "of": of, "name": "Acme <ID>", "kind": "oidc", "issuer": "https://login.example.org", "client": "skep",
        "secret": "hunter2-hunter2", "mappings": mappings,
    })
}

/// A mapping in the whole team.
pub fn map(group: Option<&str>, role: &str) -> Value {
    json!({"group": group, "place": {"kind": "team"}, "role": role})
}

pub fn vouched(subject: &str, groups: &[&str]) -> Vouched {
    Vouched {
        subject: subject.to_owned(),
        email: Some(format!("{subject}@acme.example")),
        verified: true,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

pub fn wrong(code: &'static str) -> SsoError {
    SsoError::Wrong { code, message: "the <b>token</b> is wrong".to_owned() }
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// Off to the provider; the state that went along.
pub async fn go(browser: &Client, provider: &str) -> String {
    state_of(&browser.get(&format!("/login/go/{provider}?next=/team")).await)
}

/// The state in the address that an answer leads to.
pub fn state_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let to = url::Url::parse(answer.headers[header::LOCATION].to_str().unwrap()).unwrap();
    to.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

/// Back from the provider.
pub async fn back(browser: &Client, query: &str) -> Answer {
    browser.get(&format!("/login/callback?{query}")).await
}

/// Sends a form of a page.
pub async fn form(browser: &Client, path: &str, fields: &str) -> Answer {
    let request = browser.request(Method::POST, path);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    browser.ask(request.body(Body::from(fields.to_owned())).unwrap()).await
}

/// What somebody may do somewhere in their team.
pub async fn rights(browser: &Client) -> Vec<String> {
    let team = browser.get("/api/v1/team").await.ok(200);
    team["somewhere"].as_array().unwrap().iter().map(|right| right.as_str().unwrap().to_owned()).collect()
}

/// The refused entries of the audit log that `owner` reads: action, code.
pub async fn refusals(owner: &Client, chain: &str) -> Vec<(String, String)> {
    let log = owner.get(&format!("/api/v1/audit?chain={chain}&outcome=refused&limit=200")).await.ok(200);
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (text(entry, "action"), text(entry, "code")))
        .collect()
}
