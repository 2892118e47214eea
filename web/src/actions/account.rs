//! The person's browsers, tokens and password.

use super::{Reply, ask::ask, go, session::password};
use crate::{
    api::{Error, Fault},
    http::{Cx, Done, Form},
    pages,
};

/// Signs out another browser.
pub async fn end_session(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.end_session(&form.text("session").into()).await?;
    go("/account", Done::SessionEnded)
}

/// Changes the password.
pub async fn change_password(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.change_password(password(form, "current")?, password(form, "password")?).await?;
    go("/account", Done::PasswordChanged)
}

/// Makes a token and shows its value this once.
pub async fn create_token(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let mut faults: Vec<Fault> = Vec::new();
    let days = form.number("days", &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let (token, value) = cx.api.create_token(form.text("name"), days).await?;
    Ok(Reply::Show(pages::shown_token(token.name, &value)))
}

/// Revokes a token.
pub async fn delete_token(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Programs that use this token are refused from then on.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Revoke token", "/account") {
        return Ok(reply);
    }
    cx.api.delete_token(&form.text("token").into()).await?;
    go("/account", Done::TokenDeleted)
}
