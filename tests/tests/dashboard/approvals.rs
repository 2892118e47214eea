//! A deployment that awaits approval, by the API and on the pages, without scripts.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use skep::{
    cli::dashboard::dashboard,
    domain::right::{Place, Role},
    http::{self, Limits, State},
};
use skep_tests::{app::TestApp, client::Client, db_test, world};

async fn page(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

async fn form(client: &Client, path: &str, fields: &str) -> (u16, String) {
    let request = client
        .request(Method::POST, &format!("/actions/{path}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = client.ask(request.body(Body::from(fields.to_owned())).unwrap()).await;
    (answer.status.as_u16(), answer.text)
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

db_test! {
    async fn asked_for_by_one_and_approved_by_another(db: TestDb) {
        let app = TestApp::new(db);
        let actor = world::owner(&app.parts, "owner@example.org").await;
        let owner = app.program_of(actor).await;
        let team = actor.team;
        let ada = world::member(&app.parts, team, "ada@example.org", &[(Place::Team, Role::Admin)]).await;
        let ada = app.program_of(ada).await;
        let dashboard = dashboard(app.parts.clone());
        let pages = http::router(State::with_dashboard(app.parts.clone(), Limits::default(), app.stop.clone(), dashboard));
        let (asker, approver) = (owner.through(pages.clone()), ada.through(pages));

        let project = owner.post("/api/v1/projects", json!({"name": "shop"})).await.ok(201);
        let environment = id(&project["environments"][0]).to_owned();
        let source = json!({"kind": "image", "image": "nginx:1"});
        let made = json!({"environment": environment, "name": "web", "source": source});
        let web = id(&owner.post("/api/v1/apps", made).await.ok(201)).to_owned();

        // Protected by the form; what is wrong is told at its field.
        let place = format!("environments/{environment}/protection");
        let (status, text) = form(&asker, &place, "protected=yes&approvals=1&branches=a%5B").await;
        assert!(status == 422 && text.contains("protect-branches-fault"), "{status} {text}");
        let rules = "protected=yes&approvals=1&branches=main%0Arelease%2F*&reason_required=yes&pushes=yes";
        assert_eq!(form(&asker, &place, rules).await.0, 303);
        let shown = owner.get(&format!("/api/v1/{place}")).await.ok(200);
        assert_eq!(shown, json!({
            "protected": true, "approvals": 1, "reason_required": true, "branches": ["main", "release/*"],
            "pushes": true, "rollback_without_approval": false,
        }));
        let text = page(&asker, &format!("/environments/{environment}")).await;
        assert!(text.contains("Save protection") && !text.contains("Reset environment"), "{text}");
        owner.post(&format!("/api/v1/environments/{environment}/reset"), json!({})).await.refused(409, "protected");
        owner.delete(&format!("/api/v1/environments/{environment}")).await.refused(409, "protected");

        let deploy = format!("/api/v1/apps/{web}/deployments");
        let refused = owner.post(&deploy, json!({})).await;
        assert_eq!((refused.status.as_u16(), &refused.json["errors"][0]["field"]), (422, &json!("reason")), "{}", refused.text);
        let (status, text) = form(&asker, &format!("apps/{web}/deploy"), "").await;
        assert!(status == 422 && text.contains("deploy-reason-fault"), "{status}");
        let asked = owner.post(&deploy, json!({"reason": "new prices"})).await.ok(202);
        assert_eq!((&asked["state"], &asked["ended"], &asked["approvals_needed"]), (&json!("awaiting_approval"), &json!(false), &json!(1)));
        let at = format!("/deployments/{}", id(&asked));

        // On the pages: that it waits, for whom, and the button only for who may.
        let text = page(&asker, &at).await;
        assert!(text.contains("Awaiting approval") && text.contains("1 more person") && text.contains("new prices"), "{text}");
        assert!(!text.contains(">Approve<") && page(&approver, &at).await.contains(">Approve<"));
        assert!(page(&asker, &format!("/apps/{web}")).await.contains("awaiting approval"));

        let mine = owner.post(&format!("/api/v1{at}/approve"), json!({})).await;
        mine.refused(403, "forbidden");
        assert_eq!(form(&approver, &format!("deployments/{}/approve", id(&asked)), "comment=fine").await.0, 303);
        assert_eq!(owner.get(&format!("/api/v1{at}")).await.ok(200)["state"], "queued");
        let text = page(&asker, &at).await;
        assert!(text.contains("ada@example.org") && text.contains("fine") && text.contains("Approved"), "{text}");
        let record = owner.get(&format!("/api/v1{at}/approvals")).await.ok(200);
        assert_eq!((&record["given"], &record["items"][0]["email"], &record["mine"]), (&json!(1), &json!("ada@example.org"), &json!(false)));
        ada.post(&format!("/api/v1{at}/reject"), json!({})).await.refused(409, "not_awaiting");

        let next = owner.post(&deploy, json!({"reason": "again"})).await.ok(202);
        let rejected = ada.post(&format!("/api/v1/deployments/{}/reject", id(&next)), json!({"comment": "no"})).await.ok(200);
        assert_eq!((&rejected["state"], &rejected["ended"]), (&json!("rejected"), &json!(true)));
        assert!(page(&asker, &format!("/deployments/{}", id(&next))).await.contains("Rejected"));

        let off = owner.json(Method::PUT, &format!("/api/v1/{place}"), json!({"protected": false})).await.ok(200);
        assert_eq!(off["protected"], false);
        let text = page(&asker, &format!("/environments/{environment}")).await;
        assert!(text.contains("Reset environment"));
        let (status, text) = form(&asker, &format!("environments/{environment}/reset"), "").await;
        assert!(status == 200 && text.contains("Are you sure"), "asked first: {status}");
        let begun = owner.post(&format!("/api/v1/environments/{environment}/reset"), json!({"volumes": true})).await.ok(202);
        assert_eq!(begun["apps"], 1);
    }
}
