//! A pipeline's own account, by the command line.

use crate::stage::{Stage, bare};

#[test]
fn a_pipeline_has_an_account_of_its_own() {
    let stage = Stage::start();
    stage.done(&["projects", "create", "shop"], "");
    stage.done(&["service-accounts", "create", "ci"], "");
    stage.done(&["service-accounts", "grant", "ci", "viewer"], "");
    stage.done(&["service-accounts", "grant", "ci", "deployer", "--at", "shop/production"], "");
    let listed = stage.done(&["service-accounts", "list"], "");
    assert!(listed.contains("viewer, ") || listed.contains(", viewer"), "{listed}");
    assert!(listed.contains("deployer in shop/production"), "{listed}");
    stage.done(&["service-accounts", "revoke", "ci"], "");
    assert!(!stage.done(&["service-accounts", "list"], "").contains("viewer"));
    stage.done(&["service-accounts", "rename", "ci", "pipeline"], "");
    let gone = stage.run(&["service-accounts", "tokens", "ci"], "");
    assert!(gone.code == 1 && gone.stderr.contains("no service account `ci`"), "{}", gone.stderr);

    let token = ["service-accounts", "create-token", "pipeline", "main", "--right", "view", "--days", "30"];
    let value = stage.done(&token, "").trim().to_owned();
    assert!(value.starts_with("skep_"));
    assert!(stage.done(&["service-accounts", "tokens", "pipeline"], "").contains("view"));
    let server = stage.server();
    let by = |args: &[&str]| bare(args, &[("SKEP_SERVER", &server), ("SKEP_TOKEN", &value)], "");
    let who = by(&["whoami"]);
    assert!(who.code == 0 && who.stdout.contains("pipeline@"), "{}{}", who.stdout, who.stderr);
    stage.done(&["service-accounts", "revoke-token", "pipeline", "main"], "");
    assert_eq!(by(&["whoami"]).code, 3);

    assert_eq!(stage.run(&["service-accounts", "remove", "pipeline"], "").code, 2, "a script says --yes");
    stage.done(&["service-accounts", "remove", "pipeline", "--yes"], "");
    assert!(!stage.done(&["members", "list"], "").contains("pipeline"));
}
