//! Passkeys of the person.

use super::{Reply, ask::ask, go};
use crate::{
    api::Error,
    http::{Cx, Done, Form},
};

/// Renames one.
pub async fn rename(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.rename_passkey(form.text("passkey"), form.text("name")).await?;
    go("/account", Done::PasskeyRenamed)
}

/// Removes one.
pub async fn remove(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "It signs in no longer. Delete it on your device, too.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Remove passkey", "/account") {
        return Ok(reply);
    }
    cx.api.remove_passkey(form.text("passkey")).await?;
    go("/account", Done::PasskeyRemoved)
}
