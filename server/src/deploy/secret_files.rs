//! The variables of an app that are delivered as files, put on top of its stack
//! ([`skep_stack::secret_files`]).

use skep_stack::{
    secret_files::{NameKey, SecretFile, mount as put},
    spec::StackSpec,
};

use super::{desire::refused, run::Stop, variables::Resolved};
use crate::domain::{app::App, name::SecretFileOwner, step::Step};

/// Mounts them.
///
/// # Errors
/// All that cannot be mounted.
pub(super) fn mount(
    spec: &mut StackSpec,
    app: &App,
    variables: &Resolved,
    names: &NameKey,
) -> Result<(), Stop> {
    let mut files = Vec::new();
    for (key, file) in &variables.files {
        // Both come from the same rows.
        let Some(value) = variables.env.get(key) else { continue };
        let owner = file.owner.as_ref().map(SecretFileOwner::as_str);
        files.push(SecretFile { key, name: file.name.as_str(), value, services: &file.services, owner });
    }
    let is_variable = |name: &str| variables.env.contains_key(name);
    put(spec, &app.id.to_string(), &files, names, is_variable).map_err(|faults| refused(Step::Plan, &faults))
}
