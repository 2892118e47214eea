//! Case 072: files that would grow without end, or that lie too deep, are refused within 100 ms and
//! 32 MiB. One test alone in its process, as the peak of memory is the process's.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use skep_stack::compose::{
    command::{Command, World, run},
    load::{Missing, Source},
    outline,
};

/// Without optimisation, with others beside it; what grows would take minutes.
const TIME: Duration = Duration::from_millis(500);
const MEMORY: u64 = 32 * 1024;

/// What is known of this process's memory, in KiB.
#[cfg(target_os = "linux")]
fn memory(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("a line of this key");
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("KiB")
}

/// The codes of the faults (none if it is taken), the longer time of two ways to read it, and the
/// peak of the process's memory.
#[cfg(target_os = "linux")]
fn measured(text: &str) -> (Vec<String>, Duration, u64) {
    // From here on the peak is counted anew (proc(5)).
    std::fs::write("/proc/self/clear_refs", "5").expect("the own process");
    let start = Instant::now();
    let command = Command { name: "demo".to_owned(), files: vec!["c.yml".to_owned()], ..Command::default() };
    let read = |path: &str| match path {
        "/c.yml" => Ok(text.as_bytes().to_vec()),
        _ => Err(Missing::Absent),
    };
    let world = World { vars: BTreeMap::new(), directory: "/".to_owned(), read: &read };
    let plain = run(&command, &world).err().unwrap_or_default();
    let first = start.elapsed();
    let app = outline(&[Source::only(text)], &BTreeMap::new(), &BTreeMap::new()).err().unwrap_or_default();
    let time = first.max(start.elapsed() - first);
    (plain.into_iter().chain(app).map(|fault| fault.code).collect(), time, memory("VmHWM"))
}

/// Each anchor names the one before ten times.
fn billion(list: bool) -> String {
    let level = |i: usize| {
        let names = vec![format!("*a{}", i - 1); 10].join(", ");
        let value = if list { format!("[{names}]") } else { format!("{{<<: [{names}]}}") };
        format!("x-a{i}: &a{i} {value}\n")
    };
    let first = if list { "[x, x, x, x, x, x, x, x, x, x]" } else { "{a: x, b: x}" };
    let levels: String = (1..20).map(level).collect();
    format!("x-a0: &a0 {first}\n{levels}services: {{a: {{image: x, x-b: *a19}}}}\n")
}

#[cfg(target_os = "linux")]
#[test]
fn case_072_what_grows_without_end_is_refused_at_once() {
    let deep = |open: &str, close: &str| format!("services: {}{}", open.repeat(10_000), close.repeat(10_000));
    let indented: String = (0..1400).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let wide = "  - <<: *a\n".repeat(9000);
    let large = format!("x-a: &a {{labels: {{x: \"{}\"}}}}\nx-b:\n{wide}services: {{}}", "x".repeat(500_000));
    let one = |i: usize| format!("x-{i}: \"${{A:-${{B:-{}}}}}\"\n", "$$".repeat(20_000));
    let grown: String = (0..5).map(one).collect();
    let cases = [
        ("a billion items", billion(true), "yaml_limit"),
        ("a billion merged keys", billion(false), ""),
        ("an anchor in itself", "x-a: &a [*a]\nservices: {}".to_owned(), "yaml_limit"),
        ("10,000 lists", deep("[", "]"), "yaml_limit"),
        ("10,000 maps", deep("{a: ", "}"), "yaml_limit"),
        ("10,000 lists that are never closed", deep("[", ""), "yaml_limit"),
        ("10,000 list items in a row", format!("services:\n  {}x", "- ".repeat(10_000)), "yaml_limit"),
        ("1,400 maps by indentation", indented, "yaml_limit"),
        ("a large text many times", large, "yaml_limit"),
        ("variables in variables", format!("{grown}services: []"), ""),
        ("10,000 operands", format!("services: {{a: {{image: \"{}\"}}}}", "${A:-".repeat(10_000)), ""),
        ("over 1 MiB", "#".repeat(1024 * 1024 + 1), "too_large"),
    ];
    let before = memory("VmRSS");
    let mut wrong = Vec::new();
    for (name, text, code) in &cases {
        // The best of three, as other tests run beside this one.
        let all = [measured(text), measured(text), measured(text)];
        let (time, peak) =
            (all.iter().map(|m| m.1).min().unwrap(), all.iter().map(|m| m.2).max().unwrap() - before);
        let codes = &all[0].0;
        println!("{name}: {codes:?} in {time:?}, {peak} KiB");
        // What grows to little in the end may be taken.
        let fine = code.is_empty() || codes.iter().any(|found| found == code);
        if !fine || time > TIME || peak > MEMORY {
            wrong.push(format!("{name}: {codes:?} in {time:?}, {peak} KiB"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
