//! What is to be other than before, as the API takes it and the dashboard's forms make it.

use serde::Deserialize;

use super::{LoginGiven, Logins, OptionsChange};
use crate::domain::domain_name::PathPrefix;

/// What is to be other than before; what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeDomain)]
#[serde(deny_unknown_fields)]
pub struct DomainChange {
    /// Requests under this path.
    pub path: Option<PathPrefix>,
    /// Take the path off before the app sees the request.
    pub strip: Option<bool>,
    /// The service of a Compose app.
    pub service: Option<String>,
    /// The port in the container.
    pub port: Option<u16>,
    /// Serve over HTTPS and redirect http.
    pub https: Option<bool>,
    /// Send the host with `www.` on to this one; of one that begins with `www.`, the host without it. It
    /// becomes the app's, and gets a certificate, too.
    pub redirect_www: Option<bool>,
    /// What else holds: each field that is given, `null` takes it away.
    #[serde(default)]
    pub options: OptionsChange,
    /// Whom visitors must show to be, by name and password: exactly these from now on; an empty list asks
    /// nobody. Passwords are never answered.
    #[schema(value_type = Option<Vec<LoginGiven>>)]
    pub logins: Option<Logins>,
}
