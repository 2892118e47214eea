//! Generators of projects: those that are good, and those that have the real keys with any values.
//! JSON is YAML, so both are written as JSON.

use proptest::{collection, option, prelude::*, sample::select, strategy::Union};
use serde_json::{Map, Value, json};

use crate::compose::keys;

/// A service that is all right, whatever the others are; also as a job.
fn any_service() -> impl Strategy<Value = Map<String, Value>> {
    let image = select(&["nginx", "postgres:16", "ghcr.io/team/app:1.2"]).prop_map(|image| json!(image));
    let environment = collection::btree_map("[A-Z]{1,3}", "[a-z $\"'{}é]{0,8}", 0..4).prop_map(|vars| {
        vars.into_iter().map(|(key, value)| (key, json!(value.replace('$', "$$")))).collect::<Value>()
    });
    let parts: Vec<(&str, BoxedStrategy<Value>)> = vec![
        ("environment", environment.boxed()),
        ("command", prop_oneof![Just(json!("run 'a b'")), Just(json!(["run", "x"]))].boxed()),
        ("user", Just(json!("1000:1000")).boxed()),
        ("init", any::<bool>().prop_map(|init| json!(init)).boxed()),
        ("hostname", Just(json!("{{.Task.Slot}}.web")).boxed()),
        ("volumes", Just(json!(["data:/data", "/anonymous", "./folder:/folder:ro"])).boxed()),
        ("tmpfs", Just(json!(["/tmp:size=1m"])).boxed()),
        ("configs", Just(json!(["c", {"source": "c", "target": "/etc/c", "mode": 0o440}])).boxed()),
        ("secrets", Just(json!(["s"])).boxed()),
        ("networks", prop_oneof![Just(json!(["back"])), Just(json!({"back": {"aliases": ["x"]}, "default": null}))].boxed()),
        ("labels", Just(json!({"org.example": "x"})).boxed()),
        ("extra_hosts", Just(json!(["a:1.2.3.4"])).boxed()),
        ("dns", Just(json!("1.1.1.1")).boxed()),
        ("cap_drop", Just(json!(["ALL"])).boxed()),
        ("ulimits", Just(json!({"nofile": {"soft": 10, "hard": 20}, "nproc": 5})).boxed()),
        ("stop_grace_period", Just(json!("20s")).boxed()),
        ("stop_signal", Just(json!("SIGINT")).boxed()),
        ("read_only", Just(json!(true)).boxed()),
        ("mem_limit", Just(json!("64m")).boxed()),
        ("cpus", Just(json!(0.5)).boxed()),
        ("restart", Just(json!("on-failure:2")).boxed()),
        ("logging", Just(json!({"driver": "json-file", "options": {"max-size": "1m"}})).boxed()),
        ("deploy", (1..4_i64).prop_map(|n| json!({"replicas": n, "labels": {"a": "b"}, "placement": {"constraints": ["node.labels.disk == ssd"]}})).boxed()),
        ("healthcheck", prop_oneof![Just(json!({"test": "x", "interval": "7s"})), Just(json!({"test": ["CMD", "y"], "retries": 5, "start_interval": "2s"}))].boxed()),
    ];
    let parts: Vec<_> =
        parts.into_iter().map(|(key, value)| option::of(value).prop_map(move |value| (key, value))).collect();
    (image, parts).prop_map(|(image, parts)| {
        let there = parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        [("image".to_owned(), image)].into_iter().chain(there).collect()
    })
}

/// How the next service needs the one before.
fn any_need() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        Just(Some(json!({"condition": "service_started"}))),
        Just(Some(json!({"condition": "service_healthy", "restart": true}))),
        Just(Some(json!({"condition": "service_completed_successfully"}))),
    ]
}

/// A project that is all right.
pub(super) fn any_project() -> impl Strategy<Value = String> {
    any_good().prop_map(|project| project.to_string())
}

fn any_good() -> impl Strategy<Value = Value> {
    let services = collection::vec((any_service(), any_need(), option::of(Just(()))), 1..4);
    (services, "[a-z]{1,4}").prop_map(|(services, content)| {
        let mut all = Map::new();
        for (i, (mut service, need, published)) in services.into_iter().enumerate() {
            if let (Some(need), true) = (need, i > 0) {
                service.insert("depends_on".to_owned(), json!({format!("s{}", i - 1): need}));
            }
            if published.is_some() {
                let port = json!({"target": 80, "published": 8000 + i, "mode": "host"});
                service.insert("ports".to_owned(), json!([port]));
            }
            all.insert(format!("s{i}"), Value::Object(service));
        }
        json!({
            "services": all,
            "volumes": {"data": null},
            "networks": {"back": {"internal": true}},
            "configs": {"c": {"content": content}},
            "secrets": {"s": {"environment": "PASSWORD"}},
            "x-any": [content],
        })
    })
}

/// Texts that are nearly something: times, sizes, paths, ports, variables, images.
const TEXTS: [&str; 36] = [
    "",
    "a",
    "é",
    "0",
    "-1",
    "1e9",
    "5s",
    "-3h",
    "1µs",
    "9999999h",
    "64m",
    "99999999999g",
    "0.5",
    "./a:/b:ro",
    "a:/b",
    "c:\\é:/x",
    ":",
    "::",
    "/",
    "..",
    "80:80",
    "1-65535:1-65535/udp",
    "[::1]:1:1",
    "$A",
    "${A:-${B}}",
    "$$",
    "${",
    "x@sha256:",
    "A/b",
    "on-failure:9",
    "service_healthy",
    "CMD",
    "node.id==x",
    "global-job",
    "true",
    "\n\t\0",
];

/// A value without others in it.
fn any_leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => select(&TEXTS).prop_map(|text| json!(text)),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(|value| json!(value)),
        1 => prop_oneof![Just(0), Just(-1), Just(1), Just(65_536), Just(i64::MAX), Just(i64::MIN)].prop_map(|value| json!(value)),
        1 => prop_oneof![Just(0.5), Just(-1e300), Just(1e18)].prop_map(|value| json!(value)),
    ]
}

/// Any value, with keys that are known somewhere.
fn any_value() -> impl Strategy<Value = Value> {
    const INNER: [&str; 60] = [
        "source",
        "target",
        "type",
        "read_only",
        "bind",
        "volume",
        "tmpfs",
        "size",
        "mode",
        "subpath",
        "published",
        "protocol",
        "host_ip",
        "condition",
        "required",
        "restart",
        "context",
        "dockerfile",
        "args",
        "test",
        "interval",
        "retries",
        "disable",
        "driver",
        "options",
        "driver_opts",
        "replicas",
        "resources",
        "limits",
        "reservations",
        "memory",
        "cpus",
        "pids",
        "devices",
        "generic_resources",
        "discrete_resource_spec",
        "kind",
        "value",
        "placement",
        "constraints",
        "preferences",
        "spread",
        "update_config",
        "parallelism",
        "order",
        "delay",
        "restart_policy",
        "max_attempts",
        "ipam",
        "config",
        "subnet",
        "external",
        "name",
        "file",
        "content",
        "environment",
        "aliases",
        "labels",
        "soft",
        "path",
    ];
    any_leaf().prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof![4 => select(&INNER).prop_map(ToOwned::to_owned), 1 => select(&TEXTS).prop_map(ToOwned::to_owned)];
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            collection::btree_map(key, inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// A good project in which some values are any others.
pub(super) fn any_spoilt() -> impl Strategy<Value = String> {
    let other = prop_oneof![3 => any_leaf(), 1 => any_value()];
    (any_good(), collection::vec((any::<usize>(), other), 1..4)).prop_map(|(mut project, spoilt)| {
        for (at, value) in spoilt {
            let mut all = Vec::new();
            pointers(&project, "", &mut all);
            // Like for like, so that what is wrong is found late.
            let simple = |value: &Value| !value.is_array() && !value.is_object();
            all.retain(|path| project.pointer(path).is_some_and(simple) == simple(&value));
            if !all.is_empty()
                && let Some(place) = project.pointer_mut(&all[at % all.len()])
            {
                *place = value;
            }
        }
        project.to_string()
    })
}

/// The JSON pointers of all values.
fn pointers(value: &Value, path: &str, all: &mut Vec<String>) {
    all.push(path.to_owned());
    match value {
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, item)| pointers(item, &format!("{path}/{i}"), all));
        }
        Value::Object(map) => {
            for (key, item) in map {
                pointers(item, &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

/// A project with real keys and any values; most services have an image, so that some go far.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    let service = || {
        let fields = collection::btree_map(select(&keys::SERVICE), any_value(), 0..6);
        (fields, prop::bool::weighted(0.8)).prop_map(|(fields, image)| {
            let mut all: Map<String, Value> =
                fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            if image {
                all.insert("image".to_owned(), json!("nginx"));
            }
            Value::Object(all)
        })
    };
    let services = collection::btree_map(select(&["a", "b", "c", "é", ""]), service(), 0..3)
        .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Value>());
    let named = || {
        collection::btree_map(select(&["a", "b", "default"]), any_value(), 0..3)
            .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Value>())
    };
    let section = Union::new([named().boxed(), any_value().boxed()]);
    let top = collection::btree_map(select(&keys::TOP), section, 0..4);
    (services, top).prop_map(|(services, top)| {
        let mut all: Map<String, Value> =
            top.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        all.insert("services".to_owned(), services);
        Value::Object(all).to_string()
    })
}
