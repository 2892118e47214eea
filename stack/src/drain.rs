//! No visitor is led to a task that ends: what the edge leads to is held a little before it stops.
//!
//! Swarm sends the stop signal in the moment in which it decides that a task ends; it has no hook
//! before. Whoever leads visitors there learns of it a moment later, and a request that arrives in
//! between finds a closed port, or worse: a connection that is just being closed, which no proxy may
//! try again for a POST. So the first process of such a container is our probe, which gets the
//! signal, lets the program serve on while the edge lets go, and then passes it on
//! (`server/probe/src/drain.rs`). That holds for every end of a task, whoever decided it, and needs
//! nobody to be reachable at that time. The stop grace grows by as much.
//!
//! Not held: a service whose only task stops before the next one starts, as nobody would get what
//! is held back; one whose program insists on being the first process; one whose image or health
//! check we do not know; a job.
//!
//! Rejected: a pause after which Skep itself ends the old tasks (a server that is away would keep
//! them for ever, and Swarm's own restarts, scaling and drains know nothing of it); another stop
//! signal that programs pass over (Swarm then only kills).

use bollard_stubs::models::{ServiceSpec, ServiceSpecUpdateConfigOrderEnum as Order, TaskSpecContainerSpec};

use crate::{
    app::health::{PROBE, millis},
    labels,
    replicas::{is_job, source_tasks},
    spec::StackSpec,
    text,
    units::{self, SECOND},
    writer::Words,
};

/// How long a task is held if nobody says: what an edge needs to learn of its end, and as much again.
/// Nanoseconds.
pub const USUAL: i64 = 5 * SECOND;

const WORD: &str = "drain";
/// Swarm's grace where none is said.
const GRACE: i64 = 10 * SECOND;
/// Programs that run as the first process of a container, or not at all.
const FIRST: [&str; 5] =
    ["/init", "/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd"];

/// Holds the tasks of every service that is on the edge, and no other. Doing it again changes
/// nothing.
pub fn apply(spec: &mut StackSpec) {
    let starts = &spec.starts;
    for (name, service) in &mut spec.services {
        let hold = hold(service);
        let Some(container) = service.task_template.as_mut().and_then(|task| task.container_spec.as_mut())
        else {
            continue;
        };
        match (held(container), hold) {
            (None, Some(hold)) => {
                if let Some(words) = starts.get(name) {
                    begin(container, words, hold);
                }
            }
            (Some(held), None) => end(container, held),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
}

/// How long the tasks of a service are to be held; none: not at all. Nanoseconds.
fn hold(service: &ServiceSpec) -> Option<i64> {
    let labels = service.labels.as_ref()?;
    if !labels.contains_key(labels::EDGE) || is_job(service) {
        return None;
    }
    let update = service.update_config.as_ref();
    let start_first = update.is_some_and(|update| update.order == Some(Order::START_FIRST));
    let at_once = update.is_some_and(|update| update.parallelism == Some(0));
    // Nobody else would serve meanwhile.
    if !start_first && (at_once || source_tasks(service).is_some_and(|tasks| tasks <= 1)) {
        return None;
    }
    let said = labels.get(labels::DRAIN).and_then(|said| units::duration(said));
    Some(said.unwrap_or(USUAL)).filter(|hold| *hold > 0)
}

/// Whether a container that begins with these words is held.
pub fn holds<'w>(command: impl Iterator<Item = &'w str>) -> bool {
    let mut last = "";
    command
        .take_while(|word| *word != "--")
        .any(|word| std::mem::replace(&mut last, word) == PROBE && word == WORD)
}

/// How long the tasks of a container are held now; nanoseconds.
fn held(container: &TaskSpecContainerSpec) -> Option<i64> {
    let words = container.command.as_deref()?;
    let at = words.windows(2).position(|pair| pair[0] == PROBE && pair[1] == WORD)?;
    units::duration(words.get(at + 2)?)
}

fn begin(container: &mut TaskSpecContainerSpec, image: &Words, hold: i64) {
    let probed = container.configs.iter().flatten();
    let mounted = |target: Option<&String>| target.is_some_and(|target| target == PROBE);
    if !probed.into_iter().any(|config| mounted(config.file.as_ref().and_then(|file| file.name.as_ref()))) {
        return;
    }
    let signal = container.stop_signal.as_deref().or(image.stop_signal.as_deref()).unwrap_or("SIGTERM");
    let Some(signal) = text::signal_number(signal).filter(|number| *number != KILL) else { return };
    let said = container.command.clone().filter(|words| !words.is_empty());
    let arguments = container.args.clone().filter(|words| !words.is_empty());
    // An entrypoint of one's own leaves the image's command out.
    let (program, arguments) = match said {
        Some(program) => (program, arguments.unwrap_or_default()),
        None => (image.entrypoint.clone(), arguments.unwrap_or_else(|| image.command.clone())),
    };
    let Some(first) = program.first().or(arguments.first()) else { return };
    if FIRST.contains(&first.as_str()) || cannot_signal(container) {
        return;
    }
    let hold_words = [PROBE.to_owned(), WORD.to_owned(), millis(hold), signal.to_string(), "--".to_owned()];
    container.command = Some(hold_words.into_iter().chain(program).collect());
    container.args = (!arguments.is_empty()).then_some(arguments);
    container.stop_grace_period = Some(container.stop_grace_period.unwrap_or(GRACE).saturating_add(hold));
}

/// Takes the hold away again.
fn end(container: &mut TaskSpecContainerSpec, hold: i64) {
    let Some(words) = &mut container.command else { return };
    let Some(at) = words.windows(2).position(|pair| pair[0] == PROBE && pair[1] == WORD) else { return };
    let Some(end) = words.iter().skip(at).position(|word| word == "--") else { return };
    words.drain(at..=at + end);
    if words.is_empty() {
        container.command = None;
    }
    container.stop_grace_period = container.stop_grace_period.map(|grace| grace.saturating_sub(hold));
}

/// `SIGKILL`, which nobody can hold.
const KILL: u8 = 9;

/// The program may take another user than the first process has, which then may not signal it.
fn cannot_signal(container: &TaskSpecContainerSpec) -> bool {
    let names = |list: &Option<Vec<String>>, name: &str| {
        list.iter().flatten().any(|c| {
            let c = c.to_ascii_uppercase();
            c == "ALL" || c.strip_prefix("CAP_").unwrap_or(&c) == name
        })
    };
    let has = |name: &str| names(&container.capability_add, name) || !names(&container.capability_drop, name);
    container.user.is_none() && has("SETUID") && !has("KILL")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;
    use crate::models::{
        ServiceSpecMode, ServiceSpecModeReplicated, ServiceSpecUpdateConfig, TaskSpec,
        TaskSpecContainerSpecConfigs, TaskSpecContainerSpecFile1,
    };

    fn stack(
        container: TaskSpecContainerSpec,
        labels: &[(&str, &str)],
        order: Order,
        tasks: i64,
    ) -> StackSpec {
        let file = TaskSpecContainerSpecFile1 { name: Some(PROBE.to_owned()), ..Default::default() };
        let config = TaskSpecContainerSpecConfigs { file: Some(file), ..Default::default() };
        let container = TaskSpecContainerSpec { configs: Some(vec![config]), ..container };
        let labels: HashMap<_, _> = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let mode = ServiceSpecModeReplicated { replicas: Some(tasks) };
        let service = ServiceSpec {
            labels: Some(labels),
            update_config: Some(ServiceSpecUpdateConfig { order: Some(order), ..Default::default() }),
            mode: Some(ServiceSpecMode { replicated: Some(mode), ..Default::default() }),
            task_template: Some(TaskSpec { container_spec: Some(container), ..Default::default() }),
            ..Default::default()
        };
        let words = Words {
            entrypoint: vec!["/entry".to_owned()],
            command: vec!["serve".to_owned(), "--port".to_owned()],
            stop_signal: Some("SIGQUIT".to_owned()),
        };
        StackSpec {
            services: BTreeMap::from([("web".to_owned(), service)]),
            starts: BTreeMap::from([("web".to_owned(), words)]),
            ..Default::default()
        }
    }

    fn container(spec: &StackSpec) -> &TaskSpecContainerSpec {
        spec.services["web"].task_template.as_ref().unwrap().container_spec.as_ref().unwrap()
    }

    fn words(spec: &StackSpec) -> (String, String) {
        let join = |words: &Option<Vec<String>>| words.clone().unwrap_or_default().join(" ");
        (join(&container(spec).command), join(&container(spec).args))
    }

    const ON: &[(&str, &str)] = &[(labels::EDGE, "true")];

    #[test]
    fn a_task_on_the_edge_is_held_by_its_stop_signal_and_gets_as_much_more_grace() {
        let mut spec = stack(TaskSpecContainerSpec::default(), ON, Order::START_FIRST, 1);
        apply(&mut spec);
        let once = ("/.skep/probe drain 5s 3 -- /entry".to_owned(), "serve --port".to_owned());
        assert_eq!(words(&spec), once);
        assert!(holds(container(&spec).command.iter().flatten().map(String::as_str)));
        assert_eq!(container(&spec).stop_grace_period, Some(15 * SECOND));
        apply(&mut spec);
        assert_eq!(words(&spec), once, "once is enough");
        assert_eq!(container(&spec).stop_grace_period, Some(15 * SECOND));
    }

    #[test]
    fn the_words_of_the_source_go_before_those_of_the_image() {
        let own = TaskSpecContainerSpec {
            command: Some(vec!["/own".to_owned()]),
            stop_signal: Some("SIGINT".to_owned()),
            stop_grace_period: Some(SECOND),
            ..Default::default()
        };
        let mut spec = stack(own, &[ON[0], (labels::DRAIN, "1s500ms")], Order::START_FIRST, 1);
        apply(&mut spec);
        assert_eq!(words(&spec), ("/.skep/probe drain 1500ms 2 -- /own".to_owned(), String::new()));
        assert_eq!(container(&spec).stop_grace_period, Some(5 * SECOND / 2));
        let arguments = TaskSpecContainerSpec { args: Some(vec!["-x".to_owned()]), ..Default::default() };
        let mut spec = stack(arguments, ON, Order::START_FIRST, 1);
        apply(&mut spec);
        assert_eq!(words(&spec).1, "-x");
    }

    #[test]
    fn off_the_edge_it_is_as_before() {
        let lease: Vec<String> = [PROBE, "lease", "/data", "--", "/own"].map(str::to_owned).to_vec();
        for command in [None, Some(vec!["/own".to_owned(), "--".to_owned()]), Some(lease)] {
            let own =
                TaskSpecContainerSpec { command, stop_grace_period: Some(7 * SECOND), ..Default::default() };
            let mut spec = stack(own, ON, Order::START_FIRST, 1);
            let before = words(&spec);
            apply(&mut spec);
            assert_ne!(words(&spec), before);
            spec.services.get_mut("web").unwrap().labels = None;
            apply(&mut spec);
            let program = if before.0.is_empty() { "/entry" } else { &before.0 };
            assert_eq!(words(&spec).0, program);
            assert_eq!(container(&spec).stop_grace_period, Some(7 * SECOND));
        }
    }

    #[test]
    fn who_would_not_gain_or_could_not_live_with_it_is_left_alone() {
        let plain = TaskSpecContainerSpec::default;
        let text = |words: &[&str]| Some(words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        let cases: [(&str, StackSpec); 8] = [
            ("nobody is led to it", stack(plain(), &[], Order::START_FIRST, 1)),
            ("its only task stops first", stack(plain(), ON, Order::STOP_FIRST, 1)),
            ("switched off", stack(plain(), &[ON[0], (labels::DRAIN, "0s")], Order::START_FIRST, 1)),
            (
                "insists on being first",
                stack(
                    TaskSpecContainerSpec { command: text(&["/init"]), ..plain() },
                    ON,
                    Order::START_FIRST,
                    1,
                ),
            ),
            (
                "killed at once",
                stack(
                    TaskSpecContainerSpec { stop_signal: Some("9".to_owned()), ..plain() },
                    ON,
                    Order::START_FIRST,
                    1,
                ),
            ),
            (
                "may become somebody whom we may not signal",
                stack(
                    TaskSpecContainerSpec {
                        capability_drop: text(&["ALL"]),
                        capability_add: text(&["CAP_SETUID"]),
                        ..plain()
                    },
                    ON,
                    Order::START_FIRST,
                    1,
                ),
            ),
            ("its image is not known", {
                let mut spec = stack(plain(), ON, Order::START_FIRST, 1);
                spec.starts.clear();
                spec
            }),
            ("there is no probe", {
                let mut spec = stack(plain(), ON, Order::START_FIRST, 1);
                let web = spec.services.get_mut("web").unwrap();
                web.task_template.as_mut().unwrap().container_spec.as_mut().unwrap().configs = None;
                spec
            }),
        ];
        for (why, mut spec) in cases {
            let before = words(&spec);
            apply(&mut spec);
            assert_eq!(words(&spec), before, "{why}");
        }
        let mut several = stack(plain(), ON, Order::STOP_FIRST, 2);
        apply(&mut several);
        assert!(held(container(&several)).is_some(), "others serve meanwhile");
        let bare = TaskSpecContainerSpec { capability_drop: text(&["ALL"]), ..plain() };
        let mut spec = stack(bare, ON, Order::START_FIRST, 1);
        apply(&mut spec);
        assert!(held(container(&spec)).is_some(), "it cannot become anybody");
    }
}
