//! A Compose file of what runs: for a stack whose own file is lost. It says what the docker CLI would
//! need to make the services as they are; what a file cannot say is seen by planning with it. Services
//! that the docker CLI did not make are left out.
//!
//! To write a key: its line in the block that it belongs to. What the engine does not tell (the data
//! of secrets) is named as external.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use crate::{labels, observed::Observed, text, units};

const CONTAINER: &str = "/TaskTemplate/ContainerSpec";

/// The file of a stack, as a tree.
#[must_use]
pub fn written(stack: &str, observed: &Observed) -> Value {
    let mut file = File { stack, observed, top: BTreeMap::new() };
    for (name, service) in &observed.services {
        let (Some(short), Some(spec)) = (text::short(stack, name), &service.spec) else { continue };
        let spec = serde_json::to_value(spec).unwrap_or_default();
        // It has this label from the docker CLI; a file would make others differently.
        if let Some(image) = at(&spec, "/Labels").get(labels::IMAGE).and_then(Value::as_str) {
            let body = file.service(short, image, &spec);
            file.declare("services", short, body);
        }
    }
    let mut top = Map::new();
    for (section, entries) in file.top {
        top.insert(section.to_owned(), entries.into_iter().collect());
    }
    let mut top = Value::Object(top);
    plain_dollars(&mut top);
    top
}

struct File<'o> {
    stack: &'o str,
    observed: &'o Observed,
    /// Entries by section.
    top: BTreeMap<&'static str, BTreeMap<String, Value>>,
}

/// The value at a pointer, `null` if there is none.
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    at(value, pointer).as_array().into_iter().flatten()
}

fn words<'v>(value: &'v Value, pointer: &str) -> &'v str {
    at(value, pointer).as_str().unwrap_or_default()
}

/// A map of what is there: nothing empty, nothing that is off.
fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let there = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    let entries = entries.into_iter().filter(|(_, value)| there(value));
    Value::Object(entries.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// What is a number there, written as its unit.
fn shown(value: &Value, pointer: &str, show: fn(i64) -> String) -> Value {
    at(value, pointer).as_i64().map_or(Value::Null, |number| json!(show(number)))
}

fn duration(value: &Value, pointer: &str) -> Value {
    shown(value, pointer, units::show_duration)
}

/// Labels without Docker's own.
fn labelled(value: &Value, pointer: &str) -> Value {
    let all = at(value, pointer).as_object().into_iter().flatten();
    all.filter(|(key, _)| !labels::reserved(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

impl File<'_> {
    fn declare(&mut self, section: &'static str, name: &str, body: Value) {
        self.top.entry(section).or_default().insert(name.to_owned(), body);
    }

    /// The name in the file of an object: that of the stack's own is short, any other is external.
    fn named(&mut self, section: &'static str, full: &str, own: Option<Value>) -> String {
        match (text::short(self.stack, full), own) {
            (Some(short), Some(body)) => {
                self.declare(section, short, body);
                short.to_owned()
            }
            (short, _) => {
                let name = short.unwrap_or(full).to_owned();
                self.declare(section, &name, json!({"external": true, "name": full}));
                name
            }
        }
    }

    fn service(&mut self, short: &str, image: &str, spec: &Value) -> Value {
        let container = at(spec, CONTAINER);
        let of = |key: &str| at(container, &format!("/{key}")).clone();
        let hosts = list(container, "/Hosts").filter_map(Value::as_str);
        let hosts: Vec<String> =
            hosts.filter_map(|line| line.split_once(' ')).map(|(ip, name)| format!("{name}={ip}")).collect();
        let ulimits: Map<String, Value> = list(container, "/Ulimits")
            .map(|limit| {
                let both = json!({"soft": at(limit, "/Soft"), "hard": at(limit, "/Hard")});
                (words(limit, "/Name").to_owned(), both)
            })
            .collect();
        let mut body = map([
            ("image", json!(image)),
            ("entrypoint", of("Command")),
            ("command", of("Args")),
            ("environment", of("Env")),
            ("hostname", of("Hostname")),
            ("user", of("User")),
            ("group_add", of("Groups")),
            ("working_dir", of("Dir")),
            ("tty", of("TTY")),
            ("stdin_open", of("OpenStdin")),
            ("read_only", of("ReadOnly")),
            ("stop_signal", of("StopSignal")),
            ("stop_grace_period", duration(container, "/StopGracePeriod")),
            ("isolation", of("Isolation")),
            ("cap_add", of("CapabilityAdd")),
            ("cap_drop", of("CapabilityDrop")),
            ("sysctls", of("Sysctls")),
            ("oom_score_adj", of("OomScoreAdj")),
            ("ulimits", Value::Object(ulimits)),
            ("extra_hosts", json!(hosts)),
            ("dns", at(container, "/DNSConfig/Nameservers").clone()),
            ("dns_search", at(container, "/DNSConfig/Search").clone()),
            ("dns_opt", at(container, "/DNSConfig/Options").clone()),
            ("labels", labelled(container, "/Labels")),
            ("healthcheck", health(at(container, "/HealthCheck"))),
            (
                "logging",
                map([
                    ("driver", at(spec, "/TaskTemplate/LogDriver/Name").clone()),
                    ("options", at(spec, "/TaskTemplate/LogDriver/Options").clone()),
                ]),
            ),
            ("ports", list(spec, "/EndpointSpec/Ports").map(port).collect()),
            ("networks", self.networks(short, spec)),
            ("volumes", list(container, "/Mounts").map(|mount| self.mount(mount)).collect()),
            ("configs", self.references(container, "Config")),
            ("secrets", self.references(container, "Secret")),
            ("deploy", deploy(spec)),
        ]);
        if let (Some(init), Some(body)) = (at(container, "/Init").as_bool(), body.as_object_mut()) {
            body.insert("init".to_owned(), json!(init));
        }
        body
    }

    fn networks(&mut self, service: &str, spec: &Value) -> Value {
        let mut all = Map::new();
        for network in list(spec, "/TaskTemplate/Networks").chain(list(spec, "/Networks")) {
            let target = words(network, "/Target");
            let full = self.observed.network_names.get(target).map_or(target, String::as_str);
            let own = self.observed.networks.get(full).map(|network| {
                let network = serde_json::to_value(network).unwrap_or_default();
                let mut options = at(&network, "/Options").as_object().cloned().unwrap_or_default();
                options.remove("com.docker.network.driver.overlay.vxlanid_list");
                map([
                    ("driver", at(&network, "/Driver").clone()),
                    ("driver_opts", Value::Object(options)),
                    ("attachable", at(&network, "/Attachable").clone()),
                    ("internal", at(&network, "/Internal").clone()),
                    ("labels", labelled(&network, "/Labels")),
                ])
            });
            let name = self.named("networks", full, own);
            let aliases: Vec<&Value> =
                list(network, "/Aliases").filter(|alias| alias.as_str() != Some(service)).collect();
            let body =
                map([("aliases", json!(aliases)), ("driver_opts", at(network, "/DriverOpts").clone())]);
            all.insert(name, body);
        }
        if all.len() == 1 && all.get("default").is_some_and(|body| *body == json!({})) {
            return Value::Null;
        }
        Value::Object(all)
    }

    fn mount(&mut self, mount: &Value) -> Value {
        let kind = words(mount, "/Type");
        let source = words(mount, "/Source");
        let volume = at(mount, "/VolumeOptions");
        let source = if kind == "volume" && !source.is_empty() {
            let own = map([
                ("driver", at(volume, "/DriverConfig/Name").clone()),
                ("driver_opts", at(volume, "/DriverConfig/Options").clone()),
                ("labels", labelled(volume, "/Labels")),
            ]);
            self.named("volumes", source, Some(own))
        } else {
            source.to_owned()
        };
        map([
            ("type", json!(kind)),
            ("source", json!(source)),
            ("target", at(mount, "/Target").clone()),
            ("read_only", at(mount, "/ReadOnly").clone()),
            (
                "volume",
                map([("nocopy", at(volume, "/NoCopy").clone()), ("subpath", at(volume, "/Subpath").clone())]),
            ),
            ("bind", map([("propagation", at(mount, "/BindOptions/Propagation").clone())])),
            (
                "tmpfs",
                map([
                    ("size", at(mount, "/TmpfsOptions/SizeBytes").clone()),
                    ("mode", at(mount, "/TmpfsOptions/Mode").clone()),
                ]),
            ),
        ])
    }

    /// Configs or secrets of a container. The data of a config is told, that of a secret never.
    fn references(&mut self, container: &Value, kind: &str) -> Value {
        let section = if kind == "Config" { "configs" } else { "secrets" };
        let mut all = Vec::new();
        for reference in list(container, &format!("/{kind}s")) {
            let full = words(reference, &format!("/{kind}Name"));
            let stored = self.observed.configs.get(full).filter(|_| kind == "Config");
            let data = stored.and_then(|config| config.spec.as_ref()?.data.as_ref());
            let content = data.and_then(|data| String::from_utf8(STANDARD.decode(data).ok()?).ok());
            let name = self.named(section, full, content.map(|content| json!({"content": content})));
            let file = at(reference, "/File");
            all.push(map([
                ("source", json!(name)),
                ("target", at(file, "/Name").clone()),
                ("uid", at(file, "/UID").clone()),
                ("gid", at(file, "/GID").clone()),
                ("mode", at(file, "/Mode").clone()),
            ]));
        }
        Value::Array(all)
    }
}

fn health(check: &Value) -> Value {
    if list(check, "/Test").next().and_then(Value::as_str) == Some("NONE") {
        return json!({"disable": true});
    }
    map([
        ("test", at(check, "/Test").clone()),
        ("interval", duration(check, "/Interval")),
        ("timeout", duration(check, "/Timeout")),
        ("start_period", duration(check, "/StartPeriod")),
        ("start_interval", duration(check, "/StartInterval")),
        ("retries", at(check, "/Retries").clone()),
    ])
}

fn port(port: &Value) -> Value {
    map([
        ("target", at(port, "/TargetPort").clone()),
        ("published", at(port, "/PublishedPort").clone()),
        ("protocol", at(port, "/Protocol").clone()),
        ("mode", at(port, "/PublishMode").clone()),
    ])
}

fn deploy(spec: &Value) -> Value {
    let mode = at(spec, "/Mode");
    let job = at(mode, "/ReplicatedJob");
    let (name, replicas) = match mode.as_object().and_then(|mode| mode.keys().next()).map(String::as_str) {
        Some("Global") => ("global", Value::Null),
        Some("GlobalJob") => ("global-job", Value::Null),
        Some("ReplicatedJob") => ("replicated-job", at(job, "/TotalCompletions").clone()),
        _ => ("", at(mode, "/Replicated/Replicas").clone()),
    };
    let update = |block: &Value| {
        map([
            ("parallelism", at(block, "/Parallelism").clone()),
            ("delay", duration(block, "/Delay")),
            ("failure_action", at(block, "/FailureAction").clone()),
            ("monitor", duration(block, "/Monitor")),
            ("max_failure_ratio", at(block, "/MaxFailureRatio").clone()),
            ("order", at(block, "/Order").clone()),
        ])
    };
    let task = at(spec, "/TaskTemplate");
    let restart = at(task, "/RestartPolicy");
    let placement = at(task, "/Placement");
    let spread = list(placement, "/Preferences")
        .map(|preference| json!({"spread": at(preference, "/Spread/SpreadDescriptor")}));
    map([
        ("mode", json!(name)),
        ("replicas", replicas),
        ("labels", labelled(spec, "/Labels")),
        // The other one is what there is without a word.
        ("endpoint_mode", at(spec, "/EndpointSpec/Mode").as_str().filter(|mode| *mode != "vip").into()),
        ("update_config", update(at(spec, "/UpdateConfig"))),
        ("rollback_config", update(at(spec, "/RollbackConfig"))),
        (
            "restart_policy",
            map([
                ("condition", at(restart, "/Condition").clone()),
                ("delay", duration(restart, "/Delay")),
                ("max_attempts", at(restart, "/MaxAttempts").clone()),
                ("window", duration(restart, "/Window")),
            ]),
        ),
        (
            "placement",
            map([
                ("constraints", at(placement, "/Constraints").clone()),
                ("preferences", spread.collect()),
                ("max_replicas_per_node", at(placement, "/MaxReplicas").clone()),
            ]),
        ),
        (
            "resources",
            map([
                ("limits", resources(at(task, "/Resources/Limits"))),
                ("reservations", resources(at(task, "/Resources/Reservations"))),
            ]),
        ),
    ])
}

fn resources(block: &Value) -> Value {
    let generic = list(block, "/GenericResources").filter_map(|resource| {
        let of = at(resource, "/DiscreteResourceSpec");
        (!of.is_null())
            .then(|| json!({"discrete_resource_spec": {"kind": at(of, "/Kind"), "value": at(of, "/Value")}}))
    });
    let size = |pointer| shown(block, pointer, units::show_size);
    map([
        ("cpus", shown(block, "/NanoCPUs", units::show_cpus)),
        ("memory", size("/MemoryBytes")),
        ("pids", at(block, "/Pids").clone()),
        ("generic_resources", generic.collect()),
    ])
}

/// A dollar is written as two: nothing here is a variable.
fn plain_dollars(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('$') => *text = text.replace('$', "$$"),
        Value::Array(list) => list.iter_mut().for_each(plain_dollars),
        Value::Object(map) => map.values_mut().for_each(plain_dollars),
        _ => {}
    }
}
