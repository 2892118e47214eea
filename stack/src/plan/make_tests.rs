//! Plans: what changes, in which order, and what does not.

use std::collections::BTreeMap;

use bollard_stubs::models::{
    NetworkCreateRequest, Platform, SecretSpec, ServiceSpecMode, ServiceSpecModeReplicated,
    ServiceSpecModeReplicatedJob,
};
use proptest::prelude::*;

use super::{
    super::{
        Line, collect,
        stored::{Habits, NEW, OLD, stored},
    },
    *,
};
use crate::app::{
    AppSpec, Settings,
    sample::{any_env, any_settings, app, settings},
    to_stack,
};
use crate::spec::{Condition, Need, Needs};
use crate::vip::Vip;

const NAME: &str = "shop-live-web";

fn made(json: &str, env: &[(&str, &str)]) -> StackSpec {
    let env = env.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    to_stack(&app(&settings(json), &env)).unwrap()
}

/// The one update that leads from one stack to another.
fn update(from: &StackSpec, to: &StackSpec, habits: Habits) -> (Line, ServiceSpec) {
    let plan = plan(to, &stored(from, habits));
    let updates: Vec<_> = plan
        .actions
        .iter()
        .zip(plan.lines())
        .filter_map(|(action, line)| match action {
            Action::UpdateService { body, version: 42, .. } => Some((line, (**body).clone())),
            _ => None,
        })
        .collect();
    assert_eq!(updates.len(), 1, "{plan:?}");
    updates[0].clone()
}

fn paths(line: &Line) -> Vec<&str> {
    line.changes.iter().map(|change| change.path.as_str()).collect()
}

#[test]
fn from_nothing_all_is_made_in_order() {
    let mut spec = made(r#"{"mounts": [{"kind": "file", "target": "/f", "content": "x"}]}"#, &[]);
    let body = NetworkCreateRequest { name: "n".to_owned(), ..Default::default() };
    spec.networks.insert("n".to_owned(), body);
    spec.secrets.insert("s".to_owned(), SecretSpec::default());
    let mut second = spec.services[NAME].clone();
    second.name = Some("a".to_owned());
    spec.services.insert("a".to_owned(), second);
    spec.after.insert("a".to_owned(), Needs::from([(NAME.to_owned(), Need::default())]));
    let plan = plan(&spec, &Observed::default());
    let lines: Vec<_> = plan.actions.iter().map(|a| (a.kind(), a.name())).collect();
    assert_eq!(lines[..2], [("create_network", "n"), ("create_secret", "s")]);
    assert_eq!(lines[2].0, "create_config");
    assert_eq!(lines[4..], [("create_service", NAME), ("create_service", "a")]);
}

#[test]
fn what_is_not_wanted_goes_last_but_not_configs() {
    let mut old = made("{}", &[]);
    let labels = Some(labels::owned(NAME, "app"));
    old.networks.insert("n".to_owned(), NetworkCreateRequest { labels, ..Default::default() });
    old.secrets.insert("s".to_owned(), SecretSpec::default());
    old.networks.insert("theirs".to_owned(), NetworkCreateRequest::default());
    old.services.insert("theirs".to_owned(), ServiceSpec::default());
    let gone = StackSpec { name: NAME.to_owned(), ..Default::default() };
    let plan = plan(&gone, &stored(&old, NEW));
    let left: Vec<_> = plan.actions.iter().map(|action| (action.kind(), action.name())).collect();
    assert_eq!(left, [("remove_service", NAME), ("remove_network", "n")], "what others made stays");
}

#[test]
fn the_deployment_number_alone_is_no_difference() {
    let (set, env) = (settings(r#"{"port": 80}"#), BTreeMap::new());
    let first = to_stack(&app(&set, &env)).unwrap();
    let again = to_stack(&AppSpec { deployment: 8, ..app(&set, &env) }).unwrap();
    for habits in [OLD, NEW] {
        assert_eq!(plan(&again, &stored(&first, habits)).lines(), []);
    }
}

#[test]
fn variables_are_named_but_never_shown() {
    let old = made("{}", &[("KEEP", "1"), ("GONE", "s3cret-a"), ("TURNED", "s3cret-b"), ("EMPTY", "")]);
    let new = made("{}", &[("KEEP", "1"), ("TURNED", "s3cret-c"), ("ADDED", "s3cret-d"), ("EMPTY", "")]);
    let (line, body) = update(&old, &new, NEW);
    assert!(line.restarts);
    let shown: Vec<_> =
        line.changes.iter().map(|c| (c.path.as_str(), c.from.as_deref(), c.to.as_deref())).collect();
    let env = |key: &str| format!("TaskTemplate.ContainerSpec.Env.{key}");
    let (added, gone, turned) = (env("ADDED"), env("GONE"), env("TURNED"));
    assert_eq!(
        shown,
        [
            (added.as_str(), None, Some("set")),
            (gone.as_str(), Some("set"), None),
            (turned.as_str(), Some("set"), Some("changed"))
        ]
    );
    let plan = plan(&new, &stored(&old, NEW));
    let text =
        format!("{plan:?} {:?} {new:?} {}", stored(&old, NEW), serde_json::to_string(&plan.lines()).unwrap());
    assert!(!text.contains("s3cret"), "{text}");
    assert!(serde_json::to_string(&body).unwrap().contains("s3cret-d"), "the engine gets it all the same");
}

#[test]
fn a_label_of_the_service_restarts_nothing() {
    let (set, env) = (settings(r#"{"port": 80}"#), BTreeMap::new());
    let old = to_stack(&app(&set, &env)).unwrap();
    let new = to_stack(&AppSpec {
        edge: app(&set, &env).edge,
        image: "skep.invalid/shop-live-web:7",
        ..app(&set, &env)
    });
    let mut new = new.unwrap();
    new.services
        .get_mut(NAME)
        .unwrap()
        .labels
        .as_mut()
        .unwrap()
        .insert("dev.skep.edge".to_owned(), "2".to_owned());
    for habits in [OLD, NEW] {
        let (line, body) = update(&old, &new, habits);
        assert_eq!((paths(&line), line.restarts), (vec!["Labels[dev.skep.edge]"], false));
        let running = stored(&old, habits).services[NAME].spec.clone().unwrap().task_template.unwrap();
        let mut sent = body.task_template.unwrap();
        let health = &mut sent.container_spec.as_mut().unwrap().health_check;
        assert!(health.is_some(), "a health check that the client cannot see is sent all the same");
        *health = running.container_spec.as_ref().unwrap().health_check.clone();
        sent.placement.clone_from(&running.placement);
        assert_eq!(sent, running, "all else goes back to the letter");
    }
}

#[test]
fn scale_placement_and_rollout_restart_nothing() {
    let old = made("{}", &[]);
    for (json, path) in [
        (r#"{"replicas": 3}"#, "Mode.Replicated.Replicas"),
        (r#"{"placement": {"constraints": ["node.labels.a == b"]}}"#, "TaskTemplate.Placement.Constraints"),
        (r#"{"update": {"delay": "1s"}}"#, "UpdateConfig.Delay"),
    ] {
        let (line, _) = update(&old, &made(json, &[]), OLD);
        assert_eq!((paths(&line), line.restarts), (vec![path], false), "{json}");
    }
}

#[test]
fn what_the_task_is_made_of_restarts() {
    let old = made(r#"{"port": 80}"#, &[]);
    for (json, path) in [
        (r#"{"port": 80, "command": ["x"]}"#, "TaskTemplate.ContainerSpec.Args"),
        (r#"{"port": 80, "init": false}"#, "TaskTemplate.ContainerSpec.Init"),
        (r#"{"port": 80, "resources": {"memory": "64m"}}"#, "TaskTemplate.Resources.Limits.MemoryBytes"),
        (r#"{"port": 80, "restart": {"delay": "1s"}}"#, "TaskTemplate.RestartPolicy.Delay"),
        (
            r#"{"port": 80, "mounts": [{"kind": "tmpfs", "target": "/t"}]}"#,
            "TaskTemplate.ContainerSpec.Mounts[/t].Target",
        ),
    ] {
        let (line, _) = update(&old, &made(json, &[]), NEW);
        assert!(line.restarts && paths(&line).contains(&path), "{json}: {line:?}");
    }
}

#[test]
fn a_changed_health_check_is_seen_even_where_the_client_is_blind() {
    let old = made(r#"{"port": 80}"#, &[]);
    let new = made(r#"{"port": 80, "health": {"kind": "tcp", "interval": "9s"}}"#, &[]);
    for habits in [OLD, NEW] {
        let (line, body) = update(&old, &new, habits);
        assert!(line.restarts);
        assert!(paths(&line).contains(&"TaskTemplate.ContainerSpec.HealthCheck.Interval"), "{line:?}");
        let interval = body.task_template.unwrap().container_spec.unwrap().health_check.unwrap().interval;
        assert_eq!(interval, Some(9_000_000_000));
    }
}

#[test]
fn force_update_is_kept() {
    let old = made("{}", &[]);
    let mut observed = stored(&old, NEW);
    let spec = observed.services.get_mut(NAME).unwrap().spec.as_mut().unwrap();
    spec.task_template.as_mut().unwrap().force_update = Some(3);
    assert_eq!(plan(&old, &observed).lines(), []);
    for json in [r#"{"command": ["x"]}"#, r#"{"replicas": 2}"#] {
        let plan = plan(&made(json, &[]), &observed);
        let Some(Action::UpdateService { body, .. }) = plan.actions.first() else { panic!("{plan:?}") };
        assert_eq!(body.task_template.as_ref().unwrap().force_update, Some(3));
    }
}

#[test]
fn what_somebody_changed_by_hand_is_set_right() {
    let wanted = made("{}", &[]);
    let mut observed = stored(&wanted, NEW);
    let spec = observed.services.get_mut(NAME).unwrap().spec.as_mut().unwrap();
    spec.mode.as_mut().unwrap().replicated.as_mut().unwrap().replicas = Some(9);
    let lines = plan(&wanted, &observed).lines();
    assert_eq!(lines[0].changes[0].from.as_deref(), Some("9"));
    assert_eq!(lines[0].changes[0].to.as_deref(), Some("1"));
}

#[test]
fn another_kind_of_service_is_made_anew() {
    let old = made("{}", &[]);
    let mut new = old.clone();
    new.services.get_mut(NAME).unwrap().mode =
        Some(ServiceSpecMode { global: Some(Default::default()), ..Default::default() });
    let plan = plan(&new, &stored(&old, NEW));
    let kinds: Vec<_> = plan.actions.iter().map(Action::kind).collect();
    assert_eq!(kinds, ["remove_service", "create_service"]);
    assert_eq!(super::plan(&new, &stored(&new, NEW)).lines(), [], "a global one is recognised too");
}

#[test]
fn a_changed_file_is_a_new_config_and_the_old_one_stays_until_collected() {
    let file = |content: &str| {
        made(&format!(r#"{{"mounts": [{{"kind": "file", "target": "/f", "content": "{content}"}}]}}"#), &[])
    };
    let (old, new) = (file("a"), file("b"));
    let mut observed = stored(&old, NEW);
    let plan = plan(&new, &observed);
    let kinds: Vec<_> = plan.actions.iter().map(Action::kind).collect();
    assert_eq!(kinds, ["create_config", "update_service"]);

    // The new version runs; the engine has both configs.
    let mut both = stored(&new, NEW);
    both.configs.append(&mut observed.configs);
    assert_eq!(collect(&both, &[new.clone(), old.clone()]), []);
    let removed = collect(&both, std::slice::from_ref(&new));
    assert_eq!(removed.len(), 1, "{removed:?}");
    assert!(old.configs.contains_key(removed[0].name()) && !new.configs.contains_key(removed[0].name()));
    assert_eq!(collect(&both, &[]).len(), 1, "what a running service mounts stays, whatever is kept");
}

fn any_habits() -> impl Strategy<Value = Habits> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(start_interval, health, empty_blocks)| Habits {
        start_interval,
        health,
        empty_blocks,
    })
}

fn any_vip() -> impl Strategy<Value = Vip> {
    prop_oneof![Just(Vip::Never), Just(Vip::Asked), Just(Vip::Usual)]
}

proptest! {
    #[test]
    fn applying_twice_changes_nothing(set in any_settings(), env in any_env(), vip in any_vip(), habits in any_habits()) {
        let spec = to_stack(&AppSpec { vip, volume_node: Some("n1"), ..app(&set, &env) }).unwrap();
        prop_assert_eq!(plan(&spec, &stored(&spec, habits)).lines(), []);
    }

    #[test]
    fn any_difference_is_seen_and_leads_there(
        one in any_settings(), two in any_settings(), env in any_env(), other in any_env(), habits in any_habits()
    ) {
        let make = |set: &Settings, env: &_| to_stack(&app(set, env)).unwrap();
        let (old, new) = (make(&one, &env), make(&two, &other));
        let plan = plan(&new, &stored(&old, habits));
        // What the engine has after the plan is what is wanted.
        let mut then = stored(&old, habits);
        for action in &plan.actions {
            match action {
                Action::CreateConfig { name, .. } => { then.configs.insert(name.clone(), Default::default()); }
                Action::UpdateService { name, body, .. } => {
                    let mut after = old.clone();
                    let mut sent = (**body).clone();
                    for network in sent.task_template.iter_mut().flat_map(|t| t.networks.iter_mut().flatten()) {
                        let target = network.target.take().unwrap_or_default();
                        network.target = Some(target.trim_start_matches("net-").to_owned());
                    }
                    after.services.insert(name.clone(), sent);
                    then.services = stored(&after, habits).services;
                }
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        }
        prop_assert_eq!(super::plan(&new, &then).lines(), []);
        let same = serde_json::to_value(&old.services).unwrap() == serde_json::to_value(&new.services).unwrap();
        prop_assert!(same || !plan.actions.is_empty());
    }
}

/// `a` needs `NAME`, and is restarted with it.
fn pair(env: &[(&str, &str)]) -> StackSpec {
    let mut spec = made("{}", env);
    let mut second = made("{}", &[]).services[NAME].clone();
    second.name = Some("a".to_owned());
    spec.services.insert("a".to_owned(), second);
    let need = Need { until: Condition::Healthy, restart: true };
    spec.after.insert("a".to_owned(), Needs::from([(NAME.to_owned(), need)]));
    spec
}

/// The stack as a plan sends it, applied to an empty cluster.
fn applied(spec: &StackSpec, habits: Habits) -> Observed {
    let mut sent = spec.clone();
    for action in plan(spec, &Observed::default()).actions {
        if let Action::CreateService { name, body } = action {
            sent.services.insert(name, *body);
        }
    }
    stored(&sent, habits)
}

#[test]
fn who_asks_for_it_is_restarted_with_what_it_needs_in_one_run_or_two() {
    let (old, new) = (pair(&[("A", "1")]), pair(&[("A", "2")]));
    for habits in [OLD, NEW] {
        let before = applied(&old, habits);
        assert_eq!(plan(&old, &before).lines(), []);
        let names = |observed: &Observed| -> Vec<(String, bool)> {
            plan(&new, observed).lines().into_iter().map(|line| (line.name, line.restarts)).collect()
        };
        assert_eq!(names(&before), [(NAME.to_owned(), true), ("a".to_owned(), true)]);
        let mut half = before;
        half.services.insert(NAME.to_owned(), applied(&new, habits).services[NAME].clone());
        assert_eq!(names(&half), [("a".to_owned(), true)], "the first change was made before a crash");
        assert_eq!(plan(&new, &applied(&new, habits)).lines(), []);
    }
    let mut scaled = pair(&[("A", "1")]);
    let mode = ServiceSpecModeReplicated { replicas: Some(3) };
    scaled.services.get_mut(NAME).unwrap().mode =
        Some(ServiceSpecMode { replicated: Some(mode), ..Default::default() });
    let lines = plan(&scaled, &applied(&old, NEW)).lines();
    assert_eq!(lines.len(), 1, "what replaces no task restarts nobody: {lines:?}");
}

#[test]
fn a_job_runs_again_after_any_change() {
    let mut old = made("{}", &[]);
    let job = ServiceSpecModeReplicatedJob { max_concurrent: Some(1), total_completions: Some(1) };
    old.services.get_mut(NAME).unwrap().mode =
        Some(ServiceSpecMode { replicated_job: Some(job), ..Default::default() });
    let mut new = old.clone();
    new.services.get_mut(NAME).unwrap().labels.get_or_insert_default().insert("a".to_owned(), "b".to_owned());
    assert!(update(&old, &new, NEW).0.restarts);
    assert_eq!(plan(&old, &stored(&old, NEW)).lines(), []);
}

#[test]
fn platforms_that_a_client_found_out_stay_while_no_task_is_replaced() {
    let old = made("{}", &[]);
    let mut observed = stored(&old, NEW);
    let running = observed.services.get_mut(NAME).unwrap().spec.as_mut().unwrap();
    let platforms = vec![Platform { architecture: Some("x86_64".to_owned()), os: Some("linux".to_owned()) }];
    running.task_template.as_mut().unwrap().placement.get_or_insert_default().platforms =
        Some(platforms.clone());
    let mut new = old;
    new.services.get_mut(NAME).unwrap().labels.get_or_insert_default().insert("a".to_owned(), "b".to_owned());
    let plan = plan(&new, &observed);
    let [Action::UpdateService { body, restarts: false, .. }] = plan.actions.as_slice() else {
        panic!("{plan:?}")
    };
    let sent = body.task_template.clone().unwrap().placement.unwrap();
    assert_eq!(sent.platforms, Some(platforms));
}
