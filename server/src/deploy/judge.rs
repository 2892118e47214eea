//! Judge: whether a trial answers as it should, by what the edges counted of it and of what serves, at the
//! same time. What they counted comes some twelve seconds after a request ended.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use skep_stack::{app::strategy::Strategy, trial};

use super::run::{Run, Stop};
use crate::{
    db,
    domain::{
        canary::{self, Answers},
        shift::Shift,
        step::Step,
        traffic::{Summary, error_share, percentile},
    },
};

/// Before a step began: its first window may have begun by then, and the last counts of the step before
/// come after its end.
const BEFORE: Duration = Duration::from_secs(20);

/// Whether the trial may go on; only canaries are judged.
///
/// # Errors
/// It is to be taken back; the database does not answer.
pub async fn judge(run: &Run, shift: &Shift, strategy: &Strategy) -> Result<(), Stop> {
    let Strategy::Canary { max_errors, .. } = strategy else { return Ok(()) };
    let mut tx = run.parts.db.read().await?;
    let routes = db::domain_name::routes(&mut tx).await?;
    let from = (shift.since - BEFORE).timestamp();
    let counted = db::traffic::since(&mut tx, run.app.id, from).await?;
    drop(tx);
    let [mut new, mut old] = [HashSet::new(), HashSet::new()];
    for route in routes.iter().filter(|route| route.app_id == run.app.id) {
        let is = |name: &String| shift.services.contains(name);
        if is(&route.service) {
            old.insert(route.address.as_str());
        } else if shift.services.iter().any(|service| trial::name(service) == route.service) {
            new.insert(route.address.as_str());
        }
    }
    let most = max_errors.unwrap_or(canary::MAX_ERRORS);
    let objection =
        canary::objection(&answers(&counted, &new), &answers(&counted, &old), most, strategy.max_latency());
    match objection {
        Some((code, message)) => Err(Stop::failed(Step::Shift, code, message)),
        None => Ok(()),
    }
}

/// What was counted at these addresses, whatever the port.
fn answers(counted: &BTreeMap<String, Summary>, addresses: &HashSet<&str>) -> Answers {
    let mut all = Summary::default();
    for (backend, summary) in counted {
        let address = backend.rsplit_once(':').map_or(backend.as_str(), |(address, _)| address);
        if addresses.contains(address) {
            all.merge(summary);
        }
    }
    Answers {
        count: all.requests(),
        errors: error_share(&all).unwrap_or_default(),
        slow: percentile(&all, 0.95),
    }
}
