//! The catalogue of bad inputs, by number, as far as several files are concerned.

use std::time::{Duration, Instant};

use super::*;

fn quick(case: &Case, code: &str) {
    let start = Instant::now();
    let wrong = case.wrong();
    assert!(wrong.iter().any(|wrong| wrong.starts_with(code)), "{:?}", &wrong[..wrong.len().min(3)]);
    assert!(wrong.len() < 50, "each cause is told once: {}", wrong.len());
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn case_059_files_that_the_caller_refuses() {
    let refuse = |path: &str| {
        assert!(["../x.yml", "/etc/passwd", "../.env", "../e"].contains(&path), "{path} is normalised");
        Err(Missing::Refused("leads out of the repository".to_owned()))
    };
    let vars = BTreeMap::new();
    for text in [
        "include: [./../x.yml]",
        "include: [d/../../x.yml]",
        "services: {a: {extends: {file: ../x.yml, service: a}}}",
        "services: {a: {env_file: /etc/../etc/passwd}}",
        "services: {a: {env_file: [{path: a/../../e, required: false}]}}",
    ] {
        let found = load(&LoadInput {
            files: &[Source { path: "a.yml", text }],
            vars: &vars,
            unset: Unset::Refuse,
            profiles: &[],
            more: &refuse,
            dialect: Dialect::Compose,
        });
        let faults = found.unwrap_err();
        assert!(faults.iter().all(|fault| fault.code == "file_refused"), "{text}: {faults:?}");
        assert!(faults[0].message.ends_with("leads out of the repository"));
    }
    for remote in ["https://example.com/x.yml", "oci://example.com/x", "git@example.com:x.git"] {
        let case = file(&format!("include: ['{remote}']\nservices: {{a: {{env_file: '{remote}'}}}}"));
        let wrong = case.wrong();
        assert!(wrong.len() == 2 && wrong.iter().all(|wrong| wrong.starts_with("remote_file")), "{wrong:?}");
    }
}

#[test]
fn case_072_bombs_of_several_files() {
    let big = format!("services: {{b: {{labels: {{x: \"{}\"}}}}}}", "x".repeat(900_000));
    let many: String =
        (0..5000).map(|i| format!("  s{i}: {{extends: {{file: big.yml, service: b}}}}\n")).collect();
    quick(&file(&format!("services:\n{many}")).with("big.yml", &big), "too_large");

    let many: String = (0..5000).map(|i| format!("  s{i}: {{env_file: big.env}}\n")).collect();
    let values = format!("A={}", "x".repeat(900_000));
    quick(&file(&format!("services:\n{many}")).with("big.env", &values), "too_large");
    let comment = "# nothing\n".repeat(90_000);
    quick(&file(&format!("services:\n{many}")).with("big.env", &comment), "too_large");

    let many: String = (0..5000).map(|i| format!("  s{i}: {{environment: [BIG]}}\n")).collect();
    quick(&file(&format!("services:\n{many}")).var("BIG", &"x".repeat(100_000)), "too_large");

    let mut doubled = file("include: [f0.yml, f0.yml]");
    for i in 0..15 {
        doubled = doubled.with(&format!("f{i}.yml"), &format!("include: [f{0}.yml, f{0}.yml]", i + 1));
    }
    quick(&doubled.with("f15.yml", "services: {a: {image: x}}"), "");

    let mut deep = file("include: [f0.yml]");
    for i in 0..30 {
        deep = deep.with(&format!("f{i}.yml"), &format!("include: [f{}.yml]", i + 1));
    }
    quick(&deep, "too_deep");

    let wide: Vec<String> = (0..300).map(|i| format!("f{i}.yml")).collect();
    let mut case = file(&format!("include: [{}]", wide.join(", ")));
    for name in &wide {
        case = case.with(name, "{}");
    }
    quick(&case, "too_many");
}

#[test]
fn case_072_large_files_are_merged_quickly() {
    let services: String = (0..4000).map(|i| format!("  s{i}: {{image: a, expose: [1, 2]}}\n")).collect();
    let text = format!("services:\n{services}");
    let start = Instant::now();
    let case = files(&[&text, &text]);
    assert!(case.load().is_ok());
    let items: Vec<String> = (0..10_000).map(|i| format!("\"{i}:{i}\"")).collect();
    let ports = format!("services: {{a: {{ports: [{0}], dns: [{0}]}}}}", items.join(","));
    assert!(files(&[&ports, &ports]).load().is_ok());
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[test]
fn case_073_to_077_hold_for_every_file() {
    for (text, code) in [
        ("services: {a: 1, a: 2}", "yaml_duplicate_key services.a x.yml:1:18"),
        ("a: !include b", "yaml_tag a x.yml:1:4"),
        ("a: !!binary aGk=", "yaml_tag a x.yml:1:4"),
        ("a: 1\n---\nb: 2", "yaml_documents  x.yml:2:1"),
        ("a: \0", "yaml  x.yml:1:4"),
        ("", "yaml  x.yml:1:1"),
        ("5", "yaml  x.yml:1:1"),
    ] {
        assert_eq!(file("include: [x.yml]").with("x.yml", text).wrong(), [code], "{text}");
        let extended = file("services: {a: {extends: {file: x.yml, service: a}}}").with("x.yml", text);
        assert_eq!(extended.wrong(), [code], "{text}");
        assert_eq!(Case { main: vec![("x.yml".to_owned(), text.to_owned())], ..file("") }.wrong(), [code]);
    }
    let large = "#".repeat(1024 * 1024 + 1);
    assert_eq!(file("include: [x.yml]").with("x.yml", &large).wrong(), ["too_large include[0] a.yml:1:11"]);
    assert_eq!(file(&large).wrong(), ["too_large  a.yml::"]);
}

#[test]
fn case_075_what_is_merged_is_checked_where_it_stands() {
    let case = files(&["services: {a: {image: x}}", "services:\n  a:\n    privileged: true\n"]);
    let project = case.load().unwrap();
    let node = project.root.get("services").unwrap().get("a").unwrap().get("privileged").unwrap();
    assert_eq!((&*node.place.file, node.place.line), ("b.yml", 3));
}

#[test]
fn case_079_values_do_not_grow_without_end() {
    let big = "x".repeat(100_000);
    let text: String = (0..200).map(|i| format!("  s{i}: {{image: \"$A\"}}\n")).collect();
    let case = files(&[&format!("services:\n{text}"), &format!("services:\n{text}")]).var("A", &big);
    let wrong = case.wrong();
    assert!(wrong[0].starts_with("interpolation services.s"), "{}", wrong[0]);
    let grown: String = (0..40).map(|i| format!("A{}=${{A{i}}}${{A{i}}}\n", i + 1)).collect();
    let case = file("services: {a: {env_file: e}}").with("e", &format!("A0=xxxxxxxxxx\n{grown}"));
    assert_eq!(case.wrong(), ["invalid_env_file services.a.env_file a.yml:1:26"]);
}
