use std::{collections::HashMap, os::unix::fs::PermissionsExt as _};

use super::*;
use crate::domain::clock::SystemClock;

fn read(options: &Options, variables: &[(&str, &str)]) -> Result<Config, Vec<Fault>> {
    let map: HashMap<_, _> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::read(options, &|name| map.get(name).cloned())
}

fn names(result: Result<Config, Vec<Fault>>) -> Vec<String> {
    result.expect_err("refused").into_iter().map(|fault| fault.name).collect()
}

#[test]
fn says_every_fault_at_once() {
    let options =
        Options { listen: Some("everywhere".into()), workers: Some("0".into()), ..Options::default() };
    let given = [
        ("DATABASE_URL", "mysql://x"),
        ("SKEP_PUBLIC_URL", "https://u:p@host/"),
        ("SKEP_ALLOW_ADDRESSES", "10.0.0.0/99"),
        ("SKEP_RESERVED_ADDRESSES", "10.0.0.0/16;10.1.0.0/16"),
        ("DOCKER_HOST", "tcp://0.0.0.0:2375"),
        ("SKEP_ACME_DIRECTORY", "http://ca.example.org"),
        ("SKEP_KEY", "short"),
        ("SKEP_EDGE_TOKEN_FILE", "/nowhere/at/all"),
    ];
    let mut wrong = names(read(&options, &given));
    wrong.sort_unstable();
    assert_eq!(
        wrong,
        [
            "DATABASE_URL",
            "DOCKER_HOST",
            "SKEP_ACME_DIRECTORY",
            "SKEP_ALLOW_ADDRESSES",
            "SKEP_EDGE_TOKEN_FILE",
            "SKEP_KEY",
            "SKEP_LISTEN",
            "SKEP_PUBLIC_URL",
            "SKEP_RESERVED_ADDRESSES",
            "SKEP_WORKERS"
        ]
    );
}

#[test]
fn a_cluster_needs_its_secrets_and_takes_no_defaults() {
    let url = ("DATABASE_URL", "postgres://skep:long-and-random@db/skep");
    assert_eq!(names(read(&Options::default(), &[url])), ["SKEP_KEY", "SKEP_EDGE_TOKEN"]);
    let zeros = "00".repeat(32);
    let given = [url, ("SKEP_KEY", zeros.as_str()), ("SKEP_EDGE_TOKEN", "changeme")];
    assert_eq!(names(read(&Options::default(), &given)), ["SKEP_KEY", "SKEP_EDGE_TOKEN"]);
    let placeholder = [("DATABASE_URL", "postgres://skep:changeme@db/skep")];
    assert!(names(read(&Options::default(), &placeholder)).contains(&"DATABASE_URL".to_owned()));
}

#[test]
fn a_secret_is_never_in_a_fault_or_in_debug() {
    let given = [
        ("SKEP_KEY", "hunter2hunter2"),
        ("SKEP_SETUP_TOKEN", "hunter2"),
        ("DATABASE_URL", "postgres://u:hunter2@h/d"),
    ];
    let faults = read(&Options::default(), &given).expect_err("refused");
    assert!(faults.iter().all(|fault| !fault.to_string().contains("hunter2")), "{faults:?}");
    let key = "0123456789abcdef".repeat(4);
    let given = [given[2], ("SKEP_KEY", &key), ("SKEP_EDGE_TOKEN", "hunter2hunter2hunter2")];
    let config = read(&Options::default(), &given).expect("valid");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_setting_may_come_from_a_file_but_not_twice() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("listen");
    std::fs::write(&file, "127.0.0.1:4000\n").expect("written");
    let path = file.to_str().expect("text");
    let config =
        read(&Options::default(), &[("SKEP_LISTEN_FILE", path), ("SKEP_PUBLIC_URL", "")]).expect("valid");
    assert_eq!(config.instance.listen.port(), 4000);
    assert_eq!(config.instance.public_url, None);
    let twice = [("SKEP_LISTEN_FILE", path), ("SKEP_LISTEN", "127.0.0.1:1")];
    assert_eq!(names(read(&Options::default(), &twice)), ["SKEP_LISTEN"]);
}

#[test]
fn the_embedded_profile_makes_its_secrets_once() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("new/data");
    let options = Options { data: data.to_str().map(str::to_owned), ..Options::default() };
    let mut config = read(&options, &[]).expect("valid");
    let first = first_start(&mut config, &SystemClock).expect("made");
    let token = setup_token(&mut config, &SystemClock).expect("made").expect("a file");
    assert!(token.made);
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in ["key", "edge-token", "setup-token"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    let mut again = read(&options, &[]).expect("valid");
    let second = first_start(&mut again, &SystemClock).expect("read");
    assert_eq!(second.0, first.0);
    let found = setup_token(&mut again, &SystemClock).expect("read").expect("a file");
    assert_eq!((found.made, &found.file), (false, &token.file));
    assert_eq!(again.instance.setup_token, config.instance.setup_token);
    forget_setup_token(&mut again);
    assert!(!token.file.exists());
}

#[test]
fn fault_36_a_database_without_its_key_is_not_given_a_new_one() {
    let folder = tempfile::tempdir().expect("folder");
    let options = Options { data: folder.path().to_str().map(str::to_owned), ..Options::default() };
    std::fs::write(folder.path().join("skep.db"), "").expect("written");
    assert_eq!(names(read(&options, &[])), ["SKEP_KEY"]);
}

#[test]
fn sizes_and_cpus_are_read_as_people_write_them() {
    assert_eq!(parse::bytes("2g"), Ok(2 << 30));
    assert_eq!(parse::bytes("512MiB"), Ok(512 << 20));
    assert_eq!(parse::cpus("1.5"), Ok(1_500_000_000));
    for wrong in ["", "2t", "-1m", "1", "99999999999g"] {
        assert!(parse::bytes(wrong).is_err(), "{wrong}");
    }
    for wrong in ["0", "nan", "-1", "inf"] {
        assert!(parse::cpus(wrong).is_err(), "{wrong}");
    }
}
