//! The way to a provider and back: one browser, once, in time, and nobody else's.

use axum::http::header;
use serde_json::json;
use skep::sso::SsoError;
use skep_tests::db_test;

use crate::scene::{Scene, back, go, map, refusals, state_of, wrong};

db_test! {
    async fn somebody_new_comes_in_by_the_word_of_the_provider(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let provider = scene.provider(&admin, json!([map(Some("dev"), "deployer")])).await;
        scene.vouch("ada", &["dev", "other"]);
        let browser = scene.browser();
        let answer = browser.get(&format!("/login/go/{provider}?next=/team")).await;
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.starts_with("skep-sign-on=") && cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let state = state_of(&answer);
        assert!(!cookie.contains(&state), "the state tells nothing of the cookie");
        let answer = back(&browser, &format!("code=code&state={state}")).await;
        assert_eq!((answer.status.as_u16(), answer.headers[header::LOCATION].to_str().unwrap()), (303, "/team"));
        let me = browser.get("/api/v1/whoami").await.ok(200);
        assert_eq!(me["email"], "ada@acme.example");
        let seen = browser.get("/team").await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        // Over https the cookie is bound to the host.
        let secure = scene.browser().with("x-forwarded-proto", "https");
        let answer = secure.get(&format!("/login/go/{provider}")).await;
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-skep-sign-on=") && cookie.ends_with("; Secure"), "{cookie}");
        // The session stands in the team's log with the provider.
        let log = admin.get("/api/v1/audit?action=session.begin").await.ok(200);
        let entry = &log["items"][0];
        assert_eq!((&entry["name"], &entry["called"]), (&json!("Acme <ID>"), &json!("ada@acme.example")), "{entry}");
    }

    async fn case_127_only_the_browser_that_was_sent_comes_back_and_once(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let provider = scene.provider(&admin, json!([map(None, "viewer")])).await;
        let people = scene.people().await;
        scene.vouch("ada", &[]);
        let refused = async |browser: &skep_tests::client::Client, query: &str| {
            let answer = back(browser, query).await;
            assert_eq!(answer.status, 401, "{query}: {}", answer.text);
            assert!(answer.headers.get(header::LOCATION).is_none());
            browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        };
        // Another's state in my browser (login CSRF), mine in another's, a state that I made up, none.
        let (mine, other) = (scene.browser(), scene.browser());
        let (state, foreign) = (go(&mine, &provider).await, go(&other, &provider).await);
        refused(&mine, &format!("code=code&state={foreign}")).await;
        refused(&scene.browser(), &format!("code=code&state={state}")).await;
        refused(&mine, "code=code&state=x").await;
        refused(&mine, "code=code").await;
        // It was not used up by these.
        let answer = back(&mine, &format!("code=code&state={state}")).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert_eq!(scene.people().await, people + 1);
        // Once.
        let again = scene.browser();
        let state = go(&again, &provider).await;
        let cookies = again.copy();
        refused(&again, &format!("code=wrong&state={state}")).await;
        refused(&cookies, &format!("code=code&state={state}")).await;
        // In time.
        let late = scene.browser();
        let state = go(&late, &provider).await;
        scene.app.pass(601);
        refused(&late, &format!("code=code&state={state}")).await;
        assert_eq!(scene.people().await, people + 1);
        // From a page of somebody else nobody is sent anywhere.
        let led = scene.browser().with("sec-fetch-site", "cross-site");
        let answer = led.get(&format!("/login/go/{provider}")).await;
        assert_eq!(answer.headers[header::LOCATION].to_str().unwrap(), "/login");
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
        // And nobody is led away after it.
        let browser = scene.browser();
        let state = state_of(&browser.get(&format!("/login/go/{provider}?next=//evil.example")).await);
        let answer = back(&browser, &format!("code=code&state={state}")).await;
        assert_eq!(answer.headers[header::LOCATION].to_str().unwrap(), "/", "case 129");
    }

    async fn what_the_provider_says_is_shown_and_makes_nothing(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let provider = scene.provider(&admin, json!([map(None, "viewer")])).await;
        let people = scene.people().await;
        let codes = [
            "token_signature", "token_algorithm", "token_key", "token_audience", "token_issuer", "token_expired",
            "token_early", "token_nonce", "token_time", "token_malformed",
        ];
        for code in codes {
            scene.says.say(Err(wrong(code)));
            let browser = scene.browser();
            let answer = scene.sign_in(&browser, &provider).await;
            assert_eq!(answer.status, 401, "case 118: {code}");
            assert!(answer.text.contains("the &lt;b>token&lt;/b> is wrong") || answer.text.contains("&lt;b&gt;token"), "{}", answer.text);
            browser.get("/api/v1/whoami").await.refused(401, "sign_in");
        }
        let browser = scene.browser();
        scene.vouch("ada", &[]);
        let state = go(&browser, &provider).await;
        let words = format!("error=access_denied&error_description=%3Cscript%3Eno%3C/script%3E&state={state}");
        let answer = back(&browser, &words).await;
        assert_eq!(answer.status, 401);
        assert!(answer.text.contains("access_denied") && !answer.text.contains("<script>no"), "{}", answer.text);
        // Another provider that answers in the place of the one that was asked (RFC 9207).
        let state = go(&browser, &provider).await;
        let answer = back(&browser, &format!("code=code&state={state}&iss=https://evil.example.org")).await;
        assert_eq!(answer.status, 401);
        assert_eq!(scene.people().await, people, "nobody was made");
        // Each stands in the team's log.
        let noted = refusals(&admin, "team").await;
        for code in codes.into_iter().chain(["provider_refused", "provider_mixed_up"]) {
            assert!(noted.contains(&("session.begin".into(), code.into())), "{code}: {noted:?}");
        }
        // And the tries without a sign-on in the instance's.
        back(&scene.browser(), "code=code&state=x").await;
        scene.app.note_refusals().await;
        assert!(refusals(&admin, "instance").await.iter().any(|(action, _)| action == "session.begin"));
        // It is away: that is told before anybody goes there.
        scene.says.say(Err(SsoError::Unreachable("no route".into())));
        let answer = browser.get(&format!("/login/go/{provider}")).await;
        assert_eq!(answer.status, 503);
        assert!(answer.text.contains("no route"));
    }

    async fn so_many_are_on_their_way_from_one_address(db: TestDb) {
        let scene = Scene::new(db);
        let admin = scene.admin().await;
        let provider = scene.provider(&admin, json!([])).await;
        scene.vouch("ada", &[]);
        for _ in 0..100 {
            go(&scene.browser(), &provider).await;
        }
        let path = format!("/login/go/{provider}");
        assert_eq!(scene.browser().get(&path).await.status, 429);
        assert_eq!(scene.browser().from([192, 0, 2, 9]).get(&path).await.status, 303, "others are not kept waiting");
        scene.app.pass(601);
        assert_eq!(scene.browser().get(&path).await.status, 303);
        assert_eq!(scene.browser().get("/login/go/01900000-0000-7000-8000-000000000000").await.status, 404);
    }
}
