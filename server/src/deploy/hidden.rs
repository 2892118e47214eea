//! All values of an app that nobody must read in a log: today's secrets, and those that what serves still
//! runs with. To add a place that holds some: here, so that deployments and log streams both know it.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use skep_stack::spec::StackSpec;

use super::{mask::Mask, parts::Parts, plan::serving, run::Stop, variables};
use crate::domain::{app::App, secret::Secret};

/// The mask of an app; of a spec that it is brought to, and of values that were just read, beside it.
/// Variables that cannot be resolved are known as they are written, stores are not asked, and what serves is
/// left out if it cannot be opened.
///
/// # Errors
/// The database; a variable that cannot be opened.
pub async fn mask(
    parts: &Parts,
    app: &App,
    wanted: Option<&StackSpec>,
    fresh: &[Secret],
) -> Result<Mask, Stop> {
    let variables::Known { own, resolved } = variables::known(parts, app).await?;
    let keys: BTreeSet<&str> = own.iter().map(|(key, _)| key.as_str()).collect();
    let serving = serving(parts, app).await.ok().flatten();
    let specs = wanted.into_iter().chain(&serving);
    let ran: Vec<Secret> = specs.flat_map(|spec| of_spec(spec, &keys)).collect();
    Ok(Mask::new(own.iter().map(|(_, value)| value).chain(&resolved).chain(&ran).chain(fresh)))
}

/// The values that a spec holds of secrets, and of variables with one of these names.
fn of_spec(spec: &StackSpec, keys: &BTreeSet<&str>) -> Vec<Secret> {
    let decoded = |data: &String| String::from_utf8(STANDARD.decode(data).ok()?).ok();
    let files = spec.secrets.values().filter_map(|body| decoded(body.data.as_ref()?));
    let containers =
        spec.services.values().filter_map(|service| service.task_template.as_ref()?.container_spec.as_ref());
    let pairs = containers.flat_map(|container| container.env.iter().flatten());
    let values = pairs.filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        // As `stack::app::env` writes what opens a template.
        keys.contains(key).then(|| value.replace("{{\"{{\"}}", "{{"))
    });
    files.chain(values).map(Secret::new).collect()
}
