//! A file that is written of what runs makes what runs.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{sample::any_project, *};
use crate::{
    observed::Observed,
    plan::{
        plan,
        stored::{NEW, stored},
    },
};

const STACK: &str = "demo";

/// What the docker CLI would send.
fn plain(text: &str) -> Result<StackSpec, Vec<Fault>> {
    let given = given();
    let sources = [load::Source::only(text)];
    let project = parse(&sources, &given.vars, &given.files)?;
    let context = Context {
        stack: STACK,
        vars: &given.vars,
        files: &|_| None,
        directory: Some("/w"),
        home: None,
        inherited: &given.grants.inherited,
    };
    Ok(convert(&project, context)?.spec)
}

/// What differs of the services once the file that is written of a file's stack is there instead.
fn differs(text: &str) -> (Value, Vec<String>) {
    let spec = plain(text).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}"));
    let mut runs = stored(&spec, NEW);
    for (name, network) in &mut runs.networks {
        let body = spec.networks[name].clone();
        (network.driver, network.internal, network.attachable) =
            (body.driver, body.internal, body.attachable);
        network.options = body.options;
    }
    let file = written(STACK, &runs);
    let again = plain(&file.to_string()).unwrap_or_else(|faults| panic!("{faults:#?}\n{file:#}"));
    for (name, network) in &again.networks {
        assert_eq!(*network, spec.networks[name], "{file:#}");
    }
    for (name, config) in &again.configs {
        assert_eq!(config.data, spec.configs[name].data, "{file:#}");
    }
    let services = StackSpec { name: spec.name, services: again.services, ..StackSpec::default() };
    let beside =
        Observed { services: runs.services, network_names: runs.network_names, ..Observed::default() };
    let lines = plan(&services, &beside).lines();
    (file, lines.iter().map(|line| format!("{line:?}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_stack(text in any_project()) {
        let (file, lines) = differs(&text);
        prop_assert!(lines.is_empty(), "{:#}\n{:#?}\n{}", file, lines, text);
    }
}

#[test]
fn all_that_a_file_says() {
    let text = r#"
services:
  web:
    image: nginx:1.27
    entrypoint: [/a, "$$x"]
    environment: {A: "1 $$B", EMPTY: ""}
    hostname: h
    user: "1:2"
    working_dir: /w
    tty: true
    stdin_open: true
    read_only: true
    init: false
    stop_signal: SIGINT
    stop_grace_period: 1m30s
    cap_add: [NET_ADMIN]
    cap_drop: [ALL]
    sysctls: {net.core.somaxconn: "1"}
    ulimits: {nofile: {soft: 1, hard: 2}}
    extra_hosts: ["a:1.2.3.4", "b:::1"]
    dns: [1.1.1.1]
    dns_search: [x.test]
    dns_opt: [ndots:1]
    group_add: ["5"]
    oom_score_adj: 7
    labels: {own: "1", odd: "no"}
    healthcheck: {test: [CMD, /h], interval: 3s, timeout: 2s, retries: 4, start_period: 5s, start_interval: 1s}
    logging: {driver: json-file, options: {max-size: 1m}}
    ports:
      - {target: 80, published: 8080, protocol: udp, mode: host}
      - "9000:90"
    networks:
      default: {aliases: [other]}
      back:
      far:
    volumes:
      - data:/data
      - /anonymous
      - {type: volume, source: plain, target: /p, read_only: true, volume: {nocopy: true}}
      - {type: bind, source: /host, target: /h, bind: {propagation: rprivate}}
      - {type: tmpfs, target: /t, tmpfs: {size: 1048576, mode: 511}}
    configs: [{source: c, target: /c, uid: "1", gid: "2", mode: 0400}, kept]
    secrets: [s, {source: other, target: /run/o}]
    deploy:
      replicas: 3
      labels: {team: blue}
      endpoint_mode: vip
      update_config: {parallelism: 0, delay: 1s, failure_action: rollback, monitor: 2s, max_failure_ratio: 0.5, order: start-first}
      rollback_config: {parallelism: 2, order: stop-first}
      restart_policy: {condition: on-failure, delay: 3s, max_attempts: 5, window: 1m}
      placement: {constraints: [node.role == worker], preferences: [{spread: node.labels.zone}], max_replicas_per_node: 2}
      resources:
        limits: {cpus: "0.5", memory: 64M, pids: 7}
        reservations: {cpus: "0.25", memory: 1G, generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}
  all: {image: a, healthcheck: {disable: true}, deploy: {mode: global, endpoint_mode: dnsrr}}
  job: {image: a, command: [go], deploy: {mode: replicated-job, replicas: 2}}
  each: {image: a, deploy: {mode: global-job}}
networks:
  back: {internal: true, attachable: true, driver_opts: {encrypted: ""}, labels: {n: "1"}}
  far: {external: true, name: elsewhere}
volumes:
  data: {driver: local, driver_opts: {type: nfs, o: "addr=a", device: ":/x"}}
  plain: {labels: {l: "1"}}
configs: {c: {content: "a $$HOME\nb\n"}, kept: {external: true, name: kept-1}}
secrets: {s: {environment: PASSWORD}, other: {external: true}}
"#;
    let (file, lines) = differs(text);
    assert!(lines.is_empty(), "{file:#}\n{lines:#?}");
    assert_eq!(file["secrets"]["s"], json!({"external": true, "name": "demo_s"}), "never its data");
    assert_eq!(file["services"]["web"]["environment"][0], "A=1 $$B");
    assert_eq!(file["services"]["all"].get("networks"), None, "the default one needs no word");
}
