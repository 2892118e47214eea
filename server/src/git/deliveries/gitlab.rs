//! GitLab: the plain secret in `X-Gitlab-Token`, or a signing token (`whsec_…`) and deliveries
//! in the Standard Webhooks form.
//!
//! With a signing token only signed deliveries count, and a signature that is there must be
//! right: the plain token never makes up for it (case 11).

use axum::http::HeaderMap;

use super::{Rejection, Secrets, field::Field, header, push, signature, standard};
use crate::domain::{
    clock::Time,
    push::{Event, Head, Push},
};

pub(super) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    let signs = secrets.current.expose().starts_with(standard::PREFIX);
    if signs || standard::is_signed(headers) {
        return standard::verify(headers, body, secrets, now);
    }
    let told = header::one(headers, "x-gitlab-token")?.ok_or_else(signature::missing)?;
    signature::check_token(told, secrets, now)
}

pub(super) fn parse(payload: Field<'_>) -> Result<Vec<Event>, Rejection> {
    Ok(vec![match payload.get("object_kind").text()? {
        "push" | "tag_push" => pushed(&payload)?,
        "merge_request" => merge_request(&payload),
        _ => Event::Ignored("event"),
    }])
}

fn pushed(payload: &Field<'_>) -> Result<Event, Rejection> {
    let project = payload.get("project").object()?;
    project.get("path_with_namespace").text()?;
    let Some(target) = push::target(&payload.get("ref"))? else { return Ok(Event::Ignored("ref")) };
    let after = payload.get("after").sha()?;
    let before = payload.get("before").sha()?;
    let commits = payload.get("commits").list()?;
    // At most 20 are listed, and the count tells how many there were.
    let total = payload.get("total_commits_count").count();
    let complete = before.is_some() && total == u64::try_from(commits.len()).ok();
    // For an annotated tag `after` is the tag object, `checkout_sha` its commit.
    let checkout = payload.get("checkout_sha");
    let checkout = if checkout.exists() { checkout.sha()? } else { None };
    let commit = checkout.or_else(|| after.clone());
    let head = commit.as_ref().and_then(|sha| {
        push::head(commits.iter().find(|one| one.get("id").maybe_text() == Some(sha.as_str()))?)
    });
    let message = payload.get("message").maybe_text().filter(|text| !text.is_empty());
    let tag_message = message.map(|text| Head { message: text.to_owned(), author: None });
    Ok(Event::Push(Push {
        repository: push::names(
            &project,
            &["path_with_namespace", "git_http_url", "git_ssh_url", "http_url", "ssh_url", "web_url"],
        ),
        target,
        after: if after.is_some() { commit } else { None },
        before,
        forced: false,
        head: head.or(tag_message),
        paths: if complete { push::paths(&commits) } else { None },
    }))
}

fn merge_request(payload: &Field<'_>) -> Event {
    let attributes = payload.get("object_attributes");
    match (attributes.get("source_project_id").count(), attributes.get("target_project_id").count()) {
        (Some(source), Some(target)) if source == target => Event::Ignored("event"),
        _ => Event::Ignored("needs_approval"),
    }
}
