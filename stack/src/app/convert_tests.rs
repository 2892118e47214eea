//! Settings and the stacks that they make.

use std::collections::BTreeMap;

use bollard_stubs::models::{ServiceSpecUpdateConfigOrderEnum as Order, TaskSpecContainerSpec};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{
        AppSpec, Settings,
        sample::{any_env, any_settings, app, settings},
    },
    *,
};
use crate::{units::SECOND, vip::Vip};

fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

fn container(stack: &StackSpec) -> &TaskSpecContainerSpec {
    stack.services["shop-live-web"].task_template.as_ref().unwrap().container_spec.as_ref().unwrap()
}

fn made(json: &str) -> StackSpec {
    to_stack(&app(&settings(json), &none())).unwrap()
}

/// Paths and codes of what is wrong with these settings.
fn wrong(json: &str) -> Vec<(String, String)> {
    wrong_in(&app(&settings(json), &none()))
}

fn wrong_in(app: &AppSpec<'_>) -> Vec<(String, String)> {
    let faults = to_stack(app).expect_err("these settings are wrong");
    assert!(faults.iter().all(|fault| fault.message.len() > 10));
    faults.into_iter().map(|fault| (fault.path, fault.code)).collect()
}

fn one(path: &str, code: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), code.to_owned())]
}

#[test]
fn empty_settings_are_an_app() {
    let mut value = serde_json::to_value(made("{}")).unwrap();
    value.sort_all_objects();
    insta::assert_json_snapshot!(value);
}

#[test]
fn full_settings() {
    let set = settings(
        r#"{"port": 8080, "replicas": 1, "command": ["serve", "--fast"], "entrypoint": ["/app"],
            "health": {"kind": "http", "path": "/health", "interval": "10s", "timeout": "2s", "retries": 4, "start_period": "30s"},
            "mounts": [{"kind": "volume", "name": "data", "target": "/data"},
                       {"kind": "file", "target": "/etc/app.conf", "content": "a = 1\n", "mode": "0440"},
                       {"kind": "tmpfs", "target": "/tmp", "size": "64m"}],
            "publish": [{"target": 5432, "published": 5432}, {"target": 53, "published": 5353, "protocol": "udp"}],
            "resources": {"cpus": "0.5", "memory": "256m", "pids": 100, "reserve_cpus": "0.1", "reserve_memory": "64m"},
            "placement": {"constraints": ["node.labels.disk == ssd"], "spread": ["node.labels.zone"], "max_per_node": 2},
            "update": {"parallelism": 2, "delay": "1s", "monitor": "10s", "deadline": "5m"},
            "restart": {"condition": "on-failure", "delay": "2s", "max_attempts": 5, "window": "1m"},
            "stop_grace": "30s", "stop_signal": "SIGQUIT", "labels": {"org.example.team": "shop"},
            "networks": ["pay"], "aliases": ["www"], "init": false, "user": "1000:1000", "workdir": "/srv", "read_only": true}"#,
    );
    let env = BTreeMap::from([("KEY".to_owned(), "it's \"$HOME\" # é\nline 2".to_owned())]);
    let constraints = ["node.role==worker".to_owned()];
    let spec = AppSpec { volume_node: Some("nodeid1"), constraints: &constraints, ..app(&set, &env) };
    let mut value = serde_json::to_value(to_stack(&spec).unwrap()).unwrap();
    value.sort_all_objects();
    insta::assert_json_snapshot!(value);
}

#[test]
fn every_health_form_goes_through_the_probe() {
    let test = |json: &str| container(&made(json)).health_check.clone().unwrap().test.unwrap().join(" ");
    let start = "CMD /.skep/probe --hold 5s --timeout 3s";
    assert_eq!(test("{}"), format!("{start} alive"));
    assert_eq!(test(r#"{"port": 80}"#), format!("{start} tcp 80"));
    assert_eq!(test(r#"{"health": {"kind": "none"}}"#), format!("{start} alive"));
    assert_eq!(
        test(r#"{"port": 80, "health": {"kind": "http", "path": "/up"}}"#),
        format!("{start} http 80 /up")
    );
    assert_eq!(
        test(r#"{"health": {"kind": "http", "path": "/up", "port": 81}}"#),
        format!("{start} http 81 /up")
    );
    assert_eq!(
        test(
            r#"{"health": {"kind": "command", "command": ["/app", "a b"], "timeout": "1500ms"}, "update": {"monitor": "2s"}}"#
        ),
        "CMD /.skep/probe --hold 2s --timeout 1500ms exec /app a b"
    );
    let (set, env) = (settings(r#"{"port": 80}"#), none());
    let image = ["CMD-SHELL".to_owned(), "curl -f localhost".to_owned()];
    let spec = to_stack(&AppSpec { image_health: Some(&image), ..app(&set, &env) }).unwrap();
    let words = container(&spec).health_check.clone().unwrap().test.unwrap();
    assert_eq!(
        words[6..],
        ["exec", "/bin/sh", "-c", "curl -f localhost"],
        "the image's own comes before the port"
    );
}

#[test]
fn a_held_run_is_never_cut_off_and_never_counted() {
    for (json, hold, timeout, start) in [
        ("{}", 5, 3, 60),
        (
            r#"{"port": 80, "health": {"kind": "tcp", "timeout": "20s", "start_period": "0s"}, "update": {"monitor": "1m"}}"#,
            60,
            20,
            0,
        ),
    ] {
        let health = container(&made(json)).health_check.clone().unwrap();
        assert!(health.timeout.unwrap() > (hold + timeout) * SECOND);
        assert!(health.start_period.unwrap() >= (start + hold + timeout) * SECOND);
    }
}

#[test]
fn without_a_probe_only_what_the_engine_can_do_itself() {
    let env = none();
    let set = settings(r#"{"health": {"kind": "command", "command": ["/app", "up"]}}"#);
    let spec = to_stack(&AppSpec { probe: None, ..app(&set, &env) }).unwrap();
    assert_eq!(container(&spec).health_check.clone().unwrap().test.unwrap(), ["CMD", "/app", "up"]);
    assert!(spec.configs.is_empty());
    let set = settings(r#"{"port": 80, "health": {"kind": "tcp"}}"#);
    assert_eq!(
        wrong_in(&AppSpec { probe: None, ..app(&set, &env) }),
        one("settings.health", "probe_missing")
    );
    let set = settings(r#"{"health": {"kind": "none"}}"#);
    let spec = to_stack(&AppSpec { probe: None, ..app(&set, &env) }).unwrap();
    assert_eq!(container(&spec).health_check.clone().unwrap().test.unwrap(), ["NONE"]);
}

#[test]
fn health_that_cannot_be_asked() {
    assert_eq!(wrong(r#"{"health": {"kind": "tcp"}}"#), one("settings.health.port", "port_missing"));
    assert_eq!(
        wrong(r#"{"health": {"kind": "image"}}"#),
        one("settings.health.kind", "image_without_health")
    );
    assert_eq!(
        wrong(r#"{"health": {"kind": "command", "command": []}}"#),
        one("settings.health.command", "required")
    );
    let long = json!({"health": {"kind": "command", "command": vec!["x"; 65]}}).to_string();
    assert_eq!(wrong(&long), one("settings.health.command", "too_long"));
    assert_eq!(
        wrong(r#"{"port": 80, "health": {"kind": "http", "path": "up"}}"#),
        one("settings.health.path", "invalid_path")
    );
    assert!(serde_json::from_str::<Settings>(r#"{"health": {"kind": "tcp", "retires": 3}}"#).is_err());
    assert!(serde_json::from_str::<Settings>(r#"{"health": {"kind": "tcp", "path": "/x"}}"#).is_err());
    assert!(serde_json::from_str::<Settings>(r#"{"health": {"kind": "http"}}"#).is_err());
}

#[test]
fn port_is_told_unless_given() {
    let env = |json: &str, own: &[(&str, &str)]| {
        let own = own.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        container(&to_stack(&app(&settings(json), &own)).unwrap()).env.clone().unwrap_or_default()
    };
    assert_eq!(env(r#"{"port": 80}"#, &[("A", "1"), ("Z", "")]), ["A=1", "PORT=80", "Z="]);
    assert_eq!(env(r#"{"port": 80}"#, &[("PORT", "90")]), ["PORT=90"]);
    assert!(env("{}", &[]).is_empty());
}

#[test]
fn the_old_version_stops_first_only_where_it_must() {
    let order =
        |json: &str| made(json).services["shop-live-web"].update_config.clone().unwrap().order.unwrap();
    assert_eq!(order("{}"), Order::START_FIRST);
    assert_eq!(order(r#"{"mounts": [{"kind": "volume", "name": "d", "target": "/d"}]}"#), Order::STOP_FIRST);
    assert_eq!(order(r#"{"mounts": [{"kind": "tmpfs", "target": "/d"}]}"#), Order::START_FIRST);
    assert_eq!(order(r#"{"publish": [{"target": 1, "published": 1000}]}"#), Order::STOP_FIRST);
    assert_eq!(order(r#"{"update": {"order": "stop-first"}}"#), Order::STOP_FIRST);
    assert_eq!(
        wrong(
            r#"{"mounts": [{"kind": "volume", "name": "d", "target": "/d"}], "update": {"order": "start-first"}}"#
        ),
        one("settings.update.order", "volume_needs_stop_first")
    );
    assert_eq!(wrong(r#"{"update": {"order": "both"}}"#), one("settings.update.order", "invalid_choice"));
}

#[test]
fn case_066_reserved_labels() {
    for label in [
        "traefik.enable",
        "TRAEFIK.http.x",
        "com.docker.stack.namespace",
        "dev.skep.app",
        "dev.skep.deployment",
    ] {
        let json = json!({"labels": {label: "x"}}).to_string();
        assert_eq!(wrong(&json), one(&format!("settings.labels.{label}"), "label_reserved"));
    }
    assert_eq!(wrong(r#"{"labels": {"": "x"}}"#), one("settings.labels.", "invalid_label"));
}

#[test]
fn case_068_names_are_scoped_to_the_environment() {
    let spec = made(r#"{"aliases": ["db"], "networks": ["pay"]}"#);
    let networks = spec.services["shop-live-web"].task_template.clone().unwrap().networks.unwrap();
    let names: Vec<_> = networks.iter().map(|n| (n.target.clone().unwrap(), n.aliases.clone())).collect();
    let own = Some(vec!["web".to_owned(), "db".to_owned()]);
    assert_eq!(
        names,
        [
            ("skep-0198c0de".to_owned(), own.clone()),
            ("skep-0198c0de-pay".to_owned(), own),
            ("skep-edge".to_owned(), None)
        ]
    );
    assert_eq!(container(&spec).hostname, None);
    assert_eq!(spec.external_networks().len(), 3);
    assert_eq!(wrong(r#"{"aliases": ["a b"]}"#), one("settings.aliases[0]", "invalid_name"));
    assert_eq!(wrong(r#"{"networks": ["../x"]}"#), one("settings.networks[0]", "invalid_name"));
}

#[test]
fn case_069_constraints_are_read_not_passed_on() {
    for text in ["node.role", "x == y", "node.labels.a == b\nc", "node.labels.a == $(b)", ""] {
        let json = json!({"placement": {"constraints": [text]}}).to_string();
        assert_eq!(wrong(&json), one("settings.placement.constraints[0]", "invalid_constraint"), "{text:?}");
    }
    assert_eq!(
        wrong(r#"{"placement": {"spread": ["x"]}}"#),
        one("settings.placement.spread[0]", "invalid_spread")
    );
}

#[test]
fn case_070_quantities_out_of_range() {
    assert!(serde_json::from_str::<Settings>(r#"{"replicas": -1}"#).is_err());
    assert_eq!(wrong(r#"{"replicas": 1000000000}"#), one("settings.replicas", "quota"));
    for (json, path) in [
        (r#"{"resources": {"memory": "3m"}}"#, "settings.resources.memory"),
        (r#"{"resources": {"cpus": "100000"}}"#, "settings.resources.cpus"),
        (r#"{"resources": {"cpus": "0.0001"}}"#, "settings.resources.cpus"),
        (r#"{"resources": {"reserve_memory": "1"}}"#, "settings.resources.reserve_memory"),
        (r#"{"resources": {"memory": "64m", "reserve_memory": "65m"}}"#, "settings.resources.reserve_memory"),
        (r#"{"resources": {"cpus": "1", "reserve_cpus": "2"}}"#, "settings.resources.reserve_cpus"),
        (r#"{"resources": {"pids": 0}}"#, "settings.resources.pids"),
        (r#"{"mounts": [{"kind": "tmpfs", "target": "/t", "size": "1000t"}]}"#, "settings.mounts[0].size"),
        (r#"{"placement": {"max_per_node": -1}}"#, "settings.placement.max_per_node"),
        (r#"{"port": 0}"#, "settings.port"),
    ] {
        assert_eq!(wrong(json), one(path, "out_of_range"), "{json}");
    }
    assert_eq!(
        wrong(r#"{"resources": {"memory": "lots"}}"#),
        one("settings.resources.memory", "invalid_size")
    );
    assert_eq!(wrong(r#"{"resources": {"cpus": "-1"}}"#), one("settings.resources.cpus", "invalid_cpus"));
}

#[test]
fn case_071_times_out_of_range() {
    for (json, path) in [
        (r#"{"health": {"kind": "none", "interval": "1ns"}}"#, "settings.health.interval"),
        (r#"{"health": {"kind": "none", "timeout": "1h"}}"#, "settings.health.timeout"),
        (r#"{"health": {"kind": "none", "retries": 0}}"#, "settings.health.retries"),
        (r#"{"health": {"kind": "none", "start_period": "99h"}}"#, "settings.health.start_period"),
        (r#"{"stop_grace": "87600h"}"#, "settings.stop_grace"),
        (r#"{"stop_grace": "0s"}"#, "settings.stop_grace"),
        (r#"{"restart": {"delay": "0"}}"#, "settings.restart.delay"),
        (r#"{"restart": {"window": "1ms"}}"#, "settings.restart.window"),
        (r#"{"restart": {"max_attempts": 0}}"#, "settings.restart.max_attempts"),
        (r#"{"update": {"monitor": "0s"}}"#, "settings.update.monitor"),
        (r#"{"update": {"delay": "2h"}}"#, "settings.update.delay"),
        (r#"{"update": {"parallelism": 0}}"#, "settings.update.parallelism"),
        (r#"{"update": {"deadline": "1s"}}"#, "settings.update.deadline"),
    ] {
        assert_eq!(wrong(json), one(path, "out_of_range"), "{json}");
    }
    assert_eq!(wrong(r#"{"stop_grace": "ten"}"#), one("settings.stop_grace", "invalid_duration"));
}

#[test]
fn case_083_commands_stay_text_of_the_container() {
    let json = json!({"command": ["a; rm -rf /\n$(x)"], "health": {"kind": "command", "command": ["/c", "`x`\n&&"]}});
    let spec = made(&json.to_string());
    assert_eq!(container(&spec).args.clone().unwrap(), ["a; rm -rf /\n$(x)"]);
    assert_eq!(container(&spec).health_check.clone().unwrap().test.unwrap()[6..], ["exec", "/c", "`x`\n&&"]);
    assert_eq!(wrong(r#"{"command": ["a\u0000"]}"#), one("settings.command[0]", "invalid_value"));
}

#[test]
fn case_084_mount_targets() {
    for target in ["../etc", "etc", "/a/../../b", "/", "", "/a\u{0}"] {
        for kind in [
            json!({"kind": "file", "content": "x"}),
            json!({"kind": "volume", "name": "d"}),
            json!({"kind": "tmpfs"}),
        ] {
            let mut mount = kind;
            mount["target"] = Value::from(target);
            assert_eq!(
                wrong(&json!({"mounts": [mount]}).to_string()),
                one("settings.mounts[0].target", "invalid_path"),
                "{target:?}"
            );
        }
    }
    for target in ["/proc/x", "/sys", "/dev/sda", "/.skep/probe"] {
        let json = json!({"mounts": [{"kind": "file", "content": "x", "target": target}]}).to_string();
        assert_eq!(wrong(&json), one("settings.mounts[0].target", "path_reserved"), "{target}");
    }
    for name in ["../x", "/host", "", "a b", "."] {
        let json = json!({"mounts": [{"kind": "volume", "name": name, "target": "/d"}]}).to_string();
        assert_eq!(wrong(&json), one("settings.mounts[0].name", "invalid_name"), "{name:?}");
    }
    made(r#"{"mounts": [{"kind": "tmpfs", "target": "/dev/shm"}]}"#);
}

#[test]
fn mounts_that_the_engine_would_refuse() {
    let twice = r#"{"mounts": [{"kind": "tmpfs", "target": "/d"}, {"kind": "volume", "name": "d", "target": "/d/"}]}"#;
    assert_eq!(wrong(twice), one("settings.mounts[1].target", "duplicate_target"));
    for content in [String::new(), "x".repeat(1000 * 1024)] {
        let json = json!({"mounts": [{"kind": "file", "target": "/f", "content": content}]}).to_string();
        assert_eq!(wrong(&json), one("settings.mounts[0].content", "too_long"));
    }
    let mode = |mode: &str| {
        json!({"mounts": [{"kind": "file", "target": "/f", "content": "x", "mode": mode}]}).to_string()
    };
    for bad in ["9", "0888", "u+x", "07777", ""] {
        assert_eq!(wrong(&mode(bad)), one("settings.mounts[0].mode", "invalid_mode"), "{bad}");
    }
    let reference = container(&made(&mode("0750"))).configs.clone().unwrap()[0].file.clone().unwrap();
    assert_eq!(reference.mode, Some(0o750));
}

#[test]
fn config_names_tell_the_content_and_fit() {
    let long = format!("/etc/{}.conf", "x".repeat(100));
    let name = |content: &str| {
        let json = json!({"mounts": [{"kind": "file", "target": long, "content": content}]}).to_string();
        made(&json).configs.into_keys().find(|name| !name.contains("probe")).unwrap()
    };
    assert_ne!(name("a"), name("b"));
    assert_eq!(name("a"), name("a"));
    assert!(name("a").len() <= 63 && name("a").starts_with("shop-live-web_xxx"));
}

#[test]
fn volumes_are_pinned_to_their_node() {
    let set = settings(r#"{"mounts": [{"kind": "volume", "name": "data", "target": "/data"}]}"#);
    let env = none();
    let spec = to_stack(&AppSpec { volume_node: Some("n1"), ..app(&set, &env) }).unwrap();
    let placement = spec.services["shop-live-web"].task_template.clone().unwrap().placement.unwrap();
    assert_eq!(placement.constraints.unwrap(), ["node.id==n1"]);
    assert_eq!(spec.volumes, ["shop-live-web_data"]);
    let empty = Settings::default();
    let spec = to_stack(&AppSpec { volume_node: Some("n1"), ..app(&empty, &env) }).unwrap();
    assert_eq!(
        spec.services["shop-live-web"].task_template.clone().unwrap().placement.unwrap().constraints,
        None
    );
}

#[test]
fn ports_that_cannot_be() {
    let twice = r#"{"publish": [{"target": 1, "published": 1000}, {"target": 2, "published": 1000}]}"#;
    assert_eq!(wrong(twice), one("settings.publish[1].published", "duplicate_port"));
    assert_eq!(
        wrong(r#"{"publish": [{"target": 1, "published": 1000, "mode": "ingress"}]}"#),
        one("settings.publish[0].mode", "ingress_unavailable")
    );
    assert_eq!(
        wrong(r#"{"publish": [{"target": 0, "published": 1000}]}"#),
        one("settings.publish[0].target", "out_of_range")
    );
    let (set, env) =
        (settings(r#"{"publish": [{"target": 1, "published": 1000, "mode": "ingress"}]}"#), none());
    assert!(to_stack(&AppSpec { vip: Vip::Asked, ..app(&set, &env) }).is_ok());
}

#[test]
fn case_100_variable_keys() {
    for key in ["", "A=B", "A B", "A\n", "A\0", "$(A)", "9A"] {
        let env = BTreeMap::from([(key.to_owned(), "x".to_owned())]);
        let faults = wrong_in(&app(&Settings::default(), &env));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].0.starts_with("variables.") && faults[0].1 == "invalid_key", "{key:?}");
        assert!(!faults[0].0.contains('\0') && !faults[0].0.contains('\n'));
    }
}

#[test]
fn case_101_variable_values() {
    let env = BTreeMap::from([("A".to_owned(), "x\0y".to_owned())]);
    assert_eq!(wrong_in(&app(&Settings::default(), &env)), one("variables.A", "invalid_value"));
    let env = BTreeMap::from([("A".to_owned(), "x".repeat(128 * 1024))]);
    assert_eq!(wrong_in(&app(&Settings::default(), &env)), one("variables.A", "too_long"));
    let env: BTreeMap<_, _> = (0..20).map(|i| (format!("A{i}"), "x".repeat(60_000))).collect();
    assert_eq!(wrong_in(&app(&Settings::default(), &env)), one("variables", "too_long"));
}

#[test]
fn all_faults_at_once() {
    let faults = wrong(
        r#"{"replicas": 9999, "stop_signal": "SIGX", "user": "a b", "workdir": "x", "stop_grace": "no",
            "update": {"order": "x"}, "restart": {"condition": "x"}, "publish": [{"target": 1, "published": 0, "protocol": "x"}]}"#,
    );
    assert_eq!(faults.len(), 9, "{faults:?}");
}

proptest! {
    #[test]
    fn settings_come_back_from_json(set in any_settings()) {
        let text = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), set);
    }

    #[test]
    fn valid_settings_are_taken(set in any_settings(), env in any_env()) {
        let spec = to_stack(&app(&set, &env)).map_err(|faults| TestCaseError::fail(format!("{faults:?}")))?;
        for (key, value) in &env {
            // As the engine's template language gives it back.
            let entry = format!("{key}={value}");
            let all = container(&spec).env.clone().unwrap_or_default();
            prop_assert!(all.iter().any(|e| e.replace("{{\"{{\"}}", "{{") == entry), "byte-exact: {entry:?}");
        }
    }
}
