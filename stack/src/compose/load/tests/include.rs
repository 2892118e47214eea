//! Projects within a project.

use super::*;

const OTHER: &str = "
name: other
x-own: 1
services:
  db: {image: 'db:${TAG:-1}', volumes: [./d:/d], configs: [c], env_file: db.env}
configs: {c: {file: c.conf}}
volumes: {v: {driver_opts: {type: none, o: bind, device: ./v}}}
networks: {n: }
";

fn other(text: &str) -> Case {
    file(text).with("o/compose.yml", OTHER).with("o/db.env", "K=${TAG}")
}

#[test]
fn what_is_taken_over() {
    let case = other("include: [o/compose.yml]\nservices: {web: {image: x, depends_on: [db]}}")
        .with("o/.env", "TAG=9");
    let mut case = case;
    case.unset = Unset::Empty;
    assert_eq!(
        case.tree(),
        "{services: {web: {image: x, depends_on: [db]}, \
         db: {image: db:9, volumes: [./o/d:/d], configs: [c], environment: {K: }}}, networks: {n: ~}, \
         volumes: {v: {driver_opts: {type: none, o: bind, device: ./o/v}}}, configs: {c: {file: ./o/c.conf}}}"
    );
    assert!(case.clone().var("TAG", "7").tree().contains("db:7"), "the project's own variables win");
}

#[test]
fn the_long_form() {
    let case = other(
        "include:\n  - path: [o/compose.yml, over.yml]\n    project_directory: p\n    env_file: [one.env, /dev/null, two.env]\n",
    )
    .with("over.yml", "services: {db: {user: '${U}'}}")
    .with("one.env", "TAG=5\nU=1")
    .with("two.env", "U=${TAG}2")
    .with("p/db.env", "")
    .var("X", "");
    let tree = case.tree();
    assert!(tree.contains("image: db:5, volumes: [./p/d:/d], configs: [c], user: 52"), "{tree}");
    assert!(tree.contains("file: ./p/c.conf"), "{tree}");
}

#[test]
fn within_each_other() {
    let case = file("include: [a/x.yml, {path: b/z.yml}]")
        .with("a/x.yml", "include: [../b/y.yml]\nservices: {x: {build: .}}")
        .with("b/y.yml", "include: [z.yml]\nservices: {y: {build: ./d}}")
        .with("b/z.yml", "services: {z: {build: {dockerfile: D}}}");
    assert_eq!(
        case.tree(),
        "{services: {x: {build: ./a}, y: {build: ./b/d}, z: {build: {dockerfile: D, context: ./b}}}}",
        "the same service from two sides is one"
    );
}

#[test]
fn conflicts_are_refused() {
    let text = "include: [o/compose.yml]\nservices: {db: {image: mine}}\nnetworks: {n: }";
    assert_eq!(other(text).var("TAG", "1").wrong(), ["include_conflict services.db o/compose.yml:5:3"]);
    let winning =
        "include: [o/compose.yml]\nservices: {db: !override {image: mine}}\nvolumes: {v: !reset null}";
    let tree = other(winning).tree();
    assert!(tree.starts_with("{services: {db: {image: mine}}, volumes: {}"), "{tree}");
}

#[test]
fn what_cannot_be_included() {
    for (text, wrong) in [
        ("include: x.yml", "invalid_type include a.yml:1:10"),
        ("include: [no.yml]", "file_missing include[0] a.yml:1:11"),
        ("include: [{}]", "required include[0] a.yml:1:11"),
        ("include: [[a]]", "required include[0] a.yml:1:11"),
        ("include: [{path: []}]", "required include[0] a.yml:1:11"),
        ("include: [a.yml]", "include_cycle include[0] a.yml:1:11"),
        ("include: [x.yml]", "include_cycle include[0] y.yml:1:11"),
        ("include: [{path: bad.yml}]", "yaml  bad.yml:1:1"),
        ("include: [{path: z.yml, env_file: no.env}]", "file_missing include[0] a.yml:1:11"),
        ("include: [{path: z.yml, env_file: {a: 1}}]", "invalid_type include[0] a.yml:1:11"),
        ("include: [{path: z.yml, env_file: bad.env}]", "invalid_env_file include[0] a.yml:1:11"),
        ("include: [{path: z.yml, as: x}]", "unknown_key include[0].as a.yml:1:29"),
    ] {
        let case = file(text)
            .with("x.yml", "include: [y.yml]")
            .with("y.yml", "include: [x.yml]")
            .with("z.yml", "{}")
            .with("bad.yml", "- a")
            .with("bad.env", "A='s3cret");
        assert_eq!(case.wrong(), [wrong], "{text}");
    }
}
