//! What we depend on is what `deny.toml` allows: licences, crates that must not come in by any way, where
//! crates come from. The same file is what `cargo deny check` reads, which asks for advisories as well, where
//! there is a network to ask.
//!
//! To add a rule: a line in `deny.toml`.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::Value;
use spdx::{Expression, ParseMode};

/// All packages that any of ours is built with on the platforms of `deny.toml`, as cargo sees them.
fn packages() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--all-features", "--locked"]);
    for platform in texts(&rules()["graph"]["targets"]) {
        cargo.args(["--filter-platform", platform]);
    }
    let output = cargo.current_dir(&root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let nodes = all["resolve"]["nodes"].as_array().unwrap();
    let used: BTreeSet<&str> = nodes.iter().map(|node| node["id"].as_str().unwrap()).collect();
    let packages = all["packages"].as_array().unwrap().iter();
    packages.filter(|package| used.contains(package["id"].as_str().unwrap())).cloned().collect()
}

fn rules() -> toml::Table {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deny.toml");
    std::fs::read_to_string(file).unwrap().parse().unwrap()
}

fn texts(value: &toml::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

/// Whether a licence expression can be met with the licences in `allowed`.
fn permitted(expression: &str, allowed: &[&str]) -> Result<bool, String> {
    let parsed = Expression::parse_mode(expression, ParseMode::LAX).map_err(|error| error.to_string())?;
    Ok(parsed.evaluate(|required| allowed.contains(&required.to_string().as_str())))
}

#[test]
fn every_licence_is_one_of_the_list() {
    let rules = rules();
    let allowed = texts(&rules["licenses"]["allow"]);
    let mut wrong = Vec::new();
    for package in packages() {
        let name = format!("{} {}", package["name"], package["version"]);
        match package["license"].as_str() {
            None if package["license_file"].is_string() => {
                wrong.push(format!("{name}: a licence of its own"))
            }
            None => wrong.push(format!("{name}: no licence")),
            Some(text) => match permitted(text, &allowed) {
                Ok(true) => {}
                Ok(false) => wrong.push(format!("{name}: {text}")),
                Err(error) => wrong.push(format!("{name}: {text}: {error}")),
            },
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_refused_crate_comes_in_by_any_way() {
    let rules = rules();
    let refused: Vec<&str> =
        rules["bans"]["deny"].as_array().unwrap().iter().map(|one| one["crate"].as_str().unwrap()).collect();
    assert!(refused.contains(&"openssl-sys"));
    let packages = packages();
    assert!(packages.len() > 300, "{}", packages.len());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        assert!(
            !refused.contains(&name),
            "{name} is refused by deny.toml; `cargo tree -i {name}` tells by what"
        );
    }
}

#[test]
fn everything_comes_from_the_registry_or_is_ours() {
    for package in packages() {
        let source = package["source"].as_str();
        assert!(
            source.is_none_or(|source| source.starts_with("registry+")),
            "{}: {source:?}",
            package["name"]
        );
    }
}

#[test]
fn a_licence_is_judged_as_a_whole() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
    for (text, wanted) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-3.0-only", false),
    ] {
        assert_eq!(permitted(text, &allowed), Ok(wanted), "{text}");
    }
    assert!(permitted("nonsense", &allowed).is_err());
}
