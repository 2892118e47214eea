//! Files of variables, and what wins over what.

use super::*;

#[test]
fn files_come_before_what_is_written() {
    let case = file("services: {a: {env_file: [./one.env, {path: two.env}], environment: [A=3, D]}}")
        .with("one.env", "A=1\nB=1\nC=\"x ${V}\"\nV\nNONE")
        .with("two.env", "export B='2'\nE=${A}${D:-d}")
        .var("V", "v");
    assert_eq!(case.service(), "{environment: {A: 3, B: 2, C: x v, D: ~, E: 3d, V: v}}");
    assert_eq!(
        case.clone().var("D", "dd").service(),
        "{environment: {A: 3, B: 2, C: x v, D: dd, E: 3dd, V: v}}"
    );
    let merged =
        files(&["services: {a: {env_file: one.env}}", "services: {a: {env_file: [two.env, one.env]}}"])
            .with("one.env", "A=1")
            .with("two.env", "A=2");
    assert_eq!(merged.service(), "{environment: {A: 2}}");
    assert_eq!(file("services: {a: {env_file: }}").service(), "{}");
    assert_eq!(
        file("services: {a: {env_file: [e], environment: {B: true}}}").with("e", "").service(),
        "{environment: {B: true}}"
    );
    let odd = file("services: {a: {env_file: [e], environment: [1]}}").with("e", "A=1");
    assert_eq!(odd.service(), "{environment: [1]}", "what is wrong is there for whoever tells so");
}

#[test]
fn as_docker_stack_deploy_reads_them() {
    let one = "\u{feff}# comment\n\n  A=1\nQ=\"two\"\nH=a # b\nT=x  \nE=\nBARE\nV\nD=$HOME ${X}\r\n";
    let case = file("services: {a: {env_file: one.env, environment: {F: '', G: , A: 2}}}")
        .with("one.env", one)
        .stack();
    let case = case.var("V", "v").var("E", "e").var("F", "f").var("X", "no");
    assert_eq!(
        case.service(),
        "{environment: {A: 2, D: $HOME ${X}, E: e, F: f, G: ~, H: a # b, Q: \"two\", T: x  , V: v}}"
    );
    let two =
        files(&["services: {a: {environment: {A: 1}}}", "services: {a: {env_file: e}}"]).with("e", "A=2");
    assert_eq!(two.clone().stack().service(), "{environment: {A: 2}}");
    assert_eq!(two.service(), "{environment: {A: 1}}");
    let raw = file("services: {a: {env_file: [{path: e, format: raw}]}}").with("e", "A='1' # x");
    assert_eq!(raw.service(), "{environment: {A: '1' # x}}");
}

#[test]
fn variables_fill_what_has_no_value() {
    let case =
        file("services: {a: {environment: [A, B=, C=1, D]}}").var("A", "a").var("B", "b").var("C", "c");
    assert_eq!(case.service(), "{environment: [A=a, B=, C=1, D]}");
    assert_eq!(case.stack().service(), "{environment: [A=a, B=b, C=1, D]}");
}

#[test]
fn labels_have_files_too() {
    let case = file("services: {a: {label_file: [l], labels: [a=1]}, b: {label_file: l, labels: }}")
        .with("l", "a=2\nb='$V'\nc=\"${V}\"");
    let found = "{services: {a: {labels: {a: 1, b: $V, c: v}}, b: {labels: {a: 2, b: $V, c: v}}}}";
    assert_eq!(case.clone().var("V", "v").tree(), found);
    assert_eq!(case.var("V", "v").stack().tree(), found);
    assert_eq!(
        file("services: {a: {label_file: no}}").wrong(),
        ["file_missing services.a.label_file a.yml:1:28"]
    );
}

#[test]
fn files_that_are_not_there() {
    for (env_file, wrong) in [
        ("no", "file_missing services.a.env_file a.yml:1:26"),
        ("[{path: no}]", "file_missing services.a.env_file[0] a.yml:1:27"),
        ("[{required: false}]", "required services.a.env_file[0] a.yml:1:27"),
        ("[{path: e, format: x}]", "invalid_choice services.a.env_file[0].format a.yml:1:45"),
        ("[{path: e, required: 'no'}]", "invalid_type services.a.env_file[0].required a.yml:1:47"),
        ("[{path: e, more: 1}]", "unknown_key services.a.env_file[0].more a.yml:1:43"),
        ("5", "invalid_type services.a.env_file a.yml:1:26"),
        ("[5]", "invalid_type services.a.env_file[0] a.yml:1:27"),
        ("bad", "invalid_env_file services.a.env_file a.yml:1:26"),
        ("binary", "file_unreadable services.a.env_file a.yml:1:26"),
        ("''", "invalid_path services.a.env_file a.yml:1:26"),
        ("\"a\\nb\"", "invalid_path services.a.env_file a.yml:1:26"),
    ] {
        let mut case = file(&format!("services: {{a: {{env_file: {env_file}}}}}"))
            .with("e", "")
            .with("bad", "A=1\nB C=s3cret");
        case.more.insert("binary".to_owned(), vec![0xff, 0xfe]);
        assert_eq!(case.wrong(), [wrong], "{env_file}");
    }
    assert_eq!(file("services: {a: {env_file: [{path: no, required: false}]}}").service(), "{}");
}
