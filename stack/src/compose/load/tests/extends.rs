//! Services over others.

use super::*;

const COMMON: &str = "
services:
  base:
    image: x
    build: {context: ., additional_contexts: [a=../a, b=https://example.com/b, 'c=service:c']}
    env_file: base.env
    volumes: [./data:/data, named:/n, /abs:/abs, {type: bind, source: ../s, target: /s}]
    environment: {A: '${V:-1}', B: 1}
    ports: ['80:80']
  more:
    extends: base
    user: m
";

#[test]
fn a_service_of_the_same_file() {
    let text = "services:\n  a: {extends: b, environment: {A: 2}, ports: !override [1]}\n  b: {extends: {service: c}, ports: [2]}\n  c: {environment: [A=1, B=1], ports: [3], read_only: true}\n";
    assert_eq!(
        file(text).tree(),
        "{services: {a: {environment: {A: 2, B: 1}, ports: [1], read_only: true}, \
         b: {environment: [A=1, B=1], ports: [3, 2], read_only: true}, \
         c: {environment: [A=1, B=1], ports: [3], read_only: true}}}"
    );
}

#[test]
fn a_service_of_another_file_brings_its_paths() {
    let case = file("services: {a: {extends: {file: ./common/x.yml, service: more}, environment: [A=2]}}")
        .with("common/x.yml", COMMON)
        .with("common/base.env", "E=1");
    assert_eq!(
        case.service(),
        "{image: x, build: {context: ./common, additional_contexts: [a=./a, b=https://example.com/b, c=service:c]}, \
         volumes: [./common/data:/data, named:/n, /abs:/abs, {type: bind, source: ./s, target: /s}], \
         ports: [80:80], user: m, environment: {A: 2, B: 1, E: 1}}"
    );
    let other = file("services: {a: {extends: {file: ../x.yml, service: base}, volumes: !reset []}}")
        .with("../x.yml", COMMON)
        .with("../base.env", "")
        .var("V", "7");
    assert!(other.service().starts_with("{image: x, build: {context: .."), "{}", other.service());
    assert!(other.service().contains("{A: 7, B: 1}"));
}

#[test]
fn a_later_file_may_extend_what_an_earlier_one_has() {
    let case = files(&["services: {a: {image: x}}", "services: {b: {extends: a, user: u}, a: {user: w}}"]);
    assert_eq!(case.tree(), "{services: {a: {image: x, user: w}, b: {user: u}}}");
    let case = files(&["services: {a: {image: x}}", "services: {b: {extends: a, user: u}}"]);
    assert_eq!(case.tree(), "{services: {a: {image: x}, b: {image: x, user: u}}}");
}

#[test]
fn what_cannot_be_extended() {
    for (text, wrong) in [
        ("services: {a: {extends: b}}", "unknown_service services.a.extends a.yml:1:25"),
        ("services: {a: {extends: a}}", "extends_cycle services.a.extends a.yml:1:25"),
        (
            "services: {a: {extends: {file: x.yml, service: no}}}",
            "unknown_service services.a.extends a.yml:1:16",
        ),
        ("services: {a: {extends: {file: x.yml}}}", "required services.a.extends a.yml:1:16"),
        (
            "services: {a: {extends: {file: 1, service: b}}}",
            "invalid_type services.a.extends.file a.yml:1:32",
        ),
        ("services: {a: {extends: [b]}}", "invalid_type services.a.extends a.yml:1:16"),
        (
            "services: {a: {extends: {file: no.yml, service: b}}}",
            "file_missing services.a.extends a.yml:1:16",
        ),
        ("services: {a: {extends: {file: bad.yml, service: b}}}", "yaml_duplicate_key a bad.yml:2:1"),
    ] {
        let case = file(text).with("x.yml", COMMON).with("bad.yml", "a: 1\na: 2");
        assert_eq!(case.wrong(), [wrong], "{text}");
    }
    let extra = file("services: {a: {extends: {service: b, x: 1}}, b: {image: x}}");
    assert_eq!(extra.wrong(), ["unknown_key services.a.extends.x a.yml:1:41"]);
    let cycle = file("services: {a: {extends: b}, b: {extends: c}, c: {extends: a}}");
    assert_eq!(cycle.wrong(), ["extends_cycle services.c.extends a.yml:1:59"]);
    let across = file("services: {a: {extends: {file: x.yml, service: b}}}")
        .with("x.yml", "services: {b: {extends: {file: y.yml, service: c}}}")
        .with("y.yml", "services: {c: {extends: {file: x.yml, service: b}}}");
    assert_eq!(across.wrong(), ["extends_cycle services.c.extends y.yml:1:16"]);
}

#[test]
fn long_rows_are_refused() {
    let row = |length: usize| {
        let services: String = (0..length).map(|i| format!("  s{i}: {{extends: s{}}}\n", i + 1)).collect();
        file(&format!("services:\n{services}  s{length}: {{image: x}}\n"))
    };
    assert!(row(32).load().is_ok());
    assert!(row(33).wrong()[0].starts_with("too_deep services.s"));
}
