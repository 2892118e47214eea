//! A team's quota as its page shows it and as people type it.

use skep_stack::units;
use skep_web::api::QuotaRow;

use crate::{
    control::{Ctx, Error, quotas},
    domain::{
        fault::Wrong,
        quota::{Quota, bytes, cores},
        team::NO_TEAM,
    },
};

/// One line for each thing that is counted, and how storage was measured.
pub(super) async fn rows(cx: &Ctx) -> Result<(Vec<QuotaRow>, Option<String>), Error> {
    if cx.team() == NO_TEAM {
        return Ok((Vec::new(), None));
    }
    let quotas::Standing { quota, used, measured } = quotas::show(cx, cx.team()).await?;
    let over = quota.over(&used);
    let row = |key: &str,
               title: &str,
               used: Option<i64>,
               most: Option<i64>,
               show: fn(i64) -> String,
               typed: fn(i64) -> String| {
        let percent = used.zip(most).map(|(used, most)| match most {
            0 => {
                if used > 0 {
                    100
                } else {
                    0
                }
            }
            most => (i128::from(used) * 100 / i128::from(most)).clamp(0, 100),
        });
        QuotaRow {
            key: key.to_owned(),
            title: title.to_owned(),
            used: used.map(show),
            quota: most.map(show),
            typed: most.map(typed).unwrap_or_default(),
            over: over.contains(&key),
            percent: percent.and_then(|percent| u8::try_from(percent).ok()),
        }
    };
    let number = |n: i64| n.to_string();
    let stored = (!measured.is_empty()).then_some(used.storage);
    let rows = vec![
        row("apps", "Apps", Some(used.apps), quota.apps, number, number),
        row("builds", "Builds at once", Some(used.builds), quota.builds, number, number),
        row(
            "nano_cpus",
            "Processors of all tasks",
            Some(used.nano_cpus),
            quota.nano_cpus,
            cores,
            units::show_cpus,
        ),
        row("memory", "Memory of all tasks", Some(used.memory), quota.memory, bytes, units::show_size),
        row("storage", "Storage in volumes", stored, quota.storage, bytes, units::show_size),
    ];
    let words = used.measured_at.map(|at| {
        let nodes =
            if measured.len() == 1 { "1 node".to_owned() } else { format!("{} nodes", measured.len()) };
        format!("Volumes were measured on {nodes}, {}.", at.format("%Y-%m-%d %H:%M UTC"))
    });
    Ok((rows, words))
}

/// What was typed; what is empty has no bound.
///
/// # Errors
/// A fault at each field that is no figure.
pub(super) fn read(figures: &[(&str, String)]) -> Result<Quota, Error> {
    let mut quota = Quota::default();
    let mut faults = Vec::new();
    for (key, text) in figures {
        if text.is_empty() {
            continue;
        }
        let (place, value, rule) = match *key {
            "apps" => (&mut quota.apps, text.parse().ok(), "must be a whole number"),
            "builds" => (&mut quota.builds, text.parse().ok(), "must be a whole number"),
            "nano_cpus" => {
                (&mut quota.nano_cpus, units::cpus(text), "must be a number of processors like `2` or `0.5`")
            }
            "memory" => (&mut quota.memory, units::size(text), "must be a size like `512m` or `8g`"),
            _ => (&mut quota.storage, units::size(text), "must be a size like `512m` or `8g`"),
        };
        *place = value;
        if value.is_none() {
            faults.push(Wrong::new(format!("{rule}, or empty for no bound")).at(*key));
        }
    }
    if faults.is_empty() { Ok(quota) } else { Err(Error::Invalid(faults)) }
}
