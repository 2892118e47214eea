//! One action of a plan, done once however often it is asked.

use std::time::Duration;

use bollard::{models::ServiceSpec, query_parameters::UpdateServiceOptions};
use skep_stack::plan::Action;

use super::{
    EngineError, RegistryAuth,
    client::{DockerEngine, SHORT, signed},
    read_back::Found,
};

/// A service's image is looked up at its registry within the call.
const WITH_REGISTRY: Duration = Duration::from_secs(60);

impl DockerEngine {
    pub(super) async fn do_action(
        &self,
        action: &Action,
        auth: Option<&RegistryAuth>,
    ) -> Result<String, EngineError> {
        let error = match self.ask(action, auth).await {
            Ok(id) => return Ok(id),
            Err(EngineError::NotFound(_)) if removes(action) => return Ok(target(action).to_owned()),
            Err(error) if error.transient() || matches!(error, EngineError::Conflict(_)) => error,
            Err(error) => return Err(error),
        };
        // It may be done all the same: the answer was lost, or it is a repetition.
        match self.read_back(action).await {
            Ok(Found::Done(id)) => Ok(id),
            Ok(Found::Other) if !removes(action) => {
                Err(EngineError::Conflict(format!("{} is not as it was planned for", target(action))))
            }
            Ok(Found::Other | Found::Untouched) | Err(_) => Err(error),
        }
    }

    async fn ask(&self, action: &Action, auth: Option<&RegistryAuth>) -> Result<String, EngineError> {
        match action {
            Action::CreateNetwork { body, .. } => {
                let body = (**body).clone();
                Ok(self.call(SHORT, |d| async move { d.create_network(body).await }).await?.id)
            }
            Action::CreateSecret { body, .. } => {
                let body = (**body).clone();
                Ok(self.call(SHORT, |d| async move { d.create_secret(body).await }).await?.id)
            }
            Action::CreateConfig { body, .. } => {
                let body = (**body).clone();
                Ok(self.call(SHORT, |d| async move { d.create_config(body).await }).await?.id)
            }
            Action::CreateService { name, body } => {
                let body = self.with_references(placed((**body).clone())).await?;
                let made = self
                    .call(WITH_REGISTRY, |d| async move { signed(d, auth).create_service(body, None).await })
                    .await?;
                made.id.ok_or_else(|| EngineError::Unreachable(format!("no id came for service {name}")))
            }
            Action::UpdateService { id, version, body, .. } => {
                let body = self.with_references(placed((**body).clone())).await?;
                let version = i32::try_from(*version)
                    .map_err(|_| EngineError::Refused(format!("version index {version} is out of range")))?;
                let options = UpdateServiceOptions {
                    version,
                    // Without credentials of its own the update keeps those that are there.
                    registry_auth_from: "spec".to_owned(),
                    rollback: None,
                };
                self.call(WITH_REGISTRY, |d| async move {
                    signed(d, auth).update_service(id, body, options, None).await
                })
                .await?;
                Ok(id.clone())
            }
            Action::RemoveService { id, .. } => {
                self.call(SHORT, |d| async move { d.delete_service(id).await }).await?;
                Ok(id.clone())
            }
            Action::RemoveConfig { id, .. } => {
                self.call(SHORT, |d| async move { d.delete_config(id).await }).await?;
                Ok(id.clone())
            }
            Action::RemoveSecret { id, .. } => {
                self.call(SHORT, |d| async move { d.delete_secret(id).await }).await?;
                Ok(id.clone())
            }
            Action::RemoveNetwork { id, .. } => {
                self.call(SHORT, |d| async move { d.remove_network(id).await }).await?;
                Ok(id.clone())
            }
        }
    }
}

/// The service with a placement, be it an empty one: engines up to 20.10 look into it without asking
/// whether it is there when they compare tasks that have one with a template that has none, and the
/// whole manager falls.
fn placed(mut body: ServiceSpec) -> ServiceSpec {
    body.task_template.get_or_insert_default().placement.get_or_insert_default();
    body
}

/// It takes something away.
pub(super) const fn removes(action: &Action) -> bool {
    matches!(
        action,
        Action::RemoveService { .. }
            | Action::RemoveConfig { .. }
            | Action::RemoveSecret { .. }
            | Action::RemoveNetwork { .. }
    )
}

/// What it is about: the id where there is one, else the name.
fn target(action: &Action) -> &str {
    match action {
        Action::CreateNetwork { name, .. }
        | Action::CreateSecret { name, .. }
        | Action::CreateConfig { name, .. }
        | Action::CreateService { name, .. } => name,
        Action::UpdateService { id, .. }
        | Action::RemoveService { id, .. }
        | Action::RemoveConfig { id, .. }
        | Action::RemoveSecret { id, .. }
        | Action::RemoveNetwork { id, .. } => id,
    }
}
