//! What Skep adds to the plain stack, and what it carries that the docker CLI leaves out.

use bollard_stubs::models::{Mount, MountType, ServiceSpec};

use super::*;
use crate::spec::{Condition, Need};

fn service<'s>(spec: &'s StackSpec, name: &str) -> &'s ServiceSpec {
    &spec.services[&format!("shop-live-all_{name}")]
}

/// Names of a service on the file's default network.
fn aliases(spec: &StackSpec, name: &str) -> Vec<String> {
    let networks = service(spec, name).task_template.clone().unwrap().networks.unwrap();
    let own = networks.into_iter().find(|n| n.target.as_deref() == Some("shop-live-all_default"));
    own.unwrap().aliases.unwrap()
}

fn mounts(spec: &StackSpec) -> Vec<Mount> {
    container(spec).mounts.unwrap_or_default()
}

#[test]
fn what_completes_is_a_job_that_the_others_come_after() {
    let text = "services:
  web: {image: a, depends_on: {move: {condition: service_completed_successfully}, db: {condition: service_healthy, restart: true}}}
  move: {image: a, restart: on-failure:3, depends_on: [db]}
  seed: {image: a, restart: \"no\", deploy: {replicas: 2}}
  db: {image: a}
  late: {image: a, depends_on: {seed: {condition: service_completed_successfully}, gone: {condition: service_started, required: false}}}
";
    let spec = made(text);
    let job = |name: &str| service(&spec, name).mode.clone().unwrap().replicated_job;
    assert_eq!(job("move").unwrap().total_completions, Some(1));
    assert_eq!(job("seed").unwrap().total_completions, Some(2));
    assert!(job("db").is_none() && job("web").is_none());
    let need = |until, restart| Need { until, restart };
    let web = &spec.after["shop-live-all_web"];
    assert_eq!(web.len(), 2);
    assert_eq!(web["shop-live-all_db"], need(Condition::Healthy, true));
    assert_eq!(web["shop-live-all_move"], need(Condition::Completed, false));
    let moved = service(&spec, "move");
    let policy = moved.task_template.clone().unwrap().restart_policy.unwrap();
    assert_eq!(
        (policy.condition.unwrap().to_string().as_str(), policy.max_attempts),
        ("on-failure", Some(3))
    );
    assert!(moved.update_config.is_none(), "a job is not rolled out");
    assert!(moved.task_template.clone().unwrap().container_spec.unwrap().health_check.is_none());
    let text = text.replace("on-failure:3", "always");
    assert_eq!(wrong(&text), one("services.move.restart", "invalid_choice", 3));
}

#[test]
fn restart_no_holds() {
    let condition = |line: &str| {
        let task = service(&made(&web(line)), "web").task_template.clone().unwrap();
        task.restart_policy.unwrap().condition.unwrap().to_string()
    };
    assert_eq!(condition("restart: \"no\""), "none");
    assert_eq!(condition("restart: unless-stopped"), "any");
    assert_eq!(condition("restart: on-failure"), "on-failure");
    assert_eq!(condition("restart: \"no\"\ndeploy: {restart_policy: {condition: any}}"), "any");
    assert_eq!(condition(""), "any");
    let line = "deploy: {restart_policy: {condition: unless-stopped}}";
    assert_eq!((condition(line).as_str(), notes(&web(line))[0].1.as_str()), ("any", "translated"));
}

#[test]
fn names_that_others_use() {
    let spec = made(
        "services:
  web: {image: a, links: [\"db:database\", db]}
  db: {image: a, container_name: shop_db}
",
    );
    assert_eq!(aliases(&spec, "db"), ["db", "shop_db", "database"]);
    assert_eq!(aliases(&spec, "web"), ["web"]);
    assert_eq!(spec.after["shop-live-all_web"]["shop-live-all_db"], Need::default(), "a link is a need");
    assert_eq!(wrong(&web("links: [gone]")), one("services.web.links[0]", "unknown_service", 4));
    assert_eq!(wrong(&web("container_name: \"a b\"")), one("services.web.container_name", "invalid_name", 4));
}

#[test]
fn case_070_names_do_not_multiply() {
    let links: Vec<String> = (0..101).map(|i| format!("\"db:n{i}\"")).collect();
    let text = format!("services:\n  web: {{image: a, links: [{}]}}\n  db: {{image: a}}\n", links.join(", "));
    assert_eq!(wrong(&text), one("services.db", "too_many", 3));
}

#[test]
fn memory_beside_volumes() {
    let spec = made(&web("tmpfs: [/run, \"/tmp:size=64m,mode=1777\"]\nshm_size: 128m"));
    let all: Vec<_> = mounts(&spec)
        .into_iter()
        .map(|mount| {
            let options = mount.tmpfs_options.unwrap_or_default();
            (mount.typ.unwrap(), mount.target.unwrap(), options.size_bytes, options.mode)
        })
        .collect();
    assert_eq!(
        all,
        [
            (MountType::TMPFS, "/run".to_owned(), None, None),
            (MountType::TMPFS, "/tmp".to_owned(), Some(64 << 20), Some(0o1777)),
            (MountType::TMPFS, "/dev/shm".to_owned(), Some(128 << 20), None),
        ]
    );
    let long = made(&web("volumes: [{type: tmpfs, target: /x, tmpfs: {size: 1m, mode: 0700}}]"));
    assert_eq!(mounts(&long)[0].tmpfs_options.clone().unwrap().mode, Some(0o700));
    let twice = wrong(&web("tmpfs: /x\nvolumes: [/x]"));
    assert_eq!(twice, one("services.web.volumes", "duplicate_target", 5));
}

#[test]
fn files_of_the_source_become_configs() {
    let mut given = given();
    let text = web("volumes:\n  - ./nginx.conf:/etc/nginx/nginx.conf:ro\n  - ./init:/init.d:ro");
    given.files.insert("./init/".to_owned(), Vec::new());
    given.files.insert("./init/a.sql".to_owned(), b"select 1;".to_vec());
    given.files.insert("./init/deep/b.sh".to_owned(), b"#!/bin/sh\n".to_vec());
    given.files.insert("./initial".to_owned(), b"not below it".to_vec());
    let (spec, _) = run_with(&text, &given).unwrap();
    let mut files: Vec<_> = container(&spec)
        .configs
        .unwrap()
        .into_iter()
        .map(|config| (config.file.unwrap(), config.config_name.unwrap()))
        .map(|(file, name)| (file.name.unwrap(), file.mode.unwrap(), name))
        .filter(|(target, ..)| target != "/.skep/probe")
        .collect();
    files.sort();
    let expected = [
        ("/etc/nginx/nginx.conf", 0o444, "shop-live-all_nginx.conf-"),
        ("/init.d/a.sql", 0o444, "shop-live-all_a.sql-"),
        ("/init.d/deep/b.sh", 0o555, "shop-live-all_b.sh-"),
    ];
    for ((target, mode, name), (wanted, permissions, start)) in files.iter().zip(expected) {
        assert_eq!((target.as_str(), *mode), (wanted, permissions));
        assert!(name.starts_with(start) && spec.configs.contains_key(name), "{name}");
    }
    assert_eq!((files.len(), mounts(&spec).len()), (3, 0));

    // Another content is another object.
    given.files.insert("./init/a.sql".to_owned(), b"select 2;".to_vec());
    let (other, _) = run_with(&text, &given).unwrap();
    assert_ne!(spec.configs.keys().collect::<Vec<_>>(), other.configs.keys().collect::<Vec<_>>());

    // A folder that was not read whole is none, and too much is refused with the reason.
    given.files.remove("./init/");
    let faults = run_with(&text, &given).unwrap_err();
    assert_eq!((faults[0].code.as_str(), faults[0].line), ("host_path", Some(6)));
    given.files.insert("./init/".to_owned(), Vec::new());
    given.files.insert("./init/big".to_owned(), vec![b'x'; 1000 * 1024]);
    let faults = run_with(&text, &given).unwrap_err();
    assert_eq!((faults.len(), faults[0].code.as_str()), (1, "too_large"));
    assert!(faults[0].message.contains("1000 KiB"), "{}", faults[0].message);
}

#[test]
fn paths_that_a_file_binds_are_asked_for() {
    let text = web(
        "volumes: [\"./a:/a\", \"../b/c:/b:ro\", \"/abs:/c\", \"v:/d\", {type: bind, source: e, target: /e}, /f]",
    );
    let found =
        outline(&[load::Source::only(&(text + "volumes: {v: }"))], &BTreeMap::new(), &BTreeMap::new())
            .unwrap();
    assert_eq!(found.binds, ["../b/c", "./a", "./e"]);
}

#[test]
fn case_055_a_bind_out_of_the_project_is_refused() {
    for source in ["../data", "data/../..", "."] {
        let line = format!("volumes: [{{type: bind, source: {source}, target: /x}}]");
        assert_eq!(wrong(&web(&line))[0].1, "host_path", "{source}");
    }
}

#[test]
fn folders_that_are_not_there_become_volumes() {
    let text = web(
        "volumes: [\"./data:/data\", \"../files/up/:/up/:ro\", {type: bind, source: data, target: /twice}]",
    );
    let mut given = given();
    given.grants.nodes.insert("n1".to_owned());
    let (spec, notes) = run_with(&text, &given).unwrap();
    let all = mounts(&spec);
    let sources: Vec<&str> = all.iter().filter_map(|mount| mount.source.as_deref()).collect();
    assert!(sources[0].starts_with("shop-live-all_data-") && sources[1].starts_with("shop-live-all_up-"));
    assert_eq!(sources[0], sources[2], "one folder is one volume");
    assert_eq!(spec.volumes, sources[..2], "and each is the app's own");
    assert_eq!(all.iter().map(|mount| mount.read_only).collect::<Vec<_>>(), [None, Some(true), None]);
    for mount in &all {
        assert_eq!((mount.typ, &mount.bind_options), (Some(MountType::VOLUME), &None));
        assert!(mount.volume_options.clone().unwrap().labels.unwrap().contains_key(crate::labels::APP));
    }
    let task = service(&spec, "web").task_template.clone().unwrap();
    assert_eq!(task.placement.unwrap().constraints.unwrap(), ["node.id==n1"]);
    assert_eq!(notes.iter().filter(|note| note.code == "volume" && note.line == Some(4)).count(), 3);

    // Nothing that only keeps a folder in git makes it one of files.
    given.files.insert("./data/".to_owned(), Vec::new());
    given.files.insert("./data/.gitkeep".to_owned(), Vec::new());
    assert_eq!(mounts(&run_with(&text, &given).unwrap().0)[0].typ, Some(MountType::VOLUME));
    // Both spellings of a source find its files.
    given.files.insert("./data/a".to_owned(), b"x".to_vec());
    given.files.insert("../files/up/".to_owned(), Vec::new());
    given.files.insert("../files/up/b".to_owned(), b"y".to_vec());
    let (spec, _) = run_with(&text, &given).unwrap();
    let files = container(&spec).configs.unwrap().into_iter().filter_map(|config| config.file?.name);
    let files: Vec<String> = files.filter(|name| name != "/.skep/probe").collect();
    assert_eq!(files, ["/data/a", "/twice/a", "/up/b"]);
    assert_eq!((mounts(&spec), spec.volumes), (vec![], vec![]));
}

#[test]
fn targets_are_what_the_engine_makes_of_them() {
    let text = web("volumes: [\"v:/app//data/./x\", {type: tmpfs, target: //tmp}]") + "volumes: {v: }";
    let targets: Vec<_> = mounts(&made(&text)).into_iter().map(|mount| mount.target.unwrap()).collect();
    assert_eq!(targets, ["/app/data/x", "/tmp"]);
    let twice = web("volumes: [\"v:/a//b\", \"v:/a/b\"]") + "volumes: {v: }";
    assert_eq!(wrong(&twice), one("services.web.volumes", "duplicate_target", 4));
    assert_eq!(wrong(&web("volumes: [/a//../b]"))[0].1, "invalid_path");
}

#[test]
fn what_no_volume_can_stand_for_is_refused() {
    for (mount, code) in [
        ("./site.conf:/etc/nginx/nginx.conf:ro", "file_missing"),
        ("./site:/etc/nginx/conf.d/default.conf", "file_missing"),
        ("../files/init.sql:/init", "file_missing"),
        ("{type: bind, source: ./x, target: /x, bind: {create_host_path: false}}", "file_missing"),
    ] {
        assert_eq!(wrong(&web(&format!("volumes:\n  - {mount}"))), one("services.web.volumes[0]", code, 5));
    }
    let nested = "services:\n  a: {image: x, volumes: [\"./data:/data\"]}\n  b: {image: x, volumes: [\"./data/up:/up\"]}\n";
    assert_eq!(wrong(nested), one("services.b.volumes[0]", "nested_bind", 3));
}

#[test]
fn case_057_and_058_what_asks_for_nothing_is_taken() {
    for line in [
        "ipc: private",
        "network_mode: bridge",
        "cgroup: private",
        "privileged: false",
        "devices: []",
        "security_opt: []",
        "pid: ",
    ] {
        made(&web(line));
    }
    let privileges = container(&made(&web("security_opt: [no-new-privileges=true]"))).privileges.unwrap();
    assert_eq!(privileges.no_new_privileges, Some(true));
    let mut given = given();
    given.grants.security_options = true;
    given.grants.host_network = true;
    let text = web("security_opt: [\"seccomp:unconfined\"]\nnetwork_mode: host");
    let (spec, _) = run_with(&text, &given).unwrap();
    assert!(container(&spec).privileges.unwrap().seccomp.is_some());
    let networks = service(&spec, "web").task_template.clone().unwrap().networks.unwrap();
    assert_eq!(networks.len(), 1, "the node's own network goes with no other");
}

#[test]
fn case_058_keys_that_swarm_cannot_do_say_what_to_do() {
    for (line, hint) in [
        ("devices: [/dev/dri]", "generic_resources"),
        ("privileged: true", "cap_add"),
        ("network_mode: host", "networks"),
        ("external_links: [x]", "environment"),
        ("volumes_from: [x]", "volumes"),
        ("runtime: nvidia", "node"),
        ("use_api_socket: true", "root"),
        ("pre_stop: [{command: x}]", "stop_signal"),
    ] {
        let faults = run_with(&web(line), &given()).unwrap_err();
        assert_eq!((faults.len(), faults[0].code.as_str()), (1, "not_allowed"), "{line}: {faults:?}");
        assert!(faults[0].message.contains(hint), "{line}: {}", faults[0].message);
    }
}

#[test]
fn resources_of_older_files() {
    let spec = made(&web("mem_limit: 512m\ncpus: 1.5\nmem_reservation: 64m\npids_limit: 100"));
    let resources = service(&spec, "web").task_template.clone().unwrap().resources.unwrap();
    let limits = resources.limits.unwrap();
    assert_eq!(
        (limits.memory_bytes, limits.nano_cpus, limits.pids),
        (Some(512 << 20), Some(1_500_000_000), Some(100))
    );
    assert_eq!(resources.reservations.unwrap().memory_bytes, Some(64 << 20));
    assert_eq!(wrong(&web("mem_limit: 1m")), one("services.web.mem_limit", "out_of_range", 4));
    assert_eq!(wrong(&web("cpus: 99999"))[0].1, "out_of_range");
}

#[test]
fn gpus_are_generic_resources_that_need_their_grant() {
    let lines = "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 2}]}}}";
    assert_eq!(wrong(&web(lines))[0].1, "device");
    let mut given = given();
    given.grants.devices.insert("gpu".to_owned());
    let (spec, _) = run_with(&web(lines), &given).unwrap();
    let task = service(&spec, "web").task_template.clone().unwrap();
    let generic = task.resources.unwrap().reservations.unwrap().generic_resources.unwrap();
    assert_eq!(generic[0].discrete_resource_spec.clone().unwrap().value, Some(2));
    assert_eq!(notes(&web("gpus: all"))[0].1, "ignored");
}

#[test]
fn platforms_and_templates() {
    let spec = made(&web("platform: linux/amd64\nhostname: \"{{.Service.Name}}-{{.Task.Slot}}\""));
    let task = service(&spec, "web").task_template.clone().unwrap();
    let constraints = task.placement.unwrap().constraints.unwrap();
    assert_eq!(constraints, ["node.platform.os==linux", "node.platform.arch==x86_64"]);
    assert_eq!(wrong(&web("platform: amiga/68k")), one("services.web.platform", "not_allowed", 4));
}

#[test]
fn bridges_are_overlays() {
    let spec = made(&(web("networks: [n]") + "networks: {n: {driver: bridge}}"));
    let network = &spec.networks["shop-live-all_n"];
    assert_eq!(network.driver.as_deref(), Some("overlay"));
}

#[test]
fn words_that_the_engine_does_not_know_are_refused() {
    for (line, path) in [
        ("isolation: Odd", "isolation"),
        ("deploy: {endpoint_mode: odd}", "deploy.endpoint_mode"),
        ("deploy: {restart_policy: {condition: odd}}", "deploy.restart_policy.condition"),
        ("deploy: {rollback_config: {failure_action: odd}}", "deploy.rollback_config.failure_action"),
        ("ports: [{target: 1, published: 9, mode: odd}]", "ports[0]"),
    ] {
        assert_eq!(wrong(&web(line)), one(&format!("services.web.{path}"), "invalid_choice", 4), "{line}");
    }
}

#[test]
fn case_100_names_of_variables() {
    let spec = made(&web("environment: {discovery.type: single-node, CR.LF-x: 1}"));
    assert_eq!(container(&spec).env.unwrap(), ["CR.LF-x=1", "discovery.type=single-node"]);
    for name in ["\"a b\"", "\"\"", "\"a\\n\"", "\"a;b\"", "\"$$(x)\"", "1a"] {
        assert_eq!(wrong(&web(&format!("environment: {{{name}: x}}")))[0].1, "invalid_key", "{name}");
    }
}

#[test]
fn what_is_wrong_twice_is_told_once() {
    let found = wrong(&web("volumes: [\"/etc:/a\", \"/etc/x:/b\"]"));
    assert_eq!(found, one("services.web.volumes", "host_path", 4));
}

#[test]
fn what_others_wait_for_must_be_there() {
    assert_eq!(wrong(&web("depends_on: [gone]")), one("services.web.depends_on[0]", "unknown_service", 4));
    made(&web("depends_on: {gone: {condition: service_started, required: false}}"));
}

/// Mode, label and publish modes of the service `web`.
fn found(text: &str, vip: Vip, running: Option<EndpointSpecModeEnum>) -> (String, bool, Vec<String>) {
    let running = running.map(|mode| ("web".to_owned(), mode)).into_iter().collect();
    let spec = run_with(text, &Given { vip, running, ..given() }).unwrap_or_else(|f| panic!("{f:#?}")).0;
    let web = service(&spec, "web");
    let endpoint = web.endpoint_spec.clone().unwrap();
    let modes = endpoint.ports.iter().flatten().map(|port| port.publish_mode.unwrap().to_string());
    let labelled = web.labels.as_ref().unwrap().contains_key(crate::labels::VIP);
    (endpoint.mode.unwrap().to_string(), labelled, modes.collect())
}

#[test]
fn how_a_service_is_found_follows_the_kernel_and_what_runs() {
    use EndpointSpecModeEnum::{DNSRR, VIP};
    let text = web("ports: [\"8080:80\"]");
    let (node, mesh) = (vec!["host".to_owned()], vec!["ingress".to_owned()]);
    for (vip, running, mode, ports) in [
        (Vip::Never, None, "dnsrr", &node),
        (Vip::Never, Some(VIP), "dnsrr", &node),
        (Vip::Usual, None, "vip", &mesh),
        (Vip::Usual, Some(DNSRR), "dnsrr", &node),
        (Vip::Asked, None, "dnsrr", &node),
        (Vip::Asked, Some(VIP), "vip", &mesh),
    ] {
        let expected = (mode.to_owned(), mode == "vip", ports.clone());
        assert_eq!(found(&text, vip, running), expected, "{vip:?} {running:?}");
    }
    // The file asks, by its word or by a port of the mesh.
    let asked = web("deploy: {endpoint_mode: vip}");
    assert_eq!(found(&asked, Vip::Asked, Some(DNSRR)).0, "vip");
    assert_eq!(found(&asked, Vip::Never, None).0, "dnsrr");
    let port = web("ports: [{target: 80, published: 8080, mode: ingress}]");
    assert_eq!(found(&port, Vip::Asked, None), ("vip".to_owned(), true, mesh.clone()));
    let by_tasks = web("ports: [\"8080:80\"]\ndeploy: {endpoint_mode: dnsrr}");
    assert_eq!(found(&by_tasks, Vip::Usual, Some(VIP)), ("dnsrr".to_owned(), false, node));
    let both = web("ports: [{target: 80, published: 8080, mode: ingress}]\ndeploy: {endpoint_mode: dnsrr}");
    let told = run_with(&both, &Given { vip: Vip::Usual, ..given() }).unwrap_err();
    let told: Vec<_> = told.iter().map(|f| (f.path.as_str(), f.code.as_str(), f.line)).collect();
    assert!(told.contains(&("services.web.ports[0]", "ingress_unavailable", Some(4))), "{told:?}");
    // With the mesh the old task may go on until the new one is well, and each port is there once.
    let order = |vip| {
        let spec = run_with(&text, &Given { vip, ..given() }).unwrap().0;
        service(&spec, "web").update_config.clone().unwrap().order.unwrap()
    };
    assert_eq!(order(Vip::Usual), ServiceSpecUpdateConfigOrderEnum::START_FIRST);
    assert_eq!(order(Vip::Never), ServiceSpecUpdateConfigOrderEnum::STOP_FIRST);
}

#[test]
fn one_or_the_other_role_is_any_node() {
    let of = |constraint: &str| web(&format!("deploy: {{placement: {{constraints: [\"{constraint}\"]}}}}"));
    let constraints = |text: &str| {
        let task = service(&made(text), "web").task_template.clone().unwrap();
        task.placement.and_then(|placement| placement.constraints)
    };
    for any in ["node.role == manager || node.role == worker", "node.role==worker||node.role==Manager"] {
        assert_eq!(constraints(&of(any)), None, "{any}");
        let path = "services.web.deploy.placement.constraints[0]".to_owned();
        assert_eq!(notes(&of(any)), [(path, "any_role".to_owned())]);
    }
    for other in [
        "node.role == manager || node.role == manager",
        "node.role == manager || node.labels.a == b",
        "node.role != manager || node.role == worker",
        "node.role == manager ||",
    ] {
        let path = "services.web.deploy.placement.constraints[0]";
        assert_eq!(wrong(&of(other)), one(path, "invalid_constraint", 4), "{other}");
    }
}
