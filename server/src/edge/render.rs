//! From typed input to Traefik's JSON: pure, the same bytes for the same input.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use axum::body::Bytes;
use sha2::{Digest as _, Sha256};

use super::{
    CHALLENGE_PATH, INTERNAL, PING_PATH, VERSION_PATH, VERSION_ROUTER, WEB, WEBSECURE, certificate,
    document::{
        Attempts, Criterion, Dynamic, Encoded, Health, Http, InFlight, LoadBalancer, Middleware, Nothing,
        Pair, Redirect, Router, Server, Service, SetHeaders, Timeouts, Tls, TlsOptions, Transport, go,
    },
    input::{EdgeInput, Options, Route, Scheme, Servers},
    rule, servers,
};

/// The document, and what could not be part of it.
#[derive(Clone)]
pub struct Rendered {
    /// What Traefik reads. Holds private keys.
    pub json: Bytes,
    /// Changes when, and only when, `json` does: hexadecimal, fit for an `ETag`.
    pub version: String,
    /// The number of routes in it.
    pub routes: usize,
    /// What is not in it, or not whole, and why.
    pub left_out: Vec<LeftOut>,
}

/// Something that was left out, so that all else could be published (F28).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `domain 0190…`, `certificate 0190…`, `platform` or `skep`.
    pub what: String,
    /// Why, for people.
    pub why: String,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { json, version, routes, left_out } = self;
        write!(f, "Rendered {{ bytes: {}, version: {version}, routes: {routes}, {left_out:?} }}", json.len())
    }
}

/// Above all: nothing may stand between a CA and its answer.
const CHALLENGE: usize = 1_000_000;
/// Above every app.
const PLATFORM: usize = 900_000;
/// Plus the length of the path: the longer path wins.
const APP: usize = 1_000;

/// Traefik's own answer to who asks whether it is well.
const PING: &str = "ping@internal";
/// Skep's own servers.
const SKEP: &str = "skep";
const TRANSPORT: &str = "tasks";

/// Renders the document.
#[must_use]
pub fn render(input: &EdgeInput) -> Rendered {
    let mut draft = Draft { options: &input.options, http: Http::default(), left_out: Vec::new() };
    draft.shared();
    draft.skep(input);
    let routes = draft.routes(input);
    let tls = Tls {
        certificates: draft.certificates(input),
        options: BTreeMap::from([("default", TlsOptions { min_version: "VersionTLS12" })]),
    };
    let left_out = std::mem::take(&mut draft.left_out);
    let version = hex::encode(&Sha256::digest(in_json(&Dynamic { http: &draft.http, tls: &tls }))[..16]);
    // Whoever asks Traefik for it knows whether this very document is served.
    if let Some(rule) = rule::prefix(&format!("{VERSION_PATH}{version}")) {
        draft.router(VERSION_ROUTER.to_owned(), INTERNAL, &rule, APP, Vec::new(), PING);
    }
    let json = in_json(&Dynamic { http: &draft.http, tls: &tls });
    Rendered { json: json.into(), version, routes, left_out }
}

#[expect(clippy::expect_used, reason = "plain structs with text keys: there is nothing that JSON cannot say")]
fn in_json(document: &Dynamic<'_>) -> Vec<u8> {
    serde_json::to_vec(document).expect("JSON in memory")
}

struct Draft<'a> {
    options: &'a Options,
    http: Http<'a>,
    left_out: Vec<LeftOut>,
}

impl Draft<'_> {
    fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.left_out.push(LeftOut { what: what.into(), why: why.into() });
    }

    /// What all routes use by name.
    fn shared(&mut self) {
        let options = self.options;
        let dial_timeout = go(options.dial_timeout);
        let transport = Transport { forwarding_timeouts: Timeouts { dial_timeout } };
        self.http.servers_transports.insert(TRANSPORT, transport);
        let mut add = |name: &str, middleware| {
            self.http.middlewares.insert(name.to_owned(), middleware);
        };
        let port = options.https_port.map(|port| port.to_string());
        add("https", Middleware::RedirectScheme(Redirect { scheme: "https", port, permanent: true }));
        add("path", Middleware::EncodedCharacters(encoded(false)));
        add("path-slash", Middleware::EncodedCharacters(encoded(true)));
        if options.retry.attempts > 1 {
            let initial_interval = go(options.retry.initial_interval);
            let (attempts, timeout) = (options.retry.attempts, go(options.retry.timeout));
            add("retry", Middleware::Retry(Attempts { attempts, initial_interval, timeout }));
        }
        if let Some((header, value)) = &options.proof {
            let custom_request_headers = BTreeMap::from([(*header, value.expose().to_owned())]);
            add("proof", Middleware::Headers(SetHeaders { custom_request_headers }));
        }
        let mut limit = |name, amount: Option<u32>, source_criterion| {
            if let Some(amount) = amount {
                add(name, Middleware::InFlightReq(InFlight { amount, source_criterion }));
            }
        };
        limit("limit-client", options.limits.per_client, Criterion::IpStrategy { depth: 0 });
        limit("limit-route", options.limits.per_route, Criterion::RequestHost(true));
    }

    /// Challenges, the platform's own host, metrics, and whether the edge takes requests.
    fn skep(&mut self, input: &EdgeInput) {
        if let Some(rule) = rule::prefix(PING_PATH) {
            self.router("ping".to_owned(), WEB, &rule, CHALLENGE, Vec::new(), PING);
        }
        let (good, bad): (Vec<_>, Vec<_>) = input.skep.iter().partition(|url| servers::own(url));
        if !bad.is_empty() || good.is_empty() {
            self.leave_out("skep", "needs an address like `http://skep:3000`");
        }
        if !good.is_empty() {
            let urls = good.iter().map(|url| url.as_str().trim_end_matches('/').to_owned());
            self.service(SKEP.to_owned(), urls.collect(), None);
            if let Some(rule) = rule::prefix(CHALLENGE_PATH) {
                self.router("challenge".into(), WEB, &rule, CHALLENGE, Vec::new(), SKEP);
            }
            if let Some(platform) = &input.platform {
                match rule::route(platform.host.as_str(), "/") {
                    Some(rule) => {
                        let mut through = self.through(false, None);
                        if self.options.proof.is_some() {
                            through.insert(0, "proof".to_owned());
                        }
                        self.on(platform.scheme, "platform", &rule, PLATFORM, &through, SKEP);
                    }
                    None => self.leave_out("platform", "its host cannot be part of a rule"),
                }
            }
        }
        if let Some(token) = &input.options.metrics {
            let token = token.expose();
            let fit = (20..=200).contains(&token.len())
                && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            match rule::bearer("/metrics", token) {
                Some(rule) if fit => {
                    self.router("metrics".into(), INTERNAL, &rule, APP, Vec::new(), "prometheus@internal");
                }
                _ => self.leave_out("metrics", "the token must be 20 to 200 letters, digits, `-` and `_`"),
            }
        }
    }

    /// All routes that can be; their number. The oldest domain wins where two say the same.
    fn routes(&mut self, input: &EdgeInput) -> usize {
        let mut owners = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let mut routes: Vec<&Route> = input.routes.iter().collect();
        routes.sort_by_key(|route| route.id);
        let mut count = 0;
        for route in routes {
            let ours = input.platform.as_ref().is_some_and(|platform| platform.host == route.host);
            let owner = *owners.entry(&route.host).or_insert(route.app);
            let why = if ours {
                Some("its host is Skep's own")
            } else if owner != route.app {
                Some("its host belongs to another app")
            } else if !taken.insert((&route.host, &route.path)) {
                Some("its host and path are there already")
            } else {
                None
            };
            match why.map_or_else(|| self.route(route), |why| Err(why.into())) {
                Ok(()) => count += 1,
                Err(why) => self.leave_out(format!("domain {}", route.id), why),
            }
        }
        count
    }

    fn route(&mut self, route: &Route) -> Result<(), String> {
        let name = format!("d-{}", route.id);
        let rule = rule::route(route.host.as_str(), route.path.as_str())
            .ok_or("its host and path cannot be part of a rule")?;
        let urls = self.urls(route)?;
        let mut through = self.through(route.encoded_slash, Some(route));
        if route.strip && route.path.as_str() != "/" {
            let prefixes = [route.path.as_str().to_owned()];
            let at = through.len() - usize::from(self.options.retry.attempts > 1);
            through.insert(at, format!("{name}-strip"));
            self.http.middlewares.insert(format!("{name}-strip"), Middleware::StripPrefix { prefixes });
        }
        let health = route.health.as_ref().map(|health| Health {
            path: health.path.as_str().to_owned(),
            interval: go(health.interval),
            timeout: go(health.timeout),
            follow_redirects: false,
        });
        self.service(name.clone(), urls, health);
        self.on(route.scheme, &name, &rule, APP + route.path.as_str().len(), &through, &name);
        Ok(())
    }

    /// The servers of a route. None is no fault: visitors get 503.
    fn urls(&mut self, route: &Route) -> Result<Vec<String>, String> {
        let Servers::At(all) = &route.servers else { return Ok(Vec::new()) };
        let unfit = |server: &SocketAddr| servers::unfit(server, self.options.loopback);
        let good: BTreeSet<_> = all.iter().filter(|server| unfit(server).is_none()).collect();
        if let Some(why) = all.iter().find_map(unfit) {
            if good.is_empty() {
                return Err(why);
            }
            self.leave_out(format!("domain {}", route.id), why);
        }
        Ok(good.into_iter().map(|server| format!("http://{server}")).collect())
    }

    /// The middlewares that a request goes through, in order; the retry is next to the servers.
    fn through(&self, encoded_slash: bool, route: Option<&Route>) -> Vec<String> {
        let limits = self.options.limits;
        let limited = route.is_some();
        [
            Some(if encoded_slash { "path-slash" } else { "path" }),
            (limited && limits.per_client.is_some()).then_some("limit-client"),
            (limited && limits.per_route.is_some()).then_some("limit-route"),
            (self.options.retry.attempts > 1).then_some("retry"),
        ]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect()
    }

    /// Routers on the entry points that the scheme asks for.
    fn on(
        &mut self,
        scheme: Scheme,
        name: &str,
        rule: &str,
        priority: usize,
        through: &[String],
        service: &str,
    ) {
        if let Scheme::Https { .. } = scheme {
            self.router(name.to_owned(), WEBSECURE, rule, priority, through.to_vec(), service);
        }
        let through = match scheme {
            // Who comes by https through a proxy of the node's owner is not sent on, but goes on.
            Scheme::Https { redirect: true } => [&["https".to_owned()], through].concat(),
            Scheme::Https { redirect: false } | Scheme::Http => through.to_vec(),
        };
        self.router(format!("{name}-http"), WEB, rule, priority, through, service);
    }

    fn router(
        &mut self,
        name: String,
        entry_point: &'static str,
        rule: &str,
        priority: usize,
        middlewares: Vec<String>,
        service: &str,
    ) {
        let router = Router {
            entry_points: [entry_point],
            rule: rule.to_owned(),
            priority,
            middlewares,
            service: service.to_owned(),
            tls: (entry_point == WEBSECURE).then_some(Nothing {}),
        };
        self.http.routers.insert(name, router);
    }

    fn service(&mut self, name: String, urls: Vec<String>, health_check: Option<Health>) {
        let load_balancer = LoadBalancer {
            servers: urls.into_iter().map(|url| Server { url }).collect(),
            pass_host_header: true,
            servers_transport: TRANSPORT,
            health_check,
        };
        self.http.services.insert(name, Service { load_balancer });
    }

    fn certificates<'i>(&mut self, input: &'i EdgeInput) -> Vec<Pair<'i>> {
        let mut all: Vec<_> = input.certificates.iter().collect();
        all.sort_by_key(|certificate| certificate.id);
        let mut pairs = Vec::with_capacity(all.len());
        for certificate in all {
            match certificate::unfit(certificate) {
                Some(why) => self.leave_out(format!("certificate {}", certificate.id), why),
                None => {
                    pairs.push(Pair { cert_file: &certificate.chain, key_file: certificate.key.expose() })
                }
            }
        }
        pairs
    }
}

/// Encoded separators and ends (`\`, `;`, NUL, and `/` unless asked for) are where proxy and app
/// come to read different paths; an encoded `%`, `?` or `#` is an ordinary part of a file's name.
const fn encoded(slash: bool) -> Encoded {
    Encoded {
        allow_encoded_slash: slash,
        allow_encoded_percent: true,
        allow_encoded_question_mark: true,
        allow_encoded_hash: true,
        allow_encoded_back_slash: false,
        allow_encoded_null_character: false,
        allow_encoded_semicolon: false,
    }
}
