//! What happens when a task ends: `deploy.restart_policy`, else `restart`.
//!
//! To add a word of `restart`: an arm in [`read`].

use bollard_stubs::models::{TaskSpecRestartPolicy, TaskSpecRestartPolicyConditionEnum as Condition};
use serde_json::json;

use super::{
    convert::Build,
    deploy::block,
    read::{At, Fields},
};
use crate::fault::Faults;

/// The engine's restart policy; none where nothing is written, and for `restart: no`, which the
/// docker CLI does not pass on (`place` does).
pub(super) fn convert(
    name: &str,
    service: &Fields<'_>,
    deploy: Option<&Fields<'_>>,
    build: &mut Build<'_>,
) -> Option<TaskSpecRestartPolicy> {
    let known = ["condition", "delay", "max_attempts", "window"];
    let by_key = service.get("restart").map(|at| read(at, &mut build.faults));
    let Some(fields) = block(deploy, "restart_policy", &known, &mut build.faults) else {
        return match by_key?? {
            (Condition::NONE, _) => None,
            (condition, attempts) => Some(TaskSpecRestartPolicy {
                condition: Some(condition),
                max_attempts: attempts,
                ..Default::default()
            }),
        };
    };
    let condition = fields.get("condition").and_then(|at| condition(name, at, build));
    let faults = &mut build.faults;
    Some(TaskSpecRestartPolicy {
        condition,
        delay: fields.get("delay").and_then(|at| at.duration(faults)),
        max_attempts: fields.get("max_attempts").and_then(|at| at.count(faults)),
        window: fields.get("window").and_then(|at| at.duration(faults)),
    })
}

fn condition(name: &str, at: &At<'_>, build: &mut Build<'_>) -> Option<Condition> {
    let text = at.text(&mut build.faults)?;
    let known = text.parse().ok().filter(|known| *known != Condition::EMPTY);
    let pointer = "/TaskTemplate/RestartPolicy/Condition";
    match text {
        "" => {}
        // A word of `restart`, which engines refuse here; what is meant is Swarm's usual.
        "always" | "unless-stopped" => {
            build.sent(name, pointer, json!(text));
            build.note(at, "translated", "is called `any` on a swarm, and engines refuse the other word");
        }
        _ if known.is_none() => {
            build.raw(name, pointer, json!(text), at, "must be `any`, `on-failure` or `none`");
        }
        _ => {}
    }
    known
}

/// What `restart` says, and how often it is tried.
pub(super) fn read(at: &At<'_>, faults: &mut Faults) -> Option<(Condition, Option<i64>)> {
    let text = at.text(faults)?;
    let (word, count) = text.split_once(':').map_or((text, None), |(word, count)| (word, Some(count)));
    let count = count.map(|count| {
        let number = count.parse::<i64>().ok().filter(|count| *count >= 0);
        if number.is_none() {
            at.fault("invalid_choice", "must have a whole number after the colon: `on-failure:3`", faults);
        }
        number
    });
    match word {
        "" | "no" => Some((Condition::NONE, None)),
        "always" | "unless-stopped" => Some((Condition::ANY, None)),
        "on-failure" => Some((Condition::ON_FAILURE, Some(count.flatten().unwrap_or(0)))),
        _ => {
            let rule = "must be `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:3`";
            at.fault("invalid_choice", rule, faults);
            None
        }
    }
}
