//! Credentials.

use super::{Reply, ask::ask, go};
use crate::{
    api::{CredentialKind, EnvironmentId, Error, NewCredential, Secret},
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
    let new = NewCredential {
        kind,
        place: place(form),
        title: form.text("title").to_owned(),
        host: form.text("host").to_owned(),
        username: if key { String::new() } else { form.text("username").to_owned() },
        secret: form.secret(if key { "key" } else { "secret" }),
    };
    match cx.api.create_credential(new).await {
        Ok(_) => go("/credentials", Done::CredentialCreated),
        Err(Error::Invalid(mut faults)) if key => {
            // A given key has a field of its own.
            for fault in faults.iter_mut().filter(|fault| fault.field == "secret") {
                "key".clone_into(&mut fault.field);
            }
            Err(Error::Invalid(faults))
        }
        Err(error) => Err(error),
    }
}

/// Makes a key for one environment, on that one's page.
pub async fn create_key(cx: &Cx<'_>, id: EnvironmentId, form: &Form) -> Result<Reply, Error> {
    let new = NewCredential {
        kind: CredentialKind::GitKey,
        place: format!("environment:{id}"),
        title: form.text("title").to_owned(),
        host: form.text("host").to_owned(),
        username: String::new(),
        secret: Secret::default(),
    };
    cx.api.create_credential(new).await?;
    go(format!("/environments/{id}"), Done::CredentialCreated)
}

/// The chosen place; the team where the form has no choice.
fn place(form: &Form) -> String {
    form.optional("place").unwrap_or_else(|| "team".to_owned())
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
    let (place, host) = (place(form), form.text("host").to_owned());
    let given = form.pairs().iter().filter(|(name, line)| name == "line" && !line.trim().is_empty());
    let lines: Vec<String> = given.map(|(_, line)| line.trim().to_owned()).collect();
    if lines.is_empty() {
        let keys = cx.api.look_up_host(&place, &host).await?;
        return Ok(Reply::Show(pages::shown_host_keys(place, host, keys, "/actions/host-keys")));
    }
    cx.api.trust_host(&place, &host, &lines).await?;
    go("/credentials", Done::HostTrusted)
}

/// Trusts a host no more.
pub async fn forget_host(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Fetches by ssh from it end until its keys are trusted again.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Forget host", "/credentials") {
        return Ok(reply);
    }
    cx.api.forget_host(&place(form), form.text("host")).await?;
    go("/credentials", Done::HostForgotten)
}
