//! Credentials.

use super::{Reply, ask::ask, go};
use crate::{
    api::{CredentialKind, Error, NewCredential, Secret},
    http::{Cx, Done, Form},
    pages,
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

/// Trusts a host: the given keys, or, if none is given, asks it and shows what it says.
pub async fn trust_host(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let host = form.text("host").to_owned();
    let given = form.pairs().iter().filter(|(name, line)| name == "line" && !line.trim().is_empty());
    let lines: Vec<String> = given.map(|(_, line)| line.trim().to_owned()).collect();
    if lines.is_empty() {
        let keys = cx.api.look_up_host(&host).await?;
        return Ok(Reply::Show(pages::shown_host_keys(host, keys, "/actions/host-keys")));
    }
    cx.api.trust_host(&host, &lines).await?;
    go("/credentials", Done::HostTrusted)
}

/// Trusts a host no more.
pub async fn forget_host(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Fetches by ssh from it end until its keys are trusted again.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Forget host", "/credentials") {
        return Ok(reply);
    }
    cx.api.forget_host(form.text("host")).await?;
    go("/credentials", Done::HostForgotten)
}
