//! What the engine would refuse, each with its refusal.

use bollard_stubs::models::{ConfigSpec, EndpointPortConfig, NetworkCreateRequest, SecretSpec};
use proptest::prelude::*;

use super::*;
use crate::app::{
    sample::{any_env, any_settings, app, settings},
    to_stack,
};
use crate::spec::{Need, Needs};

fn stack(services: &[&str]) -> StackSpec {
    let one = to_stack(&app(&settings(r#"{"port": 80}"#), &BTreeMap::new())).unwrap();
    let body = one.services.values().next().unwrap().clone();
    StackSpec {
        name: "shop".to_owned(),
        services: services.iter().map(|name| (format!("shop_{name}"), body.clone())).collect(),
        ..StackSpec::default()
    }
}

fn found(spec: &StackSpec) -> Vec<(String, String)> {
    check(spec).into_iter().map(|fault| (fault.path, fault.code)).collect()
}

fn one(path: &str, code: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), code.to_owned())]
}

#[test]
fn fine() {
    assert_eq!(found(&stack(&["web", "db"])), []);
}

#[test]
fn case_080_number_of_services_names_and_cycles() {
    assert_eq!(found(&stack(&[])), one("services", "required"));
    let names: Vec<String> = (0..500).map(|i| format!("s{i}")).collect();
    assert_eq!(
        found(&stack(&names.iter().map(String::as_str).collect::<Vec<_>>())),
        one("services", "too_many")
    );
    assert_eq!(found(&stack(&["a.b"])), one("services.a.b", "invalid_name"));
    let long = "x".repeat(59);
    assert_eq!(found(&stack(&[&long])), one(&format!("services.{long}"), "invalid_name"));

    let mut cycle = stack(&["a", "b", "c", "d"]);
    let after = |names: &[&str]| {
        names.iter().map(|name| (format!("shop_{name}"), Need::default())).collect::<Needs>()
    };
    cycle.after.insert("shop_a".to_owned(), after(&["b"]));
    cycle.after.insert("shop_b".to_owned(), after(&["a"]));
    cycle.after.insert("shop_c".to_owned(), after(&["d"]));
    assert_eq!(
        found(&cycle),
        [
            ("services.a.depends_on".to_owned(), "dependency_cycle".to_owned()),
            ("services.b.depends_on".to_owned(), "dependency_cycle".to_owned())
        ]
    );
    let mut unknown = stack(&["a"]);
    unknown.after.insert("shop_a".to_owned(), after(&["gone"]));
    assert_eq!(found(&unknown), one("services.a.depends_on", "unknown_service"));
}

#[test]
fn case_081_images() {
    for image in ["", "a b", "UPPER/x", "a;b", "a@sha256:12", "-x", "a:", "a:b:c", "x@md5:aa"] {
        let mut spec = stack(&["web"]);
        let service = spec.services.get_mut("shop_web").unwrap();
        service.task_template.as_mut().unwrap().container_spec.as_mut().unwrap().image =
            Some(image.to_owned());
        assert_eq!(found(&spec), one("services.web.image", "invalid_image"), "{image}");
    }
}

#[test]
fn names_and_sizes_of_objects() {
    for name in ["", "A", "a_b", "a.b", "-a", "a-", &"a".repeat(41)] {
        let mut spec = stack(&["web"]);
        spec.name = name.to_owned();
        assert!(found(&spec).contains(&("name".to_owned(), "invalid_name".to_owned())), "{name}");
    }
    let mut spec = stack(&["web"]);
    spec.networks.insert(format!("shop_{}", "n".repeat(59)), NetworkCreateRequest::default());
    assert_eq!(found(&spec)[0].1, "invalid_name");

    let data = |size: usize| Some(STANDARD.encode(vec![b'x'; size]));
    for (size, fine) in [(0, false), (1, true), (1000 * 1024 - 1, true), (1000 * 1024, false)] {
        let mut spec = stack(&["web"]);
        spec.configs.insert("shop_c".to_owned(), ConfigSpec { data: data(size), ..Default::default() });
        assert_eq!(found(&spec).is_empty(), fine, "config of {size}");
    }
    for (size, fine) in [(0, false), (500 * 1024 - 1, true), (500 * 1024, false)] {
        let mut spec = stack(&["web"]);
        spec.secrets.insert("shop_s".to_owned(), SecretSpec { data: data(size), ..Default::default() });
        assert_eq!(found(&spec).is_empty(), fine, "secret of {size}");
    }
}

#[test]
fn ports_of_all_services() {
    use EndpointPortConfigPublishModeEnum::{HOST, INGRESS};
    let publish = |spec: &mut StackSpec, name: &str, published: i64, mode, vip: bool| {
        let endpoint = spec.services.get_mut(name).unwrap().endpoint_spec.as_mut().unwrap();
        if vip {
            endpoint.mode = Some(EndpointSpecModeEnum::VIP);
        }
        endpoint.ports.get_or_insert_default().push(EndpointPortConfig {
            published_port: Some(published),
            target_port: Some(1),
            publish_mode: Some(mode),
            ..Default::default()
        });
    };
    let mut spec = stack(&["a", "b"]);
    publish(&mut spec, "shop_a", 1000, HOST, false);
    publish(&mut spec, "shop_b", 1000, HOST, false);
    assert_eq!(found(&spec), [], "on two nodes");
    publish(&mut spec, "shop_b", 1000, HOST, false);
    assert_eq!(found(&spec), one("services.b.ports", "duplicate_port"));
    let mut spec = stack(&["a", "b"]);
    publish(&mut spec, "shop_a", 1000, INGRESS, true);
    publish(&mut spec, "shop_b", 1000, HOST, true);
    assert_eq!(found(&spec), one("services.b.ports", "duplicate_port"));
    let mut spec = stack(&["a"]);
    publish(&mut spec, "shop_a", 1000, INGRESS, false);
    assert_eq!(found(&spec), one("services.a.ports", "ingress_unavailable"));
    let mut spec = stack(&["a"]);
    publish(&mut spec, "shop_a", 1000, HOST, false);
    let mode = spec.services.get_mut("shop_a").unwrap().mode.get_or_insert_default();
    mode.replicated.get_or_insert_default().replicas = Some(2);
    let room =
        |nodes| room(&spec, nodes).into_iter().map(|fault| (fault.path, fault.code)).collect::<Vec<_>>();
    assert_eq!(room(1), one("services.a.deploy.replicas", "port_taken"));
    assert_eq!((room(2), room(0)), (vec![], vec![]));
    let mut spec = stack(&["a"]);
    publish(&mut spec, "shop_a", 70_000, HOST, false);
    assert_eq!(found(&spec), one("services.a.ports", "out_of_range"));
}

proptest! {
    #[test]
    fn what_settings_make_is_valid(set in any_settings(), env in any_env()) {
        let spec = to_stack(&app(&set, &env)).unwrap();
        prop_assert_eq!(check(&spec), vec![]);
    }
}
