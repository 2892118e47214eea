//! What can be asked of Skep: one function for each command or query, called alike by the API,
//! the dashboard and the CLI's server side. Each authorises, loads, decides, writes, enqueues,
//! commits and tells, in that order.
//!
//! To add one: a function `async fn verb(cx: &Ctx, ...) -> Result<_, Error>` in the file of its
//! noun, its transport in `http/api/v1/<noun>/<verb>.rs`, and its row in the authorization matrix.

pub mod adopt;
mod allow;
pub mod approvals;
pub mod apps;
pub mod audit;
pub mod certificates;
pub mod credentials;
pub mod ctx;
pub mod deliveries;
pub mod deployments;
pub mod detail;
pub mod directories;
pub mod dns;
pub mod domains;
pub mod edges;
pub mod environments;
pub mod error;
pub mod gate;
pub mod glance;
pub mod host_keys;
pub mod identity;
pub mod invitations;
pub mod lifecycle;
pub mod logs;
pub mod look;
pub mod members;
pub mod nodes;
pub mod own_certificates;
mod pinned;
pub mod ports;
pub mod progress;
pub mod projects;
pub mod protection;
pub mod push_received;
pub mod quotas;
pub mod release_diff;
pub mod roles;
pub mod service_accounts;
pub mod services;
pub mod settings;
pub mod shifts;
pub mod sso;
pub mod standing;
pub mod stores;
pub mod teams;
pub mod traffic;
pub mod upload;
pub mod variables;
pub mod verified_domains;
pub mod webhooks;

pub use ctx::Ctx;
pub use error::Error;
