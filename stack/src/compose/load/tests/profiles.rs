//! Services that are there only at times.

use super::*;

const TEXT: &str = "
services:
  web: {image: a}
  debug: {image: b, profiles: [debug, dev], depends_on: [web]}
  test: {extends: debug, profiles: !override [test], depends_on: {mock: {required: false}}}
  mock: {image: c, profiles: [mock]}
";

fn names(profiles: &[&str]) -> Vec<String> {
    let case = Case { profiles: profiles.iter().map(|p| (*p).to_owned()).collect(), ..file(TEXT) };
    let project = case.load().unwrap();
    project.root.get("services").unwrap().entries().iter().map(|(name, _)| name.clone()).collect()
}

#[test]
fn only_the_active_are_there() {
    assert_eq!(names(&[]), ["web"]);
    assert_eq!(names(&["dev"]), ["web", "debug"]);
    assert_eq!(names(&["test"]), ["web", "test"]);
    assert_eq!(names(&["*"]), ["web", "debug", "test", "mock"]);
    assert_eq!(file(TEXT).notes()[0], ("services.debug.profiles".to_owned(), "inactive".to_owned()));
    let by_variable = file(TEXT).var("COMPOSE_PROFILES", "mock, dev");
    assert!(by_variable.tree().contains("mock: {image: c}"));
    let test = Case { profiles: vec!["test".to_owned()], ..file(TEXT) };
    assert!(test.tree().contains("test: {image: b, depends_on: {web: ~}}"), "{}", test.tree());
}

#[test]
fn what_needs_an_inactive_one() {
    let text = |needs: &str| {
        file(&format!("services: {{a: {{depends_on: {needs}}}, b: {{profiles: [x]}}, c: {{profiles: []}}}}"))
    };
    assert_eq!(text("[c, b]").wrong(), ["inactive_service services.a.depends_on[1] a.yml:1:32"]);
    assert_eq!(
        text("{b: {condition: service_started}}").wrong(),
        ["inactive_service services.a.depends_on.b a.yml:1:29"]
    );
    assert_eq!(text("{b: {required: false}, c: }").tree(), "{services: {a: {depends_on: {c: ~}}, c: {}}}");
    assert_eq!(file("services: {a: {profiles: x}}").wrong(), ["invalid_type services.a.profiles a.yml:1:26"]);
}
