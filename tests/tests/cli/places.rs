//! Credentials that belong to one environment, and a key of one's own, by the command line.

use crate::stage::Stage;

#[test]
fn a_credential_belongs_to_an_environment_and_is_used_there_alone() {
    let stage = Stage::start();
    stage.done(&["projects", "create", "shop"], "");
    stage.done(&["environments", "create", "shop/staging"], "");
    let create = |title: &'static str| {
        ["credentials", "create", "--kind", "git-key", "--title", title, "--host", "git.example.org"]
    };
    let said = stage.done(&[&create("A")[..], &["--at", "shop/staging"]].concat(), "");
    assert!(said.contains("ssh-ed25519 AAAA"), "{said}");

    let file = stage.home().join("key");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-N", "", "-t", "ecdsa", "-f"])
        .arg(&file)
        .status();
    assert!(made.unwrap().success());
    let file = file.to_str().unwrap();
    let said = stage.done(&[&create("B")[..], &["--at", "shop", "--key", file]].concat(), "");
    assert!(said.contains("ecdsa-sha2-nistp256 "), "{said}");
    let public = format!("{file}.pub");
    let wrong = stage.run(&[&create("C")[..], &["--key", &public]].concat(), "");
    assert!(wrong.code == 1 && wrong.stderr.contains("is a public key"), "{}", wrong.stderr);

    let list = stage.done(&["credentials", "list"], "");
    let line = |title: &str| list.lines().find(|line| line.starts_with(title)).unwrap_or_default();
    assert!(line("A ").contains("shop/staging"), "{list}");
    assert!(line("B ").contains("shop") && !line("B ").contains("shop/"), "{list}");
    let all = stage.json(&["credentials", "list", "--json"]);
    let own = all.as_array().unwrap().iter().find(|one| one["title"] == "A").unwrap();
    assert_eq!(own["place"]["kind"], "environment");

    let (git, id) = ("ssh://git@git.example.org/acme/shop.git", own["id"].as_str().unwrap());
    let app =
        |place: &'static str| ["apps", "create", place, "--git", git, "--branch", "main", "--credential", id];
    let refused = stage.run(&app("shop/production/web"), "");
    assert!(
        refused.code == 1
            && refused.stderr.contains("source.credential: belongs to environment staging of shop"),
        "{}",
        refused.stderr
    );
    stage.done(&app("shop/staging/web"), "");
    // Without an engine no node is known, and none is reserved.
    let unknown = stage.run(&["nodes", "reserve", "hive-1", "shop/staging"], "");
    assert!(unknown.code == 1 && unknown.stderr.contains("engine"), "{}", unknown.stderr);
}
