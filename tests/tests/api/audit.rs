//! The audit log by its API: who did what is listed, filtered, taken out and verified; what is refused
//! is noted, but never without bound.

use serde_json::{Value, json};
use skep::{
    control::{Ctx, audit},
    domain::{
        audit::{Action, Change, Checkpoint, Head, INSTANCE, Line, Object, PublicKey, Report, Verifier, Who},
        id::ProjectId,
    },
    reconcile,
};
use skep_tests::{app::TestApp, client::Client, database::meddle, db_test, world};

/// A person of a new team, and a program of theirs.
async fn person(app: &TestApp, email: &str) -> (Ctx, Client) {
    let actor = world::instance_owner(&app.parts, email).await;
    let cx = world::context(&app.parts, &world::caller(&app.parts, actor, true).await);
    (cx, app.program_of(actor).await)
}

async fn record(cx: &Ctx, action: Action, object: Object, change: Change) {
    let who = Who { address: Some([198, 51, 100, 7].into()), request: "r1".to_owned(), ..Who::default() };
    let cx = Ctx { who, ..cx.clone() };
    let mut tx = cx.parts.db.write().await.unwrap();
    audit::record(&cx, &mut tx, action, object, change).await.unwrap();
    tx.commit().await.unwrap();
}

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().expect("items")
}

/// Entries of refusals that the program sees.
async fn refusals(program: &Client, chain: &str) -> Vec<Value> {
    let path = format!("/api/v1/audit?outcome=refused&limit=500&chain={chain}");
    items(&program.get(&path).await.ok(200)).clone()
}

/// Verifies an export as somebody who only has its text and the key.
fn verify(text: &str, key: &PublicKey) -> Vec<Report> {
    let lines: Vec<Line> =
        text.lines().enumerate().map(|(at, line)| Line::read(at + 1, line).unwrap()).collect();
    let heads: Vec<Head> = lines
        .iter()
        .filter_map(|line| if let Line::Head(head) = line { Some(head.clone()) } else { None })
        .collect();
    heads
        .into_iter()
        .map(|head| {
            let signed = |line: &Line| match line {
                Line::Checkpoint(checkpoint) if checkpoint.team == head.team => Some(checkpoint.clone()),
                _ => None,
            };
            let checkpoints: Vec<Checkpoint> = lines.iter().filter_map(signed).collect();
            let mut verifier = Verifier::new(head.team, key, checkpoints, Some(head.clone()));
            for line in &lines {
                if let Line::Entry(entry) = line
                    && entry.0.team == head.team
                {
                    verifier.push(&entry.0);
                }
            }
            verifier.finish()
        })
        .collect()
}

db_test! {
    async fn entries_are_listed_filtered_and_paged(db: TestDb) {
        let app = TestApp::new(db);
        let (cx, program) = person(&app, "ada@example.org").await;
        let project = ProjectId::new(&*app.parts.clock);
        for n in 0..7 {
            let object = Object::new("app", format!("a{n}"), format!("shop_{n}")).of_project(project);
            let change = Change::of(&json!({"port": n, "password": "old"}), &json!({"port": n + 1, "password": "new"}));
            record(&cx, Action::AppConfigure, object, change).await;
        }
        app.pass(86_400);
        record(&cx, Action::ProjectDelete, Object::new("project", project, "100%"), Change::none()).await;
        let list = async |query: &str| program.get(&format!("/api/v1/audit?{query}")).await.ok(200);
        let first = list("action=app.&limit=3").await;
        let newest = &items(&first)[0];
        assert_eq!((&newest["action"], &newest["called"]), (&json!("app.configure"), &json!("ada@example.org")));
        assert_eq!((&newest["address"], &newest["name"]), (&json!("198.51.100.7"), &json!("shop_6")));
        let changes = json!([
            {"field": "password", "before": "(secret)", "after": "(secret)"},
            {"field": "port", "before": 6, "after": 7},
        ]);
        assert_eq!(newest["changes"], changes);
        let mut names: Vec<Value> = items(&first).iter().map(|entry| entry["name"].clone()).collect();
        let mut next = first["next"].as_str().map(str::to_owned);
        while let Some(cursor) = next {
            let page = list(&format!("action=app.&limit=3&cursor={cursor}")).await;
            names.extend(items(&page).iter().map(|entry| entry["name"].clone()));
            next = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(names, ["shop_6", "shop_5", "shop_4", "shop_3", "shop_2", "shop_1", "shop_0"]);
        let count = async |query: &str| items(&list(query).await).len();
        let day = app.parts.clock.now().format("%Y-%m-%d");
        assert_eq!(count("action=app.&actor=ADA").await, 7);
        assert_eq!(count(&format!("action=app.&actor={}", cx.actor.user)).await, 7);
        assert_eq!(count("action=app.&actor=eve").await, 0);
        assert_eq!(count("kind=app&object=a3").await, 1);
        assert_eq!(count(&format!("project={project}")).await, 7);
        assert_eq!(count("text=shop_3").await, 1);
        assert_eq!(count("text=shopx3").await, 0, "a sign of LIKE is plain text");
        assert_eq!(count("text=100%25").await, 1);
        assert_eq!(count("action=app.&outcome=refused").await, 0);
        assert_eq!(count("action=app.&outcome=done").await, 7);
        assert_eq!((count(&format!("from={day}&action=project")).await, count(&format!("from={day}&action=app.")).await), (1, 0));
        assert_eq!(count(&format!("to={day}&action=project.delete")).await, 1, "that day included");
        let wrong = program.get("/api/v1/audit?chain=all&from=soon&cursor=x&to=22.11").await.refused(422, "invalid");
        assert_eq!(wrong["errors"].as_array().map(Vec::len), Some(3));
        program.get("/api/v1/audit?colour=red").await.refused(400, "invalid_query");
    }

    async fn case_105_another_teams_log_is_not_there(db: TestDb) {
        let app = TestApp::new(db);
        let (cx, _) = person(&app, "ada@example.org").await;
        let (_, eve) = person(&app, "eve@example.org").await;
        record(&cx, Action::AppCreate, Object::new("app", "a1", "very-own"), Change::none()).await;
        for chain in ["team", "instance"] {
            let seen = eve.get(&format!("/api/v1/audit?chain={chain}")).await.text;
            assert!(!seen.contains("very-own"), "{seen}");
        }
        assert!(!eve.get("/api/v1/audit/export").await.text.contains("very-own"));
    }

    async fn an_export_is_verified_without_the_server(db: TestDb) {
        let app = TestApp::new(db);
        let (cx, program) = person(&app, "ada@example.org").await;
        for n in 0..1_200 {
            record(&cx, Action::AppScale, Object::new("app", n, "shop"), Change::made(&json!({"n": n, "f": 0.1, "u": u64::MAX}))).await;
            if n == 500 {
                reconcile::sign_audit(&app.parts).await.unwrap();
            }
        }
        reconcile::sign_audit(&app.parts).await.unwrap();
        let key = program.get("/api/v1/audit/key").await.ok(200)["key"].as_str().unwrap().to_owned();
        let answer = program.get("/api/v1/audit/export").await;
        assert_eq!((answer.status.as_u16(), answer.headers["content-type"].to_str().unwrap()), (200, "application/x-ndjson"));
        assert!(answer.text.starts_with(&format!("{{\"type\":\"key\",\"key\":\"{key}\"}}\n")), "{}", &answer.text[..200]);
        let key = PublicKey::parse(&key).unwrap();
        let reports = verify(&answer.text, &key);
        let team = reports.iter().find(|report| report.team == cx.team()).unwrap();
        assert!(team.entries >= 1_200 && team.signed == team.newest, "{team:?}");
        assert!(reports.iter().any(|report| report.team == INSTANCE));
        assert!(reports.iter().all(|report| report.findings.is_empty()), "{reports:?}");
        let altered = answer.text.replacen("\"n\",\"after\":7}", "\"n\",\"after\":8}", 1);
        assert_ne!(altered, answer.text);
        let found = verify(&altered, &key);
        let found: Vec<String> = found.iter().flat_map(|report| &report.findings).map(ToString::to_string).collect();
        assert!(found.len() == 1 && found[0].contains("was altered"), "{found:?}");
    }

    async fn the_server_says_itself_what_is_wrong(db: TestDb) {
        let app = TestApp::new(db);
        let (cx, program) = person(&app, "ada@example.org").await;
        record(&cx, Action::AppStop, Object::new("app", "a1", "shop"), Change::none()).await;
        let found = program.get("/api/v1/audit/verify").await.ok(200);
        assert_eq!((&found["sound"], &found["chains"][0]["chain"]), (&json!(true), &json!("team")));
        assert!(found["chains"][0]["entries"].as_u64().is_some_and(|count| count > 0), "{found}");
        // A row behind the newest one: no guard speaks against it.
        meddle(&app.parts.db, "INSERT INTO audit_entry SELECT team_id, seq + 5, at, doer, person, called, means, means_id, \
            address, action, outcome, code, kind, object, name, project, environment, changes, request, hash \
            FROM audit_entry WHERE action = 'app.stop'").await;
        let found = program.get("/api/v1/audit/verify").await.ok(200);
        assert_eq!(found["sound"], false);
        let text = found["chains"][0]["findings"].to_string();
        assert!(text.contains("are missing") && text.contains("was inserted"), "{text}");
    }

    async fn what_is_old_goes_and_the_rest_is_still_proven(db: TestDb) {
        let app = TestApp::new(db);
        let (cx, program) = person(&app, "ada@example.org").await;
        let write = async |name: &str| record(&cx, Action::AppStart, Object::new("app", name, name), Change::none()).await;
        write("oldest").await;
        reconcile::sign_audit(&app.parts).await.unwrap();
        write("older").await;
        app.pass(300 * 86_400);
        write("kept").await;
        reconcile::sign_audit(&app.parts).await.unwrap();
        assert_eq!(program.get("/api/v1/audit/retention").await.ok(200)["days"], 400);
        app.pass(101 * 86_400);
        reconcile::janitor_round(app.parts.clone()).await.unwrap();
        let seen = program.get("/api/v1/audit?action=app.start").await.ok(200);
        assert_eq!(items(&seen).iter().map(|entry| &entry["name"]).collect::<Vec<_>>(), ["kept"]);
        let swept = program.get("/api/v1/audit?action=audit.sweep&actor=machine").await.ok(200);
        assert_eq!(items(&swept).len(), 1);
        let sound = async || {
            let found = program.get("/api/v1/audit/verify").await.ok(200);
            assert_eq!(found["sound"], true, "{found}");
            let key = reconcile::audit_key(&app.parts).await.unwrap();
            let reports = verify(&program.get("/api/v1/audit/export").await.text, &key);
            assert!(reports.iter().all(|report| report.findings.is_empty()), "{reports:?}");
        };
        sound().await;
        // Once a day is enough; then all goes but the newest.
        app.pass(1_000 * 86_400);
        write("newest").await;
        reconcile::sign_audit(&app.parts).await.unwrap();
        app.pass(500 * 86_400);
        reconcile::janitor_round(app.parts.clone()).await.unwrap();
        sound().await;
        assert_eq!(items(&program.get("/api/v1/audit?action=app.start").await.ok(200))[0]["name"], "newest");
        // For ever, and recorded for the whole instance.
        let set = async |days: i64| program.json(axum::http::Method::PUT, "/api/v1/audit/retention", json!({"days": days})).await;
        set(-1).await.refused(422, "invalid");
        set(0).await.ok(200);
        let said = program.get("/api/v1/audit?chain=instance&action=audit.retain").await.ok(200);
        assert_eq!(items(&said)[0]["changes"], json!([{"field": "days", "before": 400, "after": 0}]));
        assert_eq!(items(&said)[0]["means"], "token");
        app.pass(5_000 * 86_400);
        reconcile::janitor_round(app.parts.clone()).await.unwrap();
        assert_eq!(items(&program.get("/api/v1/audit?action=app.start").await.ok(200)).len(), 1);
    }

    async fn what_is_refused_is_noted_with_who_asked(db: TestDb) {
        let app = TestApp::new(db);
        let (_, program) = person(&app, "ada@example.org").await;
        let id = "01900000-0000-7000-8000-000000000000";
        program.delete(&format!("/api/v1/apps/{id}")).await.refused(404, "not_found");
        program.get(&format!("/api/v1/apps/{id}")).await.refused(404, "not_found");
        program.post("/api/v1/tokens", json!({"name": "more"})).await.refused(403, "forbidden");
        app.stranger().delete(&format!("/api/v1/apps/{id}")).await.refused(401, "sign_in");
        app.stranger().with("authorization", "Bearer skep_nonsense").delete(&format!("/api/v1/apps/{id}")).await.refused(401, "sign_in");
        let login = json!({"email": "ada@example.org", "password": "a wrong password"});
        app.browser().from([203, 0, 113, 9]).post("/api/v1/login", login).await.refused(401, "wrong_login");
        app.stranger().post(&format!("/hooks/github/{id}"), json!({})).await;
        app.note_refusals().await;
        let team = refusals(&program, "team").await;
        let short = |entry: &Value| format!("{} {} {} {}", entry["called"].as_str().unwrap_or("-"), entry["action"].as_str().unwrap(), entry["object"].as_str().unwrap(), entry["code"].as_str().unwrap());
        assert_eq!(team.iter().map(short).collect::<Vec<_>>(), [
            "ada@example.org http.request POST /api/v1/tokens forbidden",
            "ada@example.org http.request DELETE /api/v1/apps/{id} not_found",
        ]);
        assert_eq!((&team[0]["means"], &team[0]["address"]), (&json!("token"), &json!("192.0.2.1")));
        assert!(team[0]["request"].as_str().is_some_and(|id| id.len() == 32));
        let instance = refusals(&program, "instance").await;
        assert_eq!(instance.iter().map(short).collect::<Vec<_>>(), ["- session.begin POST /api/v1/login wrong_login"]);
        assert_eq!((&instance[0]["doer"], &instance[0]["address"]), (&json!("nobody"), &json!("203.0.113.9")));
        assert!(!program.get("/api/v1/audit/export").await.text.contains("a wrong password"));
        assert_eq!(program.get("/api/v1/audit/verify").await.ok(200)["sound"], true);
    }

    async fn nobody_can_flood_the_log(db: TestDb) {
        let app = TestApp::new(db);
        let (_, program) = person(&app, "ada@example.org").await;
        let path = "/api/v1/apps/01900000-0000-7000-8000-000000000000";
        for _ in 0..100 {
            program.delete(path).await.refused(404, "not_found");
        }
        // One person from many addresses has one share, too.
        for n in 0..40 {
            program.same().from([203, 0, 113, n]).delete(path).await.refused(404, "not_found");
        }
        app.note_refusals().await;
        assert_eq!(refusals(&program, "team").await.len(), 20);
        app.pass(61);
        app.note_refusals().await;
        let entries = refusals(&program, "team").await;
        assert_eq!(entries.len(), 22, "one for the address, one for the person");
        let left: i64 = entries.iter().filter_map(|entry| entry["changes"][0]["after"].as_i64()).sum();
        assert_eq!(left, 140 - 20);
        program.delete(path).await.refused(404, "not_found");
        app.note_refusals().await;
        assert_eq!(refusals(&program, "team").await.len(), 23, "a new minute");
    }

    async fn what_was_refused_last_is_written_at_the_end(db: TestDb) {
        let app = TestApp::new(db);
        let (_, program) = person(&app, "ada@example.org").await;
        let until = tokio_util::sync::CancellationToken::new();
        let keeper = tokio::spawn(skep::http::keep_refusals(app.state.clone(), until.clone()));
        for _ in 0..25 {
            program.post("/api/v1/tokens", json!({"name": "more"})).await.refused(403, "forbidden");
        }
        until.cancel();
        keeper.await.unwrap();
        let entries = refusals(&program, "team").await;
        assert_eq!(entries.len(), 21);
        assert_eq!(entries[0]["changes"], json!([{"field": "left_out", "before": null, "after": 5}]));
    }
}
