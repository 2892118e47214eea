//! Service accounts of the team, and their tokens.

use super::{Reply, ask::ask, go};
use crate::{
    api::Error,
    http::{Cx, Done, Form},
    pages,
};

/// Makes one.
pub async fn create(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.create_service_account(form.text("name")).await?;
    go("/team", Done::ServiceAccountCreated)
}

/// Renames one.
pub async fn rename(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.rename_service_account(form.text("account"), form.text("name")).await?;
    go("/team", Done::ServiceAccountRenamed)
}

/// Removes one.
pub async fn remove(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Programs that use one of its tokens are refused from then on.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Remove service account", "/team") {
        return Ok(reply);
    }
    cx.api.remove_service_account(form.text("account")).await?;
    go("/team", Done::ServiceAccountRemoved)
}

/// Makes a token of one, and shows its value this once.
pub async fn create_token(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let mut faults = Vec::new();
    let days = form.number("days", &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let name = form.text("name");
    let value = cx.api.create_service_token(form.text("account"), name, days).await?;
    Ok(Reply::Show(pages::shown_service_token(name.to_owned(), &value)))
}

/// Takes a token of one back.
pub async fn delete_token(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Programs that use this token are refused from then on.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Revoke token", "/team") {
        return Ok(reply);
    }
    cx.api.end_service_token(form.text("account"), form.text("token")).await?;
    go("/team", Done::TokenDeleted)
}
