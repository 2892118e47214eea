//! Own small Compose files beside the bodies that the docker CLI (28.2) sends for them, and what is
//! refused. To add a case: a file below `convert/`, its answer beside it (run with `BLESS=1`, and
//! compare with `just conformance` or the docker CLI), or a line in a table below.

use std::{collections::BTreeMap, path::Path};

use skep_stack::{
    compose::{
        command::{Command, Output, World, run},
        load::Missing,
    },
    fault::Fault,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/convert");

/// Converts one file of the folder, which the project's directory `/project` stands for.
fn convert(file: &str, text: Option<&str>) -> Result<Output, Vec<Fault>> {
    let command = Command { name: "shop".to_owned(), files: vec![file.to_owned()], ..Command::default() };
    let vars = [("GIVEN", "given"), ("GIVEN_EMPTY", "filled"), ("HOME", "/home/me")];
    let read = |path: &str| match (text, path.strip_prefix("/project/")) {
        (Some(text), Some(name)) if name == file => Ok(text.as_bytes().to_vec()),
        (_, Some(name)) => std::fs::read(Path::new(FOLDER).join(name)).map_err(|_| Missing::Absent),
        _ => Err(Missing::Refused("is outside".to_owned())),
    };
    run(
        &command,
        &World {
            vars: vars.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            directory: "/project".to_owned(),
            read: &read,
        },
    )
}

#[test]
fn bodies_are_those_of_the_docker_cli() {
    let mut files = 0;
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yml") {
            continue;
        }
        files += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let output = convert(name, None).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        let beside = path.with_extension("json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&beside, format!("{}\n", output.json)).unwrap();
        }
        let expected = std::fs::read_to_string(&beside).unwrap();
        assert_eq!(output.json.trim_end(), expected.trim_end(), "{name}");
    }
    assert!(files > 10, "the files are found");
}

/// Code, path, line and column of what is wrong.
fn wrong(text: &str) -> Vec<(String, String, u32, u32)> {
    let faults = convert("c.yml", Some(text)).err().unwrap_or_else(|| panic!("was taken:\n{text}"));
    let place = |fault: Fault| {
        assert_eq!(fault.file.as_deref(), Some("c.yml"), "{fault}");
        (fault.code, fault.path, fault.line.unwrap_or(0), fault.column.unwrap_or(0))
    };
    faults.into_iter().map(place).collect()
}

#[test]
fn what_is_wrong_for_everyone_is_refused() {
    for (line, code, path) in [
        ("user: 1000", "invalid_type", "user"),
        ("hostname: ", "invalid_type", "hostname"),
        ("tty: \"yes\"", "invalid_type", "tty"),
        ("replicas: 3", "unknown_key", "replicas"),
        ("command: \"open 'quote\"", "invalid_command", "command"),
        ("ports: [\"80:80:80:80\"]", "invalid_port", "ports[0]"),
        ("ports: [\"1-3:1-2\"]", "invalid_port", "ports[0]"),
        ("ports: [{target: 1, published: 70000}]", "invalid_port", "ports[0].published"),
        ("volumes: [\":/x\"]", "invalid_mount", "volumes[0]"),
        ("volumes: [\"none:/x\"]", "unknown_volume", "volumes[0]"),
        ("volumes: [{type: tmpfs, source: a, target: /x}]", "invalid_mount", "volumes[0]"),
        ("volumes: [{type: volume, target: /x, bind: {}}]", "invalid_mount", "volumes[0]"),
        ("volumes: [{target: /x}]", "required", "volumes[0]"),
        ("networks: [none]", "unknown_network", "networks[0]"),
        ("networks: [default, default]", "duplicate", "networks[1]"),
        ("configs: [none]", "unknown_object", "configs[0]"),
        ("secrets: [{target: x}]", "required", "secrets[0]"),
        ("restart: sometimes", "invalid_choice", "restart"),
        ("restart: on-failure:x", "invalid_choice", "restart"),
        ("stop_grace_period: 5", "invalid_type", "stop_grace_period"),
        ("stop_grace_period: 1d", "invalid_duration", "stop_grace_period"),
        ("ulimits: {nofile: {soft: 1}}", "required", "ulimits.nofile"),
        ("healthcheck: {test: x, disable: true}", "invalid_choice", "healthcheck.disable"),
        ("healthcheck: {retries: -1}", "invalid_type", "healthcheck.retries"),
        ("deploy: {mode: everywhere}", "invalid_choice", "deploy.mode"),
        ("deploy: {mode: global, replicas: 1}", "invalid_choice", "deploy.replicas"),
        ("deploy: {replicas: -1}", "quota", "deploy.replicas"),
        ("deploy: {update_config: {order: both}}", "invalid_choice", "deploy.update_config.order"),
        ("deploy: {resources: {limits: {memory: lots}}}", "invalid_size", "deploy.resources.limits.memory"),
        ("deploy: {resources: {limits: {cpus: \"1/3\"}}}", "invalid_cpus", "deploy.resources.limits.cpus"),
        ("mem_limit: 1g\ndeploy: {resources: {limits: {memory: 2g}}}", "conflict", "mem_limit"),
        ("credential_spec: {file: a, registry: b}", "conflict", "credential_spec"),
        ("depends_on: {a: {condition: service_happy}}", "invalid_choice", "depends_on.a.condition"),
        ("ports: [{target: 1, publised: 1}]", "unknown_key", "ports[0].publised"),
    ] {
        let indented: String = line.lines().map(|line| format!("    {line}\n")).collect();
        let found = wrong(&format!("services:\n  a:\n    image: x\n{indented}"));
        let [(found_code, found_path, at, column)] = &found[..] else { panic!("{line}: {found:?}") };
        assert_eq!((found_code.as_str(), found_path.as_str()), (code, format!("services.a.{path}").as_str()));
        assert!(*at >= 4 && *column >= 5, "{line}: {at}:{column}");
    }
    for (text, code, path) in [
        ("services: {a: {}}", "required", "services.a"),
        ("services: {a: {image: A/b}}", "invalid_image", "services.a.image"),
        ("services: {\"a b\": {image: x}}", "invalid_name", "services.a b"),
        ("services: {a: {image: x}}\nvolume: {}", "unknown_key", "volume"),
        ("version: 3.8\nservices: {a: {image: x}}", "invalid_type", "version"),
        ("services: {a: {image: x}}\nvolumes: {v: {external: true, driver: d}}", "conflict", "volumes.v"),
        ("services: {a: {image: x}}\nconfigs: {c: {}}", "required", "configs.c"),
        ("services: {a: {image: x}}\nconfigs: {c: {file: none}}", "not_found", "configs.c.file"),
        (
            "services: {a: {image: x}}\nnetworks: {n: {name: a, external: {name: b}}}",
            "conflict",
            "networks.n.external",
        ),
    ] {
        let found = wrong(text);
        assert_eq!((found[0].0.as_str(), found[0].1.as_str(), found.len()), (code, path, 1), "{found:?}");
    }
}

#[test]
fn what_is_left_out_is_told() {
    let output = convert("ignored.yml", None).unwrap();
    let mut told: Vec<&str> = output.notes.iter().map(|note| note.path.as_str()).collect();
    told.sort_unstable();
    let mut keys: Vec<String> = [
        "build",
        "container_name",
        "privileged",
        "network_mode",
        "pid",
        "devices",
        "security_opt",
        "shm_size",
        "tmpfs",
        "links",
        "expose",
        "depends_on[1]",
        "oom_score_adj",
    ]
    .map(|key| format!("services.a.{key}"))
    .into();
    keys.sort();
    assert_eq!(told, keys);
}

#[test]
fn the_words_of_the_command() {
    let parse = |words: &str| Command::parse(words.split(' ').map(ToOwned::to_owned));
    let command = parse("--name a --env-file e -c x --profile p y").unwrap();
    assert_eq!((command.name.as_str(), command.files.join(" ")), ("a", "x y".to_owned()));
    assert_eq!((command.env_files.join(" "), command.profiles.join(" ")), ("e".to_owned(), "p".to_owned()));
    for words in ["--name a", "x", "--name", "--nope x", "--name a --env-file"] {
        assert!(parse(words).unwrap_err().contains("usage"), "{words}");
    }
}

#[test]
fn variables_of_files_and_of_the_process() {
    let files = [
        ("/w/one.env", "TAG=1\nNAME='a b'\n"),
        ("/w/two.env", "TAG=\"2-${NAME}\"\nHOST=file\n"),
        ("/w/sub/c.yml", "services: {a: {image: x, hostname: $HOST, user: $TAG, volumes: [./d:/d]}}"),
    ];
    let read = |path: &str| {
        let found = files.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or(Missing::Absent)
    };
    let words = "--name s --env-file one.env --env-file two.env sub/c.yml";
    let command = Command::parse(words.split(' ').map(ToOwned::to_owned)).unwrap();
    let vars = BTreeMap::from([("HOST".to_owned(), "process".to_owned())]);
    let world = World { vars, directory: "/w".to_owned(), read: &read };
    let body: serde_json::Value = serde_json::from_str(&run(&command, &world).unwrap().json).unwrap();
    let container = body.pointer("/services/0/TaskTemplate/ContainerSpec").unwrap();
    assert_eq!(container["User"], "2-a b");
    assert_eq!(container["Hostname"], "process", "the environment wins, as with Compose");
    assert_eq!(container["Mounts"][0]["Source"], "/w/sub/d", "paths begin at the first file");

    let missing =
        Command { env_files: vec!["no.env".to_owned()], files: vec!["no.yml".to_owned()], ..command };
    let faults = run(&missing, &world).unwrap_err();
    let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["no.yml", "no.env"], "all that is missing is told");
}

#[test]
fn a_thousand_services_take_no_square_of_time() {
    let text = |count: usize| -> String {
        let service = |i: usize| {
            format!(
                "  s{i}: {{image: x, depends_on: [s{}], ports: [\"{i}:80\"], volumes: [\"v{i}:/x\"], isolation: odd}}\n",
                i.saturating_sub(1)
            )
        };
        let volumes: String = (0..count).map(|i| format!("  v{i}: {{}}\n")).collect();
        format!("services:\n{}volumes:\n{volumes}", (0..count).map(service).collect::<String>())
    };
    let time = |count: usize| {
        let text = text(count);
        let start = std::time::Instant::now();
        assert!(convert("c.yml", Some(&text)).is_ok());
        start.elapsed()
    };
    time(125);
    let (some, many) = (time(125), time(1000));
    assert!(many < some * 40, "8 times the services: {some:?}, {many:?}");
}

#[test]
fn case_070_ports_do_not_multiply() {
    let lines: String =
        (0..2000).map(|i| format!("      - \"1-65535:1-65535/{}\"\n", ["tcp", "udp"][i % 2])).collect();
    let start = std::time::Instant::now();
    let found =
        wrong(&format!("services:\n  a:\n    image: x\n    ports:\n{}", lines.replacen("/tcp", "", 1)));
    assert!(found.iter().any(|(code, ..)| code == "too_many" || code == "duplicate"), "{found:?}");
    let text: String =
        (0..50).map(|i| format!("  s{i}: {{image: x, ports: [\"1-65535:1-65535\"]}}\n")).collect();
    assert_eq!(wrong(&format!("services:\n{text}"))[0].0, "too_many");
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

/// Keys of all kinds of forms, and values that fit some of them.
const KEYS: [&str; 34] = [
    "image",
    "command",
    "environment",
    "labels",
    "ports",
    "volumes",
    "networks",
    "configs",
    "secrets",
    "deploy",
    "healthcheck",
    "logging",
    "ulimits",
    "sysctls",
    "dns",
    "extra_hosts",
    "cap_add",
    "restart",
    "depends_on",
    "build",
    "platform",
    "mem_limit",
    "cpus",
    "cpu_quota",
    "gpus",
    "credential_spec",
    "isolation",
    "scale",
    "links",
    "tmpfs",
    "shm_size",
    "network_mode",
    "stop_grace_period",
    "env_file",
];
const VALUES: [&str; 44] = [
    "x",
    "\"\"",
    "~",
    "true",
    "-1",
    "0",
    "9223372036854775807",
    "1e400",
    "0.5",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[~]",
    "[a, a]",
    "{a: ~}",
    "{a: {b: c}}",
    "\"é:é:é\"",
    "[\"c:\\\\é:/x\"]",
    "[\"a:/b:é\"]",
    "[\":\"]",
    "[\"é\"]",
    "[\"1-65535:1\"]",
    "[\"[::1]:1:1\"]",
    "[{target: 99999999999}]",
    "[{type: bind, source: é}]",
    "linux/é",
    "[{type: tmpfs, tmpfs: {size: 99999999999999999999g}}]",
    "{mode: global-job, replicas: 1}",
    "é/é@sha256:é",
    "{resources: {limits: {cpus: 1/0, memory: -1}}}",
    "{update_config: {order: x, delay: -9e9h}}",
    "on-failure:é",
    "{test: [NONE, x], interval: 1µs, retries: -0}",
    "{b: {condition: service_healthy, restart: x}}",
    "[\"b:é\"]",
    "{config: c, file: x}",
    "[{count: all}, {device_ids: [x]}]",
    "\"é 'x\"",
    "$$",
    "${A:-${A}}",
    "!reset ~",
    "{soft: 1}",
    "2562047h47m16.854775807s",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
    #[test]
    fn no_file_panics(
        lines in proptest::collection::btree_map(proptest::sample::select(&KEYS), proptest::sample::select(&VALUES), 1..6),
        top in proptest::sample::select(&VALUES),
        section in proptest::sample::select(&["networks", "volumes", "configs", "secrets", "name", "x-a"]),
    ) {
        let lines: String = lines.iter().map(|(key, value)| format!("    {key}: {value}\n")).collect();
        let text = format!("services:\n  b: {{image: y}}\n  a:\n{lines}{section}: {top}\n");
        let _ = convert("c.yml", Some(&text));
    }
}

#[test]
fn no_variables_of_others() {
    let output = convert("c.yml", Some("services: {a: {image: x, environment: [PATH, USER]}}")).unwrap();
    let body: serde_json::Value = serde_json::from_str(&output.json).unwrap();
    let found = body.pointer("/services/0/TaskTemplate/ContainerSpec/Env").unwrap();
    assert_eq!(found, &serde_json::json!(["PATH", "USER"]), "the variables are those that are given");
    let _: BTreeMap<String, serde_json::Value> = serde_json::from_value(body).unwrap();
}
