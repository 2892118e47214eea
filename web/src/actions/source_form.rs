//! Where an app comes from, as entered.

use crate::{
    api::{CredentialId, Follow, Source},
    http::Form,
};

/// The chosen kind of source. `stored` keeps the digest of an archive that was uploaded before.
pub fn source(form: &Form, stored: Option<&Source>) -> Source {
    let credential = |name| form.optional(name).map(CredentialId);
    let target = form.text("source.follow.target").to_owned();
    match form.text("source.kind") {
        "image" => Source::Image {
            image: form.text("source.image").to_owned(),
            credential: credential("source.registry_credential"),
        },
        "compose" => Source::Compose { text: form.raw("source.text").replace("\r\n", "\n") },
        "upload" => Source::Upload {
            digest: match stored {
                Some(Source::Upload { digest }) => digest.clone(),
                _ => None,
            },
        },
        _ => Source::Git {
            url: form.text("source.url").to_owned(),
            follow: match form.text("source.follow.kind") {
                "tags" => Follow::Tags { pattern: target },
                "commit" => Follow::Commit { sha: target },
                _ => Follow::Branch { branch: target },
            },
            credential: credential("source.git_credential"),
            watch: form.lines("source.watch"),
        },
    }
}
