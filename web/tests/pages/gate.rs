//! Who is not signed in sees the gate and nothing else.

use axum::http::header;
use skep_web::fake::Mood;

use super::{
    draw::{PAGES, check},
    fake, get,
    html::{form_pairs, text_of},
    post, reading, send,
};

#[tokio::test]
async fn case_117_login_is_posted_and_leads_on() {
    let out = fake(Mood::Out);
    let (status, page) = get(&out, "/login?next=/apps/a-web").await;
    assert_eq!(status, 200);
    check("/login", &page);
    let pairs = form_pairs(&page, "/actions/login");
    assert!(pairs.contains(&("next".into(), "/apps/a-web".into())));
    let right = "email=ada@example.org&password=correct+horse+battery&next=";
    for (next, to) in [("%2Fapps%2Fa-web", "/apps/a-web"), ("//evil.example", "/"), ("/%5Cevil", "/")] {
        let (status, got, _) = post(&out, "/actions/login", &format!("{right}{next}")).await;
        assert_eq!((status, got.as_str()), (303, to), "case 129");
    }
}

#[tokio::test]
async fn case_110_an_unknown_person_and_a_wrong_password_read_the_same() {
    let out = fake(Mood::Out);
    for (form, want, words) in [
        ("email=ada@example.org&password=wrong", 401, "The address or the password is wrong"),
        ("email=nobody@example.org&password=wrong", 401, "The address or the password is wrong"),
        ("email=slow@example.org&password=x", 429, "Too many tries"),
    ] {
        let (status, _, page) = post(&out, "/actions/login", form).await;
        assert_eq!(status, want);
        assert!(text_of(&page).contains(words) && !page.contains(r#"value="wrong""#));
    }
    let long = format!("email=a@b.c&password={}", "x".repeat(1_048_576));
    assert_eq!(post(&out, "/actions/login", &long).await.0, 422, "case 112");
}

#[tokio::test]
async fn case_125_a_code_is_asked_for_on_a_page_of_its_own() {
    let fake = fake(Mood::Rich);
    let proof = "password=correct+horse+battery&code=";
    let (status, _, page) =
        post(&fake, "/actions/account/two-factor/confirm", &format!("{proof}123456")).await;
    assert_eq!(status, 200);
    assert!(page.contains("abcd-efgh-ijkl-mnoj"));
    check("recovery codes", &page);
    post(&fake, "/actions/logout", "").await;

    let right = "email=ada@example.org&password=correct+horse+battery&next=%2Fapps%2Fa-web";
    let (status, to, _) = post(&fake, "/actions/login", right).await;
    assert_eq!((status, to.as_str()), (303, "/login/second?next=%2Fapps%2Fa-web"));
    let (status, page) = get(&fake, &to).await;
    assert_eq!(status, 200);
    check("/login/second", &page);
    let pairs = form_pairs(&page, "/actions/login/second");
    assert!(pairs.contains(&("next".into(), "/apps/a-web".into())));
    assert_eq!(send(&fake, reading("/")).await.status(), 303, "nobody is signed in yet");
    let (status, _, page) = post(&fake, "/actions/login/second", "code=000000&next=%2Fapps%2Fa-web").await;
    assert_eq!(status, 422);
    check("/login/second", &page);
    assert!(
        text_of(&page).contains("wrong")
            && form_pairs(&page, "/actions/login/second").contains(&("next".into(), "/apps/a-web".into()))
    );
    let (status, to, _) = post(&fake, "/actions/login/second", "code=123456&next=%2Fapps%2Fa-web").await;
    assert_eq!((status, to.as_str()), (303, "/apps/a-web"));
}

#[tokio::test]
async fn nobody_signed_in_sees_nothing_but_the_gate() {
    for (mood, want) in [(Mood::Out, "/login"), (Mood::Fresh, "/setup")] {
        let fake = fake(mood);
        for path in PAGES {
            let response = send(&fake, reading(path)).await;
            assert_eq!(response.status(), 303, "{path}");
            let to = response.headers()[header::LOCATION].to_str().expect("ascii");
            assert!(to.starts_with(want), "{path} {to}");
        }
        let (status, to, _) = post(&fake, "/actions/apps/a-web/delete", "name=web").await;
        assert_eq!(
            (status, to.as_str()),
            (303, "/login?next=%2Fapps%2Fa-web%2Fdelete"),
            "and back to the form"
        );
    }
}

#[tokio::test]
async fn case_113_setup_takes_the_token_and_then_is_closed() {
    let fresh = fake(Mood::Fresh);
    let (status, page) = get(&fresh, "/setup").await;
    assert_eq!(status, 200);
    check("/setup", &page);
    let wrong = "token=guess&email=ada&password=short";
    let (status, _, page) = post(&fresh, "/actions/setup", wrong).await;
    assert_eq!(status, 422);
    check("/setup", &page);
    assert!(page.contains(r#"value="ada""#) && !page.contains("guess") && !page.contains("short"));
    let right = "token=token&email=ada@example.org&password=correct+horse+battery";
    let (status, to, _) = post(&fresh, "/actions/setup", right).await;
    assert_eq!((status, to.as_str()), (303, "/"));

    let out = fake(Mood::Out);
    let response = send(&out, reading("/setup")).await;
    assert!(response.headers()[header::LOCATION].to_str().expect("ascii").starts_with("/login"));
    let (status, _, page) = post(&out, "/actions/setup", right).await;
    assert_eq!(status, 409);
    assert!(text_of(&page).contains("There is an admin already"));
}
