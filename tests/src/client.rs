//! A browser or a program that talks with the router as one over the network would.

use std::{collections::BTreeMap, net::SocketAddr, sync::Mutex};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// The host that the tests' server is asked for.
pub const HOST: &str = "127.0.0.1:3000";

/// Somebody who asks.
pub struct Client {
    router: Router,
    token: Option<String>,
    browser: bool,
    /// Cookies, as the browser keeps them.
    pub cookies: Mutex<BTreeMap<String, String>>,
    peer: SocketAddr,
    headers: Vec<(String, String)>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, if it is JSON.
    pub json: Value,
    /// The body.
    pub text: String,
}

impl Client {
    /// A browser: keeps cookies, and says where a write comes from.
    #[must_use]
    pub fn browser(router: Router) -> Self {
        Self {
            router,
            token: None,
            browser: true,
            cookies: Mutex::default(),
            peer: SocketAddr::from(([192, 0, 2, 1], 40_000)),
            headers: Vec::new(),
        }
    }

    /// A program with a token, or none.
    #[must_use]
    pub fn program(router: Router, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), browser: false, ..Self::browser(router) }
    }

    /// The same from another network address.
    #[must_use]
    pub fn from(mut self, ip: [u8; 4]) -> Self {
        self.peer = SocketAddr::from((ip, 40_000));
        self
    }

    /// The same with a header more in each request.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another browser with the same cookies.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self::browser(self.router.clone());
        copy.cookies.lock().expect("cookies").clone_from(&self.cookies.lock().expect("cookies"));
        copy
    }

    /// Another client with the same token.
    #[must_use]
    pub fn same(&self) -> Self {
        Self { browser: self.browser, ..Self::program(self.router.clone(), self.token.as_deref()) }
    }

    /// The token that it shows.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same client before another router.
    #[must_use]
    pub fn through(&self, router: Router) -> Self {
        Self { router, ..self.same() }
    }

    /// A request as this client makes it.
    ///
    /// # Panics
    /// The path or a header is none.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(&method).uri(path).header(header::HOST, HOST);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if self.browser {
            let cookies = self.cookies.lock().expect("cookies");
            if !cookies.is_empty() {
                let all: Vec<String> =
                    cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request = request.header(header::COOKIE, all.join("; "));
            }
            if !matches!(method, Method::GET | Method::HEAD) && !self.has("origin") {
                request = request.header(header::ORIGIN, format!("http://{HOST}"));
            }
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.extension(ConnectInfo(self.peer))
    }

    fn has(&self, header: &str) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
    }

    /// Sends a request; the head of the answer is there, its body may still come.
    ///
    /// # Panics
    /// Never: the router always answers.
    pub async fn send(&self, request: Request<Body>) -> axum::response::Response {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        if self.browser {
            let mut cookies = self.cookies.lock().expect("cookies");
            for set in response.headers().get_all(header::SET_COOKIE) {
                let line = set.to_str().expect("a cookie");
                let (name, rest) = line.split_once('=').expect("a cookie");
                let value = rest.split(';').next().unwrap_or_default();
                if rest.contains("Max-Age=0") {
                    cookies.remove(name);
                } else {
                    cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        response
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Panics
    /// The answer's body breaks off.
    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.send(request).await.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    /// `GET`
    ///
    /// # Panics
    /// See [`Client::ask`].
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(self.request(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    /// `POST` with a JSON body.
    ///
    /// # Panics
    /// See [`Client::ask`].
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    /// `PATCH` with a JSON body.
    ///
    /// # Panics
    /// See [`Client::ask`].
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PATCH, path, body).await
    }

    /// `DELETE`
    ///
    /// # Panics
    /// See [`Client::ask`].
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(self.request(Method::DELETE, path).body(Body::empty()).expect("a request")).await
    }

    /// Any method with a JSON body.
    ///
    /// # Panics
    /// See [`Client::ask`].
    pub async fn json(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        self.ask(request.body(Body::from(body.to_string())).expect("a request")).await
    }
}

impl Answer {
    /// The body of an answer that is as wanted.
    ///
    /// # Panics
    /// It has another status.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json
    }

    /// The problem of an answer that refuses, with its shape checked (RFC 9457).
    ///
    /// # Panics
    /// It has another status or code, or is no problem document.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let problem = self.json;
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text);
        assert_eq!(problem["code"], code, "{}", self.text);
        assert_eq!(problem["type"], format!("urn:skep:problem:{code}"));
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.headers["x-request-id"].to_str().expect("an id"));
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        problem
    }
}
