//! Files per second: this crate (a call, and a program of its own for each file) against
//! `docker stack config`, which needs no engine, over the same Compose files in one run.
//!
//! Counts the files that both take. Without a folder of cases (`corpus/index.json` in it) the crate's
//! own samples are read.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command as Process, ExitCode, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use skep_stack::compose::{
    command::{Command, World, run},
    load::Missing,
};

/// Calls for each file, as one is over too soon to be measured.
const CALLS: u32 = 20;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

struct Case {
    file: PathBuf,
    vars: BTreeMap<String, String>,
}

fn main() -> ExitCode {
    let cases = match std::env::args().nth(1).filter(|dir| !dir.is_empty()) {
        Some(dir) => corpus(Path::new(&dir)),
        None => samples(),
    };
    match cases.and_then(|cases| compare(&cases)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn samples() -> Result<Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/convert");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "yml"));
    files.sort();
    Ok(files.into_iter().map(|file| Case { file, vars: BTreeMap::new() }).collect())
}

fn corpus(dir: &Path) -> Result<Vec<Case>> {
    let index: Value = serde_json::from_str(&std::fs::read_to_string(dir.join("corpus/index.json"))?)?;
    let mut all = Vec::new();
    for case in index["cases"].as_array().into_iter().flatten().filter(|case| case["split"] == "open") {
        for variant in case["variants"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let file = dir.join("corpus/open").join(text(&case["id"])).join(text(&case["files"][0]));
            let vars = variant.get("env").cloned().map(serde_json::from_value).transpose()?;
            all.push(Case { file: file.canonicalize()?, vars: vars.unwrap_or_default() });
        }
    }
    Ok(all)
}

fn compare(cases: &[Case]) -> Result<()> {
    let own = std::env::current_exe()?.with_file_name("convert");
    let [mut docker, mut call, mut program] = [Duration::ZERO; 3];
    let mut count = 0;
    for case in cases {
        let file = case.file.to_string_lossy().into_owned();
        let theirs = timed(case, Process::new("docker").args(["stack", "config", "-c", &file]))?;
        let ours = timed(case, Process::new(&own).args(["--name", "demo", &file]))?;
        let (Some(theirs), Some(ours)) = (theirs, ours) else { continue };
        let start = Instant::now();
        for _ in 0..CALLS {
            convert(case, &file);
        }
        call += start.elapsed() / CALLS;
        docker += theirs;
        program += ours;
        count += 1;
    }
    if count == 0 {
        return Err("no file that both take".into());
    }
    let rate = |time: Duration| f64::from(count) / time.as_secs_f64();
    println!("{count} of {} cases, which both take, one after the other:", cases.len());
    println!("docker stack config  {:9.0} files/s", rate(docker));
    for (name, time) in [("convert, a program", program), ("convert, a call", call)] {
        println!("{name:20} {:9.0} files/s, {:.0} times", rate(time), rate(time) / rate(docker));
    }
    Ok(())
}

/// How long the program takes with a case; none if it refuses.
fn timed(case: &Case, process: &mut Process) -> Result<Option<Duration>> {
    process.env_clear().envs(&case.vars).stdout(Stdio::null()).stderr(Stdio::null());
    process.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    process.env("HOME", std::env::var_os("HOME").unwrap_or_default());
    let start = Instant::now();
    let done = process.status()?;
    Ok(done.success().then(|| start.elapsed()))
}

/// What the program does, the reading of the file included.
fn convert(case: &Case, file: &str) {
    let command = Command { name: "demo".to_owned(), files: vec![file.to_owned()], ..Command::default() };
    let world = World {
        vars: case.vars.clone(),
        directory: "/".to_owned(),
        read: &|path| std::fs::read(path).map_err(|_| Missing::Absent),
    };
    drop(std::hint::black_box(run(&command, &world)));
}
