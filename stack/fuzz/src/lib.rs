//! What is tried with any bytes, and what must hold of it. The fuzz targets call these, and so does
//! `stack/tests/fuzz.rs` with changed samples in every run of the tests.
//!
//! To add one: a function here that panics if something does not hold, a target of its name in
//! `fuzz_targets` and `Cargo.toml`, and its line in that test.

use std::collections::{BTreeMap, BTreeSet};

use skep_stack::{
    cluster::Cluster,
    compose::{
        ComposeInput,
        command::{Command, World, run},
        load::{self, Missing, Unset},
        outline, to_stack, wanted,
    },
    fault::Fault,
    models::EndpointSpecModeEnum,
    plan,
    policy::Grants,
    vip::Vip,
    writer::Words,
};

/// The value of a variable, which no message may tell.
const SECRET: &str = "s3cret";

/// The bytes as a Compose file: plain, and as an app's. It ends with a stack or with faults, and
/// what comes out can be sent.
pub fn project(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Who writes the value into the file may be told it again.
    if text.contains(SECRET) {
        return;
    }
    let command = Command { name: "demo".to_owned(), files: vec!["c.yml".to_owned()], ..Command::default() };
    // A file that includes or extends any other finds itself.
    let read = |_: &str| if bytes.len() < 2000 { Ok(bytes.to_vec()) } else { Err(Missing::Absent) };
    let world = World { vars: vars(), directory: "/w".to_owned(), read: &read };
    match run(&command, &world) {
        Ok(output) => drop(serde_json::from_str::<serde_json::Value>(&output.json).expect("JSON")),
        Err(faults) => told(&faults),
    }
    let (vars, none) = (vars(), BTreeMap::new());
    let sources = [load::Source::only(text)];
    for found in [outline(&sources, &vars, &none).map(drop), wanted(&sources, &vars, &none).map(drop)] {
        found.unwrap_or_else(|faults| told(&faults));
    }
    match to_stack(&input(&sources, &vars, &none)) {
        Ok((spec, _)) => {
            let all = plan::plan(&spec, &Default::default());
            assert!(all.actions.len() >= spec.services.len(), "all is made that is not there");
            drop(serde_json::to_value(&spec).expect("JSON"));
        }
        Err(faults) => told(&faults),
    }
}

/// The bytes as a text with variables. It ends, text without a dollar stays as it is, and a doubled
/// dollar is a dollar.
pub fn variables(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Bounds of files are not what is tried here; JSON carries any text, but NUL is refused.
    if text.len() > 10_000 || text.contains('\0') {
        return;
    }
    let _ = value(text);
    let plain: String = text.chars().filter(|c| *c != '$').collect();
    assert_eq!(value(&plain).as_deref(), Some(&*plain));
    assert_eq!(value(&text.replace('$', "$$")).as_deref(), Some(text));
}

/// The bytes as a file of variables.
pub fn dotenv(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for unset in [Unset::Empty, Unset::Refuse] {
        if let Ok(found) = load::dotenv(text, &vars(), unset) {
            assert!(found.keys().all(|name| !name.is_empty() && !name.contains(['=', '\n'])), "{found:?}");
        }
    }
}

/// A service's argument after its variables are put in; none if it is refused.
fn value(text: &str) -> Option<String> {
    let file = serde_json::json!({"services": {"a": {"image": "x", "command": [text]}}}).to_string();
    let command = Command { name: "demo".to_owned(), files: vec!["c.yml".to_owned()], ..Command::default() };
    let read = |_: &str| Ok(file.clone().into_bytes());
    let world = World { vars: vars(), directory: "/w".to_owned(), read: &read };
    let output = run(&command, &world).ok()?;
    let body: serde_json::Value = serde_json::from_str(&output.json).expect("JSON");
    Some(body.pointer("/services/0/TaskTemplate/ContainerSpec/Args/0")?.as_str()?.to_owned())
}

fn told(faults: &[Fault]) {
    assert!(!faults.is_empty(), "refused without a reason");
    for fault in faults {
        assert!(!fault.code.is_empty() && fault.message.len() > 3, "{fault:?}");
        assert!(!fault.to_string().contains(SECRET), "values stay within");
    }
}

fn vars() -> BTreeMap<String, String> {
    [("A", SECRET), ("B", ""), ("TAG", "1.27"), ("COMPOSE_PROFILES", "*")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn input<'a>(
    sources: &'a [load::Source<'a>],
    vars: &'a BTreeMap<String, String>,
    files: &'a BTreeMap<String, Vec<u8>>,
) -> ComposeInput<'a> {
    static NAMES: BTreeSet<String> = BTreeSet::new();
    static NODES: BTreeMap<String, Option<String>> = BTreeMap::new();
    static RUN: BTreeMap<String, Words> = BTreeMap::new();
    static RUNNING: BTreeMap<String, EndpointSpecModeEnum> = BTreeMap::new();
    static TEXTS: BTreeMap<String, String> = BTreeMap::new();
    static CLUSTER: Cluster = Cluster::UNKNOWN;
    static WORDS: BTreeMap<String, Vec<String>> = BTreeMap::new();
    static GRANTS: std::sync::LazyLock<Grants> = std::sync::LazyLock::new(|| Grants {
        networks: ["environment".to_owned(), "edge".to_owned()].into(),
        ..Grants::default()
    });
    ComposeInput {
        sources,
        stack: "demo",
        app: "app",
        alias: "demo",
        deployment: 1,
        vars,
        files,
        images: &TEXTS,
        image_health: &WORDS,
        image_words: &RUN,
        network: "environment",
        edge: "edge",
        routed: &NAMES,
        published: &NAMES,
        nodes: &NODES,
        homes: &TEXTS,
        volume_node: None,
        probe: Some(b"probe"),
        vip: Vip::Usual,
        running: &RUNNING,
        constraints: &[],
        grants: &GRANTS,
        cluster: &CLUSTER,
    }
}
