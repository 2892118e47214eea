//! The audit log.

mod export;
mod key;
mod list;
mod set_retention;
mod show_retention;
mod verify;

use serde::Serialize;

use crate::domain::{
    audit::{Entry, Shown},
    clock::Time,
};

/// A field that is other than before.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FieldView {
    /// Its path.
    field: String,
    /// As it was; secrets are masked.
    #[schema(value_type = Option<Object>)]
    before: Option<Shown>,
    /// As it is; secrets are masked.
    #[schema(value_type = Option<Object>)]
    after: Option<Shown>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditEntryView)]
pub struct EntryView {
    /// Its place in the chain.
    seq: i64,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Time>,
    /// `person`, `service`, `nobody` or `machine`.
    doer: String,
    /// The person's id, or the service account's.
    person: Option<String>,
    /// What they were called then.
    called: Option<String>,
    /// `session` or `token`.
    means: Option<String>,
    /// The id of the session or token.
    means_id: Option<String>,
    /// The network address.
    address: Option<String>,
    /// What: `app.configure`.
    action: String,
    /// `done` or `refused`.
    outcome: String,
    /// Why it was refused.
    code: Option<String>,
    /// What kind of thing.
    kind: String,
    /// Its id.
    object: Option<String>,
    /// What it was called then.
    name: Option<String>,
    /// Its project.
    project: Option<String>,
    /// Its environment.
    environment: Option<String>,
    /// What is other than before.
    changes: Vec<FieldView>,
    /// The request's id.
    request: Option<String>,
    /// SHA-256, hexadecimal.
    hash: String,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let fields = entry.change();
        let view = |field: &crate::domain::audit::Field| FieldView {
            field: field.field.clone(),
            before: field.before.clone(),
            after: field.after.clone(),
        };
        Self {
            seq: entry.seq,
            at: entry.time(),
            doer: entry.doer,
            person: some(entry.person),
            called: some(entry.called),
            means: some(entry.means),
            means_id: some(entry.means_id),
            address: some(entry.address),
            action: entry.action,
            outcome: entry.outcome,
            code: some(entry.code),
            kind: entry.kind,
            object: some(entry.object),
            name: some(entry.name),
            project: some(entry.project),
            environment: some(entry.environment),
            changes: fields.fields().iter().map(view).collect(),
            request: some(entry.request),
            hash: entry.hash,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(export::handler))
        .routes(routes!(verify::handler))
        .routes(routes!(key::handler))
        .routes(routes!(show_retention::handler))
        .routes(routes!(set_retention::handler))
}
