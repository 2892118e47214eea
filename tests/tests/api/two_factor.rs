//! Two-factor sign-in: each code counts once, no step is skipped, and nothing of it is changed by a
//! session alone.

use chrono::Duration;
use serde_json::{Value, json};
use skep::{
    db,
    domain::{clock::Clock as _, name::Email, totp::TotpKey},
};
use skep_tests::{
    app::{ADMIN, TestApp},
    client::{Answer, Client},
    db_test,
};

fn right() -> Value {
    json!({"email": ADMIN.0, "password": ADMIN.1})
}

fn proof(code: &str) -> Value {
    json!({"password": ADMIN.1, "code": code})
}

fn cookie(client: &Client, name: &str) -> Option<String> {
    client.cookies.lock().unwrap().get(name).cloned()
}

/// The admin's authenticator app.
struct Phone(TotpKey);

impl Phone {
    /// As it was given the key; read where the server keeps it.
    async fn of(app: &TestApp) -> Self {
        let mut tx = app.parts.db.read().await.unwrap();
        let user =
            db::identity::user_by_email(&mut tx, &Email::parse(ADMIN.0).unwrap()).await.unwrap().unwrap();
        let kept = db::two_factor::load(&mut tx, user.id).await.unwrap().unwrap();
        Self(TotpKey::of(&app.parts.seal.open("totp", &kept.sealed).unwrap()))
    }

    /// What it shows, with a clock that is so many seconds ahead.
    fn code(&self, app: &TestApp, ahead: i64) -> String {
        self.0.code_at(app.clock.now() + Duration::seconds(ahead))
    }

    /// What it never shows around now.
    fn wrong(&self, app: &TestApp) -> String {
        let near: Vec<String> = (-4..=4).map(|step| self.code(app, step * 30)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

/// The admin with two-factor sign-in on, their phone and recovery codes; the code of now was used.
async fn turned_on(app: &TestApp) -> (Client, Phone, Vec<String>) {
    let admin = app.admin().await;
    let (phone, codes) = turn_on(app, &admin).await;
    (admin, phone, codes)
}

async fn turn_on(app: &TestApp, admin: &Client) -> (Phone, Vec<String>) {
    let begun = admin.post("/api/v1/two-factor", json!({"password": ADMIN.1})).await.ok(200);
    let phone = Phone::of(app).await;
    assert_eq!(begun["key"], phone.0.text().expose());
    let done = admin.post("/api/v1/two-factor/confirm", proof(&phone.code(app, 0))).await.ok(200);
    let codes =
        done["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (phone, codes.collect())
}

/// A browser that showed the password.
async fn half(app: &TestApp) -> Client {
    let browser = app.browser();
    assert_eq!(browser.post("/api/v1/login", right()).await.ok(200), json!({"second_factor": true}));
    browser
}

async fn second(browser: &Client, code: &str) -> Answer {
    browser.post("/api/v1/login/second", json!({"code": code})).await
}

db_test! {
    async fn it_is_on_when_a_code_was_shown_and_not_before(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        let standing = async || admin.get("/api/v1/two-factor").await.ok(200);
        assert_eq!(standing().await, json!({"on": false, "since": null, "begun": false, "recovery_codes_left": 0}));
        let confirm = "/api/v1/two-factor/confirm";
        admin.post(confirm, proof("123456")).await.refused(409, "two_factor_not_begun");
        let begun = admin.post("/api/v1/two-factor", json!({"password": ADMIN.1})).await.ok(200);
        let uri = begun["uri"].as_str().unwrap();
        assert!(uri.starts_with("otpauth://totp/Skep") && uri.contains(begun["key"].as_str().unwrap()), "{uri}");
        assert_eq!(standing().await["begun"], true);
        assert_eq!(app.browser().post("/api/v1/login", right()).await.ok(200)["email"], ADMIN.0, "not yet");
        let phone = Phone::of(&app).await;
        admin.post(confirm, proof(&phone.wrong(&app))).await.refused(422, "wrong_code");
        // Beginning anew makes another key.
        admin.post("/api/v1/two-factor", json!({"password": ADMIN.1})).await.ok(200);
        let codes = admin.post(confirm, proof(&Phone::of(&app).await.code(&app, 0))).await.ok(200);
        assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
        let now = standing().await;
        assert_eq!((&now["on"], &now["recovery_codes_left"]), (&json!(true), &json!(10)));
        assert!(!now.to_string().contains(begun["key"].as_str().unwrap()));
        app.pass(30);
        admin.post("/api/v1/two-factor", json!({"password": ADMIN.1})).await.refused(409, "two_factor_on");
        let code = Phone::of(&app).await.code(&app, 0);
        admin.post(confirm, proof(&code)).await.refused(409, "two_factor_on");
        // And nothing of it is kept as it is.
        let mut tx = app.parts.db.write().await.unwrap();
        let user = db::identity::user_by_email(&mut tx, &Email::parse(ADMIN.0).unwrap()).await.unwrap().unwrap();
        let plain = codes["recovery_codes"][0].as_str().unwrap().replace('-', "");
        assert!(!db::two_factor::use_code(&mut tx, user.id, plain.as_bytes()).await.unwrap(), "only a digest is kept");
    }

    async fn case_124_a_code_counts_once(db: TestDb) {
        let app = TestApp::new(db);
        let (_, phone, codes) = turned_on(&app).await;
        let used = phone.code(&app, 0);
        second(&half(&app).await, &used).await.refused(401, "wrong_code");
        app.pass(30);
        let fresh = phone.code(&app, 0);
        let browser = half(&app).await;
        second(&browser, &format!(" {} {} ", &fresh[..3], &fresh[3..])).await.ok(200);
        browser.get("/api/v1/whoami").await.ok(200);
        second(&half(&app).await, &fresh).await.refused(401, "wrong_code");
        // Nor an earlier one, that was never shown: a step each way counts, but time only goes on.
        app.pass(60);
        second(&half(&app).await, &phone.code(&app, 30)).await.ok(200);
        for earlier in [phone.code(&app, 0), phone.code(&app, -30)] {
            second(&half(&app).await, &earlier).await.refused(401, "wrong_code");
        }
        // A recovery code, however it is typed.
        second(&half(&app).await, &codes[3].to_uppercase().replace('-', " ")).await.ok(200);
        second(&half(&app).await, &codes[3]).await.refused(401, "wrong_code");
        second(&half(&app).await, &codes[4]).await.ok(200);
    }

    async fn case_124_a_code_shown_many_times_at_once_makes_one_session(db: TestDb) {
        let app = TestApp::new(db);
        let (admin, phone, codes) = turned_on(&app).await;
        app.pass(30);
        for code in [phone.code(&app, 0), codes[0].clone()] {
            let before = admin.get("/api/v1/sessions").await.ok(200)["items"].as_array().unwrap().len();
            let (one, two, three, four) = (half(&app).await, half(&app).await, half(&app).await, half(&app).await);
            let answers = tokio::join!(second(&one, &code), second(&two, &code), second(&three, &code), second(&four, &code));
            let statuses = [&answers.0, &answers.1, &answers.2, &answers.3].map(|answer| answer.status.as_u16());
            assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
            // Some may have to wait by then: what came before counts, too.
            assert_eq!(statuses.iter().filter(|status| matches!(status, 401 | 429)).count(), 3, "{statuses:?}");
            let after = admin.get("/api/v1/sessions").await.ok(200)["items"].as_array().unwrap().len();
            assert_eq!(after, before + 1);
        }
        // And one first step leads to one session, by however many codes.
        let (one, two) = (half(&app).await, app.browser());
        two.cookies.lock().unwrap().clone_from(&one.cookies.lock().unwrap());
        let answers = tokio::join!(second(&one, &codes[1]), second(&two, &codes[2]));
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        let left = admin.get("/api/v1/two-factor").await.ok(200);
        assert_eq!(left["recovery_codes_left"], 8, "what did not lead to a session was not used up");
    }

    async fn case_125_what_waits_for_a_code_is_no_session(db: TestDb) {
        let app = TestApp::new(db);
        let (admin, phone, codes) = turned_on(&app).await;
        let browser = half(&app).await;
        let pending = cookie(&browser, "skep-pending").unwrap();
        assert_eq!(cookie(&browser, "skep"), None);
        browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        browser.post("/api/v1/tokens", json!({"name": "t"})).await.refused(401, "sign_in");
        browser.cookies.lock().unwrap().insert("skep".into(), pending.clone());
        browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        // Nor is the second step one without the first, or with a planted one.
        app.pass(30);
        let code = phone.code(&app, 0);
        second(&app.browser(), &code).await.refused(401, "second_factor_ended");
        let planted = app.browser();
        planted.cookies.lock().unwrap().insert("skep-pending".into(), "A".repeat(43));
        second(&planted, &code).await.refused(401, "second_factor_ended");
        // An invitation is no way around it: they have joined, and still wait for a code.
        let invited = json!({"email": ADMIN.0, "role": "viewer"});
        let foreign = app.foreigner().await.post("/api/v1/invitations", invited).await.ok(201);
        let joining = app.browser();
        let accept = json!({"code": foreign["code"], "password": ADMIN.1});
        let joined = joining.post("/api/v1/invitations/accept", accept).await.ok(201);
        assert_eq!(joined, json!({"second_factor": true}));
        joining.get("/api/v1/whoami").await.refused(401, "sign_in");
        second(&joining, &code).await.ok(200);
        assert_eq!(joining.get("/api/v1/teams").await.ok(200)["items"].as_array().unwrap().len(), 2);
        assert_eq!(cookie(&joining, "skep-pending"), None, "the browser is told to forget it");
        // It ends after five minutes, and with the password that it showed.
        let late = half(&app).await;
        app.pass(301);
        second(&late, &codes[0]).await.refused(401, "second_factor_ended");
        let before = half(&app).await;
        let change = json!({"current": ADMIN.1, "password": "another long password"});
        admin.post("/api/v1/password", change).await.ok(204);
        second(&before, &codes[0]).await.refused(401, "second_factor_ended");
    }

    async fn case_125_nothing_is_changed_without_password_and_code(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        let token = admin.post("/api/v1/tokens", json!({"name": "t"})).await.ok(201);
        let program = Client::program(app.router.clone(), token["value"].as_str());
        let wrong = json!({"password": "not my password", "code": "123456"});
        admin.post("/api/v1/two-factor", json!({"password": "not my password"})).await.refused(403, "reauthenticate");
        let (phone, codes) = turn_on(&app, &admin).await;
        app.pass(30);
        for path in ["/api/v1/two-factor/off", "/api/v1/two-factor/recovery-codes"] {
            admin.post(path, json!({})).await.refused(422, "missing");
            let told = admin.post(path, wrong.clone()).await.refused(403, "reauthenticate");
            assert_eq!(told["errors"][0]["field"], "password");
            let told = admin.post(path, proof(&phone.wrong(&app))).await.refused(403, "reauthenticate");
            assert_eq!(told["errors"][0]["field"], "code");
            program.post(path, proof(&codes[0])).await.refused(403, "forbidden");
        }
        program.post("/api/v1/two-factor", json!({"password": ADMIN.1})).await.refused(403, "forbidden");
        assert_eq!(admin.get("/api/v1/two-factor").await.ok(200)["on"], true);
        // With both: new codes, which take the place of the old ones, and then off.
        let new = admin.post("/api/v1/two-factor/recovery-codes", proof(&phone.code(&app, 0))).await.ok(200);
        admin.post("/api/v1/two-factor/off", proof(&codes[0])).await.refused(403, "reauthenticate");
        let code = new["recovery_codes"][9].as_str().unwrap();
        admin.post("/api/v1/two-factor/off", proof(code)).await.ok(200);
        app.browser().post("/api/v1/login", right()).await.ok(200)["email"].as_str().expect("a person");
        admin.post("/api/v1/two-factor/off", proof(code)).await.refused(409, "two_factor_off");
        let left = admin.get("/api/v1/two-factor").await.ok(200);
        assert_eq!(left["recovery_codes_left"], 0);
    }

    async fn case_115_turning_it_on_or_off_ends_all_other_sessions_and_renews_this_one(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.admin().await;
        let team = admin.get("/api/v1/team").await.ok(200)["team"]["id"].clone();
        let other = app.browser();
        other.post("/api/v1/login", right()).await.ok(200);
        let old = admin.copy();
        let (phone, _) = turn_on(&app, &admin).await;
        assert_ne!(cookie(&admin, "skep"), cookie(&old, "skep"));
        for gone in [&other, &old] {
            gone.get("/api/v1/whoami").await.refused(401, "sign_in");
        }
        assert_eq!(admin.get("/api/v1/team").await.ok(200)["team"]["id"], team);
        app.pass(30);
        let other = half(&app).await;
        second(&other, &phone.code(&app, 0)).await.ok(200);
        let waiting = half(&app).await;
        let old = admin.copy();
        app.pass(30);
        admin.post("/api/v1/two-factor/off", proof(&phone.code(&app, 0))).await.ok(200);
        assert_ne!(cookie(&admin, "skep"), cookie(&old, "skep"));
        for gone in [&other, &old] {
            gone.get("/api/v1/whoami").await.refused(401, "sign_in");
        }
        second(&waiting, &phone.code(&app, 30)).await.refused(401, "second_factor_ended");
        admin.get("/api/v1/whoami").await.ok(200);
    }

    async fn case_114_the_second_step_ends_the_session_that_was_there_before(db: TestDb) {
        let app = TestApp::new(db);
        let (admin, phone, _) = turned_on(&app).await;
        let old = admin.copy();
        app.pass(30);
        admin.post("/api/v1/login", right()).await.ok(200);
        old.get("/api/v1/whoami").await.ok(200);
        second(&admin, &phone.code(&app, 0)).await.ok(200);
        admin.get("/api/v1/whoami").await.ok(200);
        old.get("/api/v1/whoami").await.refused(401, "sign_in");
    }

    async fn case_111_guessing_codes_is_slowed_down_and_locks_nobody_out(db: TestDb) {
        let app = TestApp::new(db);
        let (admin, phone, codes) = turned_on(&app).await;
        let wrong = phone.wrong(&app);
        // Who knows the password gains nothing by showing it again each time.
        for _ in 0..5 {
            second(&half(&app).await, &wrong).await.refused(401, "wrong_code");
        }
        let mut waits = Vec::new();
        for _ in 0..4 {
            let browser = half(&app).await;
            let answer = second(&browser, &wrong).await;
            let wait: i64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            answer.refused(429, "busy");
            waits.push(wait);
            app.pass(wait);
            second(&browser, &phone.wrong(&app)).await.refused(401, "wrong_code");
        }
        assert_eq!(waits, [2, 4, 8, 16]);
        second(&half(&app).await, &codes[0]).await.refused(429, "busy");
        // The owner's own browser does not wait for what others did, and guesses no faster.
        for _ in 0..5 {
            admin.post("/api/v1/two-factor/off", proof(&wrong)).await.refused(403, "reauthenticate");
        }
        admin.post("/api/v1/two-factor/off", proof(&codes[0])).await.refused(429, "busy");
        admin.post("/api/v1/logout", json!({})).await.ok(204);
        admin.post("/api/v1/login", right()).await.ok(200);
        second(&admin, &codes[1]).await.ok(200);
        // Nobody waits for ever.
        app.pass(900);
        second(&half(&app).await, &codes[2]).await.ok(200);
    }

    async fn case_110_who_has_a_second_step_is_told_to_nobody_without_the_password(db: TestDb) {
        let app = TestApp::new(db);
        turned_on(&app).await;
        let tries = [json!({"email": ADMIN.0, "password": "not the password"}), json!({"email": "nobody@example.org", "password": "not the password"})];
        for (i, body) in tries.into_iter().enumerate() {
            let browser = app.browser().from([198, 51, 100, u8::try_from(i).unwrap()]);
            let answer = browser.post("/api/v1/login", body).await;
            assert!(!answer.headers.contains_key("set-cookie"));
            assert!(!answer.text.contains("second"));
            answer.refused(401, "wrong_login");
        }
    }

    async fn case_116_the_second_step_wants_to_know_where_it_comes_from(db: TestDb) {
        let app = TestApp::new(db);
        let (_, phone, _) = turned_on(&app).await;
        app.pass(30);
        let pending = cookie(&half(&app).await, "skep-pending").unwrap();
        let program = app.stranger().with("cookie", &format!("skep-pending={pending}"));
        second(&program, &phone.code(&app, 0)).await.refused(403, "foreign_origin");
        let foreign = app.browser().with("origin", "https://evil.example.org").with("cookie", &format!("skep-pending={pending}"));
        second(&foreign, &phone.code(&app, 0)).await.refused(403, "foreign_origin");
    }

    async fn a_common_password_is_refused_wherever_one_is_chosen(db: TestDb) {
        let app = TestApp::new(db);
        let setup = json!({"token": skep_tests::app::SETUP_TOKEN, "email": ADMIN.0, "password": "Password1234!"});
        app.browser().post("/api/v1/setup", setup).await.refused(422, "password_common");
        let admin = app.admin().await;
        let change = json!({"current": ADMIN.1, "password": "admin@example.org1"});
        let told = admin.post("/api/v1/password", change).await.refused(422, "password_common");
        assert_eq!(told["errors"][0]["field"], "password");
        let made = admin.post("/api/v1/teams", json!({"name": "Fjordkapell"})).await.ok(201);
        admin.post("/api/v1/session/team", json!({"team": made["id"]})).await;
        let invited = json!({"email": "new@example.org", "role": "viewer"});
        let code = admin.post("/api/v1/invitations", invited).await.ok(201)["code"].clone();
        for (password, status) in [("fjordkapell2026", 422), ("tangle mosaic 7 ferry", 201)] {
            let joins = json!({"code": code, "password": password});
            let answer = app.browser().post("/api/v1/invitations/accept", joins).await;
            assert_eq!(answer.status, status, "{}", answer.text);
        }
    }
}
