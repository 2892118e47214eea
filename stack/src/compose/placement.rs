//! On which nodes tasks may run: `deploy.placement`, and `platform`.
//!
//! To add an architecture: a row in [`ARCHITECTURES`].

use bollard_stubs::models::{TaskSpecPlacement, TaskSpecPlacementPreferences, TaskSpecPlacementSpread};

use super::{
    convert::Build,
    deploy::block,
    keys::fate,
    read::{At, Fields},
};

/// Architectures as images name them, and as nodes do (`uname -m`).
const ARCHITECTURES: [(&str, &str); 12] = [
    ("amd64", "x86_64"),
    ("x86_64", "x86_64"),
    ("arm64", "aarch64"),
    ("arm64/v8", "aarch64"),
    ("aarch64", "aarch64"),
    ("arm", "armv7l"),
    ("arm/v7", "armv7l"),
    ("arm/v6", "armv6l"),
    ("386", "i686"),
    ("ppc64le", "ppc64le"),
    ("s390x", "s390x"),
    ("riscv64", "riscv64"),
];

/// The engine's placement block, with the constraints to the letter.
pub(super) fn convert(
    service: &Fields<'_>,
    deploy: Option<&Fields<'_>>,
    build: &mut Build<'_>,
) -> TaskSpecPlacement {
    let faults = &mut build.faults;
    let known = ["constraints", "preferences", "max_replicas_per_node"];
    let fields = block(deploy, "placement", &known, faults);
    let get = |key: &str| fields.as_ref().and_then(|fields| fields.get(key));
    let mut constraints = get("constraints").map(|at| at.texts(faults)).unwrap_or_default();
    let mut preferences = Vec::new();
    for at in get("preferences").map(|at| at.list(faults)).unwrap_or_default() {
        let inner = at.fields(&["spread"], faults);
        let label = inner.get("spread").and_then(|at| at.text(faults));
        preferences.push(TaskSpecPlacementPreferences {
            spread: Some(TaskSpecPlacementSpread { spread_descriptor: label.map(ToOwned::to_owned) }),
        });
    }
    let max_replicas =
        get("max_replicas_per_node").and_then(|at| at.count(faults)).filter(|count| *count > 0);
    if let Some(at) = service.get("platform") {
        constraints.extend(platform(at, build));
    }
    TaskSpecPlacement {
        constraints: (!constraints.is_empty()).then_some(constraints),
        preferences: (!preferences.is_empty()).then_some(preferences),
        max_replicas,
        platforms: None,
    }
}

/// `linux/arm64` as constraints.
fn platform(at: &At<'_>, build: &mut Build<'_>) -> Vec<String> {
    let Some(text) = at.text(&mut build.faults) else { return Vec::new() };
    let lower = text.to_ascii_lowercase();
    let (system, machine) = match lower.split_once('/') {
        Some((system, machine)) => (Some(system), Some(machine)),
        None if ["linux", "windows"].contains(&lower.as_str()) => (Some(lower.as_str()), None),
        None => (None, Some(lower.as_str())),
    };
    let known = machine.map(|machine| ARCHITECTURES.iter().find(|(name, _)| *name == machine));
    if let Some(None) = known {
        let rule = "is the platform of no node: write one like `linux/amd64` or `linux/arm64`";
        build.note(at, fate::REFUSED, rule);
        return Vec::new();
    }
    let system = system.map(|system| format!("node.platform.os=={system}"));
    let machine = known.flatten().map(|(_, node)| format!("node.platform.arch=={node}"));
    system.into_iter().chain(machine).collect()
}
