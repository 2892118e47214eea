//! A protected environment by the command line.

use crate::stage::Stage;

#[test]
fn what_is_asked_for_there_waits_for_somebody_else() {
    let stage = Stage::start();
    stage.done(&["projects", "create", "shop"], "");
    let (place, web) = ("shop/production", "shop/production/web");
    stage.done(&["apps", "create", web, "--image", "registry.example.org/web:1", "--port", "8080"], "");
    let protect =
        ["environments", "protect", place, "--approvals", "1", "--reason-required", "--branch", "main"];
    stage.done(&protect, "");
    let shown = stage.done(&["environments", "show", place], "");
    let line = |name: &str| {
        shown
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("{name}: {shown}"))
            .to_owned()
    };
    assert!(line("approvals").ends_with('1') && line("branches").ends_with("main"), "{shown}");
    assert_eq!(stage.json(&["environments", "show", place, "--json"])["reason_required"], true);

    let refused = stage.run(&["deploy", "web"], "");
    assert!(refused.code == 1 && refused.stderr.contains("reason: must say why"), "{}", refused.stderr);
    let said = stage.done(&["deploy", "web", "--reason", "new prices"], "");
    assert!(said.contains("deployment 1 awaits approval"), "{said}");
    assert!(stage.done(&["deployments", "list", "web"], "").contains("awaiting approval"));
    let said = stage.done(&["deployments", "show", "web"], "");
    assert!(said.contains("0 of 1 approvals; it waits until ") && said.contains("new prices"), "{said}");
    let own = stage.run(&["deployments", "approve", "web:1"], "");
    assert!(own.code == 1 && own.stderr.contains("who asked for a deployment"), "{}", own.stderr);
    let said = stage.done(&["deployments", "reject", "web", "--comment", "not today"], "");
    assert!(said.contains("deployment 1 is rejected"), "{said}");
    let said = stage.done(&["deployments", "show", "web"], "");
    assert!(said.contains("rejected by admin@example.org") && said.contains(": not today"), "{said}");

    assert_eq!(stage.run(&["environments", "reset", place], "").code, 2, "a script says --yes");
    let kept = stage.run(&["environments", "reset", place, "--yes"], "");
    assert!(kept.code == 1 && kept.stderr.contains("is protected"), "{}", kept.stderr);
    stage.done(&["environments", "unprotect", place], "");
    let said = stage.done(&["environments", "reset", place, "--yes"], "");
    assert!(said.contains("1 apps are being removed"), "{said}");
    stage.done(&["environments", "create", "shop/staging"], "");
    stage.done(&["environments", "delete", "shop/staging", "--yes"], "");
}
