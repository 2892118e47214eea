//! Certificates, and the directories that they come from.

use super::{Reply, ask::ask, go};
use crate::{
    api::{DirectoryLimits, Error, NewDirectory},
    http::{Cx, Done, Form},
};

const PAGE: &str = "/certificates";
const DIRECTORIES: &str = "/instance/directories";

/// Tries again to get one.
pub async fn retry(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.retry_one_certificate(form.text("certificate")).await?;
    go(PAGE, Done::CertificateRetried)
}

/// Asks for a new one.
pub async fn renew(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question =
        "The authority's limits count each new certificate. The one that is there is served until then.";
    if let Some(reply) = ask(cx, form, question.to_owned(), "Renew now", PAGE) {
        return Ok(reply);
    }
    cx.api.renew_certificate(form.text("certificate")).await?;
    go(PAGE, Done::CertificateRenewed)
}

/// Chooses the directory of one.
pub async fn choose(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.choose_directory(form.text("certificate"), form.text("directory")).await?;
    go(PAGE, Done::CertificateChosen)
}

/// A directory as it was entered.
fn given(form: &Form) -> Result<NewDirectory, Error> {
    let mut faults = Vec::new();
    let text = |name: &str| form.text(name).to_owned();
    let new = NewDirectory {
        name: text("name"),
        address: text("address"),
        position: form.number("position", &mut faults),
        backup: form.flag("backup"),
        external_key: text("external_key"),
        hmac: form.secret("hmac"),
        profile: text("profile"),
        key_type: text("key_type"),
        limits: DirectoryLimits {
            orders: form.number("limits.orders", &mut faults),
            domain: form.number("limits.domain", &mut faults),
            same: form.number("limits.same", &mut faults),
            failures: form.number("limits.failures", &mut faults),
            at_once: form.number("limits.at_once", &mut faults),
        },
    };
    if faults.is_empty() { Ok(new) } else { Err(Error::Invalid(faults)) }
}

/// Enters a directory.
pub async fn create_directory(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.create_directory(given(form)?).await?;
    go(DIRECTORIES, Done::DirectoryCreated)
}

/// Changes a directory.
pub async fn change_directory(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.change_directory(form.text("id"), given(form)?).await?;
    go(DIRECTORIES, Done::DirectoryChanged)
}

/// Removes a directory.
pub async fn remove_directory(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question =
        "No order is placed there any more. Certificates that came from it are served on.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Remove directory", DIRECTORIES) {
        return Ok(reply);
    }
    cx.api.remove_directory(form.text("id")).await?;
    go(DIRECTORIES, Done::DirectoryRemoved)
}
