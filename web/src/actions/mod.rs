//! What the forms do: one function per form, over the API.
//!
//! Why plain forms and not Leptos' server functions: without JavaScript a refused server function
//! comes back by redirect with one message in the address. It cannot keep what was entered, cannot
//! show each fault at its field, cannot answer 422, and puts our words into a link. Here a form is
//! posted to `/actions/…`, its function asks the API, and the answer is either "see other" with a
//! code for the message, or the form's own page drawn again with status 422, what was entered (except
//! secrets) and each fault at its field. There is one way for both browsers, with and without
//! JavaScript, and no argument is ever decoded from a type's layout.
//!
//! To add one: its function in the file of its noun and its line in `route.rs`, with the page that
//! holds the form.

mod account;
mod app_form;
mod apps;
mod ask;
mod build_form;
mod certificates;
mod credentials;
mod deployments;
mod dns;
pub mod domain_fields;
mod domains;
mod instance;
mod nodes;
mod passkeys;
mod projects;
mod route;
mod secret_files;
mod service_accounts;
mod session;
mod settings_form;
mod source_form;
pub mod sso;
mod stores;
mod team;
mod two_factor;
mod upload;
mod variables;
mod webhooks;

use crate::{
    api::{Error, Secret},
    http::Done,
    pages::Page,
};

pub use route::{home, run};
pub use upload::{streams, upload};

/// How a form went well.
pub enum Reply {
    /// On to a page, with a message.
    Go {
        /// Its path.
        to: String,
        /// The message.
        done: Option<Done>,
    },
    /// On to a page, with new cookies.
    Cookie {
        /// Its path.
        to: String,
        /// The `Set-Cookie` values.
        cookies: Vec<Secret>,
    },
    /// A page at once that shows a secret this once, with new cookies.
    ShowCookie {
        /// The page.
        page: Page,
        /// The `Set-Cookie` values.
        cookies: Vec<Secret>,
    },
    /// A page at once: a question to confirm, or a secret that is shown this once.
    Show(Page),
}

/// The page that holds the form, and how it went.
pub type Outcome = (String, Result<Reply, Error>);

/// On to `to` with a message.
fn go(to: impl Into<String>, done: Done) -> Result<Reply, Error> {
    Ok(Reply::Go { to: to.into(), done: Some(done) })
}
