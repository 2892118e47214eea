//! From typed input to Traefik's JSON: pure, the same bytes for the same input.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Bytes;
use sha2::{Digest as _, Sha256};

use super::{
    CHALLENGE_PATH, GATE_PATH, INTERNAL, PING_PATH, VERSION_PATH, VERSION_ROUTER, WEB, WEBSECURE,
    certificate,
    document::{
        Attempts, Criterion, Dynamic, Encoded, Http, InFlight, Middleware, Nothing, Pair, Redirect, Router,
        SetHeaders, Timeouts, Tls, TlsOptions, Transport, go,
    },
    input::{EdgeInput, Options, Route, Scheme},
    options, page_path, ports, rule, servers,
};
use crate::domain::{
    id::DomainId,
    route::{ErrorPages, Maintenance, Ranges},
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
    /// What visitors of a domain see in place of its app, where that is not Skep's own page.
    pub pages: BTreeMap<DomainId, Pages>,
    /// What is not in it, or not whole, and why.
    pub left_out: Vec<LeftOut>,
}

/// A domain's own pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// While the app is away on purpose.
    pub maintenance: Option<Maintenance>,
    /// In place of its errors.
    pub errors: Option<ErrorPages>,
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
        let Self { json, version, routes, pages, left_out } = self;
        let (bytes, pages) = (json.len(), pages.len());
        write!(
            f,
            "Rendered {{ bytes: {bytes}, version: {version}, routes: {routes}, pages: {pages}, {left_out:?} }}"
        )
    }
}

/// Above all: nothing may stand between a CA and its answer.
const CHALLENGE: usize = 1_000_000;
/// Above every app.
const PLATFORM: usize = 900_000;
/// Plus the length of the path: the longer path wins.
const APP: usize = 100_000;
/// For each step of an app's own priority: more than any path is long.
const STEP: usize = 300;
/// The same for wildcards: below every exact host, whatever the path and the priority.
const WILDCARD: usize = 1;

/// Traefik's own answer to who asks whether it is well.
const PING: &str = "ping@internal";
/// Skep's own servers.
const SKEP: &str = "skep";
pub(super) const TRANSPORT: &str = "tasks";
/// Traefik's service for routers that never get so far.
const NOWHERE: &str = "noop@internal";

/// Renders the document.
#[must_use]
pub fn render(input: &EdgeInput) -> Rendered {
    let mut draft = Draft { options: &input.options, http: Http::default(), at: None, left_out: Vec::new() };
    draft.shared();
    draft.skep(input);
    let routes = draft.routes(input);
    let tls = Tls {
        certificates: draft.certificates(input),
        options: BTreeMap::from([("default", TlsOptions { min_version: "VersionTLS12" })]),
    };
    let (tcp, udp, left_out) = ports::sections(input);
    draft.left_out.extend(left_out);
    let left_out = std::mem::take(&mut draft.left_out);
    let in_json = |http: &Http| in_json(&Dynamic { http, tls: &tls, tcp: &tcp, udp: &udp });
    let version = hex::encode(&Sha256::digest(in_json(&draft.http))[..16]);
    // Whoever asks Traefik for it knows whether this very document is served.
    if let Some(rule) = rule::prefix(&format!("{VERSION_PATH}{version}")) {
        draft.router(VERSION_ROUTER.to_owned(), INTERNAL, &rule, APP, Vec::new(), PING);
    }
    let json = in_json(&draft.http);
    Rendered { json: json.into(), version, routes, pages: pages(input), left_out }
}

/// The pages of those domains that have some of their own.
fn pages(input: &EdgeInput) -> BTreeMap<DomainId, Pages> {
    let of = |route: &Route| Pages {
        maintenance: route.options.maintenance.clone(),
        errors: route.options.errors.clone(),
    };
    let own = |pages: &Pages| pages.maintenance.is_some() || pages.errors.is_some();
    input.routes.iter().map(|route| (route.id, of(route))).filter(|(_, pages)| own(pages)).collect()
}

#[expect(clippy::expect_used, reason = "plain structs with text keys: there is nothing that JSON cannot say")]
fn in_json(document: &Dynamic<'_>) -> Vec<u8> {
    serde_json::to_vec(document).expect("JSON in memory")
}

pub(super) struct Draft<'a> {
    pub(super) options: &'a Options,
    pub(super) http: Http,
    /// Skep's own address, without a slash at its end.
    at: Option<String>,
    left_out: Vec<LeftOut>,
}

impl Draft<'_> {
    pub(super) fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.left_out.push(LeftOut { what: what.into(), why: why.into() });
    }

    /// What all routes use by name.
    fn shared(&mut self) {
        let options = self.options;
        let dial_timeout = go(options.dial_timeout);
        let forwarding_timeouts =
            Timeouts { dial_timeout, response_header_timeout: None, idle_conn_timeout: None };
        let transport = Transport { forwarding_timeouts, insecure_skip_verify: false };
        self.http.servers_transports.insert(TRANSPORT.to_owned(), transport);
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
            let urls: Vec<String> = urls.collect();
            self.at = urls.first().cloned();
            self.service(SKEP.to_owned(), urls);
            if let Some(rule) = rule::prefix(CHALLENGE_PATH) {
                self.router("challenge".into(), WEB, &rule, CHALLENGE, Vec::new(), SKEP);
            }
            if let Some(platform) = &input.platform {
                match rule::route(platform.host.as_str(), "/") {
                    Some(rule) => {
                        let mut through = self.through(false, false);
                        through.extend(self.retry());
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
        // A route's own host counts for more than one beside another's.
        let mut owners = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let mut routes: Vec<&Route> = input.routes.iter().collect();
        routes.sort_by_key(|route| route.id);
        for route in &routes {
            owners.entry(&route.host).or_insert(route.app);
        }
        let mut count = 0;
        for route in routes {
            let ours =
                input.platform.as_ref().is_some_and(|platform| platform.host.as_str() == route.host.as_str());
            let owner = *owners.entry(&route.host).or_insert(route.app);
            let other = route.other_host.as_ref();
            let strange = other.is_some_and(|host| {
                let platform =
                    input.platform.as_ref().is_some_and(|platform| platform.host.as_str() == host.as_str());
                platform || *owners.entry(host).or_insert(route.app) != route.app
            });
            let why = if ours {
                Some("its host is Skep's own")
            } else if owner != route.app {
                Some("its host belongs to another app")
            } else if !taken.insert((&route.host, &route.path)) {
                Some("its host and path are there already")
            } else {
                None
            };
            if strange {
                self.leave_out(format!("domain {}", route.id), "the host beside its own is somebody else's");
            }
            let alone;
            let route = if strange {
                alone = Route { other_host: None, ..route.clone() };
                &alone
            } else {
                route
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
        let skep = self.http.services.contains_key(SKEP).then_some(SKEP);
        if route.options.sign_in.is_some() && self.at.is_none() {
            return Err("its visitors are to sign in, and Skep's address is not known".to_owned());
        }
        let trial = self.trial_urls(route);
        let away = urls.is_empty() && trial.is_empty();
        let made = options::chain(&name, route, self.options, skep, self.at.as_deref()).made;
        let mut through = self.through(route.encoded_slash, true);
        through.extend(made.iter().map(|(name, _)| name.clone()));
        through.extend(self.retry());
        self.http.middlewares.extend(made);
        self.serve(route, &name, urls, trial);
        self.gate(route, &name);
        let rank = if route.host.is_wildcard() { WILDCARD } else { APP };
        let priority = rank + STEP * route.options.priority.map_or(0, |p| usize::from(p.get()));
        let priority = priority + route.path.as_str().len();
        // What nobody serves is answered by Skep's page; if Skep is gone, by Traefik's bare 503.
        let why = if route.options.in_maintenance() { "maintenance" } else { "away" };
        let Some(skep) = skep.filter(|_| away || route.options.in_maintenance()) else {
            self.app(route, &name, &rule, priority, &through);
            self.other_host(route, &name);
            return Ok(());
        };
        let allowed = route.options.maintenance.as_ref().and_then(|m| m.allow.as_ref()).filter(|_| !away);
        let allowed = allowed.map(Ranges::texts).unwrap_or_default();
        let unfit = "its ranges cannot be part of a rule";
        let page = format!("{name}-page");
        let path = page_path(route.id, why);
        self.http.middlewares.insert(page.clone(), Middleware::ReplacePath { path });
        let others = rule::not_from(&rule, &allowed).ok_or(unfit)?;
        self.on(route.scheme, &page.clone(), &others, priority, &["path".to_owned(), page], skep);
        if !allowed.is_empty() {
            let rule = rule::from(&rule, &allowed).ok_or(unfit)?;
            self.app(route, &name, &rule, priority, &through);
        }
        self.other_host(route, &name);
        Ok(())
    }

    /// The way back of visitors who signed in: Skep's, on the app's host.
    fn gate(&mut self, route: &Route, name: &str) {
        let rule = route.options.sign_in.and_then(|_| rule::route(route.host.as_str(), GATE_PATH));
        if let Some(rule) = rule {
            self.router(format!("{name}-gate"), WEBSECURE, &rule, PLATFORM, Vec::new(), SKEP);
        }
    }

    /// Routers to the app itself; requests with a body pass by its measure, if there is one.
    fn app(&mut self, route: &Route, name: &str, rule: &str, priority: usize, through: &[String]) {
        let Some(most) = route.options.body_bytes else {
            return self.on(route.scheme, name, rule, priority, through, name);
        };
        let body = format!("{name}-body");
        let limit = Middleware::Buffering { max_request_body_bytes: most.get() };
        self.http.middlewares.insert(body.clone(), limit);
        // Before the last one, the retry: what was held can be sent again.
        let (mut held, last) = (through.to_vec(), usize::from(self.options.retry.attempts > 1));
        held.insert(held.len() - last, body.clone());
        self.on(route.scheme, name, &rule::without_body(rule), priority, through, name);
        self.on(route.scheme, &body, &rule::with_body(rule), priority, &held, name);
    }

    /// Visitors of the host with or without `www.` are sent on; a route of that host itself comes first.
    fn other_host(&mut self, route: &Route, name: &str) {
        let Some(rule) = route.other_host.as_ref().and_then(|host| rule::route(host.as_str(), "/")) else {
            return;
        };
        let name = format!("{name}-other");
        let redirect = options::other_host(route, self.options.https_port);
        self.http.middlewares.insert(name.clone(), redirect);
        let scheme = match route.scheme {
            Scheme::Https { .. } => Scheme::Https { redirect: false },
            Scheme::Http => Scheme::Http,
        };
        self.on(scheme, &name, &rule, APP, std::slice::from_ref(&name), NOWHERE);
    }

    /// The middlewares that a request to whatever host goes through first, in order.
    fn through(&self, encoded_slash: bool, limited: bool) -> Vec<String> {
        let limits = self.options.limits;
        [
            Some(if encoded_slash { "path-slash" } else { "path" }),
            (limited && limits.per_client.is_some()).then_some("limit-client"),
            (limited && limits.per_route.is_some()).then_some("limit-route"),
        ]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect()
    }

    /// The retry, if there is one: next to the servers.
    fn retry(&self) -> Option<String> {
        (self.options.retry.attempts > 1).then(|| "retry".to_owned())
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
