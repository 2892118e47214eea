//! Apps: one file per tab, and the way in and out.

mod build;
mod delete;
mod deployments;
mod domain;
mod domains;
mod logs;
mod new;
mod overview;
mod plan;
mod ports;
mod services;
mod settings;
mod source;
mod traffic;
mod variables;
mod webhook_help;
mod webhooks;

pub use delete::delete;
pub use deployments::deployments;
pub use domain::domain;
pub use domains::domains;
pub use logs::logs;
pub use new::new;
pub use overview::overview;
pub use plan::plan;
pub use settings::settings;
pub use traffic::traffic;
pub use variables::variables;
pub use webhooks::webhooks;
