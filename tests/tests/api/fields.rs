//! Every bad value through every field of its type, over HTTP (S22): 422 with the field and the
//! rule's code, the value not told again, nothing written, nobody called.
//!
//! To add a field: a line in `FIELDS`.

use axum::http::Method;
use serde_json::{Value, json};
use skep_tests::{
    app::TestApp,
    corpus::{
        Bad, CREDENTIAL_HOSTS, FILE_NAMES, FILE_OWNERS, GIT_URLS, HEADER_NAMES, HEADER_VALUES, HOSTS, IMAGES,
        ISSUERS, KEYS, LOGIN_NAMES, NAMES, ORIGINS, PATHS, PATTERNS, PREFIXES, RANGES, REFS, REPLACEMENTS,
        SLUGS, STATUSES, STORE_ADDRESSES,
    },
    database::rows,
    db_test,
};

/// A field: where it is sent, its path in the refusal, a body that is right but for it, and what
/// it must refuse. `{app}`, `{project}` and `{environment}` are ids.
struct Field {
    method: Method,
    path: &'static str,
    at: &'static str,
    body: fn() -> Value,
    bad: &'static [Bad],
}

fn git() -> Value {
    json!({"kind": "git", "url": "https://git.example.org/a", "follow": {"kind": "branch", "branch": "main"}})
}

fn new_app(source: Value, build: Value) -> Value {
    json!({"environment": "{environment}", "name": "other", "source": source, "build": build})
}

fn image_app() -> Value {
    new_app(json!({"kind": "image", "image": "nginx"}), json!({"kind": "none"}))
}

fn variables() -> Value {
    json!({"variables": [{"key": "A", "value": "b"}]})
}

const fn field(
    method: Method,
    path: &'static str,
    at: &'static str,
    body: fn() -> Value,
    bad: &'static [Bad],
) -> Field {
    Field { method, path, at, body, bad }
}

const FIELDS: &[Field] = &[
    field(Method::POST, "apps", "source.url", || new_app(git(), json!({"kind": "dockerfile"})), GIT_URLS),
    field(Method::PATCH, "apps/{app}", "source.url", || json!({"source": git()}), GIT_URLS),
    field(
        Method::POST,
        "apps",
        "source.follow.branch",
        || new_app(git(), json!({"kind": "dockerfile"})),
        REFS,
    ),
    field(Method::PATCH, "apps/{app}", "source.follow.branch", || json!({"source": git()}), REFS),
    field(Method::POST, "apps", "source.image", image_app, IMAGES),
    field(
        Method::PATCH,
        "apps/{app}",
        "source.image",
        || json!({"source": {"kind": "image", "image": "nginx"}}),
        IMAGES,
    ),
    field(Method::POST, "apps", "name", image_app, SLUGS),
    field(
        Method::POST,
        "apps",
        "build.path",
        || new_app(git(), json!({"kind": "dockerfile", "path": "Dockerfile"})),
        PATHS,
    ),
    field(
        Method::POST,
        "apps",
        "build.context",
        || new_app(git(), json!({"kind": "dockerfile", "context": "web"})),
        PATHS,
    ),
    field(
        Method::POST,
        "apps",
        "build.overrides[1]",
        || new_app(git(), json!({"kind": "compose", "path": "a.yml", "overrides": ["b.yml", "c.yml"]})),
        PATHS,
    ),
    field(
        Method::PATCH,
        "apps/{app}",
        "build.path",
        || json!({"source": git(), "build": {"kind": "compose", "path": "a.yml", "overrides": ["b.yml"]}}),
        PATHS,
    ),
    field(
        Method::POST,
        "apps",
        "build.folder",
        || new_app(git(), json!({"kind": "static", "folder": "web"})),
        PATHS,
    ),
    field(
        Method::PATCH,
        "apps/{app}",
        "build.folder",
        || json!({"source": git(), "build": {"kind": "nixpacks", "folder": "web"}}),
        PATHS,
    ),
    field(Method::POST, "apps/{app}/domains", "host", || json!({"host": "a.example.net"}), HOSTS),
    field(
        Method::POST,
        "apps/{app}/domains",
        "path",
        || json!({"host": "a.example.net", "path": "/a"}),
        PREFIXES,
    ),
    field(Method::PATCH, DOMAIN, "path", || json!({"path": "/a"}), PREFIXES),
    field(Method::PATCH, DOMAIN, "options.add_prefix", || json!({"options": {}}), PREFIXES),
    field(Method::PATCH, DOMAIN, "options.allow[1]", || json!({"options": {"allow": ["::1", ""]}}), RANGES),
    field(
        Method::PATCH,
        DOMAIN,
        "options.maintenance.allow[0]",
        || json!({"options": {"maintenance": {"on": true, "allow": [""]}}}),
        RANGES,
    ),
    field(Method::PATCH, DOMAIN, "options.redirects[0].to", redirect, REPLACEMENTS),
    field(Method::PATCH, DOMAIN, "options.redirects[0].from", redirect, PATTERNS),
    field(
        Method::PATCH,
        DOMAIN,
        "options.request_headers.X-A",
        || json!({"options": {"request_headers": {}}}),
        HEADER_VALUES,
    ),
    field(
        Method::PATCH,
        DOMAIN,
        "options.response_headers.X-A",
        || json!({"options": {"response_headers": {}}}),
        HEADER_VALUES,
    ),
    field(Method::PATCH, DOMAIN, "options.cors.origins[0]", cors, ORIGINS),
    field(Method::PATCH, DOMAIN, "options.cors.headers[0]", cors, HEADER_NAMES),
    field(Method::PATCH, DOMAIN, "options.cors.expose[0]", cors, HEADER_NAMES),
    field(
        Method::PATCH,
        DOMAIN,
        "options.sticky.cookie",
        || json!({"options": {"sticky": {}}}),
        HEADER_NAMES,
    ),
    field(Method::PATCH, DOMAIN, "options.errors.statuses[0]", errors, STATUSES),
    field(Method::PATCH, DOMAIN, "options.errors.path", errors, PREFIXES),
    field(
        Method::PATCH,
        DOMAIN,
        "logins[0].name",
        || json!({"logins": [{"name": "a", "password": "correct horse"}]}),
        LOGIN_NAMES,
    ),
    field(Method::PATCH, "settings", "domain", || json!({"domain": "a.example.net"}), HOSTS),
    field(Method::PATCH, "apps/{app}/variables", "variables[0].key", variables, KEYS),
    field(Method::PATCH, "projects/{project}/variables", "variables[0].key", variables, KEYS),
    field(Method::PATCH, "environments/{environment}/variables", "variables[0].key", variables, KEYS),
    field(Method::POST, "projects", "name", || json!({"name": "other"}), SLUGS),
    field(Method::POST, "projects/{project}/environments", "name", || json!({"name": "other"}), SLUGS),
    field(Method::POST, "projects", "title", || json!({"name": "other", "title": "Other"}), NAMES),
    field(Method::POST, "credentials", "title", credential, NAMES),
    field(Method::POST, "credentials", "host", credential, CREDENTIAL_HOSTS),
    field(
        Method::PATCH,
        "apps/{app}",
        "settings.required[0]",
        || json!({"settings": {"required": ["A"]}}),
        KEYS,
    ),
    field(Method::PUT, "apps/{app}/variables/A/delivery", "name", delivery, FILE_NAMES),
    field(Method::PUT, "apps/{app}/variables/A/delivery", "owner", delivery, FILE_OWNERS),
    field(Method::POST, "stores", "name", store, SLUGS),
    field(Method::POST, "stores", "address", store, STORE_ADDRESSES),
    field(Method::POST, "dns-providers", "name", dns, SLUGS),
    field(Method::POST, "dns-providers", "zones[0]", dns, HOSTS),
    field(Method::POST, "dns-providers", "settings.address", dns, STORE_ADDRESSES),
    field(Method::POST, "verified-domains", "domain", || json!({"domain": "a.example.net"}), HOSTS),
    field(Method::POST, "sso", "name", provider, NAMES),
    field(Method::POST, "sso", "issuer", provider, ISSUERS),
    field(Method::POST, "service-accounts", "name", || json!({"name": "ci"}), SLUGS),
    field(Method::POST, "teams", "name", || json!({"name": "Other"}), NAMES),
    field(Method::PATCH, "team", "name", || json!({"name": "Other"}), NAMES),
    field(Method::POST, "roles", "name", || json!({"name": "r", "rights": ["view"]}), NAMES),
];

/// What is wrong with a change is told before it is asked what it is a change of.
const DOMAIN: &str = "apps/{app}/domains/01900000-0000-7000-8000-000000000000";

fn redirect() -> Value {
    json!({"options": {"redirects": [{"from": "/a/(.*)", "regex": true, "to": "/b"}]}})
}

fn cors() -> Value {
    json!({"options": {"cors": {"origins": ["*"], "headers": ["x-a"], "expose": ["x-a"]}}})
}

fn errors() -> Value {
    json!({"options": {"errors": {"statuses": ["500"]}}})
}

fn delivery() -> Value {
    json!({"kind": "file", "name": "a", "owner": "1000"})
}

fn dns() -> Value {
    json!({
        "name": "dns", "place": {"kind": "team"}, "zones": ["a.example.net"],
        "settings": {"kind": "cloudflare", "address": "https://dns.example.org"}, "login": {"secret": "hunter2"},
    })
}

fn store() -> Value {
    json!({
        "name": "vault", "place": {"kind": "team"}, "address": "https://vault.example.org:8200",
        "settings": {"kind": "vault"}, "login": {"secret": "hunter2"},
    })
}

fn provider() -> Value {
    json!({
        "name": "Acme", "kind": "oidc", "issuer": "https://login.example.org", "client": "skep", "secret": "hunter2",
    })
}

fn credential() -> Value {
    json!({"kind": "registry", "title": "t", "host": "registry.example.org", "username": "u", "secret": "hunter2"})
}

/// Puts `text` where `at` says.
fn put(body: &mut Value, at: &str, text: &str) {
    let mut here = body;
    for step in at.split(['.', '[']) {
        here = match step.strip_suffix(']') {
            Some(index) => &mut here[index.parse::<usize>().expect("an index")],
            None => &mut here[step],
        };
    }
    *here = text.into();
}

db_test! {
    async fn every_field_refuses_every_bad_value_of_its_type(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let ids = [
            ("{project}", project["id"].as_str().unwrap().to_owned()),
            ("{environment}", project["environments"][0]["id"].as_str().unwrap().to_owned()),
        ];
        let fill = |text: &str, app: &str| {
            let text = ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id));
            text.replace("{app}", app)
        };
        let mut body = image_app();
        body["environment"] = ids[1].1.clone().into();
        body["name"] = "web".into();
        let made = admin.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
        let before = rows(&app.db.db).await;
        let calls = (app.git.calls().len(), app.builder.builds(), app.engine.effects("create_service"));
        let (mut tried, mut wrong) = (0, Vec::new());
        for field in FIELDS {
            for bad in field.bad {
                let mut body: Value = serde_json::from_str(&fill(&(field.body)().to_string(), &made)).unwrap();
                // An empty setting takes it away: that is meant.
                if bad.text.trim().is_empty() && field.path == "settings" {
                    continue;
                }
                put(&mut body, field.at, bad.text);
                let path = format!("/api/v1/{}", fill(field.path, &made));
                let answer = admin.json(field.method.clone(), &path, body).await;
                tried += 1;
                let told = format!("{} {}: case {} {:?}: {}", field.path, field.at, bad.case, bad.text, answer.text);
                let error = &answer.json["errors"][0];
                let named = error["field"].as_str().is_some_and(|at| field.at.starts_with(at) && !at.is_empty());
                let rule = error["message"].as_str().is_some_and(|text| text.starts_with("must "));
                let echoed = bad.text.len() > 15 && answer.text.contains(bad.text);
                if answer.status != 422 || !named || !rule || echoed || error["code"] != bad.code {
                    wrong.push(told);
                }
            }
        }
        assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(tried > 500, "{tried}");
        assert_eq!(rows(&app.db.db).await, before, "nothing was written");
        let after = (app.git.calls().len(), app.builder.builds(), app.engine.effects("create_service"));
        assert_eq!(after, calls, "nothing was started");
    }
}
