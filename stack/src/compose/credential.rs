//! `credential_spec`: the account that a Windows container runs as.
//!
//! To add a kind of account: its key in [`convert`].

use std::collections::BTreeMap;

use bollard_stubs::models::{
    TaskSpecContainerSpecConfigs, TaskSpecContainerSpecPrivileges,
    TaskSpecContainerSpecPrivilegesCredentialSpec as Credential,
};

use super::{convert::Build, declared::Object, read::Fields};

/// The engine's privileges, and the config that holds the account where one is named.
pub(super) fn convert(
    fields: &Fields<'_>,
    configs: &BTreeMap<String, Object>,
    build: &mut Build<'_>,
) -> Option<(TaskSpecContainerSpecPrivileges, Option<TaskSpecContainerSpecConfigs>)> {
    let at = fields.get("credential_spec")?;
    let faults = &mut build.faults;
    let inner = at.fields(&["config", "file", "registry"], faults);
    let text = |key: &str, faults: &mut crate::fault::Faults| {
        let text = inner.get(key).and_then(|at| at.text(faults));
        text.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
    };
    let mut credential = Credential {
        config: text("config", faults),
        file: text("file", faults),
        registry: text("registry", faults),
    };
    let given = [&credential.config, &credential.file, &credential.registry];
    match given.iter().filter(|part| part.is_some()).count() {
        0 => return None,
        1 => {}
        _ => {
            at.fault("conflict", "must have only one of `config`, `file` and `registry`", faults);
            return None;
        }
    }
    let mut reference = None;
    if let Some(name) = &credential.config {
        let Some(object) = configs.get(name) else {
            at.fault("unknown_object", "is not declared under the top-level `configs`", faults);
            return None;
        };
        reference = Some(TaskSpecContainerSpecConfigs {
            runtime: Some(Default::default()),
            config_name: Some(object.name.clone()),
            ..Default::default()
        });
        credential.config = Some(object.name.clone());
    }
    let privileges =
        TaskSpecContainerSpecPrivileges { credential_spec: Some(credential), ..Default::default() };
    Some((privileges, reference))
}
