//! Forms without scripts: faults at their fields, what was entered kept, secrets never.

use axum::{
    body::Body,
    extract::Request,
    http::{StatusCode, header},
};
use skep_web::fake::Mood;

use super::{
    draw::check,
    fake, get,
    html::{elements, encode, form_pairs, text_of},
    post, send,
};

#[tokio::test]
async fn a_fault_stands_at_its_field_and_what_was_entered_stays() {
    let fake = fake(Mood::Rich);
    let form = "name=Shop!&source.kind=git&source.url=x&source.follow.kind=tags&source.follow.target=v%2A";
    let (status, _, page) = post(&fake, "/actions/environments/e-prod/apps", form).await;
    assert_eq!(status, 422);
    check("refused", &page);
    let all = elements(&page);
    let field = |name: &str| all.iter().find(|e| e.get("name") == Some(name)).expect("field");
    let name = field("name");
    assert_eq!((name.get("value"), name.get("aria-invalid")), (Some("Shop!"), Some("true")));
    let fault = name.get("aria-describedby").and_then(|ids| ids.split(' ').next()).expect("described");
    let fault = all.iter().find(|e| e.get("id") == Some(fault)).expect("fault");
    assert!(fault.text.contains("Must be 1 to 30 lower-case letters"));
    assert_eq!(field("source.follow.target").get("value"), Some("v*"));
    let summary = all.iter().find(|e| e.get("class") == Some("faults")).expect("summary");
    assert_eq!(summary.get("role"), Some("alert"));

    let form = "name=shop&source.kind=git&source.url=ftp%3A%2F%2Fx&host=localhost";
    let (status, _, page) = post(&fake, "/actions/environments/e-prod/apps", form).await;
    assert_eq!(status, 422);
    let seen = text_of(&page);
    assert!(seen.contains("must be an https or ssh address") && seen.contains("must be a public host name"));
}

#[tokio::test]
async fn secrets_are_never_drawn_again() {
    let fake = fake(Mood::Rich);
    for (path, form) in [
        ("/actions/apps/a-web/variables", "key=bad-key&value=hunter2hunter2&secret=yes"),
        ("/actions/apps/a-web/variables/import", "text=A%3D1%0Ahunter2hunter2"),
        ("/actions/account/password", "current=hunter2hunter2&password=hunter2hunter2"),
        ("/actions/team/stores", "name=a&settings.kind=vault&address=x&login.secret=hunter2hunter2"),
        ("/actions/instance/directories", "address=nowhere&external_key=kid&hmac=hunter2hunter2"),
        ("/actions/credentials", "kind=git_token&host=hosthost&secret=hunter2&title="),
        ("/actions/credentials", "kind=git_key&host=hosthost&key=hunter2&title="),
    ] {
        let (status, _, page) = post(&fake, path, form).await;
        assert_eq!(status, 422, "{path}");
        assert!(!page.contains("hunter2"), "{path}");
        check(path, &page);
    }
    let (_, _, page) = post(&fake, "/actions/apps/a-web/variables", "key=bad-key&value=v").await;
    assert!(page.contains(r#"value="bad-key""#), "the name is no secret");
    let (_, _, page) = post(&fake, "/actions/apps/a-web/variables/import", "text=A%3D1%0Anonsense").await;
    assert!(text_of(&page).contains("line 2"));
}

#[tokio::test]
async fn settings_keep_what_was_entered_down_to_the_last_row() {
    let fake = fake(Mood::Rich);
    let form = "source.kind=git&settings.port=70000&settings.mounts%5B4%5D.kind=file\
                &settings.mounts%5B4%5D.target=%2Fetc%2Fapp.toml&settings.mounts%5B4%5D.content=%0Aa%3D1";
    let (status, _, page) = post(&fake, "/actions/apps/a-web/settings", form).await;
    assert_eq!(status, 422);
    check("settings", &page);
    let pairs = form_pairs(&page, "/actions/apps/a-web/settings");
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("settings.port"), Some("70000"));
    assert_eq!(value("settings.mounts[4].target"), Some("/etc/app.toml"));
    assert_eq!(value("settings.mounts[4].content"), Some("\na=1"), "a leading empty line stays");
    let form = "source.kind=image&source.image=nginx&settings.resources.memory=12";
    let (status, _, page) = post(&fake, "/actions/apps/a-web/settings", form).await;
    assert_eq!(status, 422);
    assert!(text_of(&page).contains("must be a size with a unit"));
}

#[tokio::test]
async fn settings_saved_as_they_are_shown_do_not_change() {
    let fake = fake(Mood::Rich);
    let action = "/actions/apps/a-web/settings";
    let (_, page) = get(&fake, "/apps/a-web/settings").await;
    let before = form_pairs(&page, action);
    assert!(before.contains(&("settings.health.path".into(), "/healthz".into())));
    let (status, to, _) = post(&fake, action, &encode(&before)).await;
    assert_eq!((status, to.as_str()), (303, "/apps/a-web/settings?done=settings-saved"));
    let (_, page) = get(&fake, "/apps/a-web/settings").await;
    assert_eq!(form_pairs(&page, action), before);
}

#[tokio::test]
async fn dangerous_forms_are_asked_about_without_scripts() {
    for (path, form) in [
        ("/actions/apps/a-web/stop", ""),
        ("/actions/apps/a-web/restart", "confirm="),
        ("/actions/apps/a-web/variables/delete", "key=LOG_LEVEL"),
        ("/actions/apps/a-web/domains/remove", "domain=h1&host=shop.example.org"),
        ("/actions/apps/a-web/webhooks/delete", "webhook=w1"),
        ("/actions/apps/a-web/rollback", "release=r39&number=39"),
        ("/actions/deployments/d-running/cancel", ""),
        ("/actions/credentials/delete", "credential=c3"),
        ("/actions/host-keys/forget", "host=git.example.org"),
        ("/actions/nodes/release", "node=hive-2"),
        ("/actions/account/tokens/delete", "token=t1"),
        ("/actions/logout/everywhere", ""),
        ("/actions/projects/p-blog/delete", ""),
    ] {
        let fake = fake(Mood::Rich);
        let (status, _, page) = post(&fake, path, form).await;
        assert_eq!(status, 200, "{path}");
        check(path, &page);
        let pairs = form_pairs(&page, path);
        assert!(pairs.contains(&("confirm".into(), "yes".into())), "{path}: {pairs:?}");
        let (status, to, _) = post(&fake, path, &encode(&pairs)).await;
        assert_eq!(status, 303, "{path}");
        // A deployment that stops says so itself, until it has.
        assert!(to.contains("?done=") || path.ends_with("/cancel"), "{path}: {to}");
    }
}

#[tokio::test]
async fn a_conflict_is_told_on_the_page_of_the_form() {
    let fake = fake(Mood::Rich);
    let (status, _, page) =
        post(&fake, "/actions/apps/a-web/domains", "host=shop.example.org&https=yes").await;
    assert_eq!(status, 409);
    assert!(text_of(&page).contains("shop.example.org is taken."));
    let form = "release=r37&number=37&confirm=yes";
    let (status, _, page) = post(&fake, "/actions/apps/a-web/rollback", form).await;
    assert_eq!(status, 409);
    assert!(text_of(&page).contains("Its image is gone"));
    let (status, _, page) = post(&fake, "/actions/apps/a-web/delete", "name=wrong").await;
    assert_eq!(status, 422);
    assert!(text_of(&page).contains("is not the app's name"));
}

#[tokio::test]
async fn new_secrets_are_shown_once_and_only_there() {
    let fake = fake(Mood::Rich);
    let (status, _, page) = post(&fake, "/actions/apps/a-web/webhooks", "provider=generic").await;
    assert_eq!(status, 200);
    assert!(page.contains("whsec_1kQ7Zp3vN8sT5xW2yB6dF9hJ4lM0oR"));
    check("webhook", &page);
    let (_, page) = get(&fake, "/apps/a-web/webhooks").await;
    assert!(!page.contains("whsec_"));
    let (status, _, page) = post(&fake, "/actions/account/tokens", "name=ci&days=30").await;
    assert_eq!(status, 200);
    assert!(page.contains("skep_Vq3k0"));
    check("token", &page);
}

#[tokio::test]
async fn two_factor_is_turned_on_and_off_without_scripts() {
    let fake = fake(Mood::Rich);
    let (_, page) = get(&fake, "/account").await;
    assert!(text_of(&page).contains("It is off."));
    let (status, _, page) = post(&fake, "/actions/account/two-factor", "password=wrong").await;
    assert_eq!(status, 422);
    check("refused", &page);
    assert!(text_of(&page).contains("is not your password"));
    let (status, _, page) =
        post(&fake, "/actions/account/two-factor", "password=correct+horse+battery").await;
    assert_eq!(status, 200);
    check("enrolment", &page);
    assert!(page.contains("GEZDGNBVGY3TQOJQ"), "{page}");
    let qr = page.split("<svg").find(|svg| svg.contains(r#"class="qr""#)).expect("a QR code");
    assert!(qr.contains(r##"fill="#000""##) && qr.contains(" d=\"M4 4h7v1h-7z"), "{qr}");
    let proof = "password=correct+horse+battery&code=";
    let (status, _, page) = post(&fake, "/actions/account/two-factor/confirm", &format!("{proof}1")).await;
    assert_eq!(status, 422);
    check("refused", &page);
    assert!(!page.contains("correct horse"));
    let on = post(&fake, "/actions/account/two-factor/confirm", &format!("{proof}123456")).await;
    assert_eq!(on.0, 200);
    let (_, page) = get(&fake, "/account").await;
    check("/account", &page);
    assert!(text_of(&page).contains("9 recovery codes are left."));
    let renewed = post(&fake, "/actions/account/two-factor/codes", &format!("{proof}123456")).await;
    assert!(renewed.0 == 200 && renewed.2.contains("abcd-efgh-ijkl-mnoa"));
    let (status, to, _) = post(&fake, "/actions/account/two-factor/off", &format!("{proof}123456")).await;
    assert_eq!((status, to.as_str()), (303, "/account?done=two-factor-off"));
    let (_, page) = get(&fake, &to).await;
    assert!(text_of(&page).contains("Two-factor sign-in is off."));
}

#[tokio::test]
async fn what_a_form_did_is_seen_on_the_next_page() {
    let fake = fake(Mood::Rich);
    let form = "name=wiki&title=Team+%3Cwiki%3E&environment=production";
    let (status, to, _) = post(&fake, "/actions/projects", form).await;
    assert_eq!(status, 303);
    let (_, page) = get(&fake, &to).await;
    assert!(page.contains("Team &lt;wiki&gt;") && text_of(&page).contains("Project created."));
    let form = "name=api&source.kind=image&source.image=nginx%3A1.27&build.kind=nixpacks&deploy=yes";
    let (status, to, _) = post(&fake, "/actions/environments/e-stage/apps", form).await;
    assert_eq!(status, 303);
    let (_, page) = get(&fake, to.split('?').next().expect("path")).await;
    assert!(text_of(&page).contains("Not deployed"));
    let (_, _, _) = post(&fake, "/actions/apps/a-web/variables", "key=NEW_ONE&value=1").await;
    let (_, page) = get(&fake, "/apps/a-web/variables").await;
    assert!(text_of(&page).contains("NEW_ONE"));
}

#[tokio::test]
async fn only_small_urlencoded_forms_are_read() {
    let fake = fake(Mood::Rich);
    let text = Request::post("/actions/projects").header(header::CONTENT_TYPE, "text/plain");
    let response = send(&fake, text.body(Body::from("name=x")).expect("request")).await;
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "case 116");
    let (status, ..) = post(&fake, "/actions/projects", &"x".repeat(5 * 1024 * 1024)).await;
    assert_eq!(status, 413);
    let put = Request::put("/apps/a-web").body(Body::empty()).expect("request");
    assert_eq!(send(&fake, put).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn an_archive_is_taken_piece_by_piece() {
    let fake = fake(Mood::Rich);
    let part = |name: &str, content: String| {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.tar.gz\"");
        Request::post("/actions/apps/a-new/upload")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(format!("{head}\r\n\r\n{content}\r\n--x--\r\n")))
            .expect("request")
    };
    let response = send(&fake, part("archive", "z".repeat(3 * 1024 * 1024))).await;
    assert_eq!(response.headers()[header::LOCATION], "/apps/a-new?done=uploaded");
    for request in [part("archive", String::new()), part("other", "z".into())] {
        assert_eq!(send(&fake, request).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_host_is_trusted_once_its_keys_were_compared() {
    let fake = fake(Mood::Rich);
    let (_, page) = get(&fake, "/credentials").await;
    assert!(text_of(&page).contains("Look up keys of github.com"), "a deploy key whose host is not trusted");
    let path = "/actions/host-keys";
    let (status, _, page) = post(&fake, path, "host=github").await;
    assert_eq!(status, 422);
    assert!(page.contains("autofocus"), "the fault is seen wherever the form stands");
    let (status, _, page) = post(&fake, path, "host=github.com&line=").await;
    assert_eq!(status, 200);
    check("keys", &page);
    assert!(text_of(&page).contains("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"));
    let pairs = form_pairs(&page, path);
    assert_eq!(pairs.len(), 4, "the host, its place and its two keys: {pairs:?}");
    let (status, to, _) = post(&fake, path, &encode(&pairs)).await;
    assert_eq!((status, to.as_str()), (303, "/credentials?done=host-trusted"));
    let (_, page) = get(&fake, "/credentials").await;
    assert!(!text_of(&page).contains("Look up keys of"));
}

#[tokio::test]
async fn an_environment_shows_its_own_credentials_and_makes_itself_a_key() {
    let fake = fake(Mood::Rich);
    let (_, page) = get(&fake, "/environments/e-stage").await;
    let seen = text_of(&page);
    assert!(seen.contains("Deploy key of staging") && !seen.contains("Token of the shop"), "{seen}");
    let (_, page) = get(&fake, "/environments/e-prod").await;
    assert!(text_of(&page).contains("None of its own"));
    let path = "/actions/environments/e-prod/keys";
    let (status, _, page) = post(&fake, path, "title=&host=github.com").await;
    assert_eq!(status, 422);
    check("key", &page);
    let (status, to, _) = post(&fake, path, "title=Key+of+production&host=github.com").await;
    assert_eq!((status, to.as_str()), (303, "/environments/e-prod?done=credential-created"));
    let (_, page) = get(&fake, "/environments/e-prod").await;
    let seen = text_of(&page);
    assert!(seen.contains("Key of production") && page.contains("ssh-ed25519 AAAA"), "{seen}");
    let (_, page) = get(&fake, "/environments/e-stage").await;
    assert!(!text_of(&page).contains("Key of production"), "another environment's");
}

#[tokio::test]
async fn a_machine_is_reserved_for_one_environment_and_shared_again() {
    let fake = fake(Mood::Rich);
    let (_, page) = get(&fake, "/nodes").await;
    let seen = text_of(&page);
    assert!(seen.contains("only shop / staging") && seen.contains("shop-production-web"), "{seen}");
    let (status, _, _) = post(&fake, "/actions/nodes/reserve", "node=hive-3&environment=nothing").await;
    assert_eq!(status, 422);
    let (status, to, _) = post(&fake, "/actions/nodes/reserve", "node=hive-3&environment=e-prod").await;
    assert_eq!((status, to.as_str()), (303, "/nodes?done=node-reserved"));
    let (_, page) = get(&fake, "/nodes").await;
    assert!(text_of(&page).contains("only shop / production"));
    post(&fake, "/actions/nodes/release", "node=hive-3&confirm=yes").await;
    let (_, page) = get(&fake, "/nodes").await;
    assert!(!text_of(&page).contains("only shop / production"));
}

#[tokio::test]
async fn the_address_of_a_refused_form_leads_back_to_its_page() {
    let fake = fake(Mood::Rich);
    for (path, home) in [
        ("/actions/projects", "/projects/new"),
        ("/actions/environments/e-prod/apps", "/environments/e-prod/apps/new"),
        ("/actions/apps/a-web/settings", "/apps/a-web/settings"),
        ("/actions/apps/a-web/upload", "/apps/a-web"),
        ("/actions/host-keys", "/credentials"),
        ("/actions/nothing/of/it", "/"),
    ] {
        let response = send(&fake, super::reading(path)).await;
        assert_eq!(response.headers()[header::LOCATION], home, "{path}");
    }
}

#[tokio::test]
async fn faults_are_named_by_the_labels_of_their_fields() {
    let fake = fake(Mood::Rich);
    let form = "name=shop&source.kind=git&source.url=ftp%3A%2F%2Fx&host=localhost";
    let (_, _, page) = post(&fake, "/actions/environments/e-prod/apps", form).await;
    let seen = text_of(&page);
    assert!(seen.contains("Repository") && seen.contains("Domain"), "{seen}");
    assert!(!page.contains(">source.url<"), "no path of a field is shown");
    let all = elements(&page);
    let link = all.iter().find(|e| e.get("href") == Some("#app-source-url")).expect("a link to the field");
    assert_eq!(link.text, "Repository");
}

#[tokio::test]
async fn options_of_a_domain_are_kept_by_part_and_a_fault_finds_its_field() {
    let fake = fake(Mood::Rich);
    let action = "/actions/apps/a-web/domains/change";
    let form = "domain=h1&part=access&logins%5B0%5D.name=ops&logins%5B0%5D.password=hunter2hunter2\
                &options.allow=10.0.0.0%2F8%0Anonsense";
    let (status, _, page) = post(&fake, action, form).await;
    assert_eq!(status, 422);
    check("access", &page);
    assert!(!page.contains("hunter2"), "a password is not shown again");
    let area = elements(&page).into_iter().find(|e| e.get("name") == Some("options.allow")).expect("field");
    assert_eq!(area.get("aria-invalid"), Some("true"));
    let form = "domain=h1&part=limits&options.rate.average=10&options.in_flight=";
    let (status, to, _) = post(&fake, action, form).await;
    assert_eq!((status, to.as_str()), (303, "/apps/a-web/domains/h1?done=domain-changed"));
    let (_, page) = get(&fake, "/apps/a-web/domains/h1").await;
    let field = |name: &str| {
        elements(&page)
            .iter()
            .find(|e| e.get("name") == Some(name))
            .and_then(|e| e.get("value"))
            .map(str::to_owned)
    };
    assert_eq!(
        (field("options.rate.average").as_deref(), field("options.in_flight").as_deref()),
        (Some("10"), Some(""))
    );
}
