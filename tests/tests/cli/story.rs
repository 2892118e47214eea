//! An app's life by the command line alone, on a real engine: what a person sees, and what a script
//! is told.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::Command,
};

use crate::stage::Stage;

/// Lays a version into a folder and packs it, as a person would.
fn archive(folder: &Path, name: &str, command: &str) -> PathBuf {
    let work = folder.join(name);
    std::fs::create_dir_all(work.join("www")).unwrap();
    std::fs::copy("/bin/busybox", work.join("busybox")).expect("busybox-static is installed");
    std::fs::write(work.join("www/index.html"), name).unwrap();
    let dockerfile = format!(
        "FROM scratch\nCOPY busybox /busybox\nCOPY www /www\nCMD [\"/busybox\", \"sh\", \"-c\", \"{command}\"]\n"
    );
    std::fs::write(work.join("Dockerfile"), dockerfile).unwrap();
    let file = folder.join(format!("{name}.tar.gz"));
    let packed = Command::new("tar").arg("-czf").arg(&file).arg("-C").arg(&work).arg(".").status().unwrap();
    assert!(packed.success());
    file
}

fn serving(name: &str) -> String {
    format!(
        "trap exit TERM; /busybox httpd -p 8080 -h /www; echo serving {name}; while :; do echo tick; /busybox sleep 1; done"
    )
}

#[test]
fn an_app_lives_by_the_command_line() {
    let stage = Stage::on_the_lab();
    let project = format!("cli{}", std::process::id());
    let app = format!("{project}/production/web");
    let file = |name: &str, command: &str| archive(stage.home(), name, command).display().to_string();
    stage.done(&["projects", "create", &project], "");
    let first = file("one", &serving("one"));
    let made =
        ["apps", "create", &app, "--archive", &first, "--port", "8080", "--health-path", "/index.html"];
    let said = stage.done(&made, "");
    assert!(said.contains(&format!("skep deploy {app} --wait")), "{said}");

    // A good version: 0, and its end is the last line.
    let said = stage.done(&["deploy", "web", "--wait", "--reason", "the first"], "");
    assert_eq!(said.lines().last(), Some("deployment 1 is live"), "{said}");
    assert!(said.contains("verify  * done"), "{said}");
    assert!(!said.contains('\u{1b}'), "no colours outside a terminal: {said}");
    let apps = stage.done(&["apps", "list"], "");
    assert!(apps.contains(&app) && apps.contains("live"), "{apps}");

    // A broken one: not 0, the reason, and what the task wrote last; the first one serves on.
    let broken = file("broken", "echo the shop has no door; exit 3");
    let ended = stage.run(&["deploy", "web", "--archive", &broken, "--wait"], "");
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("deployment 2 was rolled back"), "{}", ended.stderr);
    assert!(ended.stderr.contains("non-zero exit (3)"), "{}", ended.stderr);
    assert!(ended.stderr.contains("  | the shop has no door"), "{}", ended.stderr);
    assert!(stage.done(&["deployments", "show", "web:2"], "").contains("  | the shop has no door"));
    let sick = file("sick", "/busybox httpd -p 8080 -h /; while :; do /busybox sleep 1; done");
    let ended = stage.run(&["deploy", "web", "--archive", &sick, "--wait"], "");
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("its health check failed: http 8080: status 404"), "{}", ended.stderr);

    // A second good one, and back.
    let second = file("two", &serving("two"));
    stage.done(&["deploy", "web", "--archive", &second, "--wait"], "");
    assert!(stage.done(&["logs", "web"], "").contains("serving two"));

    // What a deployment would change is told before there is one, and nothing is done.
    let said = stage.done(&["plan", "web"], "");
    assert!(said.contains("nothing to do: what runs is as planned"), "{said}");
    stage.done(&["vars", "set", "--app", "web", "COLOUR=blue"], "");
    let said = stage.done(&["stack", "plan", "web"], "");
    assert!(said.contains(" (replaces its tasks)") && said.contains("Env.COLOUR: nothing -> set"), "{said}");
    assert_eq!(stage.json(&["plan", "web", "--json"])["restarts"], true);
    stage.done(&["vars", "unset", "--app", "web", "COLOUR"], "");
    let said = stage.done(&["rollback", "web", "--to", "1", "--wait"], "");
    assert_eq!(said.lines().last(), Some("deployment 5 is live"), "{said}");
    assert!(stage.done(&["logs", "web"], "").contains("serving one"));
    assert_eq!(stage.run(&["rollback", "web", "--to", "99"], "").code, 1);

    the_log_is_followed_until_nobody_reads(&stage);
    ctrl_c_ends_the_watching_alone(&stage);

    stage.done(&["apps", "stop", "web"], "");
    assert_eq!(stage.json(&["apps", "show", "web", "--json"])["wanted"], "stopped");
    stage.done(&["apps", "delete", "web", "--volumes", "--yes"], "");
}

fn the_log_is_followed_until_nobody_reads(stage: &Stage) {
    let mut logs = stage.spawn(&["logs", "web", "--follow", "--tail", "1"]);
    let mut lines = BufReader::new(logs.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        let line = lines.next().unwrap().unwrap();
        assert!(line.contains("tick"), "{line}");
    }
    // As `| head -3` does. The next tick ends it.
    drop(lines);
    assert_eq!(logs.wait().unwrap().code(), Some(141));
}

fn ctrl_c_ends_the_watching_alone(stage: &Stage) {
    let mut watching = stage.spawn(&["deploy", "web", "--wait"]);
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    while !lines.next().unwrap().unwrap().contains("fetch ") {}
    let pid = watching.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut told = String::new();
    watching.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(130), "{told}");
    assert!(told.contains("the deployment goes on") && told.contains("skep deployments cancel"), "{told}");
    stage.done(&["deployments", "watch", "web"], "");
}
