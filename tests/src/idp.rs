//! The real OpenID provider of the lab (`tests/idp`), and a browser at it.

use std::{collections::BTreeMap, sync::Mutex};

use reqwest::{Method, Response, header, redirect::Policy};
use serde_json::{Value, json};

/// Where it is.
pub const IDP: &str = "SKEP_TEST_IDP";

/// The provider.
pub struct Idp {
    /// Its issuer.
    pub issuer: String,
    http: reqwest::Client,
}

impl Idp {
    /// That of the lab.
    ///
    /// # Panics
    /// There is none: no test is skipped for lack of a part.
    #[must_use]
    pub fn of_lab() -> Self {
        let issuer = std::env::var(IDP).unwrap_or_else(|_| panic!("{IDP} is not set; run tests/run"));
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
        Self { issuer, http }
    }

    /// Registers a client; its id and secret.
    ///
    /// # Panics
    /// The provider refuses.
    pub async fn register(&self, redirect: &str) -> (String, String) {
        let body = json!({"redirect_uris": [redirect]});
        let answer =
            self.http.post(format!("{}/reg", self.issuer)).json(&body).send().await.expect("an answer");
        let made: Value = answer.json().await.expect("a client");
        let text = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        (text("client_id"), text("client_secret"))
    }

    /// Makes or changes somebody, who is in these groups.
    ///
    /// # Panics
    /// The provider refuses.
    pub async fn person(&self, name: &str, groups: &[&str]) {
        let body = json!({"email": format!("{name}@acme.example"), "email_verified": true, "groups": groups});
        let request = self.http.put(format!("{}/people/{name}", self.issuer)).json(&body);
        assert_eq!(request.send().await.expect("an answer").status(), 204);
    }

    /// Signs in as somebody, in a browser that was never there, and comes back to us: path and query.
    ///
    /// # Panics
    /// The provider asks or answers something else.
    pub async fn sign_in(&self, to: &str, name: &str) -> String {
        let browser = Browser { http: &self.http, cookies: Mutex::default() };
        let form = browser.go(Method::GET, to, None).await;
        let sent = browser
            .go(Method::POST, &form, Some(&[("prompt", "login"), ("login", name), ("password", "x")]))
            .await;
        let back = browser.go(Method::GET, &sent, None).await;
        let back = url::Url::parse(&back).expect("an address");
        format!("{}?{}", back.path(), back.query().unwrap_or_default())
    }
}

struct Browser<'a> {
    http: &'a reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser<'_> {
    /// Where the answer leads.
    async fn go(&self, method: Method, url: &str, form: Option<&[(&str, &str)]>) -> String {
        let shown = {
            let cookies = self.cookies.lock().expect("cookies");
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
        };
        let request = self.http.request(method, url).header(header::COOKIE, shown);
        let request = if let Some(form) = form { request.form(form) } else { request };
        let answer = request.send().await.expect("an answer");
        self.keep(&answer);
        let status = answer.status();
        let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        let Some(to) = to else { panic!("{url}: {status} {}", answer.text().await.unwrap_or_default()) };
        url::Url::parse(url).and_then(|from| from.join(&to)).expect("an address").into()
    }

    fn keep(&self, answer: &Response) {
        let mut cookies = self.cookies.lock().expect("cookies");
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a cookie");
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
