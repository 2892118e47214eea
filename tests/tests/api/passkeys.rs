//! Passkeys: a key signs in alone, only at this address, only after it knew its person, and each question is
//! answered once, by the browser that was asked.

use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use skep::{
    control::identity::{self, passkeys},
    db,
    domain::{
        clock::SystemClock,
        id::{PasskeyId, UserId},
        name::Email,
    },
};
use skep_tests::{
    app::{ADMIN, TestApp},
    authenticator::Authenticator,
    client::{Answer, Client},
    db_test, world,
};

const SITE: &str = "https://skep.example.org";
const PASSKEYS: &str = "/api/v1/passkeys";
const BEGIN: &str = "/api/v1/login/passkey/begin";
const LOGIN: &str = "/api/v1/login/passkey";

fn app(db: skep_tests::database::TestDb) -> TestApp {
    TestApp::with(db, |instance, _| instance.public_url = Some(SITE.parse().unwrap()))
}

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

async fn begin(by: &Client) -> Value {
    let begun = by.post(&format!("{PASSKEYS}/begin"), json!({"password": ADMIN.1})).await.ok(200);
    begun["options"].clone()
}

/// Registers a key of a new authenticator.
async fn registered(by: &Client, name: &str) -> (Authenticator, Value) {
    let mut key = Authenticator::at(SITE);
    let credential = key.create(&begin(by).await);
    let made = by.post(PASSKEYS, json!({"name": name, "credential": credential})).await.ok(201);
    (key, made)
}

async fn asked(browser: &Client) -> Value {
    browser.post(BEGIN, json!({})).await.ok(200)["options"].clone()
}

async fn answer(browser: &Client, credential: &Value) -> Answer {
    browser.post(LOGIN, json!({"credential": credential})).await
}

/// Signs in with a key, from a network address of its own.
async fn sign_in(app: &TestApp, key: &mut Authenticator, from: u8) -> (Client, Answer) {
    let browser = app.browser().from([192, 0, 2, from]);
    let credential = key.get(&asked(&browser).await);
    let said = answer(&browser, &credential).await;
    (browser, said)
}

async fn person(app: &TestApp, email: &str) -> UserId {
    let mut tx = app.parts.db.read().await.unwrap();
    db::identity::user_by_email(&mut tx, &Email::parse(email).unwrap()).await.unwrap().unwrap().id
}

/// What the audit log has of an action, newest first.
async fn entries(admin: &Client, action: &str) -> Vec<Value> {
    let all = admin.get(&format!("/api/v1/audit?action={action}&limit=50")).await.ok(200);
    all["items"].as_array().unwrap().clone()
}

db_test! {
    async fn a_key_signs_in_alone_and_is_both_factors(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let options = begin(&admin).await;
        assert_eq!(options["rp"]["id"], "skep.example.org", "by the address that is set, not the one asked for");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(options["attestation"], "none");
        let (mut key, made) = registered(&admin, "laptop").await;
        assert_eq!((&made["name"], &made["used_at"]), (&json!("laptop"), &Value::Null));
        let told = admin.get(PASSKEYS).await.ok(200);
        assert_eq!(told["items"].as_array().unwrap().len(), 1);
        assert!(!told.to_string().contains(&URL_SAFE_NO_PAD.encode(&key.id)), "no more than needed is told");

        let question = asked(&app.browser()).await;
        assert_eq!((&question["userVerification"], &question["allowCredentials"]), (&json!("required"), &json!([])));
        let (browser, said) = sign_in(&app, &mut key, 31).await;
        assert_eq!(said.ok(200)["email"], ADMIN.0);
        browser.get("/api/v1/whoami").await.ok(200);
        assert!(!browser.cookies.lock().unwrap().contains_key("skep-passkey"), "the question is over");
        assert!(admin.get(PASSKEYS).await.ok(200)["items"][0]["used_at"].is_string());
        // Of those who asked for a code, too.
        turn_two_factor_on(&app).await;
        let (browser, said) = sign_in(&app, &mut key, 32).await;
        said.ok(200);
        browser.get("/api/v1/whoami").await.ok(200);
        assert_eq!(entries(&admin, "passkey.add").await.len(), 1);
        assert_eq!(entries(&admin, "session.begin").await.len(), 2);
    }

    async fn a_key_takes_the_place_of_the_code(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let (mut key, _) = registered(&admin, "laptop").await;
        turn_two_factor_on(&app).await;
        // With two-factor sign-in, another key needs both.
        admin.post(&format!("{PASSKEYS}/begin"), json!({"password": ADMIN.1})).await.refused(403, "reauthenticate");
        let login = json!({"email": ADMIN.0, "password": ADMIN.1});
        let browser = app.browser().from([192, 0, 2, 41]);
        browser.post(BEGIN, json!({"second_step": true})).await.refused(401, "second_factor_ended");
        assert_eq!(browser.post("/api/v1/login", login.clone()).await.ok(200)["second_factor"], true);
        let options = browser.post(BEGIN, json!({"second_step": true})).await.ok(200)["options"].clone();
        assert_eq!(options["allowCredentials"], json!([{"type": "public-key", "id": URL_SAFE_NO_PAD.encode(&key.id)}]));
        // The key of somebody else is no second step of hers.
        let other = world::member(&app.parts, team(&admin).await, "other@example.org", &[]).await;
        let mut theirs = key_of(&app, other.user).await;
        answer(&browser, &theirs.get(&options)).await.refused(401, "wrong_passkey");
        let options = browser.post(BEGIN, json!({"second_step": true})).await.ok(200)["options"].clone();
        answer(&browser, &key.get(&options)).await.ok(200);
        browser.get("/api/v1/whoami").await.ok(200);
        browser.post(BEGIN, json!({"second_step": true})).await.refused(401, "second_factor_ended");
        // Who has none is told so.
        assert!(passkeys::reset(&app.parts.db, &SystemClock, ADMIN.0).await.unwrap() == (1, true));
        let browser = app.browser().from([192, 0, 2, 42]);
        browser.post("/api/v1/login", login).await.ok(200);
        browser.post(BEGIN, json!({"second_step": true})).await.refused(409, "no_passkey");
    }

    async fn whatever_is_wrong_is_one_answer(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let (mut key, _) = registered(&admin, "laptop").await;
        let (mut stranger, mut from) = (Authenticator::at(SITE), 50);
        stranger.user = key.user.clone();
        let mut details = Vec::new();
        let mut refused = async |name: &str, change: &dyn Fn(&mut Authenticator, &Value) -> Value, key: &mut Authenticator| {
            let browser = app.browser().from([192, 0, 2, from]);
            from += 1;
            let options = asked(&browser).await;
            let credential = change(key, &options);
            let said = answer(&browser, &credential).await;
            assert_eq!(said.json["code"], "wrong_passkey", "{name}: {}", said.text);
            details.push(said.refused(401, "wrong_passkey")["detail"].to_string());
            browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        };
        refused("unknown key", &|key, options| key.get(options), &mut stranger).await;
        for origin in ["https://evil.example.org", "http://skep.example.org", "https://skep.example.org:8443", "https://sub.skep.example.org"] {
            refused(origin, &|key, options| with(key, options, |key| key.origin = origin.to_owned()), &mut key).await;
        }
        refused("another host", &|key, options| with(key, options, |key| key.host = "example.org".to_owned()), &mut key).await;
        refused("unverified", &|key, options| with(key, options, |key| key.verified = false), &mut key).await;
        refused("within a page of others", &|key, options| with(key, options, |key| key.framed = true), &mut key).await;
        refused("another question", &|key, _| key.get(&json!({"challenge": URL_SAFE_NO_PAD.encode([7; 32])})), &mut key).await;
        refused("another person", &|key, options| with(key, options, |key| key.user = vec![1; 16]), &mut key).await;
        refused("nobody", &|key, options| with(key, options, |key| key.user = Vec::new()), &mut key).await;
        refused("what registers", &|key, options| {
            let mut credential = key.get(options);
            let made = Authenticator::at(SITE).create(&json!({"user": {"id": "AAAA"}, "challenge": options["challenge"]}));
            credential["response"]["clientDataJSON"] = made["response"]["clientDataJSON"].clone();
            credential
        }, &mut key).await;
        for part in ["signature", "authenticatorData", "clientDataJSON"] {
            refused(part, &|key, options| {
                let mut credential = key.get(options);
                let at = &mut credential["response"][part];
                let mut bytes = URL_SAFE_NO_PAD.decode(at.as_str().unwrap()).unwrap();
                // The last byte: of the number, of the counter, of the JSON.
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                *at = json!(URL_SAFE_NO_PAD.encode(bytes));
                credential
            }, &mut key).await;
        }
        details.dedup();
        assert_eq!(details.len(), 1, "nothing is told of why: {details:?}");
        // The key itself is as good as before.
        let (_, said) = sign_in(&app, &mut key, 99).await;
        said.ok(200);
        app.note_refusals().await;
        let mut tx = app.parts.db.read().await.unwrap();
        assert!(db::audit::head(&mut tx, skep::domain::audit::INSTANCE).await.unwrap().is_some(), "refusals are in the log");
    }

    async fn a_question_is_answered_once_in_time_and_by_the_browser_that_was_asked(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let (mut key, _) = registered(&admin, "laptop").await;
        let browser = app.browser().from([192, 0, 2, 61]);
        let credential = key.get(&asked(&browser).await);
        // Another browser has another cookie, or none.
        let thief = app.browser().from([192, 0, 2, 62]);
        answer(&thief, &credential).await.refused(401, "passkey_ended");
        asked(&thief).await;
        answer(&thief, &credential).await.refused(401, "wrong_passkey");
        let replay = browser.copy().from([192, 0, 2, 63]);
        answer(&browser, &credential).await.ok(200);
        answer(&replay, &credential).await.refused(401, "passkey_ended");
        // Many at once: one is let in.
        let browser = app.browser().from([192, 0, 2, 64]);
        let credential = key.get(&asked(&browser).await);
        let copies: Vec<_> = (0..5).map(|i| browser.copy().from([192, 0, 3, i])).collect();
        let tries = copies.iter().map(|copy| answer(copy, &credential));
        let said = futures::future::join_all(tries).await;
        assert_eq!(said.iter().filter(|said| said.status == 200).count(), 1);
        // Five minutes.
        let late = app.browser().from([192, 0, 2, 65]);
        let credential = key.get(&asked(&late).await);
        app.pass(301);
        answer(&late, &credential).await.refused(401, "passkey_ended");
        // A question to register signs nobody in, and the other way round.
        let registers = app.browser().from([192, 0, 2, 66]);
        let options = begin(&admin).await;
        let cookie = admin.cookies.lock().unwrap()["skep-passkey"].clone();
        registers.cookies.lock().unwrap().insert("skep-passkey".into(), cookie);
        answer(&registers, &key.get(&options)).await.refused(401, "passkey_ended");
        let signs = asked(&registers).await;
        let cookie = registers.cookies.lock().unwrap()["skep-passkey"].clone();
        admin.cookies.lock().unwrap().insert("skep-passkey".into(), cookie);
        let mut second = Authenticator::at(SITE);
        let made = second.create(&json!({"user": {"id": "AAAA"}, "challenge": signs["challenge"]}));
        admin.post(PASSKEYS, json!({"name": "x", "credential": made})).await.refused(401, "passkey_ended");
        // A write with the question's cookie says where it comes from.
        let request = registers.request(Method::POST, LOGIN).body(axum::body::Body::empty()).unwrap();
        let (mut parts, body) = request.into_parts();
        parts.headers.remove("origin");
        registers.ask(axum::http::Request::from_parts(parts, body)).await.refused(403, "foreign_origin");
    }

    async fn a_counter_that_goes_back_is_refused_and_told(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let (mut key, _) = registered(&admin, "laptop").await;
        for from in [71, 72] {
            sign_in(&app, &mut key, from).await.1.ok(200);
        }
        let counted = key.counter;
        key.counter = counted - 1; // the copy counts to what was there already
        sign_in(&app, &mut key, 73).await.1.refused(401, "passkey_copied");
        key.counter = 0; // and one that stopped counting
        sign_in(&app, &mut key, 74).await.1.refused(401, "passkey_copied");
        let told = entries(&admin, "passkey.use").await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!((&told[0]["outcome"], &told[0]["code"], &told[0]["called"]), (&json!("refused"), &json!("passkey_copied"), &json!(ADMIN.0)));
        assert_eq!(told[0]["name"], "laptop");
        key.counter = counted;
        sign_in(&app, &mut key, 75).await.1.ok(200);
        // One that never counts is no copy.
        let mut still = Authenticator::at(SITE);
        still.counter = 0;
        let credential = still.create(&begin(&admin).await);
        admin.post(PASSKEYS, json!({"name": "phone", "credential": credential})).await.ok(201);
        for from in [76, 77] {
            sign_in(&app, &mut still, from).await.1.ok(200);
        }
    }

    async fn what_registers_is_checked_in_the_same_way(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let path = format!("{PASSKEYS}/begin");
        admin.post(&path, json!({"password": "not the password"})).await.refused(403, "reauthenticate");
        let wrong: [fn(&mut Authenticator); 5] = [
            |key| key.origin = "https://evil.example.org".to_owned(),
            |key| key.host = "evil.example.org".to_owned(),
            |key| key.verified = false,
            |key| key.framed = true,
            |key| key.id = vec![1; 1024],
        ];
        for change in wrong {
            let mut key = Authenticator::at(SITE);
            change(&mut key);
            let credential = key.create(&begin(&admin).await);
            admin.post(PASSKEYS, json!({"name": "x", "credential": credential})).await.refused(422, "wrong_passkey");
            // The question is used up.
            admin.post(PASSKEYS, json!({"name": "x", "credential": credential})).await.refused(401, "passkey_ended");
        }
        let mut key = Authenticator::at(SITE);
        let credential = key.create(&begin(&admin).await);
        for name in ["", "x".repeat(101).as_str()] {
            admin.post(PASSKEYS, json!({"name": name, "credential": credential})).await.refused(422, "invalid_name");
        }
        admin.post(PASSKEYS, json!({"name": "mine", "credential": credential})).await.ok(201);
        // Nobody else registers the same key.
        let other = world::member(&app.parts, team(&admin).await, "other@example.org", &[]).await;
        let taken = keep(&app, other.user, &key).await.unwrap_err();
        assert!(db::is_duplicate(&taken), "{taken}");
        let again = key.create(&begin(&admin).await);
        admin.post(PASSKEYS, json!({"name": "again", "credential": again})).await.refused(422, "wrong_passkey");
        // What is none at all names its field.
        for (path, credential) in [
            (PASSKEYS, json!({})), (PASSKEYS, json!("text")), (PASSKEYS, json!({"id": 1, "rawId": "!", "type": "public-key", "response": {}})),
            (LOGIN, json!(null)), (LOGIN, json!({"id": "a", "rawId": "$$", "type": "x", "response": {"signature": 1}})),
        ] {
            let said = admin.post(path, json!({"name": "x", "credential": credential})).await;
            assert_eq!(said.status, 422, "{path}: {}", said.text);
            assert!(said.text.contains("credential") || said.text.contains("name"), "{}", said.text);
        }
        let big = json!({"credential": {"id": "a".repeat(4 << 20)}});
        assert_eq!(app.browser().from([192, 0, 2, 81]).post(LOGIN, big).await.status, 413);
    }

    async fn keys_are_named_removed_and_never_the_last_way_in(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let ((mut first, made), (_, second)) = (registered(&admin, "laptop").await, registered(&admin, "phone").await);
        let path = format!("{PASSKEYS}/{}", id(&made));
        assert_eq!(admin.patch(&path, json!({"name": "work laptop"})).await.ok(200)["name"], "work laptop");
        admin.patch(&path, json!({"name": ""})).await.refused(422, "invalid_name");
        // By a session alone, of the person alone.
        let token = admin.post("/api/v1/tokens", json!({"name": "t"})).await.ok(201);
        let token = Client::program(app.router.clone(), token["value"].as_str());
        token.get(PASSKEYS).await.ok(200);
        token.post(&format!("{PASSKEYS}/begin"), json!({"password": ADMIN.1})).await.refused(403, "forbidden");
        token.patch(&path, json!({"name": "x"})).await.refused(403, "forbidden");
        token.delete(&path).await.refused(403, "forbidden");
        let other = world::member(&app.parts, team(&admin).await, "other@example.org", &[]).await;
        let mut lone = key_of(&app, other.user).await;
        let (theirs, said) = sign_in(&app, &mut lone, 91).await;
        said.ok(200);
        theirs.delete(&path).await.refused(404, "not_found");
        theirs.patch(&path, json!({"name": "x"})).await.refused(404, "not_found");
        // They have no password: with this key they would lose the way in.
        let only = theirs.get(PASSKEYS).await.ok(200)["items"][0].clone();
        theirs.delete(&format!("{PASSKEYS}/{}", id(&only))).await.refused(409, "last_passkey");
        admin.delete(&path).await.ok(204);
        admin.delete(&path).await.refused(404, "not_found");
        sign_in(&app, &mut first, 92).await.1.refused(401, "wrong_passkey");
        admin.delete(&format!("{PASSKEYS}/{}", id(&second))).await.ok(204);
        // What the machine's owner does for whoever lost theirs.
        assert_eq!(passkeys::reset(&app.parts.db, &SystemClock, "other@example.org").await.unwrap(), (1, false));
        theirs.get("/api/v1/whoami").await.refused(401, "sign_in");
        assert_eq!(passkeys::reset(&app.parts.db, &SystemClock, "other@example.org").await.unwrap().0, 0);
        assert!(identity::people(&app.parts.db).await.unwrap().iter().all(|(.., passkeys)| *passkeys == 0));
    }

    async fn tries_wait_as_those_of_passwords_do(db: TestDb) {
        let app = app(db);
        let admin = app.admin().await;
        let (mut key, _) = registered(&admin, "laptop").await;
        let browser = app.browser().from([192, 0, 2, 101]);
        for _ in 0..5 {
            asked(&browser).await;
        }
        browser.post(BEGIN, json!({})).await.refused(429, "busy");
        let login = json!({"email": ADMIN.0, "password": "not the password"});
        browser.post("/api/v1/login", login).await.refused(429, "busy");
        // Another address does not wait; and who signs in has not failed.
        for _ in 0..7 {
            sign_in(&app, &mut key, 102).await.1.ok(200);
        }
    }

    async fn without_an_address_there_are_no_passkeys(db: TestDb) {
        no_passkeys(TestApp::new(db)).await;
    }

    async fn an_ip_address_is_no_name_that_a_key_could_be_bound_to(db: TestDb) {
        no_passkeys(TestApp::with(db, |instance, _| instance.public_url = Some("https://192.0.2.7".parse().unwrap()))).await;
    }
}

async fn no_passkeys(app: TestApp) {
    let admin = app.admin().await;
    let path = format!("{PASSKEYS}/begin");
    admin.post(&path, json!({"password": ADMIN.1})).await.refused(409, "no_public_name");
    app.browser().post(BEGIN, json!({})).await.refused(409, "no_public_name");
}

/// What the key answers while it is another one.
fn with(key: &mut Authenticator, options: &Value, change: impl Fn(&mut Authenticator)) -> Value {
    let (origin, host, user) = (key.origin.clone(), key.host.clone(), key.user.clone());
    change(key);
    let credential = key.get(options);
    (key.origin, key.host, key.user, key.verified, key.framed) = (origin, host, user, true, false);
    credential
}

async fn team(admin: &Client) -> skep::domain::id::TeamId {
    id(&admin.get("/api/v1/team").await.ok(200)["team"]).parse().unwrap()
}

/// Two-factor sign-in of the admin, by way of the database.
async fn turn_two_factor_on(app: &TestApp) {
    let user = person(app, ADMIN.0).await;
    let sealed = app.parts.seal.seal(&SystemClock, "totp", b"12345678901234567890");
    let mut tx = app.parts.db.write().await.unwrap();
    assert!(db::two_factor::begin(&mut tx, user, &sealed, app.parts.clock.now()).await.unwrap());
    assert!(db::two_factor::confirm(&mut tx, user, app.parts.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
}

/// A key of somebody who has no password to show, as the server keeps one.
async fn key_of(app: &TestApp, user: UserId) -> Authenticator {
    let mut key = Authenticator::at(SITE);
    let site = webauthn_rs::WebauthnBuilder::new("skep.example.org", &SITE.parse().unwrap())
        .unwrap()
        .build()
        .unwrap();
    let (options, state) = site.start_passkey_registration(user.uuid(), "x", "x", None).unwrap();
    let made = key.create(&serde_json::to_value(&options.public_key).unwrap());
    let made = site.finish_passkey_registration(&serde_json::from_value(made).unwrap(), &state).unwrap();
    keep_as(app, user, &key, &serde_json::to_string(&made).unwrap()).await.unwrap();
    key
}

async fn keep(app: &TestApp, user: UserId, key: &Authenticator) -> Result<(), db::DbError> {
    keep_as(app, user, key, "{}").await
}

async fn keep_as(app: &TestApp, user: UserId, key: &Authenticator, public: &str) -> Result<(), db::DbError> {
    let passkey = skep::domain::identity::Passkey {
        id: PasskeyId::new(&SystemClock),
        user,
        credential: key.id.clone(),
        name: "key".to_owned(),
        public: public.to_owned(),
        counter: 0,
        created_at: app.parts.clock.now(),
        used_at: None,
    };
    let mut tx = app.parts.db.write().await?;
    db::passkey::insert(&mut tx, &passkey).await?;
    tx.commit().await
}
