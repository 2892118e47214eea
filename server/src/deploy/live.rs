//! What the deployment that serves found and made: its commit, file and images. What a new one does
//! not make anew (a plan without a deployment, services that stay as they are) it takes from here.

use super::{build::Built, composed::Composed, parts::Parts, push::Pushed, run::Stop};
use crate::{
    db,
    domain::{app::App, deployment::Cause, name::Sha, step::Step},
};

/// A rollback may have been of a rollback; who goes further back than this finds nothing.
const BACK: usize = 20;

/// What serves, as it was made.
#[derive(Default)]
pub(super) struct Live {
    pub(super) commit: Option<Sha>,
    pub(super) composed: Option<Composed>,
    pub(super) pushed: Pushed,
}

impl Live {
    /// Reads it; of a release that was gone back to, what made that one.
    ///
    /// # Errors
    /// It cannot be opened; the database.
    pub(super) async fn load(parts: &Parts, app: &App) -> Result<Self, Stop> {
        let mut tx = parts.db.read().await?;
        let Some(release) = db::release::current(&mut tx, app.id).await? else { return Ok(Self::default()) };
        let commit = release.commit.clone();
        let mut made_by = release.deployment;
        for _ in 0..BACK {
            let Some(deployment) = db::deployment::load(&mut tx, made_by).await? else { break };
            let Cause::Rollback { to, .. } = deployment.cause else { break };
            // Nothing was built for a rollback: its images are those of the release it went to.
            let Some(release) = db::release::get(&mut tx, app.id, to).await? else { break };
            made_by = release.deployment;
        }
        let steps = db::step::list(&mut tx, made_by).await?;
        drop(tx);
        let output = |step: Step| {
            let record = steps.iter().find(|record| record.step == step)?;
            Some(record.output.as_ref()?.0.clone())
        };
        let built: Option<Built> = output(Step::Build).and_then(|output| serde_json::from_value(output).ok());
        let pushed = output(Step::Push).and_then(|output| serde_json::from_value(output).ok());
        let sealed = built.and_then(|built| built.composed);
        let composed = sealed.map(|sealed| Composed::open(parts, &sealed)).transpose()?;
        Ok(Self { commit, composed, pushed: pushed.unwrap_or_default() })
    }
}
