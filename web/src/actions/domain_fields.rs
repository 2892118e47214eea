//! The fields of a domain's page, and how they become the change that the API takes: a field is called
//! by its path in there, so that a fault finds its field.
//!
//! To add an option: its fields in the part where people look for it.

use serde_json::{Map, Value, json};

use crate::{
    api::{Error, Fault},
    http::Form,
};

/// How a field is entered.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// One line of text.
    Text,
    /// A whole number.
    Number,
    /// A box to tick.
    Tick,
    /// A list, a line each.
    Lines,
    /// Names with values, `Name: value`, a line each.
    Pairs,
    /// A page.
    Html,
    /// One of these values, with their texts; the first one is empty.
    Pick(&'static [(&'static str, &'static str)]),
    /// Rows of redirects.
    Redirects,
    /// Rows of names and passwords.
    Logins,
}

/// A field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its path in the change: `options.rate.average`.
    pub path: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What it means; what it is without it.
    pub hint: &'static str,
    /// How it is entered.
    pub kind: Kind,
}

/// Fields that are saved together.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// By this the form is known.
    pub key: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// The fields.
    pub fields: &'static [Field],
}

const fn field(path: &'static str, label: &'static str, kind: Kind, hint: &'static str) -> Field {
    Field { path, label, hint, kind }
}

use Kind::{Html, Lines, Logins, Number, Pairs, Pick, Redirects, Text, Tick};

/// All parts, in the order of the page.
pub const PARTS: &[Part] = &[
    Part {
        key: "general",
        title: "Where it leads",
        about: "",
        fields: &[
            field("path", "Path", Text, "Only requests under it; `/` for all."),
            field("port", "Port of the app", Number, ""),
            field("service", "Service", Text, "Of a Compose file."),
            field("options.add_prefix", "Path in front", Text, "Put before the path, as the app sees it."),
            field(
                "options.priority",
                "Priority",
                Number,
                "0 to 100. The higher of a host's routes is asked first.",
            ),
            field("options.backend", "Spoken to by", Pick(BACKENDS), ""),
            field("strip", "Take the path off before the app sees it", Tick, ""),
            field("https", "HTTPS", Tick, "With a certificate; http is redirected."),
            field(
                "redirect_www",
                "Redirect the name with or without www to this one",
                Tick,
                "It becomes the app's, too.",
            ),
            field(
                "options.encoded_slash",
                "Let %2F in paths through",
                Tick,
                "Else such a request is refused.",
            ),
        ],
    },
    Part {
        key: "access",
        title: "Access",
        about: "Who gets to the app at all.",
        fields: &[
            field(
                "logins",
                "Logins",
                Logins,
                "Visitors are asked for one of them. An empty password keeps the present one, an empty name takes the login away.",
            ),
            field(
                "options.sign_in.right",
                "Sign in with Skep",
                Pick(SIGN_INS),
                "The app gets the visitor's address in X-Skep-User. Needs HTTPS, and a domain of the dashboard's own.",
            ),
            field(
                "options.allow",
                "Only from",
                Lines,
                "Address ranges, a line each: `192.0.2.0/24`. Empty: everybody.",
            ),
        ],
    },
    Part {
        key: "limits",
        title: "Limits",
        about: "What one visitor may ask for, and how long the app may take.",
        fields: &[
            field(
                "options.rate.average",
                "Requests",
                Number,
                "Of one address, on average. Empty: as many as they like.",
            ),
            field("options.rate.seconds", "In so many seconds", Number, "One if empty."),
            field("options.rate.burst", "At most in a row", Number, "As many as above if empty."),
            field("options.in_flight", "Requests at once", Number, "Of one address."),
            field(
                "options.body_bytes",
                "Longest body in bytes",
                Number,
                "Bodies, and the answers to anything but GET, are then held until they are whole.",
            ),
            field(
                "options.timeouts.response_seconds",
                "Seconds until an answer begins",
                Number,
                "504 after that.",
            ),
            field(
                "options.timeouts.idle_seconds",
                "Seconds that a connection is kept",
                Number,
                "90 if empty.",
            ),
        ],
    },
    Part {
        key: "headers",
        title: "Headers",
        about: "Whoever sees the app sees these. Put secrets into variables.",
        fields: &[
            field(
                "options.request_headers",
                "For the app",
                Pairs,
                "Name: value, a line each. Without a value it is taken away.",
            ),
            field(
                "options.response_headers",
                "For visitors",
                Pairs,
                "Name: value, a line each. Without a value it is taken away.",
            ),
            field(
                "options.hsts.seconds",
                "HTTPS only, for so many seconds",
                Number,
                "HSTS. Browsers keep to it, whatever is changed here.",
            ),
            field("options.hsts.subdomains", "And for all names below", Tick, ""),
            field(
                "options.hsts.preload",
                "And in the browsers' own lists",
                Tick,
                "It takes months to get out of these.",
            ),
            field(
                "options.security_headers",
                "Security headers",
                Tick,
                "No guessing of types, no frames of other sites, short referrers.",
            ),
            field("options.compress", "Compress answers", Tick, "Streams stay as they are."),
        ],
    },
    Part {
        key: "cors",
        title: "Other sites",
        about: "Which pages elsewhere may read answers (CORS).",
        fields: &[
            field(
                "options.cors.origins",
                "Origins",
                Lines,
                "A line each: `https://shop.example.org`, or `*`.",
            ),
            field("options.cors.methods", "Methods", Lines, "A line each, in capitals."),
            field("options.cors.headers", "Headers of requests", Lines, ""),
            field("options.cors.expose", "Headers of answers", Lines, ""),
            field("options.cors.max_age_seconds", "Seconds that browsers remember it", Number, ""),
            field("options.cors.credentials", "With cookies", Tick, "Only with named origins."),
        ],
    },
    Part {
        key: "visitors",
        title: "Visitors who stay",
        about: "A cookie keeps a visitor with one task.",
        fields: &[
            field("options.sticky.same_site", "Cookie for", Pick(SAME_SITES), ""),
            field("options.sticky.cookie", "Name of the cookie", Text, ""),
            field(
                "options.sticky.max_age_seconds",
                "Seconds that it is kept",
                Number,
                "Until the browser ends, if empty.",
            ),
        ],
    },
    Part {
        key: "redirects",
        title: "Redirects",
        about: "The first that fits counts. A pattern is one of the whole path; $1 to $9 are its groups.",
        fields: &[field("options.redirects", "Redirects", Redirects, "")],
    },
    Part {
        key: "maintenance",
        title: "Maintenance",
        about: "Visitors get 503 and a page instead of the app.",
        fields: &[
            field("options.maintenance.on", "In maintenance", Tick, ""),
            field("options.maintenance.allow", "But not for", Lines, "Address ranges, a line each."),
            field(
                "options.maintenance.retry_after_seconds",
                "Ask again after seconds",
                Number,
                "300 if empty.",
            ),
            field("options.maintenance.html", "Page", Html, "HTML without scripts. Empty: a page of Skep's."),
        ],
    },
    Part {
        key: "errors",
        title: "Errors",
        about: "A page in place of the app's own.",
        fields: &[
            field("options.errors.statuses", "Statuses", Lines, "A line each: `404`, `500-599`."),
            field("options.errors.path", "Path of the app", Text, "Where the app has the page. Or:"),
            field(
                "options.errors.html",
                "Page",
                Html,
                "HTML without scripts. Without either: a page of Skep's.",
            ),
        ],
    },
];

const BACKENDS: &[(&str, &str)] = &[
    ("", "HTTP"),
    ("h2c", "HTTP/2 (gRPC)"),
    ("https", "HTTPS"),
    ("https_unverified", "HTTPS, whatever its certificate"),
];
const SIGN_INS: &[(&str, &str)] = &[
    ("", "Nobody is asked"),
    ("view", "Who may see the app"),
    ("deploy", "Who may deploy it"),
    ("configure", "Who may configure it"),
];
const SAME_SITES: &[(&str, &str)] = &[
    ("", "Nobody"),
    ("lax", "This site, and links to it (Lax)"),
    ("strict", "This site alone (Strict)"),
    ("none", "Every site (None)"),
];

/// What the form of a part asks for.
///
/// # Errors
/// Numbers that are none; there is no such part.
pub fn change(form: &Form) -> Result<Value, Error> {
    let part = PARTS.iter().find(|part| part.key == form.text("part")).ok_or(Error::NotFound)?;
    let mut faults = Vec::new();
    let (mut body, mut options) = (Map::new(), Map::new());
    for field in part.fields {
        let value = entered(form, field, &mut faults);
        let path: Vec<&str> = field.path.split('.').collect();
        match *path.as_slice() {
            ["options", option] => drop(options.insert(option.to_owned(), some(value))),
            ["options", option, name] => {
                let whole = options.entry(option).or_insert_with(|| json!({}));
                if let (
                    Value::Object(whole),
                    value @ (Value::Bool(true) | Value::Number(_) | Value::String(_) | Value::Array(_)),
                ) = (whole, value)
                {
                    whole.insert(name.to_owned(), value);
                }
            }
            // What every domain has stays, if its field is empty.
            _ if value.is_null() => {}
            _ => drop(body.insert(field.path.to_owned(), value)),
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    for option in options.values_mut().filter(|option| **option == json!({})) {
        *option = Value::Null;
    }
    if !options.is_empty() {
        body.insert("options".to_owned(), Value::Object(options));
    }
    Ok(Value::Object(body))
}

/// What was entered; null for nothing.
fn entered(form: &Form, field: &Field, faults: &mut Vec<Fault>) -> Value {
    let text = |name: &str| form.optional(name).map_or(Value::Null, Value::String);
    match field.kind {
        Text | Pick(_) => text(field.path),
        Html => {
            Some(form.raw(field.path)).filter(|html| !html.trim().is_empty()).map_or(Value::Null, Value::from)
        }
        Number => form.number::<u64>(field.path, faults).map_or(Value::Null, Value::from),
        Tick => form.flag(field.path).into(),
        Lines => list(form.lines(field.path).into_iter().map(Value::from)),
        Pairs => {
            let mut all = Map::new();
            for line in form.lines(field.path) {
                match line.split_once(':') {
                    Some((name, value)) => drop(all.insert(name.trim().to_owned(), value.trim().into())),
                    None => faults.push(Fault::new(field.path, "must be `Name: value`, a line each")),
                }
            }
            if all.is_empty() { Value::Null } else { Value::Object(all) }
        }
        Redirects => list(form.rows(field.path).into_iter().filter_map(|n| {
            let at = |name: &str| format!("{}[{n}].{name}", field.path);
            let from = form.optional(&at("from"))?;
            let (regex, permanent) = (form.flag(&at("regex")), form.flag(&at("permanent")));
            Some(json!({"from": from, "regex": regex, "to": form.text(&at("to")), "permanent": permanent}))
        })),
        Logins => Value::Array(
            form.rows(field.path)
                .into_iter()
                .filter_map(|n| {
                    let name = form.optional(&format!("{}[{n}].name", field.path))?;
                    let password = form.raw(&format!("{}[{n}].password", field.path));
                    let password = Some(password).filter(|password| !password.is_empty());
                    Some(json!({"name": name, "password": password}))
                })
                .collect(),
        ),
    }
}

/// A list; null for an empty one.
fn list(all: impl Iterator<Item = Value>) -> Value {
    let all: Vec<Value> = all.collect();
    if all.is_empty() { Value::Null } else { Value::Array(all) }
}

/// A box that is not ticked takes its option away.
fn some(value: Value) -> Value {
    if value == json!(false) { Value::Null } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(form: &str) -> Value {
        change(&Form::parse(form.as_bytes())).unwrap()
    }

    #[test]
    fn what_is_empty_is_taken_away_and_the_rest_has_its_path() {
        assert_eq!(
            of("part=limits&options.rate.average=10&options.rate.burst=&options.in_flight="),
            json!({"options": {"rate": {"average": 10}, "in_flight": null, "body_bytes": null, "timeouts": null}})
        );
        assert_eq!(
            of(
                "part=access&options.allow=10.0.0.0%2F8%0A%0A&logins[0].name=a&logins[0].password=&logins[1].name="
            ),
            json!({
                "logins": [{"name": "a", "password": null}],
                "options": {"allow": ["10.0.0.0/8"], "sign_in": null}
            })
        );
        let general = of("part=general&path=/&port=80&https=yes");
        assert_eq!(
            (&general["https"], &general["strip"], &general["redirect_www"]),
            (&json!(true), &json!(false), &json!(false))
        );
        assert!(general.get("service").is_none());
    }

    #[test]
    fn every_field_is_there_once() {
        let mut all: Vec<&str> = PARTS.iter().flat_map(|part| part.fields).map(|field| field.path).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
