//! `skep domains set`: flags become the body of the request, field by field.
//!
//! To add an option: a flag here, and its line in [`Set::options`].

use serde_json::{Map, Value, json};

use crate::cli::client::fault::Failure;

/// What is to be other than before; what is not given stays.
#[derive(Debug, clap::Args)]
#[group(id = "changes")]
pub(in crate::cli) struct Set {
    /// Only requests under this path
    #[arg(long = "to-path", value_name = "PATH")]
    to_path: Option<String>,
    /// Take the path off before the app sees the request
    #[arg(long, value_name = "BOOL")]
    strip: Option<bool>,
    /// The port in the container
    #[arg(long)]
    port: Option<u16>,
    /// The service of a Compose app
    #[arg(long)]
    service: Option<String>,
    /// Serve over HTTPS and redirect http
    #[arg(long, value_name = "BOOL")]
    https: Option<bool>,
    /// Send the host with `www.` (or without it) on to this one
    #[arg(long, value_name = "BOOL")]
    redirect_www: Option<bool>,
    /// Put in front of the path
    #[arg(long, value_name = "PATH")]
    add_prefix: Option<String>,
    /// Among routes of one host the higher is asked first, 0 to 100
    #[arg(long)]
    priority: Option<u8>,
    /// http, h2c, https or https_unverified
    #[arg(long)]
    backend: Option<String>,
    /// Let %2F in paths through
    #[arg(long, value_name = "BOOL")]
    encoded_slash: Option<bool>,
    /// Only visitors from this range; several times
    #[arg(long, value_name = "RANGE")]
    allow: Vec<String>,
    /// Requests of one client: AVERAGE[/SECONDS[/BURST]]
    #[arg(long, value_name = "RATE")]
    rate: Option<String>,
    /// Requests of one client at once
    #[arg(long, value_name = "COUNT")]
    in_flight: Option<u64>,
    /// The longest body of a request; answers to anything but GET are then held until they are whole
    #[arg(long, value_name = "BYTES")]
    body_bytes: Option<u64>,
    /// How long the app may take to answer
    #[arg(long, value_name = "SECONDS")]
    response_seconds: Option<u32>,
    /// How long an unused connection to the app is kept
    #[arg(long, value_name = "SECONDS")]
    idle_seconds: Option<u32>,
    /// Visitors sign in with Skep, and need this right at the app: `view`; `none`: nobody is asked
    #[arg(long, value_name = "RIGHT")]
    sign_in: Option<String>,
    /// Compress answers
    #[arg(long, value_name = "BOOL")]
    compress: Option<bool>,
    /// Nosniff, frame and referrer headers on answers
    #[arg(long, value_name = "BOOL")]
    security_headers: Option<bool>,
    /// Browsers come by HTTPS alone for so long: SECONDS[,subdomains[,preload]]
    #[arg(long, value_name = "HSTS")]
    hsts: Option<String>,
    /// A header that the app gets: NAME=VALUE; several times
    #[arg(long, value_name = "HEADER")]
    request_header: Vec<String>,
    /// A header of answers: NAME=VALUE; several times
    #[arg(long, value_name = "HEADER")]
    response_header: Vec<String>,
    /// Pages of this origin may read answers; several times
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<String>,
    /// A visitor stays with one task, by a cookie: lax, strict or none
    #[arg(long, value_name = "SAME_SITE")]
    sticky: Option<String>,
    /// Send visitors on: FROM=TO, for good; several times
    #[arg(long, value_name = "REDIRECT")]
    redirect: Vec<String>,
    /// A page of Skep's in place of the app's errors: `404`, `500-599`; several times
    #[arg(long, value_name = "STATUSES")]
    error_page: Vec<String>,
    /// Visitors get 503 and a page
    #[arg(long, value_name = "BOOL")]
    maintenance: Option<bool>,
    /// Who gets to the app in maintenance all the same; several times
    #[arg(long, value_name = "RANGE", requires = "maintenance")]
    maintenance_allow: Vec<String>,
    /// Ask visitors for this name and the password on standard input
    #[arg(long, value_name = "NAME")]
    pub(super) login: Option<String>,
    /// Ask visitors for nothing any more
    #[arg(long, conflicts_with = "login")]
    pub(super) no_logins: bool,
    /// Take an option away: `rate`, `cors`; several times
    #[arg(long, value_name = "OPTION")]
    clear: Vec<String>,
    /// Further options as JSON, as the API takes them: `{"cors": {"origins": ["*"], "max_age_seconds": 60}}`
    #[arg(long, value_name = "JSON")]
    options: Option<String>,
}

impl Set {
    /// The body of the request, without logins, for the domain as it is `now`.
    ///
    /// # Errors
    /// What was given cannot be read.
    pub(super) fn body(&self, now: &Value) -> Result<Map<String, Value>, Failure> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                body.insert(name.to_owned(), value);
            }
        };
        put("path", json!(self.to_path));
        put("strip", json!(self.strip));
        put("port", json!(self.port));
        put("service", json!(self.service));
        put("https", json!(self.https));
        put("redirect_www", json!(self.redirect_www));
        let options = self.options(now)?;
        if !options.is_empty() {
            put("options", Value::Object(options));
        }
        Ok(body)
    }

    fn options(&self, now: &Value) -> Result<Map<String, Value>, Failure> {
        let mut all = match self.options.as_deref().map(serde_json::from_str::<Value>) {
            None => Map::new(),
            Some(Ok(Value::Object(all))) => all,
            Some(_) => return Err(Failure::Usage("--options must be a JSON object".to_owned())),
        };
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                all.insert(name.to_owned(), value);
            }
        };
        put("add_prefix", json!(self.add_prefix));
        put("priority", json!(self.priority));
        put("backend", json!(self.backend));
        put("encoded_slash", json!(self.encoded_slash));
        put("allow", list(&self.allow));
        put("rate", self.rate.as_deref().map(rate).transpose()?.unwrap_or_default());
        put("in_flight", json!(self.in_flight));
        put("body_bytes", json!(self.body_bytes));
        if self.response_seconds.is_some() || self.idle_seconds.is_some() {
            let (response, idle) = (self.response_seconds, self.idle_seconds);
            put("timeouts", json!({"response_seconds": response, "idle_seconds": idle}));
        }
        put("compress", json!(self.compress));
        put("security_headers", json!(self.security_headers));
        put("hsts", self.hsts.as_deref().map(hsts).transpose()?.unwrap_or_default());
        put("request_headers", pairs("--request-header", &self.request_header)?);
        put("response_headers", pairs("--response-header", &self.response_header)?);
        if !self.cors_origin.is_empty() {
            put("cors", json!({"origins": self.cors_origin}));
        }
        if let Some(same_site) = &self.sticky {
            put("sticky", json!({"same_site": same_site}));
        }
        if let Value::Object(redirects) = pairs("--redirect", &self.redirect)? {
            let one = |(from, to)| json!({"from": from, "to": to, "permanent": true});
            put("redirects", redirects.into_iter().map(one).collect());
        }
        if !self.error_page.is_empty() {
            put("errors", json!({"statuses": self.error_page}));
        }
        if let Some(on) = self.maintenance {
            // Its page and all else is kept for the next time.
            let mut maintenance = now["options"]["maintenance"].as_object().cloned().unwrap_or_default();
            maintenance.insert("on".to_owned(), json!(on));
            if !self.maintenance_allow.is_empty() {
                maintenance.insert("allow".to_owned(), json!(self.maintenance_allow));
            }
            put("maintenance", Value::Object(maintenance));
        }
        if let Some(right) = self.sign_in.as_deref() {
            let asked = if right == "none" { Value::Null } else { json!({ "right": right }) };
            all.insert("sign_in".to_owned(), asked);
        }
        for name in &self.clear {
            all.insert(name.clone(), Value::Null);
        }
        Ok(all)
    }
}

/// The list; nothing, if it is empty.
fn list(all: &[String]) -> Value {
    if all.is_empty() { Value::Null } else { json!(all) }
}

/// `NAME=VALUE` lines as an object.
fn pairs(flag: &str, all: &[String]) -> Result<Value, Failure> {
    let mut object = Map::new();
    for one in all {
        let Some((name, value)) = one.split_once('=') else {
            return Err(Failure::Usage(format!("{flag} must be NAME=VALUE")));
        };
        object.insert(name.to_owned(), json!(value));
    }
    Ok(if object.is_empty() { Value::Null } else { Value::Object(object) })
}

fn rate(text: &str) -> Result<Value, Failure> {
    let numbers: Option<Vec<u32>> = text.split('/').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some([average]) => Ok(json!({"average": average})),
        Some([average, seconds]) => Ok(json!({"average": average, "seconds": seconds})),
        Some([average, seconds, burst]) => {
            Ok(json!({"average": average, "seconds": seconds, "burst": burst}))
        }
        _ => Err(Failure::Usage("--rate must be AVERAGE[/SECONDS[/BURST]]: 100/60".to_owned())),
    }
}

fn hsts(text: &str) -> Result<Value, Failure> {
    let parts: Vec<&str> = text.split(',').collect();
    let usage = || Failure::Usage("--hsts must be SECONDS[,subdomains[,preload]]: 31536000".to_owned());
    let seconds: u32 = parts.first().and_then(|first| first.parse().ok()).ok_or_else(usage)?;
    let known = ["subdomains", "preload"];
    if !parts.iter().skip(1).all(|part| known.contains(part)) {
        return Err(usage());
    }
    let has = |name| parts.contains(&name);
    Ok(json!({"seconds": seconds, "subdomains": has("subdomains"), "preload": has("preload")}))
}
