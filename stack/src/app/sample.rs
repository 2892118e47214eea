//! An app for tests, and a generator of settings that are all valid.

use std::collections::BTreeMap;

use proptest::{collection, option, prelude::*};

use super::{AppSpec, Check, Health, Mount, Placement, Publish, Resources, Restart, Settings, Update};
use crate::vip::Vip;

/// Bytes that stand for the probe.
pub(crate) const PROBE: &[u8] = b"probe";

/// An app with these settings and variables.
pub(crate) fn app<'a>(settings: &'a Settings, env: &'a BTreeMap<String, String>) -> AppSpec<'a> {
    AppSpec {
        stack: "shop-live-web",
        app: "0198c0de-0000-7000-8000-000000000001",
        alias: "web",
        deployment: 7,
        image: "skep.invalid/shop-live-web:7",
        image_health: None,
        image_words: None,
        env,
        settings,
        network: "skep-0198c0de",
        edge: Some("skep-edge"),
        volume_node: None,
        probe: Some(PROBE),
        vip: Vip::Never,
        running: None,
        replicas: settings.replicas.unwrap_or(1),
        constraints: &[],
    }
}

/// Settings from JSON as a user writes them.
pub(crate) fn settings(json: &str) -> Settings {
    serde_json::from_str(json).expect("settings")
}

/// Variables with values that are hard to carry.
pub(crate) fn any_env() -> impl Strategy<Value = BTreeMap<String, String>> {
    collection::btree_map("[A-Z][A-Z0-9_]{0,8}", "[^\\x00]{0,20}", 0..5)
}

/// Any settings that are valid.
pub(crate) fn any_settings() -> impl Strategy<Value = Settings> {
    let size = option::of("[1-9][0-9]m".prop_map(|s| s));
    let process = (
        option::of(1..=65535_u16),
        option::of(0..=1000_u64),
        option::of(collection::vec("[ -~]{1,12}", 1..3)),
        option::of(collection::vec("[ -~]{1,12}", 1..3)),
        option::of(any::<bool>()),
        any::<bool>(),
        collection::btree_map("[a-z]{1,8}", ".{0,8}".prop_map(|s| s.replace('\0', "")), 0..3),
    );
    let health =
        option::of((any_check(), option::of("[1-9]s"), option::of("[1-9]s"), option::of(1..=10_u32)));
    let mounts =
        collection::btree_map("/m/[a-z]{1,6}", (0..3_u8, "[a-z]{1,6}", ".{1,9}", any::<bool>()), 0..4);
    let publish = collection::btree_map(1000..60_000_u16, (1..=65535_u16, any::<bool>()), 0..3);
    let resources =
        (option::of("0\\.[1-9]"), size.clone(), option::of(1..=1000_i64), option::of("0\\.0[1-9]"));
    let placement =
        (collection::vec("node\\.labels\\.[a-z]{1,5} == [a-z]{1,5}", 0..3), option::of(1..=9_i64));
    let update = (option::of("[1-9]s"), option::of(1..=5_i64), option::of("[0-9]s"));
    let restart =
        (option::of(prop_oneof!["any", "on-failure", "none"]), option::of("[1-9]s"), option::of(1..=9_i64));
    (process, health, mounts, publish, resources, placement, update, restart).prop_map(
        |(process, health, mounts, publish, resources, placement, update, restart)| Settings {
            port: Some(process.0.unwrap_or(8080)),
            // One task alone writes to a volume.
            replicas: process.1.map(|count| if mounts.values().any(writable) { count.min(1) } else { count }),
            command: process.2,
            entrypoint: process.3,
            init: process.4,
            read_only: process.5,
            labels: process.6,
            health: health.map(|(check, interval, timeout, retries)| Health {
                check,
                interval,
                timeout,
                retries,
                start_period: None,
            }),
            mounts: mounts.into_iter().map(|(target, m)| any_mount(target, m)).collect(),
            publish: publish
                .into_iter()
                .map(|(published, (target, udp))| Publish {
                    target,
                    published,
                    protocol: udp.then(|| "udp".to_owned()),
                    mode: None,
                })
                .collect(),
            resources: Resources {
                cpus: resources.0,
                memory: resources.1,
                pids: resources.2,
                reserve_cpus: resources.3,
                reserve_memory: None,
            },
            placement: Placement { constraints: placement.0, spread: Vec::new(), max_per_node: placement.1 },
            update: Update { monitor: update.0, parallelism: update.1, delay: update.2, ..Update::default() },
            restart: Restart {
                condition: restart.0,
                delay: restart.1,
                max_attempts: restart.2,
                window: None,
            },
            ..Settings::default()
        },
    )
}

fn writable((kind, _, _, read_only): &(u8, String, String, bool)) -> bool {
    *kind == 0 && !read_only
}

fn any_check() -> impl Strategy<Value = Check> {
    prop_oneof![
        ("/[a-z]{0,5}", option::of(1..=65535_u16)).prop_map(|(path, port)| Check::Http { path, port }),
        option::of(1..=65535_u16).prop_map(|port| Check::Tcp { port }),
        collection::vec("[a-z/]{1,8}", 1..3).prop_map(|command| Check::Command { command }),
        Just(Check::None),
    ]
}

fn any_mount(target: String, (kind, name, content, read_only): (u8, String, String, bool)) -> Mount {
    match kind {
        0 => Mount::Volume { name, target, read_only },
        1 => Mount::File { target, content, mode: read_only.then(|| "0400".to_owned()) },
        _ => Mount::Tmpfs { target, size: read_only.then(|| "64m".to_owned()) },
    }
}
