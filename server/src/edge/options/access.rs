//! Who may come: addresses, names and passwords.

use serde::Serialize;

use super::Chain;
use crate::{
    domain::route::{Login, RouteOptions},
    edge::{document::Middleware, gate_path, input::Route},
};

/// Names with hashes; the app does not see what was shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::edge) struct BasicAuth {
    pub users: Vec<String>,
    pub remove_header: bool,
}

/// Whom Skep is asked about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::edge) struct ForwardAuth {
    pub address: String,
    /// The app has these from Skep; what the visitor sent under that name is taken away.
    pub auth_response_headers: [&'static str; 1],
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

/// By signing in with Skep, which is at this address.
pub(super) fn sign_in(chain: &mut Chain<'_>, route: &Route, skep: Option<&str>) {
    if let (Some(_), Some(skep)) = (&route.options.sign_in, skep) {
        let address = format!("{skep}{}", gate_path(route.id));
        let asks = ForwardAuth { address, auth_response_headers: ["X-Skep-User"] };
        chain.add("sign-in", Middleware::ForwardAuth(asks));
    }
}
