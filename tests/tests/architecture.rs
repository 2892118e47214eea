//! The floors, held: who may import whom, and what may stand where.
//!
//! To add a rule: an entry in one of the lists below, with its reason.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

use std::path::{Path, PathBuf};

/// Modules of the server by floor; one imports only from lower floors, or from its own module.
const FLOORS: &[(&str, u8)] = &[
    ("domain", 1),
    ("acme", 2),
    ("build", 2),
    ("bus", 2),
    ("db", 2),
    ("dns", 2),
    ("edge", 2),
    ("git", 2),
    ("sso", 2),
    ("store", 2),
    ("stores", 2),
    ("swarm", 2),
    ("deploy", 3),
    ("keys", 3),
    ("jobs", 4),
    ("reconcile", 4),
    ("control", 5),
    ("http", 6),
    ("web_impl", 6),
    ("cli", 7),
    ("config", 7),
    ("lifecycle", 7),
    ("telemetry", 7),
    ("main", 7),
];

/// Text that may stand only below these folders, and why.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("sqlx::query", &["server/src/db/"], "SQL is remembered in one place"),
    ("bollard::", &["server/src/swarm/", "server/src/build/"], "one place speaks with the engine"),
    ("Utc::now(", &["server/src/domain/clock.rs"], "time is a parameter"),
    ("rand::rng(", &["server/src/domain/clock.rs"], "randomness is a parameter"),
    (
        "Command::new(",
        &["server/src/git/", "server/src/cli/", "server/src/edge/keeper/"],
        "programs are run by argv in a box",
    ),
    ("\"-c\"", &["server/src/git/"], "no host shell: git's own -c is the only one"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// All Rust files of the product, with their paths from the root.
fn files() -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join("server"), root.join("stack"), root.join("web"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | "dist") {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), text));
            }
        }
    }
    assert!(found.len() > 100, "the tests see the sources");
    found
}

/// The code without its tests and comments.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_go_down_the_floors() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let Some(inside) = path.strip_prefix("server/src/") else { continue };
        let module = inside.split('/').next().unwrap().trim_end_matches(".rs");
        let Some((_, floor)) = FLOORS.iter().find(|(name, _)| *name == module) else { continue };
        let text = code(&text);
        for (other, above) in FLOORS {
            let upward = above > floor || (above == floor && *other != module && *floor != 7 && *floor != 2);
            // Adapters of one floor do not know each other, but for types that they hand on.
            if upward && imports(&text, other) {
                wrong.push(format!("{path} (floor {floor}) imports {other} (floor {above})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the text names `crate::module`, alone or in a `use crate::{…}` group.
fn imports(text: &str, module: &str) -> bool {
    if text.contains(&format!("crate::{module}::")) || text.contains(&format!("crate::{module};")) {
        return true;
    }
    text.split("use crate::{").skip(1).any(|rest| {
        let mut depth = 1;
        let mut top = String::new();
        for c in rest.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if depth == 1 => top.push(c),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        top.split(',').any(|item| item.trim().split("::").next() == Some(module))
    })
}

#[test]
fn what_belongs_in_one_place_stands_there_alone() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        if !path.starts_with("server/src/") {
            continue;
        }
        let text = code(&text);
        for (needle, allowed, why) in ONLY_IN {
            if text.contains(needle) && !allowed.iter().any(|folder| path.starts_with(folder)) {
                wrong.push(format!("{path}: {needle} ({why})"));
            }
        }
        for shell in ["\"sh\"", "\"bash\"", "/bin/sh"] {
            if text.contains(&format!("Command::new({shell}")) {
                wrong.push(format!("{path}: a host shell"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What loads a thing by its id under a team: asking for the right stands beside it (`allow.rs`).
const LOADS: &[&str] = &[
    "db::app::get(",
    "db::credential::get(",
    "db::project::get(",
    "db::project::environment(",
    "db::deployment::get(",
    "db::secret_store::get(",
    "db::dns_provider::get(",
    "db::verified_domain::get(",
    "db::own_certificate::get(",
    "db::acme::get(",
];

#[test]
fn a_request_loads_a_thing_by_asking_for_the_right() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        if !path.starts_with("server/src/control/") || path.ends_with("/allow.rs") {
            continue;
        }
        let code = code(&text);
        wrong.extend(LOADS.iter().filter(|load| code.contains(**load)).map(|load| format!("{path}: {load}")));
    }
    assert!(wrong.is_empty(), "use `cx.app`, `cx.environment`... with the right:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let long: Vec<String> = files()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > 500)
        .map(|(path, text)| format!("{path}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_module_says_why_it_exists() {
    let silent: Vec<String> = files()
        .into_iter()
        .filter(|(path, text)| {
            !text.starts_with("//!") && !path.ends_with("build.rs") && !path.ends_with("/tests.rs")
        })
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn the_pure_crate_is_pure() {
    let manifest = std::fs::read_to_string(root().join("stack/Cargo.toml")).unwrap();
    for word in ["tokio", "reqwest", "bollard =", "chrono ="] {
        assert!(!manifest.contains(word), "stack depends on {word}");
    }
    for (path, text) in files().into_iter().filter(|(path, _)| path.starts_with("stack/src")) {
        for word in ["std::net", "std::fs", "SystemTime", "async fn"] {
            assert!(!code(&text).contains(word), "{path}: {word}");
        }
    }
}

#[test]
fn case_065_traefik_asks_nobody_but_us_for_routes() {
    let text = std::fs::read_to_string(root().join("deploy/traefik/traefik.yml")).unwrap();
    let providers = text.split("\nproviders:\n").nth(1).unwrap();
    let lines = providers.lines().take_while(|line| line.starts_with(' ') || line.is_empty());
    // What stands two blanks deep: a label of an image or a container is read by none of them.
    let names: Vec<&str> = lines
        .filter(|line| line.starts_with("  ") && !line.starts_with("   ") && !line.trim().starts_with('#'))
        .map(|line| line.trim().split(':').next().unwrap())
        .collect();
    assert_eq!(names, ["providersThrottleDuration", "http"]);
    for stack in ["deploy/stack.embedded.yml", "deploy/stack.cluster.yml"] {
        let text = std::fs::read_to_string(root().join(stack)).unwrap();
        let traefik = text.split("\n  traefik:\n").nth(1).unwrap_or_else(|| panic!("{stack} has no traefik"));
        let service: String = traefik.lines().take_while(|l| l.is_empty() || l.starts_with("   ")).collect();
        assert!(!service.contains("docker.sock"), "{stack}: Traefik has no socket");
    }
}
