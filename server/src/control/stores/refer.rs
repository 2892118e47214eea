//! Which variables refer to which store: asked when a variable is saved, and before a store goes.

use crate::{
    control::{Ctx, Error, variables::NewVariable},
    db::{self, Tx},
    deploy::{
        stored::{MOST, usable},
        variables::references,
    },
    domain::{
        app::App,
        fault::{Fault, Wrong},
        id::ProjectId,
        name::Slug,
        right::Right,
    },
};

/// What is wrong with the references in variables that are to be an app's: their form, an unknown store,
/// one that is for another place, a path that its kind cannot have. The store itself is not asked.
///
/// # Errors
/// All of that at once, as faults at `variables[i].value`.
pub async fn referred(cx: &Ctx, tx: &mut Tx, app: &App, new: &[NewVariable]) -> Result<(), Error> {
    let found: Vec<_> = new
        .iter()
        .enumerate()
        .flat_map(|(i, variable)| references(variable.value.expose()).map(move |reference| (i, reference)))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    let environment = cx.environment(tx, app.environment, Right::View).await?;
    let stores = db::secret_store::list(tx, cx.team()).await?;
    let mut faults: Vec<Fault> = Vec::new();
    if found.len() > MOST {
        let rule = format!("at most {MOST} references to secret stores");
        faults.push(Wrong::coded("quota", rule).at("variables"));
    }
    for (i, reference) in found {
        let fine = reference
            .and_then(|reference| usable(&stores, &reference.store, &environment)?.settings.fits(&reference));
        if let Err(wrong) = fine {
            faults.push(wrong.at(format!("variables[{i}].value")));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// The variables that refer to a store of that name, as `KEY of app`; of apps of one project alone if
/// that is given.
///
/// # Errors
/// The database.
pub async fn refers(
    cx: &Ctx,
    tx: &mut Tx,
    store: Option<&Slug>,
    project: Option<ProjectId>,
) -> Result<Vec<String>, Error> {
    let apps: Vec<_> =
        db::app::list_in(tx, cx.team(), project).await?.into_iter().map(|app| app.id).collect();
    let mut names = Vec::new();
    for variable in db::variable::of_apps(tx, cx.team()).await? {
        let value = cx.parts.seal.open_text("variable", &variable.sealed)?;
        let mut named = references(value.expose()).filter_map(Result::ok);
        let refers = named.any(|reference| store.is_none_or(|store| reference.store == *store));
        if refers && apps.contains(&variable.app) {
            names.push(format!("{} of {}", variable.key, variable.called));
        }
    }
    Ok(names)
}
