//! Credentials.

use super::{Reply, ask::ask, go};
use crate::{
    api::{CredentialKind, Error, NewCredential, Secret},
    http::{Cx, Done, Form},
};

/// Stores one, or makes a key.
pub async fn create(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let kind = match form.text("kind") {
        "git_token" => CredentialKind::GitToken,
        "git_key" => CredentialKind::GitKey,
        "registry" => CredentialKind::Registry,
        _ => return Err(Error::invalid("kind", "must be one of the three")),
    };
    let key = kind == CredentialKind::GitKey;
    cx.api
        .create_credential(NewCredential {
            kind,
            title: form.text("title").to_owned(),
            host: form.text("host").to_owned(),
            username: if key { String::new() } else { form.text("username").to_owned() },
            secret: if key { Secret::default() } else { form.secret("secret") },
        })
        .await?;
    go("/credentials", Done::CredentialCreated)
}

/// Deletes one that nobody uses.
pub async fn delete(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "The credential is deleted and cannot be brought back.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Delete credential", "/credentials") {
        return Ok(reply);
    }
    cx.api.delete_credential(&form.text("credential").into()).await?;
    go("/credentials", Done::CredentialDeleted)
}
