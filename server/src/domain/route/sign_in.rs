//! Visitors sign in with Skep before they get to the app.

use serde::{Deserialize, Serialize};

use crate::domain::right::Right;

/// Only people of Skep's who have this right at the app's environment get to the app, which is told who
/// they are by the header `X-Skep-User`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The right; to see the app if absent.
    #[serde(default = "view")]
    pub right: Right,
}

const fn view() -> Right {
    Right::View
}
