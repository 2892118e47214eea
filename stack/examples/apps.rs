//! How many of a folder of Compose cases compile, in the two ways that there are: `plain`, which is
//! what `convert` prints, and `app`, through all that stands between a file and the engine for an
//! app without grants (every variable set, the policy, the checks).
//!
//! Reads `corpus/index.json` (files and variables of each case) and `oracle/open.jsonl` (what the
//! docker CLI says to it). A case is one file with one set of variables; a file counts as compiled
//! if it is with one of its sets. Prints the shares, and for each other file why not.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::ExitCode,
};

use serde_json::Value;
use skep_stack::{
    cluster::Cluster,
    compose::{
        ComposeInput,
        command::{Command, World, run},
        load::{Missing, Source},
        outline, to_stack, wanted,
    },
    fault::Fault,
    policy::Grants,
    vip::Vip,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let shown = std::env::args().nth(1).ok_or_else(|| "usage: apps DIR".into()).and_then(|dir| show(&dir));
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn show(dir: &str) -> Result<()> {
    // Files are asked for by whole paths.
    let dir = &std::fs::canonicalize(dir)?;
    let mut kinds = BTreeMap::new();
    for line in std::fs::read_to_string(dir.join("oracle/open.jsonl"))?.lines() {
        let said: Value = serde_json::from_str(line)?;
        kinds.insert(text(&said["id"]).to_owned(), text(&said["category"]).to_owned());
    }
    let index: Value = serde_json::from_str(&std::fs::read_to_string(dir.join("corpus/index.json"))?)?;
    let mut shares: BTreeMap<(Way, &str), Share> = BTreeMap::new();
    for case in index["cases"].as_array().into_iter().flatten().filter(|case| case["split"] == "open") {
        let id = text(&case["id"]);
        for variant in case["variants"].as_array().into_iter().flatten() {
            let name = match text(&variant["name"]) {
                "bare" => id.to_owned(),
                variant => format!("{id}/{variant}"),
            };
            let Some(kind) = kinds.get(&name) else { continue };
            let folder = dir.join("corpus/open").join(id);
            let vars: BTreeMap<String, String> =
                variant.get("env").cloned().map(serde_json::from_value).transpose()?.unwrap_or_default();
            for (way, made) in
                [(Way::Plain, plain(&folder, case, &vars)), (Way::App, app(&folder, case, &vars)?)]
            {
                shares.entry((way, kind)).or_default().take(id, made);
            }
        }
    }
    for ((way, kind), share) in &shares {
        share.show(&format!("{way:?} {kind}"));
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Plain,
    App,
}

/// How many compile, and what the others lack.
#[derive(Default)]
struct Share {
    made: usize,
    all: usize,
    /// By file: what is wrong, nothing if it compiles.
    files: BTreeMap<String, Vec<Fault>>,
}

impl Share {
    fn take(&mut self, id: &str, made: std::result::Result<(), Vec<Fault>>) {
        self.all += 1;
        match made {
            Ok(()) => {
                self.made += 1;
                self.files.insert(id.to_owned(), Vec::new());
            }
            Err(faults) => {
                let known = self.files.entry(id.to_owned()).or_insert_with(|| faults.clone());
                // The set that leaves fewer things wrong says more of the file.
                if faults.len() < known.len() {
                    *known = faults;
                }
            }
        }
    }

    fn show(&self, title: &str) {
        let refused: Vec<_> = self.files.iter().filter(|(_, faults)| !faults.is_empty()).collect();
        let (good, all) = (self.files.len() - refused.len(), self.files.len());
        let absent =
            |fault: &Fault| ["file_missing", "file_refused", "not_found"].contains(&fault.code.as_str());
        let partial = refused.iter().filter(|(_, faults)| faults.iter().all(absent)).count();
        println!(
            "{title}: {} of {} cases, {good} of {all} files compile; {partial} name what is not in their folder",
            self.made, self.all
        );
        for (id, faults) in refused {
            println!("  {id}");
            let mut seen = BTreeSet::new();
            for fault in faults.iter().filter(|fault| seen.insert((&fault.code, &fault.message))) {
                println!("    {}: {fault}", fault.code);
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What the docker CLI would send for a case.
fn plain(
    folder: &Path,
    case: &Value,
    vars: &BTreeMap<String, String>,
) -> std::result::Result<(), Vec<Fault>> {
    let command = Command {
        name: "demo".to_owned(),
        files: vec![text(&case["files"][0]).to_owned()],
        ..Command::default()
    };
    let world = World {
        vars: vars.clone(),
        directory: folder.to_string_lossy().into_owned(),
        read: &|path| std::fs::read(path).map_err(|_| Missing::Absent),
    };
    run(&command, &world).map(drop)
}

/// The stack of a case as for an app without any grant.
fn app(
    folder: &Path,
    case: &Value,
    vars: &BTreeMap<String, String>,
) -> Result<std::result::Result<(), Vec<Fault>>> {
    let file = std::fs::read_to_string(folder.join(text(&case["files"][0])))?;
    let sources = [Source::only(&file)];
    let mut files = BTreeMap::new();
    loop {
        let count = files.len();
        match wanted(&sources, vars, &files) {
            Ok(named) => named.iter().for_each(|(path, _)| take(&folder.join(path), path, &mut files)),
            Err(faults) => return Ok(Err(faults)),
        }
        if files.len() == count {
            break;
        }
    }
    let named = match outline(&sources, vars, &files) {
        Ok(named) => named,
        Err(faults) => return Ok(Err(faults)),
    };
    for path in named.files.iter().chain(&named.binds) {
        take(&folder.join(path), path, &mut files);
    }
    let made = to_stack(&ComposeInput {
        sources: &sources,
        stack: "demo",
        app: "app",
        alias: "demo",
        deployment: 1,
        vars,
        files: &files,
        images: &BTreeMap::new(),
        image_health: &BTreeMap::new(),
        image_words: &BTreeMap::new(),
        network: "environment",
        edge: "edge",
        routed: &BTreeSet::new(),
        volume_node: Some("node"),
        probe: None,
        vip: Vip::Usual,
        running: &BTreeMap::new(),
        published: &BTreeSet::new(),
        nodes: &BTreeMap::new(),
        homes: &BTreeMap::new(),
        constraints: &[],
        grants: &Grants {
            networks: ["environment".to_owned(), "edge".to_owned()].into(),
            nodes: ["node".to_owned()].into(),
            ..Grants::default()
        },
        cluster: &Cluster::UNKNOWN,
    });
    Ok(made.map(drop))
}

/// A file, or a folder whole, by its path as written.
fn take(place: &Path, path: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    if let Ok(bytes) = std::fs::read(place) {
        files.insert(path.to_owned(), bytes);
    } else if let Ok(entries) = std::fs::read_dir(place) {
        let folder = path.trim_end_matches('/');
        files.insert(format!("{folder}/"), Vec::new());
        for entry in entries.flatten() {
            take(&entry.path(), &format!("{folder}/{}", entry.file_name().display()), files);
        }
    }
}
