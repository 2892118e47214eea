//! The pages: each asks the API, then draws. No page changes anything.
//!
//! To add one: its file in the folder of its noun, and its line in `route.rs`.

mod account;
mod apps;
mod certificates;
mod cluster;
mod deployments;
mod environments;
mod gate;
mod import;
mod projects;
mod question;
mod route;
mod shown_once;
mod team;
mod trouble;

use std::sync::Arc;

use leptos::{prelude::*, reactive::owner::Owner};

pub use account::{enrolment as shown_enrolment, recovery_codes as shown_recovery_codes, way as shown_way};
pub use cluster::shown_host_keys;
pub use gate::refused as not_signed_in;
pub use import::shown_import;
pub use question::question;
pub use route::at;
pub use shown_once::{
    invitation as shown_invitation, service_token as shown_service_token, token as shown_token,
    value as shown_value, webhook as shown_webhook,
};
pub use team::findings as shown_findings;
pub use trouble::error;

use crate::{
    components::{Document, Place, Shell},
    http::Cx,
};

/// A page, ready to be drawn.
pub struct Page {
    /// The document's title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Where it belongs.
    pub place: Place,
    body: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Page {
    /// A page with status 200; `body` draws it.
    pub fn new<V: IntoView + 'static>(
        title: impl Into<String>,
        place: Place,
        body: impl FnOnce() -> V + Send + 'static,
    ) -> Self {
        Self { title: title.into(), status: 200, place, body: Box::new(move || body().into_any()) }
    }
}

/// The page as HTML. Views are made and drawn under an owner of their own, which is dropped with all
/// that they keep.
pub fn draw(cx: &Cx<'_>, page: Page) -> String {
    let document = Document {
        title: page.title,
        place: page.place,
        viewer: cx.viewer.clone(),
        theme: cx.theme.name(),
        nonce: cx.visit.nonce.clone(),
        path: cx.path.clone(),
        done: cx.done(),
    };
    let shared = Arc::new(hydration_context::SsrSharedContext::new_islands());
    let owner = Owner::new_root(Some(shared));
    let body = page.body;
    let html = owner.with(|| view! { <Shell document>{body()}</Shell> }.into_any().to_html());
    owner.unset_with_forced_cleanup();
    html
}
