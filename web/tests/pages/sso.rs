//! Single sign-on in pages: to a provider by a link, back from it, and its words never as markup.

use axum::http::{Request, header};
use skep_web::fake::Mood;

use super::{
    draw::check,
    fake, get,
    html::{form_pairs, text_of},
    post, reading, send,
};

#[tokio::test]
async fn a_link_leads_to_the_provider_and_back() {
    let out = fake(Mood::Out);
    let (_, page) = get(&out, "/login?next=/apps/a-web").await;
    check("/login", &page);
    assert!(page.contains("href=\"/login/go/i-house?next=%2Fapps%2Fa-web\""), "{page}");
    let (status, page) = get(&out, "/login/t1").await;
    assert_eq!(status, 200);
    check("/login/t1", &page);
    assert!(text_of(&page).contains("Sign in with Acme <ID>") && page.contains("/login/go/i-acme"));
    assert_eq!(get(&out, "/login/t9").await.0, 404);
    let response = send(&out, reading("/login/go/i-acme?next=//evil.example")).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()[header::LOCATION], "https://login.example.org/?next=%2F", "case 129");
    assert!(response.headers()[header::SET_COOKIE].to_str().expect("ascii").contains("SameSite=Lax"));
    // Another site's page leads nobody there.
    let led = Request::get("/login/go/i-acme").header("sec-fetch-site", "cross-site");
    let response = send(&out, led.body(axum::body::Body::empty()).expect("request")).await;
    assert_eq!(response.headers()[header::LOCATION], "/login");
    // But it is the provider's page that leads back.
    let back = Request::get("/login/callback?code=c&state=state").header("sec-fetch-site", "cross-site");
    let response = send(&out, back.body(axum::body::Body::empty()).expect("request")).await;
    assert_eq!(response.headers()[header::LOCATION], "/apps/a-web");
}

#[tokio::test]
async fn what_a_provider_says_is_text() {
    let out = fake(Mood::Out);
    let said =
        "/login/callback?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=state";
    let (status, page) = get(&out, said).await;
    assert_eq!(status, 401);
    check("refused", &page);
    assert!(text_of(&page).contains("access_denied: <script>alert(1)</script>"));
    let (status, page) = get(&out, "/login/callback?code=c&state=another").await;
    assert_eq!(status, 401);
    assert!(text_of(&page).contains("begin anew"));
    let rich = fake(Mood::Rich);
    let (status, _, page) = post(&rich, "/actions/team/sso/test", "provider=i-acme").await;
    assert_eq!(status, 200);
    check("findings", &page);
    assert!(text_of(&page).contains("invalid_client: <b>who?</b>"));
}

#[tokio::test]
async fn a_provider_is_set_up_without_scripts() {
    let rich = fake(Mood::Rich);
    let path = "/actions/team/sso";
    let (status, _, page) =
        post(&rich, path, "name=x&kind=oidc&issuer=ftp://x&client=skep&secret=hunter2").await;
    assert_eq!(status, 422);
    check("refused", &page);
    assert!(page.contains(r#"value="ftp://x""#) && !page.contains("hunter2"));
    let fields = "name=x&kind=oidc&issuer=https://x.example&client=skep&secret=s";
    for (path, to) in
        [(path, "/team/sso?done=sso-created"), ("/actions/instance/sso", "/instance/sso?done=sso-created")]
    {
        let (status, got, _) = post(&rich, path, fields).await;
        assert_eq!((status, got.as_str()), (303, to));
    }
    // What is wrong with one provider is shown at that one.
    let (status, _, page) =
        post(&rich, "/actions/team/sso/map", "provider=i-acme&group=g&role=owner&place=team").await;
    assert_eq!(status, 422);
    check("/team/sso", &page);
    assert!(text_of(&page).contains("owners are made by hand"));
    let (status, _, page) = post(&rich, "/actions/team/sso/remove", "provider=i-acme&of=instance").await;
    assert_eq!(status, 200);
    assert!(form_pairs(&page, "/actions/team/sso/remove").contains(&("confirm".into(), "yes".into())));
    let (status, _, page) = post(&rich, "/actions/team/sso/only", "only=yes").await;
    assert_eq!(status, 409);
    assert!(text_of(&page).contains("sign in through the team's provider first"));
}

#[tokio::test]
async fn connecting_shows_the_password_and_leads_on_by_a_link() {
    let rich = fake(Mood::Rich);
    let path = "/actions/account/identities/connect";
    let (status, _, page) = post(&rich, path, "provider=i-house&name=House+ID&password=wrong").await;
    assert_eq!(status, 422);
    check("/account", &page);
    assert!(text_of(&page).contains("is not your password"));
    let right = "provider=i-house&name=House+ID&password=correct+horse+battery";
    let (status, _, page) = post(&rich, path, right).await;
    assert_eq!(status, 200);
    check("way", &page);
    assert!(page.contains("href=\"https://login.example.org/?next=%2Faccount\""), "{page}");
    let (status, to, _) = post(&rich, "/actions/account/identities/disconnect", right).await;
    assert_eq!((status, to.as_str()), (303, "/account?done=disconnected"));
}
