//! The page when a page cannot be shown: what happened, and the way on.

use leptos::prelude::*;

use super::Page;
use crate::{api::Error, components::Place, http::Cx};

/// The page for an error, with its status.
pub fn error(_cx: &Cx<'_>, error: &Error) -> Page {
    let (title, text) = match error {
        Error::NotFound => (
            "There is nothing here",
            "The address is wrong, or what was here is gone or belongs to another team.".to_owned(),
        ),
        Error::Forbidden(text) => ("You may not do this", text.clone()),
        Error::Unauthenticated => ("Sign in first", "Your session has ended.".to_owned()),
        Error::Busy(seconds) => ("Too many tries", format!("Try again in {seconds} seconds.")),
        Error::Unavailable(text) => ("Not available now", text.clone()),
        Error::Conflict(text) => ("This does not go together", text.clone()),
        Error::Invalid(faults) => {
            let faults: Vec<_> = faults.iter().map(|f| format!("{} {}", f.field, f.message)).collect();
            ("This cannot be read", faults.join(" "))
        }
        Error::Other(id) => (
            "Something went wrong on our side",
            format!("It is in the server's log under request {id}. Trying again may help."),
        ),
    };
    let status = error.status();
    let mut page = Page::new(title, Place::Gate, move || {
        view! {
            <div class="trouble">
                <p class="trouble-code">{status}</p>
                <h1>{title}</h1>
                <p>{text}</p>
                <p class="row center">
                    <a class="button primary" href="/">
                        "To the overview"
                    </a>
                </p>
            </div>
        }
    });
    page.status = status;
    page
}
