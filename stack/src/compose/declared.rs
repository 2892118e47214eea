//! The top-level sections: networks, volumes, configs and secrets that services name.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bollard_stubs::models::{
    ConfigSpec, Driver, Ipam, IpamConfig, MountVolumeOptionsDriverConfig, NetworkCreateRequest, SecretSpec,
};

use super::{
    Build,
    read::{At, Fields},
};
use crate::{app::mounts::config_name, fault::Faults, labels, text};

/// What is declared, by the name in the file.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) networks: BTreeMap<String, NetworkCreateRequest>,
    pub(super) volumes: BTreeMap<String, Option<MountVolumeOptionsDriverConfig>>,
    /// Final names.
    pub(super) configs: BTreeMap<String, String>,
    /// Final names.
    pub(super) secrets: BTreeMap<String, String>,
}

pub(super) fn read(top: &Fields<'_>, build: &mut Build<'_>) -> Declared {
    let mut all = Declared::default();
    if let Some(at) = top.get("include") {
        at.fault("not_allowed", "is not supported: write the services into this file", &mut build.faults);
    }
    if let Some(at) = top.get("name") {
        build.note(at, "ignored", "has no effect: the app's own name is used");
    }
    all.networks.insert("default".to_owned(), body(build, "default"));
    for (name, at) in entries(top, "networks", build) {
        let body = network(name, &at, build);
        all.networks.insert(name.to_owned(), body);
    }
    for (name, at) in entries(top, "volumes", build) {
        all.volumes.insert(name.to_owned(), volume(&at, build));
    }
    for (name, at) in entries(top, "configs", build) {
        let Some((data, templating)) = content(&at, build) else { continue };
        let full = config_name(build.input.stack, name, &data);
        let body = ConfigSpec {
            name: Some(full.clone()),
            labels: Some(own(build)),
            data: Some(STANDARD.encode(&data)),
            templating,
        };
        build.spec.configs.insert(full.clone(), body);
        all.configs.insert(name.to_owned(), full);
    }
    for (name, at) in entries(top, "secrets", build) {
        let Some((data, templating)) = content(&at, build) else { continue };
        let full = config_name(build.input.stack, name, &data);
        let body = SecretSpec {
            name: Some(full.clone()),
            labels: Some(own(build)),
            data: Some(STANDARD.encode(&data)),
            driver: None,
            templating,
        };
        build.spec.secrets.insert(full.clone(), body);
        all.secrets.insert(name.to_owned(), full);
    }
    all
}

fn entries<'n>(top: &Fields<'n>, section: &str, build: &mut Build<'_>) -> Vec<(&'n str, At<'n>)> {
    let all = top.get(section).and_then(|at| at.map(&mut build.faults)).unwrap_or_default();
    all.into_iter()
        .filter(|(name, at)| {
            let ok = text::object(name);
            if !ok {
                at.fault(
                    "invalid_name",
                    "must be a name of letters, digits, `.`, `_` and `-`",
                    &mut build.faults,
                );
            }
            ok && !name.starts_with("x-")
        })
        .collect()
}

fn own(build: &Build<'_>) -> std::collections::HashMap<String, String> {
    labels::owned(build.input.stack, build.input.app)
}

/// Fields that all kinds have. Objects belong to one app: names are scoped, and there is nothing
/// outside to refer to.
fn common<'n>(at: &At<'n>, known: &[&str], build: &mut Build<'_>) -> Option<Fields<'n>> {
    if at.is_null() {
        return None;
    }
    let known: Vec<&str> = known.iter().copied().chain(["name", "external", "labels"]).collect();
    let fields = at.fields(&known, &mut build.faults);
    if let Some(name) = fields.get("name") {
        build.note(name, "ignored", "has no effect: names are scoped to the app");
    }
    if let Some(external) = fields.get("external") {
        let outside = matches!(external.node.value, super::yaml::Value::Map(_))
            || external.bool(&mut build.faults) == Some(true);
        if outside {
            external.fault(
                "not_found",
                "is not known in this environment: objects belong to one app",
                &mut build.faults,
            );
        }
    }
    Some(fields)
}

/// Labels of the user beside ours.
pub(super) fn user_labels(at: Option<&At<'_>>, faults: &mut Faults) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (key, value, at) in at.map(|at| at.pairs(faults)).unwrap_or_default() {
        if labels::reserved(&key) {
            at.fault(
                "label_reserved",
                "is reserved: routes are made under Domains; `com.docker.` and `dev.skep.` are Docker's and Skep's own",
                faults,
            );
        } else if key.is_empty()
            || key.len() > 255
            || key.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            at.fault("invalid_label", "must have a key of 1 to 255 characters without blanks", faults);
        } else {
            all.push((key, value.unwrap_or_default()));
        }
    }
    all
}

fn body(build: &Build<'_>, name: &str) -> NetworkCreateRequest {
    NetworkCreateRequest {
        name: build.scoped(name),
        driver: Some("overlay".to_owned()),
        labels: Some(own(build)),
        ..Default::default()
    }
}

fn network(name: &str, at: &At<'_>, build: &mut Build<'_>) -> NetworkCreateRequest {
    let mut body = body(build, name);
    let known = ["driver", "driver_opts", "ipam", "internal", "attachable", "enable_ipv6", "enable_ipv4"];
    let Some(fields) = common(at, &known, build) else { return body };
    let faults = &mut build.faults;
    body.labels.get_or_insert_default().extend(user_labels(fields.get("labels"), faults));
    if let Some(driver) = fields.get("driver").and_then(|at| at.text(faults)) {
        // What Compose calls `bridge` on one machine is an overlay on many.
        let driver = if driver == "bridge" { "overlay" } else { driver };
        body.driver = Some(driver.to_owned());
    }
    body.options = options(&fields, faults);
    body.internal = fields.get("internal").and_then(|at| at.bool(faults));
    body.attachable = fields.get("attachable").and_then(|at| at.bool(faults));
    body.enable_ipv6 = fields.get("enable_ipv6").and_then(|at| at.bool(faults));
    body.ipam = fields.get("ipam").map(|at| ipam(at, faults));
    body
}

fn options(fields: &Fields<'_>, faults: &mut Faults) -> Option<std::collections::HashMap<String, String>> {
    let pairs = fields.get("driver_opts")?.pairs(faults);
    let map: std::collections::HashMap<_, _> =
        pairs.into_iter().map(|(key, value, _)| (key, value.unwrap_or_default())).collect();
    (!map.is_empty()).then_some(map)
}

fn ipam(at: &At<'_>, faults: &mut Faults) -> Ipam {
    let fields = at.fields(&["driver", "config", "options"], faults);
    let pools = fields.get("config").map(|at| at.list(faults)).unwrap_or_default();
    let pool = |at: &At<'_>, faults: &mut Faults| {
        let fields = at.fields(&["subnet", "gateway", "ip_range", "aux_addresses"], faults);
        let text = |key: &str, faults: &mut Faults| {
            fields.get(key).and_then(|at| at.text(faults)).map(ToOwned::to_owned)
        };
        IpamConfig {
            subnet: text("subnet", faults),
            gateway: text("gateway", faults),
            ip_range: text("ip_range", faults),
            auxiliary_addresses: None,
        }
    };
    Ipam {
        driver: fields.get("driver").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
        config: Some(pools.iter().map(|at| pool(at, faults)).collect()),
        options: None,
    }
}

fn volume(at: &At<'_>, build: &mut Build<'_>) -> Option<MountVolumeOptionsDriverConfig> {
    let fields = common(at, &["driver", "driver_opts"], build)?;
    let faults = &mut build.faults;
    user_labels(fields.get("labels"), faults);
    let driver = MountVolumeOptionsDriverConfig {
        name: fields.get("driver").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
        options: options(&fields, faults),
    };
    (driver.name.is_some() || driver.options.is_some()).then_some(driver)
}

/// The content of a config or secret: exactly one of `content`, `environment` and `file`.
fn content(at: &At<'_>, build: &mut Build<'_>) -> Option<(Vec<u8>, Option<Driver>)> {
    if at.is_null() {
        at.fault("required", "must have `content`, `environment` or `file`", &mut build.faults);
        return None;
    }
    let fields = common(at, &["content", "environment", "file", "template_driver", "driver"], build)?;
    if fields.get("external").is_some() {
        return None;
    }
    if let Some(driver) = fields.get("driver") {
        driver.fault("not_allowed", "is not allowed: Swarm keeps the data itself", &mut build.faults);
    }
    let given: Vec<&str> =
        ["content", "environment", "file"].into_iter().filter(|key| fields.has(key)).collect();
    let [source] = given[..] else {
        at.fault(
            "required",
            "must have exactly one of `content`, `environment` and `file`",
            &mut build.faults,
        );
        return None;
    };
    let source_at = fields.get(source)?;
    let text = source_at.loose_text(&mut build.faults)?;
    let data = match source {
        "content" => Some(text.into_bytes()),
        "environment" => build.input.vars.get(&text).map(|value| value.clone().into_bytes()),
        _ => build.input.files.get(&text).cloned(),
    };
    if data.is_none() {
        let message = if source == "file" {
            "is no file of this app's source: give a path inside the repository, or the `content`"
        } else {
            "names a variable that is not set"
        };
        source_at.fault("not_found", message, &mut build.faults);
    }
    let templating = fields
        .get("template_driver")
        .and_then(|at| at.text(&mut build.faults))
        .map(|name| Driver { name: name.to_owned(), options: None });
    Some((data?, templating))
}
