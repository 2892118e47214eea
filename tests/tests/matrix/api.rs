//! Every operation of the API's document.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use skep::http::{Need, PRIVILEGES, need};
use skep_tests::{
    app::TestApp,
    client::{Answer, Client},
    db_test, world,
};

use crate::{
    people::{Expected, everybody, expected},
    things::{self, Things, body, fill},
};

/// An operation of the document.
pub struct Operation {
    pub name: String,
    pub method: Method,
    pub path: String,
    pub need: Need,
}

/// All of them; each is in the table, and the table has no other.
pub fn operations() -> Vec<Operation> {
    let document = skep::http::api_document();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            let need = need(&name).unwrap_or_else(|| panic!("{name} is not in the table of privileges"));
            let method = method.to_uppercase().parse().unwrap();
            found.insert(name.clone(), Operation { name, method, path: path.clone(), need });
        }
    }
    for (name, _) in PRIVILEGES {
        assert!(found.contains_key(*name), "{name} is in the table of privileges, and is no operation");
    }
    assert_eq!(found.len(), PRIVILEGES.len(), "an operation is in the table twice");
    found.into_values().collect()
}

/// About the asker alone, whatever their roles: tried in `api/identity.rs`.
fn personal(operation: &Operation) -> bool {
    matches!(operation.need, Need::Nothing | Need::SignedIn)
}

/// What is missing is not what was named, but what it would need.
const UNMET: [&str; 1] = ["there is no such release"];

async fn ask(client: &Client, operation: &Operation, things: &Things) -> Answer {
    let path = fill(&operation.path, &operation.name, things);
    client.json(operation.method.clone(), &path, body(&operation.name, things)).await
}

fn judge(answer: &Answer, wanted: Expected, cell: &str) {
    let status = answer.status.as_u16();
    assert!(status < 500, "{cell}: {status} {}", answer.text);
    match wanted {
        Expected::Allowed if UNMET.contains(&answer.json["detail"].as_str().unwrap_or_default()) => {}
        Expected::Allowed => assert!(!matches!(status, 401 | 403 | 404), "{cell}: {status} {}", answer.text),
        Expected::Forbidden => {
            assert_eq!((status, &answer.json["code"]), (403, &json!("forbidden")), "{cell}")
        }
        Expected::Missing => assert_eq!((status, &answer.json["code"]), (404, &json!("not_found")), "{cell}"),
    }
}

/// What the owner sees of everything that a refused request could have changed.
async fn everything(owner: &Client, things: &Things) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "team".to_owned(),
        "teams".to_owned(),
        "members".to_owned(),
        "roles".to_owned(),
        "invitations".to_owned(),
        "service-accounts".to_owned(),
        format!("service-accounts/{}/tokens", things.service_account),
        "projects".to_owned(),
        "environments".to_owned(),
        "apps".to_owned(),
        "credentials".to_owned(),
        "stores".to_owned(),
        "dns-providers".to_owned(),
        "verified-domains".to_owned(),
        "own-certificates".to_owned(),
        "host-keys".to_owned(),
        "settings".to_owned(),
        "tokens".to_owned(),
        format!("projects/{}/variables", things.project),
        format!("environments/{}/variables", things.environment),
        format!("apps/{}/variables", things.app),
        format!("apps/{}/domains", things.app),
        format!("apps/{}/webhooks", things.app),
        format!("apps/{}/deployments", things.app),
    ] {
        let answer = owner.get(&format!("/api/v1/{path}?limit=200")).await;
        assert!(matches!(answer.status.as_u16(), 200 | 400 | 404), "{path}: {}", answer.text);
        let mut json = if answer.status == 200 {
            answer.json
        } else {
            owner.get(&format!("/api/v1/{path}")).await.ok(200)
        };
        // When a token was last used, changes by looking.
        for item in json["items"].as_array_mut().into_iter().flatten() {
            if let Some(item) = item.as_object_mut() {
                item.remove("used_at");
            }
        }
        seen.push(json);
    }
    seen
}

db_test! {
    async fn what_a_role_lacks_is_refused_and_changes_nothing(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let things = things::make(&app, &owner, "own").await;
        let people = everybody(&app, &things).await;
        let before = everything(&owner, &things).await;
        let (mut forbidden, mut missing) = (0, 0);
        for operation in operations().iter().filter(|operation| !personal(operation)) {
            for person in &people {
                let wanted = expected(&operation.name, &operation.path, operation.need, &person.access, &things);
                let cell = format!("{} by a {}", operation.name, person.name);
                match wanted {
                    Expected::Allowed => continue,
                    Expected::Forbidden => forbidden += 1,
                    Expected::Missing => missing += 1,
                }
                judge(&ask(&person.client, operation, &things).await, wanted, &cell);
            }
        }
        assert!(forbidden > 190 && missing > 40, "{forbidden} {missing}");
        println!("matrix: {} operations, {} roles: {forbidden} cells forbidden, {missing} not there, 0 holes", operations().len(), people.len());
        assert!(everything(&owner, &things).await == before, "something was changed");
    }

    async fn another_teams_things_are_as_if_they_were_not_there(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let things = things::make(&app, &owner, "own").await;
        let missing = things::missing();
        let foreigner = app.foreigner().await;
        let before = everything(&owner, &things).await;
        let mut tried = 0;
        for operation in operations().iter().filter(|operation| operation.path.contains('{') && !personal(operation)) {
            // Trusted hosts are named, and each team has its own list.
            let theirs = ask(&foreigner, operation, &things).await;
            let nobodys = ask(&foreigner, operation, &missing).await;
            let wanted = if operation.need == Need::Instance && !operation.path.contains("/environments/") { Expected::Forbidden } else { Expected::Missing };
            judge(&theirs, wanted, &operation.name);
            judge(&nobodys, wanted, &operation.name);
            assert_eq!(without_request(theirs.json), without_request(nobodys.json), "{}", operation.name);
            tried += 1;
        }
        assert!(tried > 50, "{tried}");
        println!("matrix: {tried} operations on another team's things and on nothing: the same answer");
        assert!(everything(&owner, &things).await == before, "something was changed");
    }

    async fn what_a_role_has_is_not_refused(db: TestDb) {
        let app = TestApp::new(db);
        let (mut allowed, mut written) = (0, 0);
        // Each operation meets things that none has changed before.
        for (i, operation) in operations().iter().filter(|operation| !personal(operation)).enumerate() {
            let owner = world::owner(&app.parts, &format!("owner-{i}@example.org")).await;
            let things = things::make(&app, &app.program_of(owner).await, &format!("t{i}")).await;
            let people = everybody(&app, &things).await;
            let mut first = true;
            for person in &people {
                let wanted = expected(&operation.name, &operation.path, operation.need, &person.access, &things);
                if wanted != Expected::Allowed {
                    continue;
                }
                allowed += 1;
                let before = recorded(&app, &things).await;
                let answer = ask(&person.client, operation, &things).await;
                let cell = format!("{} by a {}", operation.name, person.name);
                if first
                    && operation.method != Method::GET && answer.status.is_success() && !CHANGES_NOTHING.contains(&operation.name.as_str()) {
                    written += 1;
                    assert_eq!(recorded(&app, &things).await, before + 1, "{cell}: one entry in the audit log");
                }
                // The first finds everything there; after that, what was removed is gone.
                if !first && answer.status == 404 && gone(&operation.name) {
                    continue;
                }
                judge(&answer, wanted, &cell);
                first = false;
            }
        }
        assert!(allowed > 200, "{allowed}");
        assert!(written > 40, "{written}");
        println!("matrix: {allowed} cells allowed, {written} operations changed something and are in the audit log");
    }
}

/// Writes by their method alone; the project moves to the team that it belongs to.
const CHANGES_NOTHING: [&str; 6] =
    ["plan_apps", "look_up_host_keys", "move_projects", "test_sso", "check_stores", "test_dns_providers"];

/// How many entries the audit log has: of the team, and of the instance.
async fn recorded(app: &TestApp, things: &Things) -> i64 {
    let mut tx = app.parts.db.read().await.unwrap();
    let mut all = 0;
    for chain in [things.team.parse().unwrap(), skep::domain::audit::INSTANCE] {
        all += skep::db::audit::head(&mut tx, chain).await.unwrap().map_or(0, |head| head.seq);
    }
    all
}

/// Operations after which a thing is not there any more.
fn gone(operation: &str) -> bool {
    ["delete_", "end_token_", "remove_", "withdraw_", "forget_", "move_"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

fn without_request(mut problem: Value) -> Value {
    if let Some(problem) = problem.as_object_mut() {
        problem.remove("request_id");
    }
    problem
}
