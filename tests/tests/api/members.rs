//! Members, invitations, roles, teams and tokens that may do less: nobody gets more than somebody
//! who has it gives (S4).

use axum::http::Method;
use serde_json::{Value, json};
use skep::domain::{
    id::TeamId,
    identity::Actor,
    right::{Place, Role},
};
use skep_tests::{app::TestApp, client::Client, db_test, world};

const PASSWORD: &str = "a password that is long";

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

async fn team(owner: &Client) -> TeamId {
    id(&owner.get("/api/v1/team").await.ok(200)["team"]).parse().expect("an id")
}

/// A member with a role in the whole team.
async fn with_role(app: &TestApp, team: TeamId, email: &str, role: Role) -> (Actor, Client) {
    let actor = world::member(&app.parts, team, email, &[(Place::Team, role)]).await;
    (actor, app.program_of(actor).await)
}

fn grants(role: &str) -> Value {
    json!({"grants": [{"place": {"kind": "team"}, "role": role}]})
}

async fn invited(owner: &Client, email: &str, role: &str) -> String {
    let made = owner.post("/api/v1/invitations", json!({"email": email, "role": role})).await.ok(201);
    made["code"].as_str().expect("a code").to_owned()
}

db_test! {
    async fn case_126_an_invitation_works_once_for_one_person_and_ends(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let code = invited(&owner, "ada@example.org", "deployer").await;
        assert!(code.starts_with("skep_join_"));
        let listed = owner.get("/api/v1/invitations").await.ok(200);
        assert!(!listed.to_string().contains(&code), "the code is told once");
        let join = |code: &str| json!({"code": code, "password": PASSWORD});
        let accept = "/api/v1/invitations/accept";
        app.browser().post(accept, json!({"code": code, "password": "short"})).await.refused(422, "password_too_short");
        // Two at once: one joins.
        let (one, two) = (app.browser().from([192, 0, 2, 8]), app.browser().from([192, 0, 2, 9]));
        let (a, b) = tokio::join!(one.post(accept, join(&code)), two.post(accept, join(&code)));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "{} {}", a.text, b.text);
        app.browser().from([192, 0, 2, 10]).post(accept, join(&code)).await.refused(422, "code_wrong");
        app.browser().from([192, 0, 2, 11]).post(accept, join("skep_join_nothing")).await.refused(422, "code_wrong");
        let ada = if a.status == 201 { one } else { two };
        let mine = ada.get("/api/v1/team").await.ok(200);
        assert_eq!(mine["rights"], json!(["view", "logs", "deploy"]));
        assert_eq!(mine["instance_owner"], false);
        // Who has an account shows its password, and keeps it.
        owner.delete(&format!("/api/v1/members/{}", id(&ada.get("/api/v1/whoami").await.ok(200)))).await.ok(204);
        let again = invited(&owner, "ada@example.org", "viewer").await;
        let wrong = json!({"code": again, "password": "another password, long"});
        app.browser().from([192, 0, 2, 12]).post(accept, wrong).await.refused(422, "wrong_password");
        app.browser().from([192, 0, 2, 13]).post(accept, join(&again)).await.ok(201);
        // It ends, and it can be taken back.
        let late = invited(&owner, "late@example.org", "viewer").await;
        let gone = owner.post("/api/v1/invitations", json!({"email": "gone@example.org", "role": "viewer"})).await.ok(201);
        owner.delete(&format!("/api/v1/invitations/{}", id(&gone))).await.ok(204);
        app.browser().from([192, 0, 2, 14]).post(accept, join(gone["code"].as_str().unwrap())).await.refused(422, "code_wrong");
        app.pass(8 * 86_400);
        app.browser().from([192, 0, 2, 15]).post(accept, join(&late)).await.refused(422, "code_wrong");
        owner.post("/api/v1/invitations", json!({"email": "admin@example.org", "role": "viewer"})).await.refused(409, "member");
        owner.post("/api/v1/invitations", json!({"email": "x@example.org", "role": "king"})).await.refused(422, "invalid");
    }

    async fn case_126_nobody_invites_above_their_own_role(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let team = team(&owner).await;
        let (actor, admin) = with_role(&app, team, "second@example.org", Role::Admin).await;
        admin.post("/api/v1/invitations", json!({"email": "x@example.org", "role": "owner"})).await.refused(403, "forbidden");
        let code = invited(&admin, "x@example.org", "admin").await;
        // Whoever invited may do less by now: the code gives nothing that they do not have.
        owner.json(Method::PUT, &format!("/api/v1/members/{}", actor.user), grants("viewer")).await.ok(200);
        let joins = json!({"code": code, "password": PASSWORD});
        app.browser().post("/api/v1/invitations/accept", joins).await.refused(422, "code_wrong");
        assert!(!owner.get("/api/v1/members").await.text.contains("x@example.org"));
    }

    async fn case_135_the_last_owner_stays_and_nobody_raises_themselves(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let team = team(&owner).await;
        let me = owner.get("/api/v1/whoami").await.ok(200);
        let mine = format!("/api/v1/members/{}", id(&me));
        owner.delete(&mine).await.refused(409, "last_owner");
        owner.json(Method::PUT, &mine, grants("admin")).await.refused(409, "last_owner");
        owner.json(Method::PUT, &mine, json!({"grants": []})).await.refused(409, "last_owner");
        let (actor, admin) = with_role(&app, team, "second@example.org", Role::Admin).await;
        let own = format!("/api/v1/members/{}", actor.user);
        admin.json(Method::PUT, &own, grants("owner")).await.refused(403, "forbidden");
        admin.json(Method::PUT, &mine, grants("viewer")).await.refused(403, "forbidden");
        admin.delete(&mine).await.refused(403, "forbidden");
        admin.post("/api/v1/roles", json!({"name": "all", "rights": ["view", "team"]})).await.refused(403, "forbidden");
        // A role that gives more tomorrow is no way around.
        let role = owner.post("/api/v1/roles", json!({"name": "all", "rights": ["view", "team"]})).await.ok(201);
        admin.json(Method::PUT, &own, grants(id(&role))).await.refused(403, "forbidden");
        admin.patch(&format!("/api/v1/roles/{}", id(&role)), json!({"rights": ["view"]})).await.refused(403, "forbidden");
        let small = admin.post("/api/v1/roles", json!({"name": "small", "rights": ["view"]})).await.ok(201);
        let (viewer, _) = with_role(&app, team, "third@example.org", Role::Viewer).await;
        admin.json(Method::PUT, &format!("/api/v1/members/{}", viewer.user), grants(id(&small))).await.ok(200);
        admin.patch(&format!("/api/v1/roles/{}", id(&small)), json!({"rights": ["view", "team"]})).await.refused(403, "forbidden");
        admin.delete(&format!("/api/v1/roles/{}", id(&small))).await.refused(409, "in_use");
        // With a second owner the first may go.
        owner.json(Method::PUT, &own, grants("owner")).await.ok(200);
        owner.delete(&mine).await.ok(204);
        owner.get("/api/v1/projects").await.refused(401, "sign_in");
    }

    async fn two_owners_who_leave_at_once_leave_one(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let team = team(&owner).await;
        let (second, other) = with_role(&app, team, "second@example.org", Role::Owner).await;
        let me = owner.get("/api/v1/whoami").await.ok(200);
        let (mine, theirs) = (format!("/api/v1/members/{}", id(&me)), format!("/api/v1/members/{}", second.user));
        let (a, b) = tokio::join!(owner.delete(&mine), other.delete(&theirs));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
    }

    async fn case_120_a_token_ends_with_its_persons_membership(db: TestDb) {
        let app = TestApp::new(db);
        let owner = app.program().await;
        let (actor, client) = with_role(&app, team(&owner).await, "second@example.org", Role::Deployer).await;
        client.get("/api/v1/projects").await.ok(200);
        owner.delete(&format!("/api/v1/members/{}", actor.user)).await.ok(204);
        client.get("/api/v1/projects").await.refused(401, "sign_in");
    }

    async fn case_121_a_token_never_does_more_than_it_was_made_for(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let environment = id(&project["environments"][0]).to_owned();
        let staging = admin.post(&format!("/api/v1/projects/{}/environments", id(&project)), json!({"name": "staging"})).await.ok(201);
        let image = json!({"kind": "image", "image": "nginx:1"});
        let mut apps = Vec::new();
        for place in [environment.as_str(), id(&staging)] {
            let new = json!({"environment": place, "name": "web", "source": image});
            apps.push(id(&admin.post("/api/v1/apps", new).await.ok(201)).to_owned());
        }
        let token = async |body: Value| {
            let made = admin.post("/api/v1/tokens", body).await.ok(201);
            Client::program(app.router.clone(), made["value"].as_str())
        };
        let reads = token(json!({"name": "reads", "rights": ["view"]})).await;
        reads.get(&format!("/api/v1/apps/{}", apps[0])).await.ok(200);
        let deploy = format!("/api/v1/apps/{}/deployments", apps[0]);
        reads.post(&deploy, json!({})).await.refused(403, "forbidden");
        reads.get(&format!("/events/apps/{}/logs", apps[0])).await.refused(403, "forbidden");
        reads.patch("/api/v1/settings", json!({})).await.refused(403, "forbidden");
        reads.post("/api/v1/tokens", json!({"name": "wider"})).await.refused(403, "forbidden");
        let here = json!([{"kind": "environment", "id": id(&staging)}]);
        let there = token(json!({"name": "there", "rights": ["view", "deploy"], "places": here})).await;
        there.get(&format!("/api/v1/apps/{}", apps[0])).await.refused(404, "not_found");
        assert_eq!(there.get("/api/v1/apps").await.ok(200)["items"].as_array().unwrap().len(), 1);
        there.post(&format!("/api/v1/apps/{}/deployments", apps[1]), json!({})).await.ok(202);
        there.post("/api/v1/projects", json!({"name": "another"})).await.refused(403, "forbidden");
        there.get("/api/v1/members").await.refused(403, "forbidden");
        // What nobody has, a token cannot be made for.
        let team: TeamId = id(&admin.get("/api/v1/team").await.ok(200)["team"]).parse().unwrap();
        let viewer = world::member(&app.parts, team, "viewer@example.org", &[(Place::Team, Role::Viewer)]).await;
        let caller = world::caller(&app.parts, viewer, false).await;
        let cx = world::context(&app.parts, &caller);
        let new = skep::control::identity::NewToken {
            name: "more",
            rights: Some(Role::Deployer.rights()),
            ..Default::default()
        };
        let told = skep::control::identity::create_token(&cx, &caller, new).await;
        assert!(matches!(told, Err(skep::control::Error::Forbidden(_))));
    }

    async fn a_project_moves_to_another_team_with_its_apps(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        let project = admin.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let team = admin.post("/api/v1/teams", json!({"name": "Other"})).await.ok(201);
        let to = format!("/api/v1/projects/{}/move", id(&project));
        let foreign = world::owner(&app.parts, "stranger@example.org").await;
        admin.post(&to, json!({"team": foreign.team})).await.refused(404, "not_found");
        admin.post(&to, json!({"team": id(&team)})).await.ok(204);
        assert_eq!(admin.get("/api/v1/projects").await.ok(200)["items"], json!([]));
        admin.post("/api/v1/session/team", json!({"team": foreign.team})).await.refused(404, "not_found");
        admin.post("/api/v1/session/team", json!({"team": id(&team)})).await.ok(204);
        assert_eq!(id(&admin.get("/api/v1/projects").await.ok(200)["items"][0]), id(&project));
        admin.delete(&format!("/api/v1/teams/{}", id(&team))).await.refused(409, "not_empty");
        admin.delete(&format!("/api/v1/projects/{}", id(&project))).await.ok(204);
        admin.delete(&format!("/api/v1/teams/{}", id(&team))).await.ok(204);
        // Who looked at it looks at another of theirs.
        assert_eq!(admin.get("/api/v1/team").await.ok(200)["team"]["name"], "team");
    }
}
