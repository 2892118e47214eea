//! The catalogue of bad inputs, by number.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn case_053_and_057_and_058_what_the_host_does_not_give() {
    for key in [
        "privileged: true",
        "network_mode: host",
        "pid: host",
        "ipc: host",
        "uts: host",
        "userns_mode: host",
        "cgroup: host",
        "devices: [/dev/kmsg]",
        "device_cgroup_rules: [a]",
        "security_opt: [seccomp=unconfined]",
        "network_mode: \"service:x\"",
        "volumes_from: [x]",
    ] {
        let name = key.split(':').next().unwrap();
        assert_eq!(wrong(&web(key)), one(&format!("services.web.{name}"), "not_allowed", 4), "{key}");
    }
    assert_eq!(wrong(&web("cap_add: [SYS_ADMIN]")), one("services.web.cap_add", "capability", 4));
    assert_eq!(wrong(&web("sysctls: {kernel.x: 1}")), one("services.web.sysctls", "sysctl", 4));
    made(&web("privileged: false"));
    made(&web("cap_drop: [ALL]"));
}

#[test]
fn case_054_and_055_binds() {
    for (mount, code) in [
        ("/var/run/docker.sock:/var/run/docker.sock", "docker_socket"),
        ("/var/run:/x:ro", "docker_socket"),
        ("{type: bind, source: //run/./docker.sock, target: /x}", "docker_socket"),
        ("/etc:/x", "host_path"),
        ("../data:/x", "host_path"),
        ("./a/../../etc:/x", "host_path"),
        ("../files/../../../etc:/x", "host_path"),
        ("../../etc:/x", "host_path"),
        ("../../var/run/docker.sock:/var/run/docker.sock", "host_path"),
        ("'C:\\data:/x'", "host_path"),
        ("~/x:/x", "host_path"),
        ("{type: bind, source: ., target: /x}", "host_path"),
        ("{type: npipe, source: x, target: /x}", "invalid_mount"),
        ("aa:bb:cc:dd", "invalid_mount"),
        ("nope:/x", "unknown_volume"),
    ] {
        let found = wrong(&web(&format!("volumes:\n  - {mount}")));
        assert_eq!((found.len(), found[0].1.as_str()), (1, code), "{mount}: {found:?}");
        assert!(found[0].0.starts_with("services.web.volumes") && found[0].2 >= 4, "{found:?}");
    }
    let mut given = given();
    given.grants.host_paths.insert("/srv/data".to_owned());
    assert!(run_with(&web("volumes: [\"/srv/data:/x\"]"), &given).is_ok());
}

#[test]
fn case_056_volume_options() {
    let text =
        web("volumes: [\"v:/x\"]") + "volumes:\n  v:\n    driver_opts: {type: none, o: bind, device: /etc}\n";
    assert_eq!(wrong(&text), one("services.web.volumes", "volume_driver", 4));
}

#[test]
fn case_059_files_from_elsewhere() {
    for (text, path) in [
        ("include: [x.yml]\nservices: {web: {image: a}}".to_owned(), "include[0]"),
        (web("extends: {file: ../x.yml, service: y}"), "services.web.extends"),
        (web("env_file: ../../.env"), "services.web.env_file"),
    ] {
        let found = wrong(&text);
        assert_eq!((found[0].0.as_str(), found[0].1.as_str()), (path, "file_missing"));
    }
    let outside = web("extends: {file: https://example.com/x.yml, service: y}");
    assert_eq!(wrong(&outside), one("services.web.extends", "remote_file", 4));
    // What is built and pinned must be known beforehand, so the tree is made of one file here.
    let needs = |text: &str| {
        outline(&[load::Source::only(text)], &BTreeMap::new(), &BTreeMap::new())
            .map_err(|faults| faults[0].code.clone())
    };
    assert_eq!(needs("include: [x.yml]\nservices: {web: {image: a}}"), Err("file_refused".to_owned()));
    assert_eq!(needs(&web("env_file: [./a.env, {path: b.env, required: false}]")).unwrap().files, ["a.env"]);
    for file in ["/etc/shadow", "../x", "./other"] {
        let text = web("secrets: [s]") + &format!("secrets:\n  s: {{file: {file}}}\n");
        assert!(wrong(&text).contains(&("secrets.s.file".to_owned(), "not_found".to_owned(), 6)), "{file}");
    }
}

#[test]
fn case_060_builds() {
    for (build, code) in [
        ("https://example.com/x.git", "path_outside_repository"),
        ("git@example.com:x", "path_outside_repository"),
        ("../x", "path_outside_repository"),
        ("/x", "path_outside_repository"),
        ("{context: ., network: host}", "not_allowed"),
        ("{context: ., privileged: true}", "not_allowed"),
        ("{context: ., ssh: [default]}", "not_allowed"),
        ("{context: ., entitlements: [x]}", "not_allowed"),
        ("{context: ., dockerfile: ../D}", "path_outside_repository"),
    ] {
        let faults = outline(
            &[load::Source::only(&format!("services:\n  web:\n    build: {build}\n"))],
            &BTreeMap::new(),
            &BTreeMap::new(),
        )
        .unwrap_err();
        assert_eq!((faults.len(), faults[0].code.as_str(), faults[0].line), (1, code, Some(3)), "{build}");
    }
}

#[test]
fn case_061_and_062_objects_of_others() {
    for section in ["networks", "volumes", "configs", "secrets"] {
        let text = web("") + &format!("{section}:\n  x:\n    external: true\n    name: other_x\n");
        assert_eq!(wrong(&text), one(&format!("{section}.x.external"), "not_found", 6), "{section}");
    }
    assert_eq!(wrong(&web("networks: [ingress]")), one("services.web.networks[0]", "unknown_network", 4));
    // A custom name is scoped, not taken.
    let text = web("volumes: [\"v:/x\"]") + "volumes: {v: {name: other_data}}\n";
    assert_eq!(made(&text).volumes, ["shop-live-all_v"]);
}

#[test]
fn case_063_ports() {
    for port in [
        "80:80",
        "443:443/udp",
        "2377:1",
        "{target: 1, published: 80}",
        "{target: 1, published: \"443\", mode: host}",
    ] {
        assert_eq!(
            wrong(&web(&format!(
                "ports:\n  - {}",
                if port.starts_with('{') { port.to_owned() } else { format!("\"{port}\"") }
            ))),
            one("services.web.ports", "port_reserved", 4),
            "{port}"
        );
    }
    for port in ["0:80", "70000:80", "80", "a:b", "1-3:1-2", "8080:80/icmp", "8080:", "3-1:3-1"] {
        let text = web(&format!("ports: [\"{port}\"]"));
        if port == "80" {
            assert_eq!(notes(&text), [("services.web.ports[0]".to_owned(), "ignored".to_owned())]);
        } else {
            assert_eq!(wrong(&text), one("services.web.ports[0]", "invalid_port", 4), "{port}");
        }
    }
    assert_eq!(
        wrong(&web("ports: [\"127.0.0.1:8080:80\"]")),
        one("services.web.ports[0]", "port_address", 4)
    );
    assert_eq!(
        wrong(&web("ports: [{target: 1, published: 81, mode: ingress}]")),
        one("services.web.ports[0]", "ingress_unavailable", 4)
    );
    let ports = |text: &str| -> Vec<(i64, i64)> {
        let spec = made(&web(&format!("ports: [\"{text}\"]")));
        let endpoint = spec.services["shop-live-all_web"].endpoint_spec.clone().unwrap();
        endpoint.ports.unwrap().iter().map(|p| (p.published_port.unwrap(), p.target_port.unwrap())).collect()
    };
    assert_eq!(ports("8080-8081:80-81"), [(8080, 80), (8081, 81)]);
    assert_eq!(ports("8080-8081:80"), [(8080, 80), (8081, 80)]);
    assert_eq!(ports("0.0.0.0:8080:80/udp"), [(8080, 80)]);
}

#[test]
fn case_064_and_066_labels_in_every_form() {
    for lines in [
        "labels: {traefik.enable: \"true\"}",
        "labels: [traefik.enable=true]",
        "labels: [Traefik.Http.x=y]",
        "deploy: {labels: {com.docker.stack.namespace: x}}",
        "deploy: {labels: [dev.skep.app=x]}",
    ] {
        let found = wrong(&web(lines));
        assert_eq!((found.len(), found[0].1.as_str(), found[0].2), (1, "label_reserved", 4), "{lines}");
    }
    let anchored =
        "x-l: &l\n  traefik.enable: \"true\"\nservices:\n  web:\n    image: a\n    labels:\n      <<: *l\n";
    assert_eq!(wrong(anchored)[0].1, "label_reserved");
    let volume = web("volumes: [\"v:/x\"]") + "volumes: {v: {labels: {dev.skep.app: x}}}\n";
    assert_eq!(wrong(&volume)[0].1, "label_reserved");
}

#[test]
fn case_068_container_names_are_nobodys() {
    assert_eq!(
        notes(&web("container_name: other")),
        [("services.web.container_name".to_owned(), "alias".to_owned())]
    );
    let spec = made(&web("networks: {default: {aliases: [db]}}"));
    let networks = spec.services["shop-live-all_web"].task_template.clone().unwrap().networks.unwrap();
    let own = networks.iter().find(|n| n.target.as_deref() == Some("shop-live-all_default")).unwrap();
    assert_eq!(own.aliases.as_deref(), Some(&["db".to_owned(), "web".to_owned()][..]));
    let shared = networks.iter().find(|n| n.target.as_deref() == Some("skep-0198c0de")).unwrap();
    assert_eq!(shared.aliases.as_deref(), Some(&["all-web".to_owned()][..]));
}

#[test]
fn case_069_to_071_placement_quantities_and_times() {
    for (lines, code) in [
        ("deploy: {placement: {constraints: [node.role == manager]}}", "placement_reserved"),
        ("deploy: {placement: {constraints: [node.id == x]}}", "placement_reserved"),
        ("deploy: {placement: {constraints: [nonsense]}}", "invalid_constraint"),
        ("deploy: {replicas: -1}", "quota"),
        ("deploy: {replicas: 1000000000}", "quota"),
        ("deploy: {resources: {limits: {memory: 1m}}}", "out_of_range"),
        ("healthcheck: {test: x, interval: 1ns}", "out_of_range"),
        ("healthcheck: {test: x, retries: 0}", "out_of_range"),
        ("stop_grace_period: 87600h", "out_of_range"),
        ("deploy: {restart_policy: {delay: 0s}}", "out_of_range"),
        ("deploy: {update_config: {delay: 99h}}", "out_of_range"),
        ("deploy: {update_config: {order: sideways}}", "invalid_choice"),
        ("deploy: {update_config: {failure_action: explode}}", "invalid_choice"),
        ("deploy: {mode: everywhere}", "invalid_choice"),
        ("deploy: {mode: global, replicas: 2}", "invalid_choice"),
        ("restart: sometimes", "invalid_choice"),
        ("restart: true", "invalid_type"),
    ] {
        let found = wrong(&web(lines));
        assert_eq!((found.len(), found[0].1.as_str(), found[0].2), (1, code, 4), "{lines}: {found:?}");
    }
}

#[test]
fn case_074_unknown_keys_with_path_and_line() {
    assert_eq!(wrong(&web("imagee: x")), one("services.web.imagee", "unknown_key", 4));
    assert_eq!(wrong(&web("deploy:\n  replica: 1")), one("services.web.deploy.replica", "unknown_key", 5));
    assert_eq!(wrong("services: {web: {image: a}}\nvolume: {}"), one("volume", "unknown_key", 2));
    assert_eq!(wrong(&web("healthcheck: {tests: x}"))[0].1, "unknown_key");
    made("x-top: {a: 1}\nservices: {web: {image: a, x-own: [1]}}");
}

#[test]
fn case_075_merged_keys_are_checked_too() {
    let text = "x-bad: &bad\n  privileged: true\nservices:\n  web:\n    <<: *bad\n    image: a\n";
    assert_eq!(wrong(text), one("services.web.privileged", "not_allowed", 2));
}

#[test]
fn case_078_types() {
    assert_eq!(wrong(&web("init: \"yes\"")), one("services.web.init", "invalid_type", 4));
    assert_eq!(container(&made(&web("environment: {A: True, B: no}"))).env.unwrap(), ["A=true", "B=no"]);
    assert_eq!(wrong(&web("environment: {A: []}")), one("services.web.environment.A", "invalid_type", 4));
    assert_eq!(wrong(&web("user: 1000")), one("services.web.user", "invalid_type", 4));
    assert_eq!(wrong(&web("read_only: \"true\"")), one("services.web.read_only", "invalid_type", 4));
    assert_eq!(
        wrong(&web("deploy: {replicas: \"2\"}")),
        one("services.web.deploy.replicas", "invalid_type", 4)
    );
    assert_eq!(wrong(&web("ports: 80")), one("services.web.ports", "invalid_type", 4));
    let spec =
        made("services: {web: {image: a, deploy: {replicas: \"${N:-3}\"}, read_only: \"${R:-true}\"}}");
    assert_eq!(container(&spec).read_only, Some(true));
    assert_eq!(wrong("services: [web]")[0].1, "invalid_type");
    assert_eq!(wrong("- a")[0].1, "yaml");
    assert_eq!(wrong("services: {web: }")[0].1, "invalid_type");
}

#[test]
fn case_079_variables() {
    assert_eq!(wrong(&web("hostname: ${NONE}")), one("services.web.hostname", "variable_undefined", 4));
    assert_eq!(
        wrong(&web("hostname: ${NONE:?please}")),
        one("services.web.hostname", "variable_required", 4)
    );
    let spec = made(&web("environment: [\"A=${PASSWORD}\", PASSWORD, NONE]"));
    assert_eq!(container(&spec).env.unwrap(), ["A=s3cret \"$x\"", "PASSWORD=s3cret \"$x\""]);
    assert_eq!(
        notes(&web("environment: [NONE]")),
        [("services.web.environment[0]".to_owned(), "ignored".to_owned())]
    );
}

#[test]
fn case_080_services() {
    assert_eq!(wrong("services: {}"), one("services", "required", 1));
    assert_eq!(wrong("volumes: {}")[0].1, "required");
    let many: String = (0..500).map(|i| format!("  s{i}: {{image: a}}\n")).collect();
    assert_eq!(wrong(&format!("services:\n{many}")), one("services", "too_many", 1));
    assert_eq!(wrong("services: {\"a b\": {image: x}}")[0].1, "invalid_name");
    let cycle = "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: {a: {condition: service_started}}}\n";
    let found = wrong(cycle);
    assert_eq!(found[0], ("services.a.depends_on".to_owned(), "dependency_cycle".to_owned(), 2));
    assert_eq!(wrong(&web("depends_on: [gone]")), one("services.web.depends_on[0]", "unknown_service", 4));
}

#[test]
fn case_081_images() {
    for image in ["a b", "a;rm", "A/b", "x@sha256:12", "skep.invalid/other:1"] {
        let found = wrong(&format!("services:\n  web:\n    image: \"{image}\"\n"));
        assert_eq!((found[0].0.as_str(), found[0].2), ("services.web.image", 3), "{image}");
    }
    assert_eq!(wrong("services:\n  web:\n    hostname: x\n"), one("services.web", "required", 2));
}

#[test]
fn case_083_text_of_the_container() {
    let spec = made(&web("command: [\"a; rm -rf /\", \"$$(x)\\n\"]\nhealthcheck: {test: \"x && y; `z`\"}"));
    assert_eq!(container(&spec).args.unwrap(), ["a; rm -rf /", "$(x)\n"]);
    assert_eq!(wrong(&web("command: \"a 'b\"")), one("services.web.command", "invalid_command", 4));
}

#[test]
fn case_084_file_targets() {
    for target in ["../x", "/a/../../etc"] {
        let text =
            web(&format!("configs: [{{source: c, target: {target}}}]")) + "configs: {c: {content: x}}\n";
        assert_eq!(wrong(&text)[0].1, "invalid_path", "{target}");
    }
}

#[test]
fn case_085_one_wrong_service_refuses_all() {
    let mut text = "services:\n".to_owned();
    for i in 0..10 {
        text.push_str(&format!("  s{i}: {{image: a}}\n"));
    }
    text.push_str("  bad: {image: a, privileged: true, pid: host}\n");
    assert_eq!(wrong(&text).len(), 2, "and all that is wrong is told");
}

#[test]
fn case_080_a_plain_stack_is_bounded_too() {
    let plain = |count: usize| {
        let text: String = (0..count).map(|i| format!("  s{i}: {{image: a}}\n")).collect();
        let project =
            parse(&[load::Source::only(&format!("services:\n{text}"))], &BTreeMap::new(), &BTreeMap::new())
                .unwrap();
        let context = Context {
            stack: "demo",
            vars: &BTreeMap::new(),
            files: &|_| None,
            directory: None,
            home: None,
            inherited: &Inherited::default(),
        };
        convert(&project, context).map(|plain| plain.spec.services.len()).map_err(|faults| {
            let [fault] = &faults[..] else { panic!("{faults:?}") };
            (fault.code.clone(), fault.line)
        })
    };
    assert_eq!(plain(1000), Ok(1000));
    assert_eq!(plain(1001), Err(("too_many".to_owned(), Some(1))));
}

#[test]
fn case_072_a_wrong_file_is_refused_quickly() {
    let start = Instant::now();
    let wide: String = (0..20_000).map(|i| format!("  s{i}: {{image: a, bad: 1}}\n")).collect();
    assert_eq!(
        wrong(&format!(
            "services:
{wide}"
        ))[0]
            .1,
        "too_many"
    );
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
