//! What the dashboard needs from the rest of Skep, and the words it shows.
//!
//! One file per noun: the views (plain data, `serde`) and, on the server only, a trait with one
//! method per question or command. [`Api`] is all of them together; whoever mounts the dashboard
//! gives an implementation that is bound to the signed-in actor of one request (or to nobody),
//! authorises in every method, and answers another team's id as [`Error::NotFound`].
//!
//! Paths of fields in [`Fault`] are those of the public JSON API (`source.url`,
//! `settings.mounts[0].target`); the forms name their inputs the same, so that a fault is shown at
//! its input without any table in between.
//!
//! To add a noun: a file with its views and trait, a line in [`Api`], and its part in `fake/`.

mod apps;
mod audit;
mod certificates;
mod credentials;
mod deployments;
mod dns;
mod domains;
mod error;
mod events;
mod id;
mod instance;
mod nodes;
mod passkeys;
mod projects;
mod secret;
mod service_accounts;
mod session;
mod settings;
mod source;
mod sso;
mod steps;
mod stores;
mod teams;
mod time;
mod traffic;
mod two_factor;
mod variables;
mod webhooks;

pub use apps::*;
pub use audit::*;
pub use certificates::*;
pub use credentials::*;
pub use deployments::*;
pub use dns::*;
pub use domains::*;
pub use error::*;
pub use events::*;
pub use id::*;
pub use instance::*;
pub use nodes::*;
pub use passkeys::*;
pub use projects::*;
pub use secret::*;
pub use service_accounts::*;
pub use session::*;
pub use settings::*;
pub use source::*;
pub use sso::*;
pub use steps::*;
pub use stores::*;
pub use teams::*;
pub use time::*;
pub use traffic::*;
pub use two_factor::*;
pub use variables::*;
pub use webhooks::*;

/// Everything that the pages and forms need, for one actor.
#[cfg(feature = "ssr")]
pub trait Api:
    Sessions
    + TwoFactor
    + Passkeys
    + Projects
    + Apps
    + Deployments
    + Variables
    + Domains
    + Dns
    + Webhooks
    + Credentials
    + Stores
    + Nodes
    + Instances
    + Teams
    + ServiceAccounts
    + Audits
    + SingleSignOn
    + Certificates
    + Traffics
{
}

#[cfg(feature = "ssr")]
impl<T> Api for T where
    T: Sessions
        + TwoFactor
        + Passkeys
        + Projects
        + Apps
        + Deployments
        + Variables
        + Domains
        + Dns
        + Webhooks
        + Credentials
        + Stores
        + Nodes
        + Instances
        + Teams
        + ServiceAccounts
        + Audits
        + SingleSignOn
        + Certificates
        + Traffics
{
}
