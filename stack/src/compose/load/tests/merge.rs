//! A later file over an earlier one.

use super::*;

/// The service of these two files, whose lines are those of one service.
fn both(base: &str, over: &str) -> Case {
    files(&[&format!("services: {{a: {{{base}}}}}"), &format!("services: {{a: {{{over}}}}}")])
}

/// What the key has become.
fn merged(base: &str, over: &str) -> String {
    both(base, over).service()
}

#[test]
fn as_the_specification_says() {
    for (base, over, found) in [
        ("user: a, read_only: true", "user: b, read_only: false", "{user: b, read_only: false}"),
        ("user: a", "user: ", "{user: a}"),
        ("expose: [1, 2]", "expose: [2, 3]", "{expose: [1, 2, 3]}"),
        ("command: [a, b]", "command: c", "{command: c}"),
        ("command: [a]", "command: []", "{command: []}"),
        ("entrypoint: [a]", "entrypoint: [b]", "{entrypoint: [b]}"),
        (
            "healthcheck: {test: [CMD, a], retries: 1}",
            "healthcheck: {test: b}",
            "{healthcheck: {test: b, retries: 1}}",
        ),
        ("healthcheck: {test: a}", "healthcheck: {disable: true}", "{healthcheck: {disable: true}}"),
        ("environment: {A: 1, B: 2}", "environment: [B=3, C=4]", "{environment: {A: 1, B: 3, C: 4}}"),
        ("environment: [A=1, A=2, B]", "environment: {C: }", "{environment: {A: 2, B: ~, C: ~}}"),
        ("environment: {A: 1}", "environment: {A: ''}", "{environment: {A: }}"),
        ("environment: {A: 1}", "environment: [A]", "{environment: {A: ~}}"),
        ("labels: {a: b}", "labels: [a=c]", "{labels: {a: c}}"),
        ("build: ./x", "build: {args: [A=1]}", "{build: {context: ./x, args: [A=1]}}"),
        ("build: {context: x, args: {A: 1}}", "build: ./y", "{build: {context: ./y, args: {A: 1}}}"),
        ("dns: 1.1.1.1", "dns: [1.1.1.1, 8.8.8.8]", "{dns: [1.1.1.1, 8.8.8.8]}"),
        ("tmpfs: /a", "tmpfs: /b", "{tmpfs: [/a, /b]}"),
        (
            "extra_hosts: {b: 1.1.1.1, a: , c: [::1, ::2]}",
            "extra_hosts: {b: 2.2.2.2}",
            "{extra_hosts: [b=1.1.1.1, c=::1, c=::2, b=2.2.2.2]}",
        ),
        ("extra_hosts: {a: 1.1.1.1}", "extra_hosts: ['a:2.2.2.2']", "{extra_hosts: [a=1.1.1.1, a:2.2.2.2]}"),
        (
            "depends_on: [x]",
            "depends_on: {y: {condition: service_healthy}}",
            "{depends_on: {x: ~, y: {condition: service_healthy}}}",
        ),
        ("depends_on: [x]", "depends_on: [x, y]", "{depends_on: [x, y]}"),
        ("networks: [m]", "networks: {n: {aliases: [b]}}", "{networks: {m: ~, n: {aliases: [b]}}}"),
        (
            "networks: {n: {aliases: [a]}}",
            "networks: {n: {aliases: [b]}}",
            "{networks: {n: {aliases: [a, b]}}}",
        ),
        (
            "logging: {driver: x, options: {a: 1}}",
            "logging: {options: {b: 2}}",
            "{logging: {driver: x, options: {a: 1, b: 2}}}",
        ),
        ("logging: {driver: x, options: {a: 1}}", "logging: {driver: y}", "{logging: {driver: y}}"),
        ("ulimits: {n: {soft: 1, hard: 2}, m: 1}", "ulimits: {n: 5}", "{ulimits: {n: 5, m: 1}}"),
        (
            "deploy: {replicas: 3, labels: [a=b]}",
            "deploy: {replicas: 0, labels: {a: }}",
            "{deploy: {replicas: 0, labels: {a: b}}}",
        ),
        ("x-a: {b: 1}", "x-a: {c: [2]}", "{x-a: {b: 1, c: [2]}}"),
        ("x-a: {b: 1}", "x-a: [2]", "{x-a: [2]}"),
    ] {
        assert_eq!(merged(base, over), found, "{base} + {over}");
    }
}

#[test]
fn lists_with_keys() {
    for (base, over, found) in [
        ("ports: ['80:80', '81:81']", "ports: ['80:80/tcp', '82:82']", "{ports: [81:81, 80:80/tcp, 82:82]}"),
        ("ports: ['80:80']", "ports: ['80:81']", "{ports: [80:80, 80:81]}"),
        (
            "ports: ['80:80']",
            "ports: [{target: 80, published: '80'}]",
            "{ports: [{target: 80, published: 80}]}",
        ),
        ("ports: ['53:53/udp']", "ports: ['53:53/tcp']", "{ports: [53:53/udp, 53:53/tcp]}"),
        ("ports: ['127.0.0.1:80:80']", "ports: ['80:80']", "{ports: [127.0.0.1:80:80, 80:80]}"),
        (
            "ports: ['[::1]:80:80']",
            "ports: [{host_ip: '::1', published: 80, target: 80}]",
            "{ports: [{host_ip: ::1, published: 80, target: 80}]}",
        ),
        ("ports: [80, 80]", "ports: [81]", "{ports: [80, 80, 81]}"),
        (
            "volumes: ['a:/x', /y]",
            "volumes: ['./b:/x:ro', {type: tmpfs, target: /y}]",
            "{volumes: [./b:/x:ro, {type: tmpfs, target: /y}]}",
        ),
        ("volumes: ['C:\\a:/x']", "volumes: ['b:/x']", "{volumes: [b:/x]}"),
        ("configs: [a]", "configs: [{source: b, target: /a}]", "{configs: [{source: b, target: /a}]}"),
        (
            "configs: [{source: a, target: /1}]",
            "configs: [{source: a, target: /2}]",
            "{configs: [{source: a, target: /1}, {source: a, target: /2}]}",
        ),
        (
            "secrets: [a]",
            "secrets: [{source: b, target: /run/secrets/a}]",
            "{secrets: [{source: b, target: /run/secrets/a}]}",
        ),
        ("devices: ['/a:/b']", "devices: ['/c:/b:r']", "{devices: [/c:/b:r]}"),
        ("ports: x", "ports: [1]", "{ports: [1]}"),
    ] {
        assert_eq!(merged(base, over), found, "{base} + {over}");
    }
}

#[test]
fn as_docker_stack_deploy_does() {
    for (base, over, found) in [
        (
            "user: a, read_only: true, init: true",
            "user: '', read_only: false, init: false",
            "{user: a, read_only: true, init: true}",
        ),
        ("read_only: true", "read_only: '${OFF}'", "{read_only: true}"),
        ("stop_grace_period: 5s", "stop_grace_period: 0s", "{stop_grace_period: 5s}"),
        ("hostname: a", "hostname: 0s", "{hostname: 0s}"),
        ("command: [a]", "command: []", "{command: [a]}"),
        (
            "environment: {A: 1, B: 1, C: }",
            "environment: {A: , B: '', C: 3}",
            "{environment: {A: 1, B: 1, C: 3}}",
        ),
        ("environment: [A, B=]", "environment: [A=, B]", "{environment: {A: ~, B: ~}}"),
        ("stdin_open: '${ON}'", "stdin_open: '${OFF}'", "{stdin_open: true}"),
        ("labels: {a: b, c: d}", "labels: {a: '', c: }", "{labels: {a: , c: d}}"),
        (
            "deploy: {replicas: 3, update_config: {parallelism: 2, delay: 1s}}",
            "deploy: {replicas: 0, update_config: {parallelism: 0, delay: 0s}}",
            "{deploy: {replicas: 0, update_config: {parallelism: 0, delay: 1s}}}",
        ),
        (
            "healthcheck: {test: a, retries: 3, interval: 5s}",
            "healthcheck: {test: b, retries: 0, interval: 0s}",
            "{healthcheck: {test: b, retries: 0, interval: 5s}}",
        ),
        ("networks: {n: {aliases: [a]}}", "networks: {n: {aliases: [b]}}", "{networks: {n: {aliases: [b]}}}"),
        ("dns: [1.1.1.1]", "dns: [1.1.1.1]", "{dns: [1.1.1.1, 1.1.1.1]}"),
        (
            "ports: ['8080:80', '53:53/udp', '53:53', 80, 90]",
            "ports: ['8080:81', '90']",
            "{ports: [53:53/udp, 53:53, 80, 8080:81, 90]}",
        ),
        (
            "volumes: ['/z:/z', '/b:/b', '/t:/t:ro']",
            "volumes: ['/c:/c', '/y:/t']",
            "{volumes: [/b:/b, /c:/c, /y:/t, /z:/z]}",
        ),
        ("volumes: ['/z:/z', '/b:/b']", "user: x", "{volumes: [/b:/b, /z:/z], user: x}"),
        ("user: x", "volumes: ['/z:/z', '/b:/b']", "{user: x, volumes: [/z:/z, /b:/b]}"),
        (
            "configs: [{source: a, target: /1}, b]",
            "configs: [{source: a, target: /2}]",
            "{configs: [b, {source: a, target: /2}]}",
        ),
    ] {
        assert_eq!(
            both(base, over).stack().var("OFF", "No").var("ON", "true").service(),
            found,
            "{base} + {over}"
        );
    }
    let notes = both("user: a, read_only: true", "user: '', read_only: false").stack().notes();
    assert_eq!(
        notes,
        [
            ("services.a.user".to_owned(), "merge_kept".to_owned()),
            ("services.a.read_only".to_owned(), "merge_kept".to_owned())
        ]
    );
    assert_eq!(both("read_only: true", "read_only: !override false").stack().service(), "{read_only: false}");
}

#[test]
fn objects_whole_or_by_key() {
    let case = files(&[
        "networks: {n: {driver_opts: {a: 1, b: 1}, attachable: true}}",
        "networks: {n: {driver_opts: {b: 2}}}",
    ]);
    assert_eq!(case.tree(), "{networks: {n: {driver_opts: {a: 1, b: 2}, attachable: true}}}");
    let case = case.stack();
    assert_eq!(case.tree(), "{networks: {n: {driver_opts: {b: 2}}}}");
    assert_eq!(case.notes(), [("networks.n".to_owned(), "merge_replaced".to_owned())]);
    let null = files(&["volumes: {v: {driver: d}}", "volumes: {v: }"]);
    assert_eq!(null.tree(), "{volumes: {v: {driver: d}}}");
    assert_eq!(null.stack().tree(), "{volumes: {v: ~}}");
}

#[test]
fn pools_of_addresses_are_merged_by_subnet() {
    let config = |base: &str, over: &str| {
        let file = |pools: &str| format!("networks: {{n: {{ipam: {{config: {pools}}}}}}}");
        let tree = files(&[&file(base), &file(over)]).tree();
        tree.replace("{networks: {n: {ipam: {config: ", "").replace("}}}}", "")
    };
    for (base, over, found) in [
        (
            "[{subnet: a, ip_range: r}, {subnet: b}]",
            "[{subnet: a, gateway: g}]",
            "[{subnet: a, ip_range: r, gateway: g}, {subnet: b}]",
        ),
        ("[{subnet: a, gateway: g}]", "[{subnet: a, gateway: h}]", "[{subnet: a, gateway: h}]"),
        (
            "[{subnet: a, aux_addresses: {x: 1, y: 2}}]",
            "[{subnet: a, aux_addresses: {y: 3}}, {subnet: c}]",
            "[{subnet: a, aux_addresses: {x: 1, y: 3}}, {subnet: c}]",
        ),
        ("[{gateway: g}]", "[{gateway: h}]", "[{gateway: g}, {gateway: h}]"),
        ("[{subnet: a}]", "!override [{subnet: b}]", "[{subnet: b}]"),
    ] {
        assert_eq!(config(base, over), found, "{base} + {over}");
    }
}

#[test]
fn docker_stack_deploy_lists_a_reference_of_two_files_once() {
    let twice = "configs: [c, {source: c, mode: 0400}, {source: c, target: /x}]";
    let once = "{configs: [{source: c, mode: 256}, {source: c, target: /x}], tty: true}";
    assert_eq!(both(twice, "tty: true").stack().service(), once);
    assert_eq!(both("tty: true", "secrets: [s, s]").stack().service(), "{tty: true, secrets: [s, s]}");
    assert_eq!(both("secrets: [s, s]", "secrets: []").stack().service(), "{secrets: [s]}");
    assert_eq!(both("secrets: [s, s]", "tty: true").service(), "{secrets: [s, s], tty: true}");
}

#[test]
fn an_empty_list_of_a_later_file_says_nothing() {
    assert_eq!(both("tty: true", "dns: []").stack().service(), "{tty: true}");
    assert_eq!(both("dns: []", "tty: true").stack().service(), "{dns: [], tty: true}");
    assert_eq!(both("tty: true", "dns: []").service(), "{tty: true, dns: []}");
}

#[test]
fn reset_and_override() {
    for (base, over, found) in [
        ("ports: ['80:80'], user: a", "ports: !reset []", "{user: a}"),
        ("ports: ['80:80']", "ports: !override ['81:81']", "{ports: [81:81]}"),
        ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", "{environment: {B: 2}}"),
        ("environment: {A: 1}", "environment: !override {B: 2}", "{environment: {B: 2}}"),
        ("environment: {A: 1}", "environment: !override {B: !reset x}", "{environment: {}}"),
        ("user: !override a", "user: b", "{user: b}"),
        ("user: !reset a", "user: b", "{user: b}"),
        ("user: a", "hostname: !reset x", "{user: a}"),
    ] {
        assert_eq!(merged(base, over), found, "{base} + {over}");
        assert_eq!(both(base, over).stack().service(), found, "{base} + {over}");
    }
    let three = files(&[
        "services: {a: {user: x}, b: {user: y}}",
        "services: {a: !reset null, b: !override {image: z}}",
        "services: {a: {image: new}, b: {tty: true}}",
    ]);
    assert_eq!(three.tree(), "{services: {a: {image: new}, b: {image: z, tty: true}}}");
}

#[test]
fn what_cannot_be_merged() {
    assert_eq!(
        both("deploy: {replicas: 1}", "deploy: 5").wrong(),
        ["merge_conflict services.a.deploy b.yml:1:24"]
    );
    assert_eq!(
        both("expose: [1]", "expose: {a: 1}").wrong(),
        ["merge_conflict services.a.expose b.yml:1:16"]
    );
    assert_eq!(files(&["services: {}", "services: []"]).wrong(), ["merge_conflict services b.yml:1:1"]);
}

#[test]
fn versions_must_be_the_same_for_docker_stack_deploy() {
    let case = files(&["version: '3.7'\nservices: {}", "version: '3.8'"]);
    assert_eq!(case.tree(), "{version: 3.7, services: {}}");
    assert_eq!(case.stack().wrong(), ["version_mismatch version b.yml:1:10"]);
    assert_eq!(files(&["version: '3'", "version: '3.13'"]).stack().tree(), "{version: 3}");
}
