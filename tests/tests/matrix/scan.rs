//! A scan of the whole server as anybody and as a viewer would do it: hostile ids, queries, bodies
//! and headers on every operation and page. Nothing answers with a fault of ours, and nothing that is
//! secret is in any answer.

use axum::{
    body::Body,
    http::{Method, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::json;
use skep::domain::right::{Place, Role};
use skep_tests::{
    app::TestApp,
    client::{Answer, Client},
    db_test, world,
};

use crate::{
    api::operations,
    forms::{FORMS, pages},
    things::{self, Things, body, fill},
};

/// In place of an id, encoded as a path has it.
const SEGMENTS: &[&str] = &[
    "%00",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "'%20OR%201=1--",
    "%ff%fe",
    "%25252e",
    "-1",
    "9223372036854775808",
    "null",
    "%7B%22a%22:1%7D",
    "%E2%80%AE",
    "a%0d%0aX-Injected:%201",
];

const QUERIES: &[&str] = &[
    "?limit=-1",
    "?limit=99999999999999999999",
    "?cursor=%00",
    "?cursor='%20OR%201=1",
    "?limit[]=1&limit=2",
    "?%ff=1",
    "?tail=1e12",
    "?after=-9223372036854775808",
    "?text=%25_%25&action=';DROP",
];

fn bodies() -> Vec<String> {
    vec![
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"text\"".to_owned(),
        "{\"a\":".to_owned(),
        "[".repeat(5_000),
        format!("{{\"name\":{}1{}}}", "[".repeat(200), "]".repeat(200)),
        json!({"name": "x".repeat(100_000)}).to_string(),
        json!({"name": "\u{0}\u{202e}<script>alert(1)</script>"}).to_string(),
        json!({"team_id": things::NOTHING, "is_admin": true, "owner": true}).to_string(),
        json!({"grants": [{"place": {"kind": "galaxy"}, "role": "root"}]}).to_string(),
        json!({"replicas": -1, "days": 1e300, "version": "1", "limit": {}}).to_string(),
    ]
}

/// What no answer may hold.
const SECRETS: &[&str] = &["hunter2", "b2-never-shown", "$argon2id$", "setup-token-setup-token"];

fn judge(answer: &Answer, secrets: &[String], what: &str) {
    assert!(answer.status.as_u16() < 500, "{what}: {} {}", answer.status, answer.text);
    assert!(!answer.headers.contains_key("x-injected"), "{what}");
    for secret in SECRETS.iter().copied().chain(secrets.iter().map(String::as_str)) {
        assert!(!answer.text.contains(secret), "{what} tells {secret:?}");
    }
}

async fn raw(client: &Client, method: &Method, path: &str, kind: &str, body: &str) -> Answer {
    let request = client.request(method.clone(), path).header(header::CONTENT_TYPE, kind);
    client.ask(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// Each operation with each hostile part, the others being as they should.
async fn scan(client: &Client, things: &Things, secrets: &[String], who: &str) -> usize {
    let mut tried = 0;
    // Whoever ends their own token sees nothing any more.
    for operation in operations().into_iter().filter(|operation| operation.name != "logout_session") {
        let right = fill(&operation.path, &operation.name, things);
        let usual = body(&operation.name, things).to_string();
        let parts: Vec<&str> = operation.path.split('/').collect();
        for (i, _) in parts.iter().enumerate().filter(|(_, part)| part.starts_with('{')) {
            for segment in SEGMENTS {
                let mut path: Vec<&str> = right.split('/').collect();
                path[i] = segment;
                let path = path.join("/");
                let answer = raw(client, &operation.method, &path, "application/json", &usual).await;
                judge(&answer, secrets, &format!("{} {path} by {who}", operation.method));
                tried += 1;
            }
        }
        for query in QUERIES {
            let path = format!("{right}{query}");
            let answer = raw(client, &operation.method, &path, "application/json", &usual).await;
            judge(&answer, secrets, &format!("{} {path} by {who}", operation.method));
            tried += 1;
        }
        if operation.method == Method::GET {
            continue;
        }
        for hostile in bodies() {
            for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
                let answer = raw(client, &operation.method, &right, kind, &hostile).await;
                judge(
                    &answer,
                    secrets,
                    &format!("{} {right} with {:.60} by {who}", operation.method, hostile),
                );
                tried += 1;
            }
        }
    }
    tried
}

/// The dashboard's pages and forms, likewise.
async fn look(client: &Client, secrets: &[String], who: &str) -> usize {
    let mut tried = 0;
    for noun in
        ["projects", "environments", "apps", "deployments", "pkg", "actions", "events/apps", "hooks/github"]
    {
        for segment in SEGMENTS {
            for tail in ["", "/variables", "/logs", "/settings"] {
                let path = format!("/{noun}/{segment}{tail}");
                judge(&client.get(&path).await, secrets, &format!("GET {path} by {who}"));
                tried += 1;
            }
        }
    }
    for form in FORMS.iter().filter(|form| !form.path.starts_with("logout")) {
        for segment in SEGMENTS {
            let mut path = form.path.to_owned();
            for name in ["{project}", "{environment}", "{app}", "{deployment}"] {
                path = path.replace(name, segment);
            }
            for entered in ["", "confirm=yes", "a=%00&b=%ff&name=%3Cscript%3E&days=-1&replicas=1e9&version=x"]
            {
                let kind = "application/x-www-form-urlencoded";
                let answer = raw(client, &Method::POST, &format!("/actions/{path}"), kind, entered).await;
                judge(&answer, secrets, &format!("form {path} by {who}"));
                assert!(!answer.text.contains("<script>alert"), "form {path}");
                tried += 1;
            }
        }
    }
    tried
}

db_test! {
    async fn a_scan_finds_no_fault_of_ours_and_no_secret(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let things = things::make(&app, &owner, "own").await;
        let secret = json!({"variables": [{"key": "SECRET", "value": "b2-never-shown", "secret": true}]});
        owner.patch(&format!("/api/v1/apps/{}/variables", things.app), secret).await.ok(200);
        let team = things.team.parse().unwrap();
        let grants = [(Place::Team, Role::Viewer)];
        let viewer = app.program_of(world::member(&app.parts, team, "viewer@example.org", &grants).await).await;
        let token = owner.token().unwrap().to_owned();
        let secrets = [token];
        let router = pages(&app);
        let mut tried = 0;
        for (who, client) in [("anybody", app.stranger()), ("a viewer", viewer.same())] {
            tried += scan(&client, &things, &secrets, who).await;
            tried += look(&client.through(router.clone()), &secrets, who).await;
        }
        assert!(tried > 5_000, "{tried}");
        println!("matrix: {tried} hostile requests by anybody and a viewer: no 5xx, no secret");
        viewer.get(&format!("/api/v1/apps/{}", things.app)).await.ok(200);
    }

    async fn nothing_that_is_read_shows_a_secret_even_to_the_owner(db: TestDb) {
        let app = TestApp::new(db);
        let image = skep::swarm::ImageFacts { id: "sha256:1".to_owned(), ..Default::default() };
        app.engine.add_image("nginx:1", image);
        let owner = app.program().await;
        let things = things::make(&app, &owner, "own").await;
        let planted = plant(&app, &owner, &things).await;
        let mut read = 0;
        for operation in operations().into_iter().filter(|operation| operation.method == Method::GET) {
            let path = fill(&operation.path, &operation.name, &things);
            let answer = owner.get(&path).await;
            judge(&answer, &planted, &operation.name);
            read += usize::from(answer.status.is_success());
        }
        let plan = owner.post(&format!("/api/v1/apps/{}/plan", things.app), json!({})).await;
        judge(&plan, &planted, "the plan");
        assert!(plan.text.contains("password"), "the file is planned: {}", plan.text);
        let dashboard = owner.through(pages(&app));
        let mut drawn = 0;
        for path in drawn_pages(&things) {
            let answer = dashboard.get(&path).await;
            judge(&answer, &planted, &path);
            drawn += usize::from(answer.status.is_success());
        }
        assert!(read > 35 && drawn > 18, "{read} {drawn}");
        println!("matrix: {} planted secrets, in none of {read} answers and {drawn} pages", planted.len());
    }
}

/// Something to be kept secret in each field that takes it, and a deployment that knows it; all spellings
/// that no answer may hold.
async fn plant(app: &TestApp, owner: &Client, things: &Things) -> Vec<String> {
    let places = [
        format!("/api/v1/apps/{}", things.app),
        format!("/api/v1/environments/{}", things.environment),
        format!("/api/v1/projects/{}", things.project),
    ];
    let mut all = Vec::new();
    for (i, place) in places.iter().enumerate() {
        for key in ["PASSWORD", "TOKEN"] {
            for version in ["old", "new"] {
                let value = format!("pl4nted-{version}-{key}-{i}");
                let body = json!({"variables": [{"key": key, "value": value, "secret": true}]});
                owner.patch(&format!("{place}/variables"), body).await.ok(200);
                all.push(value);
            }
        }
        let text = format!("IMPORTED=pl4nted-import-{i}");
        owner.post(&format!("{place}/variable-imports"), json!({"text": text})).await.ok(200);
        all.push(format!("pl4nted-import-{i}"));
    }
    let delivery = format!("{}/variables/PASSWORD/delivery", places[0]);
    owner.json(Method::PUT, &delivery, json!({"kind": "file", "name": "password"})).await.ok(204);
    for (kind, host) in [("git_token", "one.example.org"), ("registry", "two.example.org")] {
        let secret = format!("pl4nted-{kind}");
        let body = json!({"kind": kind, "title": kind, "host": host, "username": "shop", "secret": secret});
        owner.post("/api/v1/credentials", body).await.ok(201);
        all.push(secret);
    }
    let given =
        |answer: &serde_json::Value, field: &str| answer[field].as_str().expect("a secret").to_owned();
    let hook = owner.post(&format!("{}/webhooks", places[0]), json!({"provider": "github"})).await.ok(201);
    all.push(given(&hook, "secret"));
    all.push(owner.token().expect("a token").to_owned());
    let invited = json!({"email": "planted@example.org", "role": "viewer"});
    all.push(given(&owner.post("/api/v1/invitations", invited).await.ok(201), "code"));
    app.run_jobs().await;
    // What serves knows the values by now; another one is planned.
    let queued = owner.post(&format!("{}/deployments", places[0]), json!({})).await.ok(202);
    app.run_jobs().await;
    let ended = format!("/api/v1/deployments/{}", queued["id"].as_str().expect("an id"));
    assert_eq!(owner.get(&ended).await.ok(200)["state"], "live");
    let body = json!({"variables": [{"key": "PASSWORD", "value": "pl4nted-next", "secret": true}]});
    owner.patch(&format!("{}/variables", places[0]), body).await.ok(200);
    all.push("pl4nted-next".to_owned());
    let coded = all.iter().map(|value| STANDARD_NO_PAD.encode(value));
    let coded: Vec<String> = coded.collect();
    all.extend(coded);
    all
}

/// The paths of all pages, as the source of their routes has them.
fn drawn_pages(things: &Things) -> Vec<String> {
    let text = include_str!("../../../web/src/pages/route.rs");
    let patterns = text.lines().filter_map(|line| line.trim().strip_prefix('[')?.split_once("] =>"));
    let path = |(pattern, _): (&str, &str)| {
        let noun = pattern.split('"').nth(1).unwrap_or_default();
        let id = match noun {
            "projects" => &things.project,
            "environments" => &things.environment,
            "deployments" => &things.deployment,
            _ => &things.app,
        };
        let parts = pattern.split(',').map(|part| match part.trim() {
            "id" => id.as_str(),
            part => part.trim_matches('"'),
        });
        format!("/{}", parts.collect::<Vec<_>>().join("/"))
    };
    patterns.map(path).collect()
}
