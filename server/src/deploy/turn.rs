//! A team's builds at once: whoever comes when all places are taken waits as a job that is due again soon,
//! so that it holds none of the places in which other teams' deployments run.

use super::run::Stop;
use crate::{
    db::{self, Tx},
    domain::{
        app::{App, Build, Source},
        deployment::{Cause, Deployment},
    },
};

/// Takes a place among the team's builds, in the transaction that enters the step: the deployment's state
/// is the place.
///
/// # Errors
/// [`Stop::Waits`]: there is none.
pub(super) async fn take(tx: &mut Tx, app: &App, deployment: &Deployment) -> Result<(), Stop> {
    if !builds(app, deployment) {
        return Ok(());
    }
    let Some(most) = db::quota::lock(tx, app.team).await?.and_then(|quota| quota.builds) else {
        return Ok(());
    };
    if db::quota::builds(tx, app.team, deployment.id).await? < most {
        return Ok(());
    }
    let which = if most == 1 {
        "another build of the team runs".to_owned()
    } else {
        format!("{most} other builds of the team run")
    };
    Err(Stop::Waits(format!("{which}, which is all that its quota allows at once")))
}

/// Whether something may be to be built; what a Compose file says is not known yet.
fn builds(app: &App, deployment: &Deployment) -> bool {
    !matches!(deployment.cause, Cause::Rollback { .. })
        && !matches!(app.source, Source::Image { .. } | Source::Compose { .. })
        && (app.composed() || !matches!(app.build, Build::None))
}
