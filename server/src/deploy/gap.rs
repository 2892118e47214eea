//! What visitors will notice of a deployment, told before it begins.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use skep_stack::{
    models::{ServiceSpec, ServiceSpecUpdateConfigOrderEnum as Order},
    plan::Line,
    spec::StackSpec,
    text,
    trial::on_edge,
};

use crate::{
    db::{self, DbError, Tx},
    domain::{app::App, step::Step},
};

/// A line for the services that visitors are led to and whose old tasks stop before new ones start.
///
/// # Errors
/// The database's.
pub(super) async fn told(
    tx: &mut Tx,
    app: &App,
    spec: &StackSpec,
    actions: &[Line],
) -> Result<Option<String>, DbError> {
    let replaced: BTreeSet<&str> =
        actions.iter().filter(|line| line.restarts).map(|line| line.name.as_str()).collect();
    let stops = |(name, service): &(&String, &ServiceSpec)| {
        let order = service.update_config.as_ref().and_then(|update| update.order);
        on_edge(service) && order != Some(Order::START_FIRST) && replaced.contains(name.as_str())
    };
    let names: Vec<String> = spec
        .services
        .iter()
        .filter(stops)
        .map(|(name, _)| text::short(&spec.name, name).unwrap_or(app.name.as_str()).to_owned())
        .collect();
    if names.is_empty() {
        return Ok(None);
    }
    let last = match last(tx, app).await? {
        Some(span) => format!("; the last deployment took {} s for it", span.num_seconds().max(1)),
        None => String::new(),
    };
    Ok(Some(format!(
        "The old tasks of {} stop before new ones start: visitors are told to come back (503 with Retry-After) until a new one is healthy{last}.",
        names.join(", ")
    )))
}

/// How long the deployment that serves took from the first change until it was proven.
async fn last(tx: &mut Tx, app: &App) -> Result<Option<TimeDelta>, DbError> {
    let Some(living) = db::deployment::living(tx, app.id).await? else { return Ok(None) };
    let steps = db::step::list(tx, living.id).await?;
    let find = |step: Step| steps.iter().find(|record| record.step == step);
    let begun = find(Step::Apply).map(|record| record.started_at);
    let proven = find(Step::Verify).and_then(|record| record.finished_at);
    Ok(begun.zip(proven).map(|(begun, proven)| proven - begun))
}
