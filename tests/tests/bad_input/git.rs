//! Git URLs, refs and paths.

use skep::domain::{
    app::{Build, Source},
    git_url::GitUrl,
    name::{RefName, RelPath, Sha},
    outbound::Outbound,
};
use skep_tests::corpus::{GIT_URLS, PATHS, REFS};

use super::{refused, taken};

#[test]
fn case_036_other_schemes_and_local_paths() {
    refused(GIT_URLS, 36, GitUrl::parse);
    refused(GIT_URLS, 36, GitUrl::parse_allowing_http);
}

#[test]
fn case_037_transport_helpers() {
    refused(GIT_URLS, 37, GitUrl::parse);
    refused(GIT_URLS, 37, GitUrl::parse_allowing_http);
}

#[test]
fn case_038_text_that_looks_like_an_option() {
    refused(GIT_URLS, 38, GitUrl::parse);
}

#[test]
fn case_039_credentials_in_the_url() {
    refused(GIT_URLS, 39, GitUrl::parse);
    let wrong = GitUrl::parse("https://user:hunter2@git.example.org/a").unwrap_err();
    assert!(wrong.message.contains("git credential") && !wrong.message.contains("hunter2"));
}

#[test]
fn case_040_plain_http() {
    refused(GIT_URLS, 40, GitUrl::parse);
    let url = GitUrl::parse_allowing_http("http://git.example.org/a").unwrap();
    assert_eq!(url.permitted(false).unwrap_err().code, "scheme_not_allowed");
    url.permitted(true).unwrap();
    taken(GitUrl::parse_allowing_http, &["http://git.example.org:3000/a"]);
}

#[test]
fn case_041_addresses_in_disguise_and_private_ones() {
    refused(GIT_URLS, 41, GitUrl::parse);
    for text in [
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://[::ffff:10.0.0.1]/a",
        "ssh://git@169.254.169.254/a",
        "git@localhost:a",
    ] {
        let url = GitUrl::parse(text).unwrap();
        let wrong = Outbound::default().check_host(url.host()).expect_err(text);
        assert_eq!(wrong.code, "address_not_allowed", "{text}");
    }
}

#[test]
fn case_043_control_and_shell_characters() {
    refused(GIT_URLS, 43, GitUrl::parse);
    refused(GIT_URLS, 43, GitUrl::parse_allowing_http);
    let long = format!("https://git.example.org/{}", "a".repeat(3000));
    assert_eq!(GitUrl::parse(&long).unwrap_err().code, "invalid_url");
}

#[test]
fn good_git_urls_are_taken() {
    taken(
        GitUrl::parse,
        &[
            "https://git.example.org/team/app.git",
            "https://git.example.org:8443/team/app",
            "https://git.example.org/~user/app",
            "https://dev.example.com/org/my%20project/_git/app",
            "ssh://git@git.example.org:2222/team/app.git",
            "ssh://git.example.org/srv/git/app",
            "git@git.example.org:team/app.git",
            "git@git.example.org:~/app",
            "https://b\u{fc}cher.example/a",
        ],
    );
}

#[test]
fn case_044_ref_rules() {
    refused(REFS, 44, RefName::parse);
    assert_eq!(RefName::parse(&"a".repeat(256)).unwrap_err().code, "invalid_ref");
    taken(
        RefName::parse,
        &[
            "main",
            "feature/x-1",
            "v1.2.3",
            "release/2026.1",
            "user@home",
            "a{b}",
            "caf\u{e9}",
            &"a".repeat(255),
        ],
    );
    for sha in ["", "HEAD", "abc", &"g".repeat(40), &"a".repeat(41), &"a".repeat(63)] {
        assert_eq!(Sha::parse(sha).unwrap_err().code, "invalid_ref", "{sha}");
    }
    taken(Sha::parse, &[&"a".repeat(40), &"0".repeat(64)]);
    assert_eq!(Sha::parse(&"A".repeat(40)).unwrap().as_str(), "a".repeat(40));
}

#[test]
fn case_045_paths_that_leave_the_repository() {
    refused(PATHS, 45, RelPath::parse);
    assert_eq!(RelPath::parse(&"a/".repeat(600)).unwrap_err().code, "path_outside_repository");
    for (text, normal) in [
        ("", ""),
        (".", ""),
        ("./a//b/", "a/b"),
        ("a..b/c", "a..b/c"),
        ("docker/Dockerfile.prod", "docker/Dockerfile.prod"),
    ] {
        assert_eq!(RelPath::parse(text).unwrap().as_str(), normal);
    }
}

#[test]
fn case_045_the_paths_of_a_build_are_checked_in_its_body() {
    for field in ["path", "context"] {
        for bad in PATHS {
            let body = serde_json::json!({"kind": "dockerfile", field: bad.text});
            assert!(serde_json::from_value::<Build>(body).is_err(), "{field} {:?}", bad.text);
        }
    }
    for (kind, field) in [("static", "folder"), ("nixpacks", "folder")] {
        let body = serde_json::json!({"kind": kind, field: "../.."});
        assert!(serde_json::from_value::<Build>(body).is_err(), "{kind}");
    }
}

#[test]
fn case_106_unknown_fields_of_a_source_are_refused() {
    let body = |extra: &str| {
        serde_json::json!({"kind": "git", "url": "https://git.example.org/a",
            "follow": {"kind": "branch", "branch": "main"}, extra: "x"})
    };
    assert!(serde_json::from_value::<Source>(body("team_id")).is_err());
    assert!(serde_json::from_value::<Source>(body("token")).is_err());
    for bad in GIT_URLS.iter().filter(|bad| bad.case != 40) {
        let mut body = body("kind");
        body["kind"] = "git".into();
        assert!(serde_json::from_value::<Source>(body.clone()).is_ok(), "the rest is right");
        body["url"] = bad.text.into();
        assert!(serde_json::from_value::<Source>(body).is_err(), "{:?}", bad.text);
    }
}
