//! The command line as people and scripts meet it: the program itself (`SKEP_BIN`) against a
//! server that it starts, without an engine; one story is told on a real engine. Without the
//! program these tests fail.
//!
//! To add a case: a test that takes a [`Stage`] and looks at exit code, output and errors.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails should end it at that line")]

mod audit;
mod people;
mod places;
mod protected;
mod rotate;
mod service_accounts;
mod stack;
mod stage;
mod story;

use stage::{Stage, bare};

#[test]
fn from_nothing_to_an_app_with_variables() {
    let stage = Stage::start();
    stage.done(&["projects", "create", "shop", "--title", "The shop"], "");
    stage.done(&["environments", "create", "shop/staging"], "");
    let place = "shop/production/web";
    stage.done(&["apps", "create", place, "--image", "registry.example.org/web:1", "--port", "8080"], "");

    let apps = stage.json(&["apps", "list", "--json"]);
    assert_eq!(apps[0]["path"], place);
    assert_eq!(apps[0]["settings"]["port"], 8080);
    let environments = stage.json(&["environments", "list", "--json"]);
    assert_eq!(environments.as_array().map(Vec::len), Some(2));

    // A value from standard input, one from the command line, and a file.
    stage.done(&["vars", "set", "--app", "web", "PASSWORD"], "hunter2-hunter2\n");
    stage.done(&["vars", "set", "--app", place, "MODE=fast"], "");
    stage.done(&["vars", "import", "--environment", "shop/production", "-"], "# all\nexport URL='x y'\n");
    let vars = stage.json(&["vars", "list", "--app", "web", "--json"]);
    let keys: Vec<_> = vars.as_array().unwrap().iter().map(|v| v["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["MODE", "PASSWORD"]);
    assert!(!vars.to_string().contains("hunter2"), "a value is never told");
    stage.done(&["vars", "unset", "--app", "web", "MODE"], "");
    assert_eq!(stage.json(&["vars", "list", "--app", "web", "--json"]).as_array().map(Vec::len), Some(1));
    assert_eq!(stage.json(&["vars", "list", "-e", "shop/production", "--json"])[0]["key"], "URL");

    stage.done(&["domains", "add", "web", "shop.example.org"], "");
    assert!(stage.done(&["domains", "list", "web"], "").contains("shop.example.org"));
    let set = ["domains", "set", "web", "shop.example.org", "--compress", "true", "--rate", "100/60"];
    stage.done(&set, "");
    stage.done(&["domains", "set", "web", "shop.example.org", "--login", "ops"], "hunter2hunter2\n");
    stage.done(
        &["domains", "set", "web", "shop.example.org", "--maintenance", "true", "--clear", "compress"],
        "",
    );
    let shown = stage.json(&["domains", "show", "web", "shop.example.org"]);
    assert_eq!(shown["options"]["rate"], serde_json::json!({"average": 100, "seconds": 60, "burst": 100}));
    assert_eq!(
        (&shown["options"]["maintenance"]["on"], &shown["logins"]),
        (&serde_json::json!(true), &serde_json::json!(["ops"]))
    );
    assert!(shown["options"].get("compress").is_none() && !shown.to_string().contains("hunter2"), "{shown}");
    let hook = stage.done(&["webhooks", "create", "web", "--provider", "github"], "");
    assert!(hook.contains("/hooks/github/"), "{hook}");
    assert!(!stage.done(&["webhooks", "list", "web"], "").contains("secret "));

    // What would be lost for good is not removed by a script that does not say so.
    assert_eq!(stage.run(&["apps", "delete", "web"], "").code, 2);
    stage.done(&["apps", "delete", "web", "--yes"], "");
}

#[test]
fn compose_files_are_chosen_in_their_order() {
    let stage = Stage::start();
    stage.done(&["projects", "create", "shop"], "");
    let create = ["apps", "create", "shop/production/all", "--git", "https://git.example.org/shop.git"];
    let create =
        [&create[..], &["--build", "compose", "--file", "compose.yml", "--file", "live.yml"]].concat();
    stage.done(&create, "");
    let build = || stage.json(&["apps", "show", "all", "--json"])["build"].clone();
    assert_eq!(build()["overrides"], serde_json::json!(["live.yml"]));
    stage.done(&["apps", "compose", "all", "docker-compose.coolify.yml"], "");
    assert_eq!(
        (build()["path"].as_str(), build()["overrides"].as_array().map(Vec::len)),
        (Some("docker-compose.coolify.yml"), Some(0))
    );
    stage.done(&["apps", "compose", "all", "a.yml", "deploy/b.yml", "c.yml"], "");
    let shown = stage.done(&["apps", "show", "all"], "");
    assert!(shown.contains("compose a.yml + deploy/b.yml + c.yml"), "{shown}");
    let refused = stage.run(&["apps", "compose", "all", "a.yml", "../b.yml"], "");
    assert!(
        refused.code == 1 && refused.stderr.contains("build: must be a relative path"),
        "{}",
        refused.stderr
    );
    assert_eq!(stage.run(&["apps", "compose", "all"], "").code, 2);
    stage.done(&["deploy", "all", "--service", "web", "--service", "worker"], "");
    let queued = stage.json(&["deployments", "list", "all", "--json"])[0]["services"].clone();
    assert_eq!(queued, serde_json::json!(["web", "worker"]));
    let refused = stage.run(&["deploy", "all", "--service", "../x"], "");
    assert!(refused.code == 1 && refused.stderr.contains("services[0]"), "{}", refused.stderr);
    let two = ["apps", "create", "shop/production/web", "--git", "https://git.example.org/shop.git"];
    assert_eq!(stage.run(&[&two[..], &["--file", "a", "--file", "b"]].concat(), "").code, 2);
}

#[test]
fn the_token_is_kept_for_me_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::start();
    let file = stage.home().join("skep/config.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let who = stage.json(&["whoami", "--json"]);
    assert_eq!(who["email"], "admin@example.org");

    // A password makes another token; neither is ever shown.
    let before = std::fs::read_to_string(&file).unwrap();
    let server = stage.server();
    let said = stage.done(
        &["login", "--server", &server, "--email", "admin@example.org"],
        &format!("{}\n", stage::PASSWORD),
    );
    let after = std::fs::read_to_string(&file).unwrap();
    assert_ne!(before, after);
    assert!(!said.contains("skep_") && !said.contains(stage::PASSWORD), "{said}");
    assert_eq!(stage.run(&["login", "--email", "admin@example.org"], "not the password\n").code, 3);
}

#[test]
fn a_wrong_token_is_3() {
    let stage = Stage::start();
    let server = stage.server();
    let wrong = bare(&["projects", "list"], &[("SKEP_SERVER", &server), ("SKEP_TOKEN", "skep_wrong")], "");
    assert_eq!(wrong.code, 3, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("sign in"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("skep_wrong"));
    // A kept token is not shown to another server.
    assert_eq!(stage.with(&["whoami"], &[("SKEP_SERVER", "http://127.0.0.1:9")], "").code, 3);
}

#[test]
fn no_server_is_3() {
    let variables = [("SKEP_SERVER", "http://127.0.0.1:9"), ("SKEP_TOKEN", "skep_any")];
    let lost = bare(&["projects", "list"], &variables, "");
    assert_eq!(lost.code, 3);
    assert!(lost.stderr.contains("127.0.0.1:9"), "{}", lost.stderr);
}

#[test]
fn a_wrong_field_is_1_and_named() {
    let stage = Stage::start();
    let wrong = stage.run(&["projects", "create", "Not A Name"], "");
    assert_eq!(wrong.code, 1);
    assert!(wrong.stderr.contains("name: "), "{}", wrong.stderr);
    assert!(wrong.stdout.is_empty());
    let missing = stage.run(&["apps", "show", "nothing"], "");
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("nothing"));
}

#[test]
fn asked_wrongly_is_2() {
    for wrong in [&["apps", "show", "a/b"][..], &["deploy"], &["vars", "list"], &["no such thing"]] {
        assert_eq!(bare(wrong, &[], "").code, 2, "{wrong:?}");
    }
}

#[test]
fn the_doctor_says_that_the_engine_is_not_known() {
    let stage = Stage::start();
    let found = stage.run(&["doctor", "--json"], "");
    assert_eq!(found.code, 1, "{}", found.stderr);
    let lines: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let mark = |check: &str| {
        let line = lines.as_array().unwrap().iter().find(|line| line["check"] == check);
        line.unwrap_or_else(|| panic!("no line of {check} in {lines}"))["mark"].clone()
    };
    assert_eq!((mark("server"), mark("account"), mark("engine")), ("ok".into(), "ok".into(), "fail".into()));
}
