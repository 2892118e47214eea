//! A page in place of the app's own errors: of the app itself, or one that Skep has.

use serde::Serialize;

use super::Chain;
use crate::edge::{document::Middleware, input::Route, page_path};

/// Which answers are replaced, by what.
#[derive(Serialize)]
pub(in crate::edge) struct Errors {
    pub status: Vec<String>,
    pub service: String,
    pub query: String,
}

/// The answer's status stays; its body and headers are the page's.
pub(super) fn pages(chain: &mut Chain<'_>, route: &Route, skep: Option<&str>) {
    let Some(errors) = &route.options.errors else { return };
    let (service, query) = match (&errors.path, skep) {
        (Some(path), _) => (chain.name.to_owned(), path.as_str().to_owned()),
        (None, Some(skep)) => {
            (skep.to_owned(), format!("{}?status={{status}}", page_path(route.id, "error")))
        }
        (None, None) => return,
    };
    let status = errors.statuses.iter().map(|statuses| statuses.as_str().to_owned()).collect();
    chain.add("errors", Middleware::Errors(Errors { status, service, query }));
}
