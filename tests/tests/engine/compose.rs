//! Compose files on this engine: what is sent twice is changed once, whatever defaults it fills in, and
//! a changed content is a new object.

use std::collections::{BTreeMap, BTreeSet};

use skep::swarm::Engine;
use skep_stack::{
    cluster::Cluster,
    compose::{ComposeInput, load::Source, to_stack},
    plan::{Action, collect, plan},
    policy::Grants,
    spec::StackSpec,
    vip::Vip,
};

use crate::lab::{Lab, probe, run, until};

fn file(image: &str, team: &str, plain: u32) -> String {
    format!(
        r#"
services:
  web:
    image: {image}
    entrypoint: [/bin/busybox]
    command: [sh, -c, "exec /bin/busybox sleep 1000"]
    environment: {{COLOUR: red, EMPTY: "", QUOTED: "a 'b' \"c\" = d"}}
    hostname: "web-{{{{.Task.Slot}}}}"
    user: "0:0"
    group_add: ["27", "100"]
    working_dir: /tmp
    tty: true
    stdin_open: true
    read_only: true
    init: true
    stop_signal: SIGQUIT
    stop_grace_period: 1s
    labels: {{org.example.kind: container}}
    cap_add: [NET_ADMIN]
    cap_drop: [MKNOD, AUDIT_WRITE]
    sysctls: {{net.core.somaxconn: 512}}
    ulimits: {{nproc: 1000, nofile: {{soft: 1024, hard: 2048}}}}
    dns: [192.0.2.53, 192.0.2.54]
    dns_search: [example.org]
    dns_opt: ["timeout:1"]
    extra_hosts: ["one:192.0.2.1", "two:192.0.2.2", "one:192.0.2.3"]
    tmpfs: ["/run:size=4m,mode=1777"]
    shm_size: 8m
    volumes:
      - data:/data
      - {{type: volume, source: data, target: /again, read_only: true, volume: {{nocopy: true}}}}
      - {{type: tmpfs, target: /scratch, tmpfs: {{size: 65536, mode: 0700}}}}
      - {{type: bind, source: /etc/hosts, target: /outside, read_only: true, bind: {{propagation: rprivate}}}}
    configs: [page, {{source: page, target: /etc/page, uid: "12", gid: "34", mode: 0440}}]
    secrets: [key, {{source: key, target: other, uid: "12", gid: "34", mode: 0400}}]
    networks: {{inner: {{aliases: [zebra, alpha]}}, back: }}
    ports:
      - {{target: 8080, published: 28081, mode: host}}
      - {{target: 8080, published: 28080, protocol: udp, mode: host}}
    logging: {{driver: json-file, options: {{max-size: 1m, max-file: "2"}}}}
    healthcheck: {{test: [CMD, /bin/busybox, "true"], interval: 2s, timeout: 3s, retries: 4, start_period: 5s, start_interval: 1s}}
    deploy:
      replicas: 1
      endpoint_mode: dnsrr
      labels: {{org.example.team: {team}}}
      resources:
        limits: {{cpus: "0.75", memory: 96M, pids: 200}}
        reservations: {{cpus: "0.05", memory: 8M}}
      placement:
        constraints: [node.platform.os == linux, node.role == manager]
        preferences: [{{spread: node.labels.zone}}, {{spread: node.id}}]
        max_replicas_per_node: 2
      restart_policy: {{condition: on-failure, delay: 2s, max_attempts: 3, window: 60s}}
      update_config: {{parallelism: 2, delay: 1s, failure_action: continue, monitor: 1s, max_failure_ratio: 0.3, order: stop-first}}
      rollback_config: {{parallelism: 0, delay: 2s, failure_action: continue, monitor: 2s, max_failure_ratio: 0.123, order: stop-first}}
  every:
    image: {image}
    command: [/bin/busybox, sleep, "1000"]
    stop_grace_period: 1s
    deploy: {{mode: global, labels: {{org.example.team: {team}}}, update_config: {{monitor: 1s}}}}
  plain:
    image: {image}
    command: [/bin/busybox, sleep, "1000"]
    stop_grace_period: 1s
    deploy: {{replicas: {plain}}}
  seed:
    image: {image}
    command: [/bin/busybox, "true"]
    deploy: {{mode: replicated-job, replicas: 2}}
networks:
  inner: {{driver: overlay, attachable: true, labels: {{org.example.kind: inner}}}}
  back: {{internal: true, ipam: {{config: [{{subnet: 10.244.7.0/24}}]}}}}
volumes: {{data: {{labels: {{org.example.kind: data}}}}}}
configs: {{page: {{content: "a page"}}}}
secrets: {{key: {{environment: KEY}}}}
"#
    )
}

/// The stack of a file; `key` is the variable `KEY`.
fn made(lab: &Lab, text: &str, key: &str, deployment: i64) -> StackSpec {
    let vars = BTreeMap::from([("KEY".to_owned(), key.to_owned())]);
    let network = environment(lab);
    let grants = Grants {
        networks: [network.clone()].into(),
        capabilities: ["CAP_NET_ADMIN".to_owned()].into(),
        sysctls: ["net.core.somaxconn".to_owned()].into(),
        host_paths: ["/etc/hosts".to_owned()].into(),
        managers: true,
        ..Grants::default()
    };
    let input = ComposeInput {
        sources: &[Source::only(text)],
        stack: &lab.stack,
        app: "0198c0de-0000-7000-8000-000000000001",
        alias: "all",
        deployment,
        vars: &vars,
        files: &BTreeMap::new(),
        images: &BTreeMap::new(),
        image_health: &BTreeMap::new(),
        image_words: &BTreeMap::new(),
        network: &network,
        edge: "skep-edge",
        routed: &BTreeSet::new(),
        volume_node: None,
        probe: Some(&probe()),
        vip: Vip::Never,
        running: &BTreeMap::new(),
        published: &BTreeSet::new(),
        nodes: &BTreeMap::new(),
        homes: &BTreeMap::new(),
        constraints: &[],
        grants: &grants,
        cluster: &Cluster::UNKNOWN,
    };
    to_stack(&input).unwrap_or_else(|faults| panic!("{faults:#?}")).0
}

fn environment(lab: &Lab) -> String {
    format!("{}-environment", lab.stack)
}

/// Runs a test with an image of the stack's own, in an environment.
async fn staged(test: impl AsyncFnOnce(&Lab, &str)) {
    run(async |lab| {
        let image = format!("skep.invalid/{}:1", lab.stack);
        lab.engine.tag(&lab.image, &image).await.unwrap();
        let labels = [("com.docker.stack.namespace", lab.stack.as_str())];
        lab.engine.ensure_network(&environment(&lab), true, &labels).await.unwrap();
        test(&lab, &image).await;
        lab.engine.remove_image(&image).await.unwrap();
    })
    .await;
}

/// Tasks that run or have run well, by the names of their services.
async fn tasks(lab: &Lab, count: usize) -> Option<Vec<(String, String)>> {
    let tasks = lab.tasks().await;
    let stands = |state: &str| matches!(state, "running" | "complete");
    let mut found: Vec<_> =
        tasks.iter().filter(|t| stands(&t.state)).map(|t| (t.service_name.clone(), t.id.clone())).collect();
    found.sort();
    (found.len() == count && tasks.len() == count).then_some(found)
}

async fn apply(lab: &Lab, spec: &StackSpec) {
    for action in plan(spec, &lab.engine.observe(&lab.stack).await.unwrap()).actions {
        lab.engine.perform(&action, None).await.unwrap();
    }
}

#[tokio::test]
async fn the_same_file_again_is_an_empty_plan_and_another_label_restarts_nothing() {
    staged(async |lab, image| {
        let spec = |team, plain, number| made(lab, &file(image, team, plain), "a key", number);
        apply(lab, &spec("blue", 1, 1)).await;
        let before = until("all tasks run", async || tasks(lab, 5).await).await;
        let again = plan(&spec("blue", 1, 2), &lab.engine.observe(&lab.stack).await.unwrap());
        assert_eq!(again.lines(), [], "on {}", lab.engine.info().await.unwrap().version);

        // The new task of one service is made after Swarm has seen the new labels of the others.
        let other = spec("green", 2, 3);
        let lines = plan(&other, &lab.engine.observe(&lab.stack).await.unwrap()).lines();
        let told: Vec<_> = lines.iter().map(|line| (line.action.as_str(), line.restarts)).collect();
        assert_eq!(told, [("update_service", false); 3], "{lines:#?}");
        apply(lab, &other).await;
        let after = until("one more task runs, and no other", async || tasks(lab, 6).await).await;
        assert!(before.iter().all(|task| after.contains(task)), "{before:?} {after:?}");
        assert_eq!(plan(&other, &lab.engine.observe(&lab.stack).await.unwrap()).lines(), []);
    })
    .await;
}

#[tokio::test]
async fn a_changed_config_or_secret_is_a_new_object_and_the_old_one_goes_when_nobody_keeps_it() {
    staged(async |lab, image| {
        let text = |page: &str| {
            format!(
                "services:\n  web:\n    image: {image}\n    command: [/bin/busybox, sleep, \"1000\"]\n    stop_grace_period: 1s\n    \
                 configs: [page]\n    secrets: [key]\n    deploy: {{update_config: {{monitor: 1s}}}}\n\
                 configs: {{page: {{content: {page}}}}}\nsecrets: {{key: {{environment: KEY}}}}\n"
            )
        };
        let (first, second) = (made(lab, &text("one"), "k1", 1), made(lab, &text("two"), "k2", 2));
        let names = |spec: &StackSpec| -> BTreeSet<String> {
            spec.configs.keys().chain(spec.secrets.keys()).cloned().collect()
        };
        apply(lab, &first).await;
        lab.running().await;
        apply(lab, &second).await;
        let through = async || {
            let seen = lab.engine.observe(&lab.stack).await.unwrap();
            let status = seen.services.values().next()?.update_status.clone()?.state?;
            (status.to_string() == "completed").then_some(seen)
        };
        let seen = until("the update is through", through).await;
        assert_eq!(collect(&seen, &[first.clone(), second.clone()]), [], "the release before is kept");
        // Were it asked for too early, Swarm itself would refuse: a service still has it.
        let used = seen.secrets.keys().find(|name| second.secrets.contains_key(*name)).unwrap();
        let id = seen.secrets[used].id.clone().unwrap();
        let refused = lab.engine.perform(&Action::RemoveSecret { name: used.clone(), id }, None).await;
        assert!(refused.is_err());
        let old = collect(&seen, std::slice::from_ref(&second));
        let gone: BTreeSet<String> = old.iter().map(|action| action.name().to_owned()).collect();
        assert_eq!(gone, names(&first).difference(&names(&second)).cloned().collect());
        assert_eq!(gone.len(), 2, "one config, one secret, and not the probe: {gone:?}");
        for action in &old {
            // The old task is gone before the update counts as through, but not at once from its node.
            until("it can be removed", async || lab.engine.perform(action, None).await.ok()).await;
        }
        let left = lab.engine.observe(&lab.stack).await.unwrap();
        assert_eq!(left.configs.keys().chain(left.secrets.keys()).cloned().collect::<BTreeSet<_>>(), names(&second));
        assert_eq!(plan(&second, &left).lines(), []);
    })
    .await;
}
