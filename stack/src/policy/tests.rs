//! The policy, case by case of the catalogue.

use std::collections::{BTreeMap, HashMap};

use bollard_stubs::models::{
    Driver, EndpointPortConfig, GenericResourcesInner, GenericResourcesInnerDiscreteResourceSpec, Ipam,
    Mount, MountType, MountVolumeOptions, MountVolumeOptionsDriverConfig, NetworkAttachmentConfig,
    NetworkCreateRequest, ResourceObject, SecretSpec, TaskSpecContainerSpecConfigs,
    TaskSpecContainerSpecPrivileges, TaskSpecContainerSpecPrivilegesSeccomp, TaskSpecContainerSpecSecrets,
    TaskSpecLogDriver, TaskSpecPlacement, TaskSpecResources,
};
use proptest::prelude::*;

use super::*;
use crate::app::{
    AppSpec,
    sample::{any_env, any_settings, app, settings},
    to_stack,
};

const NAME: &str = "shop-live-web";

/// An app of one environment, with all that is its own.
fn own() -> Grants {
    Grants {
        networks: ["skep-0198c0de".to_owned(), "skep-edge".to_owned()].into(),
        nodes: ["n1".to_owned()].into(),
        ..Grants::default()
    }
}

fn stack() -> StackSpec {
    let set = settings(
        r#"{"port": 80, "mounts": [{"kind": "volume", "name": "data", "target": "/data"},
            {"kind": "file", "target": "/f", "content": "x"}], "publish": [{"target": 1, "published": 5432}]}"#,
    );
    to_stack(&AppSpec { volume_node: Some("n1"), ..app(&set, &BTreeMap::new()) }).unwrap()
}

/// Codes of what is wrong after a change of the service.
fn after(change: impl FnOnce(&mut ServiceSpec)) -> Vec<String> {
    after_with(&own(), change)
}

fn after_with(grants: &Grants, change: impl FnOnce(&mut ServiceSpec)) -> Vec<String> {
    codes(grants, |spec| change(spec.services.get_mut(NAME).unwrap()))
}

fn codes(grants: &Grants, change: impl FnOnce(&mut StackSpec)) -> Vec<String> {
    let mut spec = stack();
    change(&mut spec);
    let faults = check(&spec, grants);
    assert!(faults.iter().all(|fault| !fault.path.is_empty() && fault.message.len() > 10));
    let mut codes: Vec<String> = faults.into_iter().map(|fault| fault.code).collect();
    codes.dedup();
    codes
}

fn container(service: &mut ServiceSpec) -> &mut TaskSpecContainerSpec {
    service.task_template.as_mut().unwrap().container_spec.as_mut().unwrap()
}

fn mounting(mount: Mount) -> impl FnOnce(&mut ServiceSpec) {
    move |service| container(service).mounts.get_or_insert_default().push(mount)
}

fn bind(source: &str) -> Mount {
    Mount {
        typ: Some(MountType::BIND),
        source: Some(source.to_owned()),
        target: Some("/x".to_owned()),
        ..Mount::default()
    }
}

fn labelled(key: &str, value: &str) -> HashMap<String, String> {
    HashMap::from([(key.to_owned(), value.to_owned())])
}

#[test]
fn an_ordinary_app_is_fine() {
    assert_eq!(check(&stack(), &own()), []);
}

#[test]
fn case_053_privileged_has_no_place_in_a_spec() {
    // Swarm has no `privileged`; what comes nearest is all capabilities and no seccomp.
    assert_eq!(after(|s| container(s).capability_add = Some(vec!["ALL".to_owned()])), ["capability"]);
    let privileges = TaskSpecContainerSpecPrivileges {
        seccomp: Some(TaskSpecContainerSpecPrivilegesSeccomp::default()),
        ..Default::default()
    };
    let loosen = |s: &mut ServiceSpec| container(s).privileges = Some(privileges);
    assert_eq!(after(loosen.clone()), ["security_options"]);
    assert!(after_with(&Grants { security_options: true, ..own() }, loosen).is_empty());
}

#[test]
fn case_054_the_engines_socket_in_any_spelling() {
    for source in [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "//var/run//docker.sock",
        "/var/./run/docker.sock",
        "/var/run",
        "/var/run/",
        "/run",
        "/var",
        "/",
        "//",
        "/./",
        "/srv/docker.sock",
        "/run/containerd/containerd.sock",
    ] {
        assert_eq!(after(mounting(bind(source))), ["docker_socket"], "{source}");
    }
    let pipe = Mount { typ: Some(MountType::NPIPE), ..bind("//./pipe/docker_engine") };
    assert_eq!(after(mounting(pipe)), ["mount_type"]);
    // A grant of a folder above it is no grant of the socket; naming it is.
    let granted = |path: &str| Grants { host_paths: [path.to_owned()].into(), ..own() };
    assert_eq!(after_with(&granted("/var"), mounting(bind("/var/run/docker.sock"))), ["docker_socket"]);
    assert!(after_with(&granted("/var/run/docker.sock"), mounting(bind("/var/run/docker.sock"))).is_empty());
}

#[test]
fn case_055_paths_of_the_host() {
    for source in ["/etc", "/srv/data", "./data", "../x", "data", "", "~/x", "/srv/../etc", "/proc"] {
        assert_eq!(after(mounting(bind(source))), ["host_path"], "{source}");
    }
    let granted = Grants { host_paths: ["/srv/data".to_owned()].into(), ..own() };
    for (source, fine) in [
        ("/srv/data", true),
        ("/srv/data/x/", true),
        ("/srv/database", false),
        ("/srv", false),
        ("/srv/data/../x", false),
    ] {
        assert_eq!(after_with(&granted, mounting(bind(source))).is_empty(), fine, "{source}");
    }
    assert_eq!(after(mounting(Mount { typ: None, ..bind("/etc") })), ["mount_type"]);
}

#[test]
fn case_056_volume_drivers_that_bind() {
    let volume = |driver: Option<&str>, options: &[(&str, &str)]| Mount {
        typ: Some(MountType::VOLUME),
        source: Some(format!("{NAME}_v")),
        target: Some("/v".to_owned()),
        volume_options: Some(MountVolumeOptions {
            driver_config: Some(MountVolumeOptionsDriverConfig {
                name: driver.map(ToOwned::to_owned),
                options: Some(options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
            }),
            ..Default::default()
        }),
        ..Mount::default()
    };
    for mount in [
        volume(Some("local"), &[("type", "none"), ("o", "bind"), ("device", "/etc")]),
        volume(None, &[("device", ":/export"), ("type", "nfs")]),
        volume(Some(""), &[("type", "cifs")]),
        volume(Some("rexray/ebs"), &[]),
    ] {
        assert_eq!(after(mounting(mount)), ["volume_driver"]);
    }
    assert!(after(mounting(volume(Some("local"), &[]))).is_empty());
    let granted = Grants { volume_drivers: ["local".to_owned()].into(), ..own() };
    assert!(after_with(&granted, mounting(volume(None, &[("type", "nfs")]))).is_empty());
}

#[test]
fn case_057_the_hosts_network() {
    let join = |name: &str| {
        let network = NetworkAttachmentConfig { target: Some(name.to_owned()), ..Default::default() };
        move |s: &mut ServiceSpec| {
            s.task_template.as_mut().unwrap().networks.get_or_insert_default().push(network)
        }
    };
    for name in ["host", "bridge", "none", "container:abc"] {
        assert_eq!(after(join(name)), ["network_reserved"], "{name}");
    }
    assert!(after_with(&Grants { host_network: true, ..own() }, join("host")).is_empty());
    assert_eq!(after_with(&Grants { host_network: true, ..own() }, join("bridge")), ["network_reserved"]);
    // The old place of networks is looked at too.
    assert_eq!(
        after(|s| s.networks =
            Some(vec![NetworkAttachmentConfig { target: Some("host".to_owned()), ..Default::default() }])),
        ["network_reserved"]
    );
}

#[test]
fn case_058_capabilities_sysctls_devices() {
    for name in ["SYS_ADMIN", "cap_net_admin", " NET_RAW "] {
        assert_eq!(
            after(|s| container(s).capability_add = Some(vec![name.to_owned()])),
            ["capability"],
            "{name}"
        );
    }
    let granted = Grants { capabilities: ["CAP_NET_ADMIN".to_owned()].into(), ..own() };
    assert!(
        after_with(&granted, |s| container(s).capability_add = Some(vec!["net_admin".to_owned()])).is_empty()
    );
    assert_eq!(after(|s| container(s).sysctls = Some(labelled("kernel.shmmax", "1"))), ["sysctl"]);
    let gpu = GenericResourcesInner {
        discrete_resource_spec: Some(GenericResourcesInnerDiscreteResourceSpec {
            kind: Some("gpu".to_owned()),
            value: Some(1),
        }),
        ..Default::default()
    };
    let reserve = move |s: &mut ServiceSpec| {
        let reservations = ResourceObject { generic_resources: Some(vec![gpu]), ..Default::default() };
        s.task_template.as_mut().unwrap().resources =
            Some(TaskSpecResources { reservations: Some(reservations), ..Default::default() });
    };
    assert_eq!(after(reserve.clone()), ["device"]);
    assert!(after_with(&Grants { devices: ["gpu".to_owned()].into(), ..own() }, reserve).is_empty());
    assert_eq!(after(|s| container(s).oom_score_adj = Some(-1)), ["oom_score"]);
    assert_eq!(after(|s| s.task_template.as_mut().unwrap().runtime = Some("plugin".to_owned())), ["runtime"]);
    let syslog = TaskSpecLogDriver { name: Some("syslog".to_owned()), ..Default::default() };
    assert_eq!(after(|s| s.task_template.as_mut().unwrap().log_driver = Some(syslog)), ["log_driver"]);
}

#[test]
fn case_061_foreign_and_reserved_networks() {
    for name in
        ["ingress", "docker_gwbridge", "skep-control", "skep-0fffffff", "other_default", "skep-0198c0de2", ""]
    {
        let network = NetworkAttachmentConfig { target: Some(name.to_owned()), ..Default::default() };
        let found = codes(&own(), |spec| {
            let task = spec.services.get_mut(NAME).unwrap().task_template.as_mut().unwrap();
            task.networks.get_or_insert_default().push(network);
        });
        assert_eq!(found, ["network_reserved"], "{name}");
    }
    let further =
        NetworkAttachmentConfig { target: Some("skep-0198c0de-pay".to_owned()), ..Default::default() };
    assert!(
        after(|s| s.task_template.as_mut().unwrap().networks.get_or_insert_default().push(further))
            .is_empty()
    );

    let made = |change: fn(&mut NetworkCreateRequest)| {
        codes(&own(), |spec| {
            let name = format!("{NAME}_net");
            let mut body = NetworkCreateRequest { name: name.clone(), ..Default::default() };
            change(&mut body);
            spec.networks.insert(name, body);
        })
    };
    assert!(made(|_| ()).is_empty());
    assert_eq!(made(|n| n.driver = Some("macvlan".to_owned())), ["network_driver"]);
    assert_eq!(made(|n| n.scope = Some("local".to_owned())), ["network_driver"]);
    assert_eq!(made(|n| n.ingress = Some(true)), ["network_reserved"]);
    assert_eq!(made(|n| n.config_only = Some(true)), ["network_reserved"]);
    assert_eq!(made(|n| n.options = Some(labelled("parent", "eth0"))), ["network_options"]);
    assert_eq!(
        made(|n| n.ipam = Some(Ipam { driver: Some("x".to_owned()), ..Default::default() })),
        ["network_driver"]
    );
    assert_eq!(made(|n| n.name = "ingress".to_owned()), ["foreign_object"]);
}

#[test]
fn case_062_foreign_objects() {
    let config =
        TaskSpecContainerSpecConfigs { config_name: Some("other_key".to_owned()), ..Default::default() };
    assert_eq!(after(|s| container(s).configs.get_or_insert_default().push(config)), ["foreign_object"]);
    let by_id = TaskSpecContainerSpecConfigs { config_id: Some("abc".to_owned()), ..Default::default() };
    assert_eq!(after(|s| container(s).configs.get_or_insert_default().push(by_id)), ["foreign_object"]);
    let secret =
        TaskSpecContainerSpecSecrets { secret_name: Some("other_key".to_owned()), ..Default::default() };
    assert_eq!(after(|s| container(s).secrets = Some(vec![secret])), ["foreign_object"]);
    for source in [
        "other_data",
        "shop-live-web2_data",
        "/etc",
        "shop-live-web_../x",
        "shop-live-web",
        "shop-live-web_{{.Node.ID}}",
    ] {
        let mount = Mount { typ: Some(MountType::VOLUME), ..bind(source) };
        assert_eq!(after(mounting(mount)), ["foreign_volume"], "{source}");
    }
    let found = codes(&own(), |spec| {
        spec.secrets.insert(
            "other_s".to_owned(),
            SecretSpec { name: Some("other_s".to_owned()), ..Default::default() },
        );
    });
    assert_eq!(found, ["foreign_object"]);
    let found = codes(&own(), |spec| {
        let name = format!("{NAME}_s");
        let driver = Driver { name: "vault".to_owned(), ..Default::default() };
        let body = SecretSpec { name: Some(name.clone()), driver: Some(driver), ..Default::default() };
        spec.secrets.insert(name, body);
    });
    assert_eq!(found, ["secret_driver"]);
    let found = codes(&own(), |spec| {
        let body = spec.services[NAME].clone();
        spec.services.insert("skep_server".to_owned(), body);
    });
    assert!(found.contains(&"foreign_object".to_owned()), "{found:?}");
}

#[test]
fn case_063_reserved_ports() {
    let publish = |port: i64| {
        move |s: &mut ServiceSpec| {
            let port =
                EndpointPortConfig { published_port: Some(port), target_port: Some(1), ..Default::default() };
            s.endpoint_spec.as_mut().unwrap().ports = Some(vec![port]);
        }
    };
    for port in [80, 443, 2375, 2376, 2377, 7946, 4789, 22] {
        assert_eq!(after(publish(port)), ["port_reserved"], "{port}");
    }
    for port in [81, 8080, 5432, 30000] {
        assert!(after(publish(port)).is_empty(), "{port}");
    }
    assert!(after_with(&Grants { ports: [80].into(), ..own() }, publish(80)).is_empty());
}

#[test]
fn case_064_and_066_reserved_labels_on_every_object() {
    for (key, value) in [
        ("traefik.enable", "true"),
        ("Traefik.HTTP.routers.x.rule", "Host(`x`)"),
        ("com.docker.stack.namespace", "other"),
        ("dev.skep.app", "another"),
        ("dev.skep.team", "x"),
        ("com.docker.service.id", "x"),
    ] {
        assert_eq!(
            after(|s| {
                s.labels.as_mut().unwrap().extend(labelled(key, value));
            }),
            ["label_reserved"],
            "{key}"
        );
        assert_eq!(
            after(|s| {
                container(s).labels.as_mut().unwrap().extend(labelled(key, value));
            }),
            ["label_reserved"],
            "{key}"
        );
        let found = codes(&own(), |spec| {
            let config = spec.configs.values_mut().next().unwrap();
            config.labels.as_mut().unwrap().extend(labelled(key, value));
        });
        assert_eq!(found, ["label_reserved"], "{key}");
    }
    assert_eq!(
        after(|s| {
            container(s).labels.as_mut().unwrap().extend(labelled("dev.skep.deployment", "9"));
        }),
        ["label_reserved"],
        "ours belong on services"
    );
    assert!(
        after(|s| {
            s.labels.as_mut().unwrap().extend(labelled("org.example", "9"));
        })
        .is_empty()
    );
}

#[test]
fn case_067_hyphens_do_not_make_names_collide() {
    // `a-b` with the volume `c`, and `a` with the volume `b-c`: each has only its own.
    let spec = |stack: &str, volume: &str| {
        let set =
            settings(&format!(r#"{{"mounts": [{{"kind": "volume", "name": "{volume}", "target": "/d"}}]}}"#));
        to_stack(&AppSpec { stack, image: "nginx:1", ..app(&set, &BTreeMap::new()) }).unwrap()
    };
    let (one, two) = (spec("a-b", "c"), spec("a", "b-c"));
    assert_ne!(one.volumes, two.volumes);
    assert_eq!((check(&one, &own()), check(&two, &own())), (vec![], vec![]));
}

#[test]
fn case_069_managers_and_node_ids() {
    let constrain = |text: &str| {
        let placement = TaskSpecPlacement { constraints: Some(vec![text.to_owned()]), ..Default::default() };
        move |s: &mut ServiceSpec| s.task_template.as_mut().unwrap().placement = Some(placement)
    };
    for text in [
        "node.role == manager",
        "node.role==manager",
        "NODE.ROLE == Manager",
        "node.role != worker",
        "node.id == abc",
        "node.id != n1",
        "node.ip == 10.0.0.1",
        "node.labels.skep.environment == e1",
        "node.labels.skep.environment != e1",
        "Node.Labels.Skep.Environment==e1",
        "nonsense",
    ] {
        assert_eq!(after(constrain(text)), ["placement_reserved"], "{text}");
    }
    for text in ["node.role == worker", "node.role != manager", "node.id == n1", "node.labels.a == b"] {
        assert!(after(constrain(text)).is_empty(), "{text}");
    }
    let ours = "node.labels.skep.environment==e1";
    let granted = Grants { placement: [ours.to_owned()].into(), ..own() };
    assert!(after_with(&granted, constrain(ours)).is_empty());
    assert!(after_with(&Grants { managers: true, ..own() }, constrain("node.role == manager")).is_empty());
}

#[test]
fn case_081_images_of_others() {
    let image = |name: &str| {
        let name = name.to_owned();
        move |s: &mut ServiceSpec| container(s).image = Some(name)
    };
    let id = "a".repeat(64);
    for name in [
        "skep.invalid/other:1",
        "SKEP.invalid/other:1",
        "skep.invalid:443/other:1",
        "skep.invalid./other",
        "skep.invalid/shop-live-web2:1",
        &id,
        &format!("sha256:{id}"),
    ] {
        assert_eq!(after(image(name)), ["foreign_image"], "{name}");
    }
    for name in [
        "nginx:1.27",
        "ghcr.io/team/app@sha256:aa",
        "skep.invalid/shop-live-web:7",
        "skep.invalid/shop-live-web/api:7",
    ] {
        assert!(after(image(name)).is_empty(), "{name}");
    }
}

#[test]
fn messages_of_foreign_things_tell_nobody() {
    let mut spec = stack();
    let network = NetworkAttachmentConfig { target: Some("skep-0badteam".to_owned()), ..Default::default() };
    spec.services.get_mut(NAME).unwrap().task_template.as_mut().unwrap().networks = Some(vec![network]);
    let faults = check(&spec, &own());
    assert!(!format!("{faults:?}").contains("0badteam"));
}

#[test]
fn skeps_own_stack_is_nobodys() {
    let set = settings("{}");
    let spec = to_stack(&AppSpec { stack: "skep", ..app(&set, &BTreeMap::new()) }).unwrap();
    assert_eq!(check(&spec, &own())[0].code, "name_reserved");
}

proptest! {
    #[test]
    fn case_082_settings_alone_never_need_a_grant(set in any_settings(), env in any_env()) {
        let spec = to_stack(&AppSpec { volume_node: Some("n1"), ..app(&set, &env) }).unwrap();
        let free = |fault: &Fault| fault.code != "port_reserved";
        prop_assert_eq!(check(&spec, &own()).into_iter().filter(free).collect::<Vec<_>>(), vec![]);
    }
}
