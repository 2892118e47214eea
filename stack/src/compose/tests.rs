//! Compose files on their way to a stack.

use bollard_stubs::models::{ServiceSpecUpdateConfigOrderEnum, TaskSpecContainerSpec};

use super::*;
use crate::{
    plan::{plan, stored},
    policy::Inherited,
};

/// What a test may vary.
struct Given {
    vars: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    images: BTreeMap<String, String>,
    image_health: BTreeMap<String, Vec<String>>,
    image_words: BTreeMap<String, Words>,
    routed: BTreeSet<String>,
    vip: Vip,
    running: BTreeMap<String, EndpointSpecModeEnum>,
    grants: Grants,
}

fn given() -> Given {
    Given {
        vars: [("TAG", "1.27"), ("PASSWORD", "s3cret \"$x\""), ("EMPTY", "")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        files: BTreeMap::from([("./nginx.conf".to_owned(), b"worker_processes 1;\n".to_vec())]),
        images: BTreeMap::new(),
        image_health: BTreeMap::new(),
        image_words: BTreeMap::new(),
        routed: BTreeSet::new(),
        vip: Vip::Never,
        running: BTreeMap::new(),
        grants: Grants {
            networks: ["skep-0198c0de".to_owned(), "skep-edge".to_owned()].into(),
            ..Grants::default()
        },
    }
}

fn run_with(text: &str, given: &Given) -> Result<(StackSpec, Vec<Fault>), Vec<Fault>> {
    to_stack(&input(&[load::Source::only(text)], given))
}

fn input<'a>(sources: &'a [load::Source<'a>], given: &'a Given) -> ComposeInput<'a> {
    static NAMES: BTreeSet<String> = BTreeSet::new();
    static NODES: BTreeMap<String, Option<String>> = BTreeMap::new();
    static HOMES: BTreeMap<String, String> = BTreeMap::new();
    static CLUSTER: Cluster = Cluster::UNKNOWN;
    ComposeInput {
        sources,
        stack: "shop-live-all",
        app: "0198c0de-0000-7000-8000-000000000001",
        alias: "all",
        deployment: 7,
        vars: &given.vars,
        files: &given.files,
        images: &given.images,
        image_health: &given.image_health,
        image_words: &given.image_words,
        network: "skep-0198c0de",
        edge: "skep-edge",
        routed: &given.routed,
        volume_node: given.grants.nodes.first().map(String::as_str),
        probe: Some(b"probe"),
        vip: given.vip,
        running: &given.running,
        published: &NAMES,
        nodes: &NODES,
        homes: &HOMES,
        constraints: &[],
        grants: &given.grants,
        cluster: &CLUSTER,
    }
}

fn made(text: &str) -> StackSpec {
    run_with(text, &given()).unwrap_or_else(|faults| panic!("{faults:#?}")).0
}

#[test]
fn several_main_files_are_one_project_and_faults_name_theirs() {
    let [base, live] = [
        "services: {web: {build: ./web, environment: {A: base, B: base}}}",
        "services:\n  web: {environment: {B: live}, env_file: local.env}\n  db: {image: 'postgres:16'}",
    ];
    let source = |path, text| load::Source { path, text };
    let (vars, mut files) = (BTreeMap::new(), BTreeMap::new());
    let sources = [source("a/base.yml", base), source("b/live.yml", live)];
    // Paths begin at the folder of the first.
    assert_eq!(wanted(&sources, &vars, &files).unwrap(), [("local.env".to_owned(), true)]);
    files.insert("local.env".to_owned(), b"C=3".to_vec());
    let found = outline(&sources, &vars, &files).unwrap();
    assert_eq!((found.builds["web"].context.as_str(), found.images["db"].as_str()), ("./web", "postgres:16"));
    let given = given();
    let made = |sources: &[load::Source<'_>]| {
        to_stack(&ComposeInput { sources, files: &files, ..input(&[], &given) }).map(|(spec, _)| spec)
    };
    let spec = made(&sources).unwrap();
    let web = spec.services["shop-live-all_web"].task_template.clone().unwrap().container_spec.unwrap();
    assert_eq!(web.env.unwrap(), ["A=base", "B=live", "C=3"]);
    let wrong = made(&[sources[0], source("b/live.yml", "services:\n  web: {imag: x}")]).unwrap_err();
    assert!(wrong[0].to_string().starts_with("services.web.imag (b/live.yml, line 2, "), "{wrong:?}");
    let list = "services:\n  web: {environment: {B: [1]}}";
    let told = made(&[sources[0], source("b/live.yml", list)]).unwrap_err();
    assert!(told[0].path.starts_with("services.web.environment"), "{told:?}");
}

#[test]
fn a_dockerfile_within_the_file() {
    let read = |build: &str| {
        let text = format!("services:\n  web:\n    build: {build}\n");
        outline(&[load::Source::only(&text)], &BTreeMap::new(), &BTreeMap::new())
    };
    let found = read("{context: web, dockerfile_inline: \"FROM scratch\\nCOPY . /$$x\"}").unwrap();
    assert_eq!(found.builds["web"].inline.as_deref(), Some("FROM scratch\nCOPY . /$x"));
    let both = read("{dockerfile: D, dockerfile_inline: FROM scratch}").unwrap_err();
    assert_eq!(
        (both[0].path.as_str(), both[0].code.as_str()),
        ("services.web.build.dockerfile_inline", "conflict")
    );
}

fn notes(text: &str) -> Vec<(String, String)> {
    let (_, notes) = run_with(text, &given()).unwrap_or_else(|faults| panic!("{faults:#?}"));
    notes.into_iter().map(|note| (note.path, note.code)).collect()
}

/// Paths, codes and lines of what is wrong.
fn wrong(text: &str) -> Vec<(String, String, u32)> {
    let faults = run_with(text, &given()).err().unwrap_or_else(|| panic!("was taken:\n{text}"));
    assert!(faults.iter().all(|fault| fault.message.len() > 5 && !fault.message.contains("s3cret")));
    faults.into_iter().map(|fault| (fault.path, fault.code, fault.line.unwrap_or(0))).collect()
}

fn one(path: &str, code: &str, line: u32) -> Vec<(String, String, u32)> {
    vec![(path.to_owned(), code.to_owned(), line)]
}

/// A file with one service that has these lines beside its image (the first of them is line 4).
fn web(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("services:\n  web:\n    image: nginx\n{lines}")
}

fn container(spec: &StackSpec) -> TaskSpecContainerSpec {
    spec.services["shop-live-all_web"].task_template.clone().unwrap().container_spec.unwrap()
}

mod cases;
mod places;
mod properties;
mod recipes;
mod sample;
mod written;

const FULL: &str = r#"
x-common: &common
  restart: unless-stopped
  environment: &env
    TZ: UTC
services:
  web:
    <<: *common
    image: nginx:${TAG:-latest}
    environment:
      <<: *env
      PASSWORD:
      URL: "postgres://u:${PASSWORD}@db/${NAME:-shop}"
    command: serve --title "my shop"
    ports: ["8080:80", "443"]
    depends_on:
      db: {condition: service_healthy}
    volumes: ["cache:/var/cache:ro", {type: tmpfs, target: /tmp, tmpfs: {size: 64m}}]
    configs: [{source: nginx, target: /etc/nginx/nginx.conf, mode: 0440}]
    secrets: [password]
    networks: {front: {aliases: [www]}, back: }
    healthcheck: {test: ["CMD", "/check", "now"], interval: 10s, retries: 2}
    labels: {org.example.team: shop}
    stop_grace_period: 30s
    deploy:
      replicas: 2
      labels: [org.example.a=b]
      resources: {limits: {cpus: "0.5", memory: 256M}, reservations: {memory: 64M}}
      placement: {constraints: [node.labels.disk == ssd], preferences: [{spread: node.labels.zone}]}
      update_config: {parallelism: 2, delay: 1s, monitor: 7s}
  db:
    image: postgres:16@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    networks: [back]
    volumes: [data:/var/lib/postgresql/data]
    healthcheck: {test: pg_isready}
networks: {front: , back: {internal: true}}
volumes: {data: , cache: {driver: local}}
configs: {nginx: {file: ./nginx.conf}}
secrets: {password: {environment: PASSWORD}}
"#;

#[test]
fn a_whole_file() {
    let mut given = given();
    given.routed.insert("web".to_owned());
    let (spec, notes) = run_with(FULL, &given).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let mut value = serde_json::to_value((&spec, &notes)).unwrap();
    value.sort_all_objects();
    insta::assert_json_snapshot!(value);
}

#[test]
fn applying_twice_changes_nothing() {
    for habits in [stored::OLD, stored::NEW] {
        let spec = made(FULL);
        assert_eq!(plan(&spec, &stored::stored(&spec, habits)).lines(), []);
    }
}

#[test]
fn services_come_after_what_they_need() {
    let spec = made(FULL);
    let plan = plan(&spec, &crate::observed::Observed::default());
    let services: Vec<_> =
        plan.actions.iter().filter(|a| a.kind() == "create_service").map(crate::plan::Action::name).collect();
    assert_eq!(services, ["shop-live-all_db", "shop-live-all_web"]);
}

#[test]
fn the_smallest_file() {
    let spec = made(&web(""));
    let test = container(&spec).health_check.unwrap().test.unwrap();
    assert_eq!(test.last().map(String::as_str), Some("alive"));
    assert_eq!(spec.networks.keys().collect::<Vec<_>>(), ["shop-live-all_default"]);
}

#[test]
fn health_through_the_probe() {
    let test = |lines: &str| container(&made(&web(lines))).health_check.unwrap().test.unwrap()[6..].join(" ");
    assert_eq!(test("healthcheck: {test: curl -f localhost}"), "exec /bin/sh -c curl -f localhost");
    assert_eq!(test("healthcheck: {test: [CMD, /check, now]}"), "exec /check now");
    assert_eq!(test("healthcheck: {disable: true}"), "alive");
    assert_eq!(test("healthcheck: {test: [NONE]}"), "alive");
    let mut given = given();
    given.image_health.insert("web".to_owned(), vec!["CMD".to_owned(), "/own".to_owned()]);
    let (spec, _) = run_with(&web(""), &given).unwrap();
    assert_eq!(container(&spec).health_check.unwrap().test.unwrap()[6..], ["exec", "/own"]);
    let words = web("healthcheck: {test: [CMD-SHELL, curl -f localhost, -d, x]}");
    assert_eq!(notes(&words), [("services.web.healthcheck.test".to_owned(), "shell_words".to_owned())]);
    assert_eq!(test(words.lines().last().unwrap().trim()), "exec /bin/sh -c curl -f localhost -d x");
    assert_eq!(
        wrong(&web("healthcheck: {test: [curl]}")),
        one("services.web.healthcheck.test", "invalid_test", 4)
    );
}

#[test]
fn images_built_and_pinned() {
    let text = "services:\n  web:\n    build: ./app\n";
    let (spec, notes) = run_with(text, &given()).unwrap();
    assert_eq!(container(&spec).image.unwrap(), "skep.invalid/shop-live-all/web:7");
    assert_eq!((notes[0].code.as_str(), notes[0].line), ("needs_build", Some(3)));
    let mut given = given();
    given.images.insert("web".to_owned(), "skep.invalid/shop-live-all/web:6".to_owned());
    assert_eq!(
        container(&run_with(text, &given).unwrap().0).image.unwrap(),
        "skep.invalid/shop-live-all/web:6"
    );

    let found = outline(&[load::Source::only("services: {a: {image: 'x:$TAG'}, b: {build: {context: api, dockerfile: D, target: t, args: {V: 1, TAG: }}}}\nconfigs: {c: {file: f}}")], &given.vars, &BTreeMap::new()).unwrap();
    assert_eq!(found.images["a"], "x:1.27");
    let recipe = Recipe {
        context: "api".to_owned(),
        dockerfile: "D".to_owned(),
        inline: None,
        target: Some("t".to_owned()),
        args: [("V".to_owned(), "1".to_owned()), ("TAG".to_owned(), "1.27".to_owned())].into(),
        ..Recipe::default()
    };
    assert_eq!((&found.builds["b"], found.files), (&recipe, vec!["f".to_owned()]));
}

#[test]
fn stop_first_where_it_must_be() {
    use ServiceSpecUpdateConfigOrderEnum::{START_FIRST, STOP_FIRST};
    let order =
        |text: &str| made(text).services["shop-live-all_web"].update_config.clone().unwrap().order.unwrap();
    assert_eq!(order(&web("")), START_FIRST);
    assert_eq!(order(&web("ports: [\"8080:80\"]")), STOP_FIRST);
    assert_eq!(order(&(web("volumes: [\"v:/x\"]") + "volumes: {v: }")), STOP_FIRST);
    assert_eq!(order(&web("deploy: {update_config: {order: stop-first}}")), STOP_FIRST);
    // Written for a mesh that is not there; and meant.
    let first = "deploy: {update_config: {order: start-first}, rollback_config: {order: start-first}}";
    assert_eq!(order(&web(&format!("ports: [\"8080:80\"]\n{first}"))), STOP_FIRST);
    let host = "ports: [{target: 80, published: 8080, mode: host}]";
    assert_eq!(order(&web(&format!("{host}\n{first}"))), START_FIRST);
}
