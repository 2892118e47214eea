//! Service accounts: members that nobody is. They do what their roles give, by tokens alone.

use axum::http::Method;
use serde_json::{Value, json};
use skep::{
    control::identity,
    db,
    domain::{
        clock::SystemClock,
        id::TeamId,
        name::Email,
        right::{Place, Role},
        secret::Secret,
    },
};
use skep_tests::{
    app::{ADMIN, TestApp},
    client::Client,
    db_test, world,
};

const ACCOUNTS: &str = "/api/v1/service-accounts";

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

async fn team(owner: &Client) -> TeamId {
    id(&owner.get("/api/v1/team").await.ok(200)["team"]).parse().expect("an id")
}

/// One with a role in the whole team.
async fn account(owner: &Client, name: &str, role: &str) -> Value {
    let made = owner.post(ACCOUNTS, json!({"name": name})).await.ok(201);
    give(owner, &made, role).await.ok(200);
    made
}

async fn give(by: &Client, account: &Value, role: &str) -> skep_tests::client::Answer {
    let grants = json!({"grants": [{"place": {"kind": "team"}, "role": role}]});
    by.json(Method::PUT, &format!("/api/v1/members/{}", id(account)), grants).await
}

/// A program with a token of one.
async fn program(app: &TestApp, by: &Client, account: &Value, new: Value) -> Client {
    let made = by.post(&format!("{ACCOUNTS}/{}/tokens", id(account)), new).await.ok(201);
    Client::program(app.router.clone(), made["value"].as_str())
}

db_test! {
    async fn it_does_what_its_roles_give_until_it_is_taken_back(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let ci = owner.post(ACCOUNTS, json!({"name": "ci"})).await.ok(201);
        assert!(ci["email"].as_str().unwrap().starts_with("ci@"), "{ci}");
        let tokens = format!("{ACCOUNTS}/{}/tokens", id(&ci));
        let bare = program(&app, &owner, &ci, json!({"name": "bare"})).await;
        assert_eq!(bare.get("/api/v1/projects").await.ok(200)["items"], json!([]), "no role, nothing to see");
        bare.get("/api/v1/members").await.refused(403, "forbidden");
        give(&owner, &ci, "deployer").await.ok(200);
        let me = bare.get("/api/v1/whoami").await.ok(200);
        assert_eq!((&me["service_account"], &me["email"]), (&json!(true), &ci["email"]));
        bare.get("/api/v1/members").await.ok(200);
        bare.post("/api/v1/projects", json!({"name": "shop"})).await.refused(403, "forbidden");
        // A token may do less than the account, and never more.
        let narrow = program(&app, &owner, &ci, json!({"name": "narrow", "rights": ["logs"], "days": 1})).await;
        narrow.get("/api/v1/members").await.refused(403, "forbidden");
        owner.post(&tokens, json!({"name": "wide", "rights": ["members"]})).await.refused(403, "forbidden");
        owner.post(&tokens, json!({"name": "", "days": 0})).await.refused(422, "invalid");
        let listed = owner.get(&tokens).await.ok(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
        assert!(!listed.to_string().contains(bare.token().unwrap()), "a value is told once");
        app.pass(2 * 86_400);
        narrow.get("/api/v1/whoami").await.refused(401, "sign_in");
        // Another name, the same account.
        let path = format!("{ACCOUNTS}/{}", id(&ci));
        owner.patch(&path, json!({"name": "pipeline"})).await.ok(200);
        assert_eq!(owner.get(ACCOUNTS).await.ok(200)["items"][0]["name"], "pipeline");
        owner.post(ACCOUNTS, json!({"name": "pipeline"})).await.refused(409, "name_taken");
        for wrong in ["", "CI", "a b", "x".repeat(31).as_str(), "ci@evil.example.org"] {
            owner.post(ACCOUNTS, json!({"name": wrong})).await.refused(422, "invalid_name");
        }
        bare.get("/api/v1/members").await.ok(200);
        // One token, then all of it.
        let first = listed["items"].as_array().unwrap().iter().find(|token| token["name"] == "bare").unwrap();
        let other = program(&app, &owner, &ci, json!({"name": "other"})).await;
        owner.delete(&format!("{tokens}/{}", id(first))).await.ok(204);
        owner.delete(&format!("{tokens}/{}", id(first))).await.refused(404, "not_found");
        bare.get("/api/v1/whoami").await.refused(401, "sign_in");
        other.get("/api/v1/members").await.ok(200);
        owner.delete(&path).await.ok(204);
        other.get("/api/v1/whoami").await.refused(401, "sign_in");
        owner.delete(&path).await.refused(404, "not_found");
        owner.get(&tokens).await.refused(404, "not_found");
        assert!(!owner.get("/api/v1/members").await.text.contains(".service.invalid"));
    }

    async fn nobody_has_more_by_an_account_than_they_have(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let strong = account(&owner, "strong", "owner").await;
        let actor = world::member(&app.parts, team(&owner).await, "second@example.org", &[(Place::Team, Role::Admin)]).await;
        let admin = app.program_of(actor).await;
        let path = format!("{ACCOUNTS}/{}", id(&strong));
        admin.post(&format!("{path}/tokens"), json!({"name": "mine"})).await.refused(403, "forbidden");
        admin.delete(&path).await.refused(403, "forbidden");
        give(&admin, &strong, "viewer").await.refused(403, "forbidden");
        let weak = account(&admin, "weak", "admin").await;
        give(&admin, &weak, "owner").await.refused(403, "forbidden");
        // An account that manages members is bound in the same way.
        let weak = program(&app, &admin, &weak, json!({"name": "t"})).await;
        weak.post(&format!("{path}/tokens"), json!({"name": "up"})).await.refused(403, "forbidden");
        weak.post(ACCOUNTS, json!({"name": "third"})).await.ok(201);
        // Nor does it keep a team alone.
        let me = owner.get("/api/v1/whoami").await.ok(200);
        owner.delete(&format!("/api/v1/members/{}", id(&me))).await.refused(409, "last_owner");
    }

    async fn what_only_people_do_is_refused(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let ci = account(&owner, "ci", "owner").await;
        let token = program(&app, &owner, &ci, json!({"name": "t"})).await;
        let email = ci["email"].as_str().unwrap();
        let password = json!({"email": email, "password": "correct horse battery staple"});
        app.browser().from([192, 0, 2, 21]).post("/api/v1/login", password).await.refused(401, "wrong_login");
        let invited = owner.post("/api/v1/invitations", json!({"email": email, "role": "viewer"})).await;
        let said = invited.refused(422, "service_account").to_string();
        assert!(said.contains("of a service account"), "{said}");
        owner.post("/api/v1/teams", json!({"name": "Another", "owner": email})).await.refused(422, "service_account");
        for (path, body) in [
            ("/api/v1/two-factor", json!({"password": "x"})),
            ("/api/v1/password", json!({"current": "x", "password": "another long password"})),
            ("/api/v1/tokens", json!({"name": "more"})),
        ] {
            token.post(path, body).await.refused(403, "forbidden");
        }
        // It does not leave, and the instance is not its own.
        let member = format!("/api/v1/members/{}", id(&ci));
        token.delete(&member).await.refused(409, "service_account");
        owner.delete(&member).await.refused(409, "service_account");
        token.patch("/api/v1/settings", json!({"acme_email": "x@example.org"})).await.refused(403, "forbidden");
        let reset = identity::reset_password(&app.parts.db, &SystemClock, email, &Secret::new("tangle mosaic 7 ferry")).await;
        assert!(reset.unwrap_err().to_string().contains("fields are wrong"));
        // What is not asked for by its address, neither: the rows themselves refuse it.
        let mut tx = app.parts.db.write().await.unwrap();
        let user = db::identity::user_by_email(&mut tx, &Email::stored(email).unwrap()).await.unwrap().unwrap();
        let refused = db::identity::set_password(&mut tx, user.id, "hash").await.unwrap_err();
        assert!(refused.as_database_error().is_some_and(|error| error.is_check_violation()), "{refused}");
        drop(tx);
        assert!(identity::people(&app.parts.db).await.unwrap().iter().all(|(user, ..)| user.service.is_none()));
    }

    async fn the_log_and_deployments_tell_what_it_is(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let ci = account(&owner, "ci", "admin").await;
        let token = program(&app, &owner, &ci, json!({"name": "pipeline"})).await;
        token.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        token.post("/api/v1/teams", json!({"name": "no"})).await.refused(403, "forbidden");
        app.note_refusals().await;
        let entries = owner.get("/api/v1/audit?limit=50").await.ok(200)["items"].clone();
        let of = |action: &str| entries.as_array().unwrap().iter().find(|entry| entry["action"] == action).unwrap().clone();
        let made = of("project.create");
        assert_eq!((&made["doer"], &made["called"], &made["means"]), (&json!("service"), &ci["email"], &json!("token")));
        assert_eq!(of("http.request")["doer"], "service", "also what was refused");
        assert_eq!((&of("service_account.create")["doer"], &of("service_account.create")["kind"]), (&json!("person"), &json!("service_account")));
        assert_eq!(of("token.create")["name"], "pipeline");
        assert!(!entries.to_string().contains(token.token().unwrap()));
    }

    async fn a_team_takes_its_accounts_along_when_it_goes(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        let second = admin.post("/api/v1/teams", json!({"name": "Second"})).await.ok(201);
        admin.post("/api/v1/session/team", json!({"team": id(&second)})).await;
        let ci = account(&admin, "ci", "viewer").await;
        let token = program(&app, &admin, &ci, json!({"name": "t"})).await;
        token.get("/api/v1/members").await.ok(200);
        admin.delete(&format!("/api/v1/teams/{}", id(&second))).await.ok(204);
        token.get("/api/v1/whoami").await.refused(401, "sign_in");
        let mut tx = app.parts.db.read().await.unwrap();
        let email = Email::stored(ci["email"].as_str().unwrap()).unwrap();
        assert_eq!(db::identity::user_by_email(&mut tx, &email).await.unwrap(), None);
        assert_eq!(ADMIN.0, admin.get("/api/v1/whoami").await.ok(200)["email"]);
    }
}
