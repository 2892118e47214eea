//! The overview, and projects.

mod new;
mod overview;
mod project;
mod variables;

pub use new::new;
pub use overview::overview;
pub use project::project;
pub use variables::variables;
