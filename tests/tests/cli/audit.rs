//! The audit log by the command line: taken out, verified without the server, and never believed.

use crate::{Stage, bare};

#[test]
fn the_log_is_verified_without_the_server() {
    let stage = Stage::start();
    assert_eq!(stage.done(&["audit", "retention", "30"], "").trim(), "entries are kept for 30 days");
    let listed = stage.json(&["audit", "list", "--instance", "--action", "audit.", "--json"]);
    assert_eq!(listed[0]["action"], "audit.retain");
    assert!(stage.done(&["audit", "list", "--instance"], "").contains("admin@example.org"));
    assert!(stage.done(&["audit", "verify"], "").contains(": sound"));
    let key = stage.done(&["audit", "key"], "").trim().to_owned();
    let file = stage.home().join("log.jsonl");
    let path = file.to_str().unwrap();
    stage.done(&["audit", "export", path], "");
    // Nobody is signed in, and no server is asked.
    let alone = bare(&["audit", "verify", path, "--key", &key], &[], "");
    assert_eq!(alone.code, 0, "{}", alone.stderr);
    assert!(alone.stdout.contains("the instance: "), "{}", alone.stdout);
    assert!(bare(&["audit", "verify", path], &[], "").stdout.contains("the file says so itself"));

    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"after\":30", "\"after\":31")).unwrap();
    let altered = bare(&["audit", "verify", path, "--key", &key], &[], "");
    assert_eq!(altered.code, 1);
    assert!(
        altered.stdout.contains("was altered") && altered.stderr.contains("not as it was written"),
        "{}",
        altered.stdout
    );
    std::fs::write(&file, text.replace("\"audit.retain\"", "nonsense")).unwrap();
    let broken = bare(&["audit", "verify", path, "--key", &key], &[], "");
    assert!(broken.code == 1 && broken.stderr.contains("is none of an audit export"), "{}", broken.stderr);
    assert_eq!(bare(&["audit", "verify", path, "--key", "no"], &[], "").code, 2);
}
