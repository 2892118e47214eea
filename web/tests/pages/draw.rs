//! What every page must be.

use axum::http::header;
use skep_web::fake::Mood;

use super::{
    body, fake, get,
    html::{Element, elements, text_of},
    post, reading, send, writing,
};

/// All pages of a signed-in person.
pub const PAGES: [&str; 41] = [
    "/",
    "/projects/new",
    "/projects/p-shop",
    "/projects/p-blog",
    "/projects/p-shop/variables",
    "/environments/e-prod",
    "/environments/e-blog",
    "/environments/e-prod/variables",
    "/environments/e-prod/apps/new",
    "/apps/a-web",
    "/apps/a-new",
    "/apps/a-docs",
    "/apps/a-web/deployments",
    "/apps/a-web/plan",
    "/apps/a-new/plan",
    "/apps/a-web/logs",
    "/apps/a-web/traffic",
    "/apps/a-web/traffic?range=30d",
    "/apps/a-web/variables",
    "/apps/a-web/domains",
    "/apps/a-web/domains/h1",
    "/apps/a-web/webhooks",
    "/apps/a-new/webhooks",
    "/apps/a-web/settings",
    "/apps/a-web/delete",
    "/deployments/d-running",
    "/deployments/d-failed",
    "/deployments/d-live",
    "/nodes",
    "/credentials",
    "/team/stores",
    "/audit",
    "/audit?action=app.&outcome=refused&cursor=100",
    "/audit?verify=1&from=soon",
    "/instance",
    "/account",
    "/team/sso",
    "/instance/sso",
    "/certificates",
    "/instance/certificates",
    "/instance/directories",
];

/// Whole, labelled, escaped, without inline scripts and styles.
pub fn check(path: &str, page: &str) {
    let all = elements(page);
    let named = |name: &str| all.iter().filter(|element| element.name == name).collect::<Vec<_>>();
    assert!(page.starts_with("<!DOCTYPE html>"), "{path}: doctype");
    for once in ["title", "h1", "main"] {
        assert_eq!(named(once).len(), 1, "{path}: one {once}");
    }
    assert!(page.contains(" · Skep</title>"), "{path}: title");
    assert_eq!(named("html")[0].get("lang"), Some("en"), "{path}: language");

    let mut ids: Vec<&str> = all.iter().filter_map(|element| element.get("id")).collect();
    ids.sort_unstable();
    for pair in ids.windows(2) {
        assert_ne!(pair[0], pair[1], "{path}: ids are unique");
    }
    for form in named("form") {
        let to = form.get("action").unwrap_or_default();
        // A filter asks for its own page anew; all else writes.
        let own = path.split('?').next() == Some(to) && form.get("method") == Some("get");
        let writes = to.starts_with("/actions/") && form.get("method") == Some("post");
        assert!(own || writes, "{path}: {form:?}");
    }
    labelled(path, &all, &ids);
    for button in named("button") {
        assert!(button.get("type").is_some(), "{path}: {button:?}");
    }
    for element in &all {
        for (name, _) in &element.attributes {
            assert!(name != "style" && !name.starts_with("on"), "{path}: inline {name} in {element:?}");
        }
        if element.name == "script" {
            assert_eq!(element.get("nonce"), Some("nonce1"), "{path}: {element:?}");
        }
        if let Some(to) = element.get("href") {
            assert!(["/", "#", "http"].iter().any(|start| to.starts_with(start)), "{path}: leads to {to}");
        }
    }
    // The fake holds text that would be an element if it were not escaped.
    for bad in ["<b>curl", "<script>alert", "<generics>", "<here>", "Blog <&>", "<grace@"] {
        assert!(!page.contains(bad), "{path}: {bad} is not escaped");
    }
}

fn labelled(path: &str, all: &[Element], ids: &[&str]) {
    let labels: Vec<&str> =
        all.iter().filter(|e| e.name == "label").filter_map(|label| label.get("for")).collect();
    for input in all.iter().filter(|e| matches!(e.name.as_str(), "input" | "select" | "textarea")) {
        // Radio buttons stand inside their labels.
        if matches!(input.get("type"), Some("hidden" | "radio")) {
            continue;
        }
        assert!(labels.contains(&input.get("id").unwrap_or_default()), "{path}: no label for {input:?}");
        for described in input.get("aria-describedby").unwrap_or_default().split_whitespace() {
            assert!(ids.contains(&described), "{path}: {described} is not there");
        }
    }
}

#[tokio::test]
async fn every_page_is_whole_in_every_mood() {
    for mood in [Mood::Rich, Mood::EngineAway] {
        let fake = fake(mood);
        for path in PAGES {
            let (status, page) = get(&fake, path).await;
            assert_eq!(status, 200, "{mood:?} {path}");
            check(path, &page);
        }
    }
    let empty = fake(Mood::Empty);
    for path in ["/", "/nodes", "/credentials", "/audit", "/instance", "/account", "/projects/new"] {
        let (status, page) = get(&empty, path).await;
        assert_eq!(status, 200, "{path}");
        check(path, &page);
    }
}

#[tokio::test]
async fn fault_29_what_is_not_known_is_called_unknown() {
    let fake = fake(Mood::EngineAway);
    let (_, overview) = get(&fake, "/").await;
    let seen = text_of(&overview);
    assert!(seen.contains("Unknown") && seen.contains("The state of the cluster is unknown"));
    assert!(!seen.contains("Stopped") && !seen.contains("Down"), "{seen}");
    let (_, app) = get(&fake, "/apps/a-web").await;
    assert!(text_of(&app).contains("What runs now is not known"));
    let (_, log) = get(&fake, "/apps/a-web/logs").await;
    assert!(text_of(&log).contains("The log is not available now"));
}

#[tokio::test]
async fn what_is_not_there_or_does_not_answer_has_a_page_too() {
    let rich = fake(Mood::Rich);
    for path in ["/nowhere", "/apps/none", "/apps/a-web/none", "/deployments/none"] {
        let (status, page) = get(&rich, path).await;
        assert_eq!(status, 404, "{path}");
        check(path, &page);
    }
    let (status, page) = get(&fake(Mood::Down), "/").await;
    assert_eq!(status, 503);
    check("down", &page);
}

#[tokio::test]
async fn an_empty_instance_says_what_to_do_next() {
    let (_, page) = get(&fake(Mood::Empty), "/").await;
    assert!(text_of(&page).contains("Create your first project"));
    assert!(page.contains(r#"href="/projects/new""#));
}

#[tokio::test]
async fn a_plan_is_shown_before_a_deployment_by_a_plain_link() {
    let fake = fake(Mood::Rich);
    let (_, page) = get(&fake, "/apps/a-web").await;
    assert!(page.contains(r#"href="/apps/a-web/plan""#));
    let (_, page) = get(&fake, "/apps/a-web/plan").await;
    let text = text_of(&page);
    for words in [
        "replaces its tasks",
        "TaskTemplate.ContainerSpec.Image",
        "which serves <here>",
        "Nothing was done yet",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(page.contains(r#"action="/actions/apps/a-web/deploy""#), "and may be done from there");
    let (_, page) = get(&fake, "/apps/a-new/plan").await;
    assert!(text_of(&page).contains("Nothing to do"));
}

#[tokio::test]
async fn a_message_comes_from_a_code_and_never_from_the_address() {
    let fake = fake(Mood::Rich);
    let (_, page) = get(&fake, "/?done=project-deleted").await;
    assert!(text_of(&page).contains("Project deleted."));
    let (_, page) = get(&fake, "/?done=Call+this+number").await;
    assert!(!page.contains("Call this number"));
}

#[tokio::test]
async fn long_histories_are_turned_page_by_page() {
    let fake = fake(Mood::Large(1));
    let (_, first) = get(&fake, "/apps/a-0/deployments").await;
    assert!(first.contains("#10000") && first.contains("#9951") && !first.contains("#9950<"));
    assert!(first.contains("?before=9951"));
    let (_, last) = get(&fake, "/apps/a-0/deployments?before=31").await;
    assert!(last.contains("#30<") && last.contains("#1<") && !last.contains("rel=\"next\""));
}

#[tokio::test]
async fn the_first_page_shows_some_of_many_apps_and_leads_to_all() {
    let rows = |page: &str| page.matches(r#"href="/apps/a-"#).count();
    let (_, few) = get(&fake(Mood::Large(100)), "/").await;
    assert!(rows(&few) >= 100 && !text_of(&few).contains("All 100 apps"));
    let fake = fake(Mood::Large(1000));
    let (_, page) = get(&fake, "/").await;
    assert!(rows(&page) < 30 && page.len() < 40_000, "{} rows, {} bytes", rows(&page), page.len());
    assert!(text_of(&page).contains("1000 apps ·") && text_of(&page).contains("All 1000 apps in"));
    check("large", &page);
}

#[tokio::test]
async fn case_136_nothing_may_frame_a_page_and_no_inline_script_runs() {
    let response = send(&fake(Mood::Rich), reading("/")).await;
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("ascii");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "'nonce-nonce1'", "form-action 'self'"] {
        assert!(policy.contains(part), "{part}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn the_theme_is_kept_by_a_plain_form() {
    let fake = fake(Mood::Rich);
    let (_, to, _) = post(&fake, "/actions/theme", "theme=dark&back=%2Fnodes").await;
    assert_eq!(to, "/nodes");
    let response = send(&fake, writing("/actions/theme", "theme=dark&back=%2Fnodes")).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().expect("ascii").to_owned();
    let mut request = reading("/nodes");
    let pair = cookie.split(';').next().expect("pair").parse().expect("header");
    request.headers_mut().insert(header::COOKIE, pair);
    assert!(body(send(&fake, request).await).await.contains(r#"data-theme="dark""#));
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_hash() {
    let fake = fake(Mood::Out);
    for path in [skep_web::assets::stylesheet(), skep_web::assets::icon()] {
        let response = send(&fake, reading(path)).await;
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.headers()[header::CACHE_CONTROL].to_str().expect("ascii").contains("immutable"));
    }
    let (status, _) = get(&fake, "/pkg/app.css").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn the_islands_on_the_pages_are_in_the_wasm_that_was_built() {
    let Some((js, _)) = skep_web::assets::islands() else { return };
    let fake = fake(Mood::Rich);
    let script = body(send(&fake, reading(js)).await).await;
    for path in ["/apps/a-web", "/apps/a-web/logs", "/apps/a-web/webhooks", "/deployments/d-running"] {
        let (_, page) = get(&fake, path).await;
        for island in elements(&page).iter().filter(|element| element.name == "leptos-island") {
            let name = island.get("data-component").expect("name");
            let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
            assert!(script.contains(&format!("function {name}")), "{path}: {name} is not in {js}");
        }
    }
}
