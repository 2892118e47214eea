//! Variables of an app, an environment or a project.

use super::{Reply, ask::ask, go};
use crate::{
    api::{Error, Scope},
    http::{Cx, Done, Form},
    pages,
};

/// Adds or changes one.
pub async fn set(cx: &Cx<'_>, scope: Scope, page: String, form: &Form) -> Result<Reply, Error> {
    let value = crate::api::Secret::new(form.raw("value").replace("\r\n", "\n"));
    cx.api.set_variable(&scope, form.text("key"), value, form.flag("secret")).await?;
    go(page, Done::VariableSaved)
}

/// Shows what a `.env` text would change.
pub async fn import(cx: &Cx<'_>, scope: Scope, page: String, form: &Form) -> Result<Reply, Error> {
    let (secret, replace) = (form.flag("secret"), form.flag("replace"));
    let preview = cx.api.preview_import(&scope, form.secret("text"), secret, replace).await?;
    Ok(Reply::Show(pages::shown_import(cx, preview, page)))
}

/// Sets what was shown.
pub async fn confirm_import(cx: &Cx<'_>, scope: Scope, page: String, form: &Form) -> Result<Reply, Error> {
    cx.api.import_variables(&scope, form.raw("draft")).await?;
    go(page, Done::VariablesImported)
}

/// Deletes one.
pub async fn delete(cx: &Cx<'_>, scope: Scope, page: String, form: &Form) -> Result<Reply, Error> {
    let question = format!("{} is deleted; its value cannot be brought back.", form.text("key"));
    if let Some(reply) = ask(cx, form, question, "Delete variable", &page) {
        return Ok(reply);
    }
    cx.api.delete_variable(&scope, form.text("key")).await?;
    go(page, Done::VariableDeleted)
}

/// Shows a value.
pub async fn reveal(cx: &Cx<'_>, scope: Scope, page: String, form: &Form) -> Result<Reply, Error> {
    let key = form.text("key");
    let value = cx.api.reveal_variable(&scope, key).await?;
    Ok(Reply::Show(pages::shown_value(key.to_owned(), &value, page)))
}

/// Brings an older value back.
pub async fn restore(cx: &Cx<'_>, scope: Scope, page: String, form: &Form) -> Result<Reply, Error> {
    let mut faults = Vec::new();
    let Some(version) = form.number("version", &mut faults) else {
        return Err(Error::invalid("version", "must be the number of a version"));
    };
    cx.api.restore_variable(&scope, form.text("key"), version).await?;
    go(page, Done::VariableSaved)
}
