//! The top-level sections: networks, volumes, configs and secrets that services name.
//!
//! To carry a key: its name among those that its kind knows, and its field of the engine's body.

use std::collections::{BTreeMap, HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bollard_stubs::models::{
    ConfigSpec, Ipam, IpamConfig, MountVolumeOptionsDriverConfig, NetworkCreateRequest, SecretSpec,
};

use super::{
    content,
    convert::Build,
    read::{At, Fields},
    yaml::Value,
};
use crate::{fault::Faults, labels::NAMESPACE};

/// What is declared, by the name in the file.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) networks: BTreeMap<String, Network>,
    pub(super) volumes: BTreeMap<String, Volume>,
    pub(super) configs: BTreeMap<String, Object>,
    pub(super) secrets: BTreeMap<String, Object>,
}

/// A network; without a body it is not the stack's to make.
#[derive(Clone)]
pub(super) struct Network {
    /// The final name.
    pub(super) name: String,
    pub(super) body: Option<NetworkCreateRequest>,
}

/// A volume, which the engine makes where a task needs it.
pub(super) struct Volume {
    /// The final name.
    pub(super) name: String,
    pub(super) external: bool,
    pub(super) labels: HashMap<String, String>,
    pub(super) driver: Option<MountVolumeOptionsDriverConfig>,
}

/// A config or secret.
pub(super) struct Object {
    /// The final name.
    pub(super) name: String,
    /// What it holds; none if it is external, or kept by a driver.
    pub(super) data: Option<Vec<u8>>,
}

pub(super) fn read(top: &Fields<'_>, build: &mut Build<'_>) -> Declared {
    let mut all = Declared::default();
    for (name, at) in entries(top, "networks", build) {
        let network = network(name, &at, build);
        all.networks.insert(name.to_owned(), network);
    }
    for (name, at) in entries(top, "volumes", build) {
        let volume = volume(name, &at, build);
        all.volumes.insert(name.to_owned(), volume);
    }
    for (name, at) in entries(top, "configs", build) {
        let (head, content) = content::read(name, &at, &[], build);
        if !head.external {
            let body = ConfigSpec {
                name: Some(head.name.clone()),
                labels: Some(head.labels),
                data: content.data.as_ref().map(|data| STANDARD.encode(data)),
                templating: content.templating,
            };
            build.spec.configs.insert(head.name.clone(), body);
        }
        all.configs.insert(name.to_owned(), Object { name: head.name, data: content.data });
    }
    for (name, at) in entries(top, "secrets", build) {
        let (head, content) = content::read(name, &at, &["driver", "driver_opts"], build);
        if !head.external {
            let body = SecretSpec {
                name: Some(head.name.clone()),
                labels: Some(head.labels),
                data: content.data.as_ref().map(|data| STANDARD.encode(data)),
                driver: content.driver,
                templating: content.templating,
            };
            build.spec.secrets.insert(head.name.clone(), body);
        }
        all.secrets.insert(name.to_owned(), Object { name: head.name, data: content.data });
    }
    all
}

fn entries<'n>(top: &Fields<'n>, section: &str, build: &mut Build<'_>) -> Vec<(&'n str, At<'n>)> {
    let all = top.get(section).and_then(|at| at.map(&mut build.faults)).unwrap_or_default();
    all.into_iter().filter(|(name, at)| named(name, at, &mut build.faults)).collect()
}

/// Whether a name is one that objects may have in a file.
pub(super) fn named(name: &str, at: &At<'_>, faults: &mut Faults) -> bool {
    let ok = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !ok {
        at.fault("invalid_name", "must be a name of letters, digits, `.`, `_` and `-`", faults);
    }
    ok
}

/// What all kinds have.
pub(super) struct Head<'n> {
    /// The final name: as written, else `<stack>_<name>`.
    pub(super) name: String,
    /// It is there already, and not the stack's.
    pub(super) external: bool,
    pub(super) labels: HashMap<String, String>,
    pub(super) fields: Option<Fields<'n>>,
}

impl<'n> Head<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&At<'n>> {
        self.fields.as_ref()?.get(key)
    }

    pub(super) fn text(&self, key: &str, faults: &mut Faults) -> Option<String> {
        self.get(key)?.text(faults).map(ToOwned::to_owned)
    }

    fn set(&self, key: &str, faults: &mut Faults) -> Option<bool> {
        self.get(key)?.bool(faults)
    }
}

pub(super) fn head<'n>(name: &str, at: &At<'n>, known: &[&str], build: &mut Build<'_>) -> Head<'n> {
    let mut head = Head {
        name: build.scoped(name),
        external: false,
        labels: HashMap::from([(NAMESPACE.to_owned(), build.context.stack.to_owned())]),
        fields: None,
    };
    if at.is_null() {
        return head;
    }
    let known: Vec<&str> = known.iter().copied().chain(["name", "external", "labels"]).collect();
    let fields = at.fields(&known, &mut build.faults);
    let faults = &mut build.faults;
    let mut own = labels(fields.get("labels"), faults);
    own.extend(head.labels);
    head.labels = own;
    let mut written = fields.get("name").and_then(|at| at.text(faults)).unwrap_or_default().to_owned();
    if let Some(external) = fields.get("external") {
        let older = match &external.node.value {
            Value::Map(_) => {
                let inner = external.fields(&["name"], faults);
                head.external = true;
                inner.get("name").and_then(|at| at.text(faults))
            }
            _ => {
                head.external = external.bool(faults) == Some(true);
                None
            }
        };
        if let Some(older) = older {
            if !written.is_empty() {
                external.fault("conflict", "names the object twice: keep `name` alone", faults);
            }
            older.clone_into(&mut written);
        }
        if head.external && written.is_empty() {
            name.clone_into(&mut written);
        }
    }
    if !written.is_empty() {
        head.name = written;
    }
    head.fields = Some(fields);
    head
}

/// Labels of the user.
pub(super) fn labels(at: Option<&At<'_>>, faults: &mut Faults) -> HashMap<String, String> {
    let pairs = at.map(|at| at.pairs(faults)).unwrap_or_default();
    pairs.into_iter().map(|(key, value, _)| (key, value.unwrap_or_default())).collect()
}

/// `driver_opts`; none where there are none.
pub(super) fn options(fields: &Fields<'_>, faults: &mut Faults) -> Option<HashMap<String, String>> {
    let entries = fields.get("driver_opts")?.map(faults)?;
    let all: HashMap<_, _> =
        entries.into_iter().filter_map(|(key, at)| Some((key.to_owned(), at.loose_text(faults)?))).collect();
    (!all.is_empty()).then_some(all)
}

impl Network {
    /// The network `default`, which need not be declared.
    pub(super) fn implicit(build: &Build<'_>) -> Self {
        let name = build.scoped("default");
        let labels = HashMap::from([(NAMESPACE.to_owned(), build.context.stack.to_owned())]);
        let body = NetworkCreateRequest {
            name: name.clone(),
            driver: Some("overlay".to_owned()),
            labels: Some(labels),
            ..Default::default()
        };
        Self { name, body: Some(body) }
    }
}

fn network(name: &str, at: &At<'_>, build: &mut Build<'_>) -> Network {
    let known = ["driver", "driver_opts", "ipam", "internal", "attachable", "enable_ipv6", "enable_ipv4"];
    let head = head(name, at, &known, build);
    let faults = &mut build.faults;
    let driver = head.text("driver", faults).filter(|driver| !driver.is_empty());
    let body = NetworkCreateRequest {
        name: head.name.clone(),
        driver: Some(driver.unwrap_or_else(|| "overlay".to_owned())),
        options: head.fields.as_ref().and_then(|fields| options(fields, faults)),
        internal: head.set("internal", faults).filter(|set| *set),
        attachable: head.set("attachable", faults).filter(|set| *set),
        enable_ipv4: head.set("enable_ipv4", faults),
        enable_ipv6: head.set("enable_ipv6", faults),
        ipam: head.get("ipam").and_then(|at| ipam(at, faults)),
        labels: Some(head.labels),
        ..Default::default()
    };
    Network { name: head.name, body: (!head.external).then_some(body) }
}

/// Address pools; none if nothing is asked for.
fn ipam(at: &At<'_>, faults: &mut Faults) -> Option<Ipam> {
    let fields = at.fields(&["driver", "config", "options"], faults);
    let pools = fields.get("config").map(|at| at.list(faults)).unwrap_or_default();
    let pool = |at: &At<'_>, faults: &mut Faults| {
        let fields = at.fields(&["subnet", "gateway", "ip_range", "aux_addresses"], faults);
        let text = |key: &str, faults: &mut Faults| {
            fields.get(key).and_then(|at| at.text(faults)).map(ToOwned::to_owned)
        };
        let others = fields.get("aux_addresses").map(|at| labels(Some(at), faults));
        IpamConfig {
            subnet: text("subnet", faults),
            gateway: text("gateway", faults),
            ip_range: text("ip_range", faults),
            auxiliary_addresses: others,
        }
    };
    let pools: Vec<IpamConfig> = pools.iter().map(|at| pool(at, faults)).collect();
    let driver = fields.get("driver").and_then(|at| at.text(faults)).map(ToOwned::to_owned);
    let options = fields.get("options").map(|at| labels(Some(at), faults));
    (driver.is_some() || !pools.is_empty() || options.is_some()).then_some(Ipam {
        driver,
        config: (!pools.is_empty()).then_some(pools),
        options,
    })
}

fn volume(name: &str, at: &At<'_>, build: &mut Build<'_>) -> Volume {
    let head = head(name, at, &["driver", "driver_opts", "x-cluster-spec"], build);
    let faults = &mut build.faults;
    let driver = MountVolumeOptionsDriverConfig {
        name: head.text("driver", faults).filter(|driver| !driver.is_empty()),
        options: head.fields.as_ref().and_then(|fields| options(fields, faults)),
    };
    let there = driver.name.is_some() || driver.options.is_some();
    if head.external && (there || head.labels.len() > 1) {
        at.fault("conflict", "is external, so a driver, options and labels have no place here", faults);
    }
    Volume { name: head.name, external: head.external, labels: head.labels, driver: there.then_some(driver) }
}
