//! `GET /api/v1/audit`

use axum::Json;
use serde::Deserialize;

use super::EntryView;
use crate::{
    control::{
        Ctx,
        audit::{self, Asked},
    },
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// Which entries.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// So many at most: 100 if absent, 500 at most.
    limit: Option<i64>,
    /// What the page before gave as `next`.
    cursor: String,
    /// `team` (if absent), or `instance` for what belongs to the whole instance.
    chain: String,
    /// A person's id, a part of what they were called, `nobody` or `machine`.
    actor: String,
    /// What the action begins with: `app.`.
    action: String,
    /// The kind of thing: `app`.
    kind: String,
    /// The thing's id.
    object: String,
    /// `done`, `refused`, or the code of a refusal.
    outcome: String,
    /// The project's id.
    project: String,
    /// Not older: a date or a time (RFC 3339).
    from: String,
    /// Not newer: a date, that day included, or a time.
    to: String,
    /// A text anywhere in the entry.
    text: String,
}

/// Entries of the audit log, newest first.
#[utoipa::path(
    get,
    path = "/audit",
    tag = "audit",
    operation_id = "list_audit",
    params(Which),
    responses((status = 200, description = "Done.", body = Page<EntryView>)),
)]
pub async fn handler(cx: Ctx, Query(which): Query<Which>) -> Answer<Page<EntryView>> {
    let limit = Paging { limit: which.limit, cursor: None }.limit();
    let asked = Asked {
        chain: which.chain,
        cursor: which.cursor,
        actor: which.actor,
        action: which.action,
        kind: which.kind,
        object: which.object,
        outcome: which.outcome,
        project: which.project,
        from: which.from,
        to: which.to,
        text: which.text,
    };
    let (chain, filter) = asked.checked()?;
    let page = audit::list(&cx, chain, &filter, i64::try_from(limit).unwrap_or(100)).await?;
    Ok(Json(Page {
        items: page.entries.into_iter().map(EntryView::from).collect(),
        next: page.next.map(|seq| seq.to_string()),
    }))
}
