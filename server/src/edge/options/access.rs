//! Who may come: addresses, names and passwords.

use serde::Serialize;

use super::Chain;
use crate::{
    domain::route::{Login, RouteOptions},
    edge::document::Middleware,
};

/// Names with hashes; the app does not see what was shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::edge) struct BasicAuth {
    pub users: Vec<String>,
    pub remove_header: bool,
}

/// By the address of the connection: no header of the visitor's counts.
pub(super) fn ranges(chain: &mut Chain<'_>, options: &RouteOptions) {
    if let Some(allow) = &options.allow {
        chain.add("allow", Middleware::IpAllowList { source_range: allow.texts() });
    }
}

/// By a login.
pub(super) fn logins(chain: &mut Chain<'_>, logins: &[Login]) {
    if !logins.is_empty() {
        let users = logins.iter().map(Login::line).collect();
        chain.add("login", Middleware::BasicAuth(BasicAuth { users, remove_header: true }));
    }
}
