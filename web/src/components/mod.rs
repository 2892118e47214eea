//! What pages are made of, drawn on the server. Text given to them is escaped, always.
//!
//! To add one: its file here, and one for its looks in `web/style/`.

mod ago;
mod app_frame;
mod app_row;
mod badge;
mod brand;
mod changes;
mod chart;
mod code;
mod deployment_row;
mod empty;
mod engine;
mod field;
mod form;
mod icon;
mod log;
mod notice;
mod passkey;
mod pick;
mod prose;
mod qr;
mod section;
mod shell;
mod steps;
mod variables;

pub use ago::*;
pub use app_frame::*;
pub use app_row::*;
pub use badge::*;
pub use brand::*;
pub use changes::*;
pub use chart::*;
pub use code::*;
pub use deployment_row::*;
pub use empty::*;
pub use engine::*;
pub use field::*;
pub use form::*;
pub use icon::*;
pub use log::*;
pub use notice::*;
pub use passkey::*;
pub use pick::*;
pub use prose::*;
pub use qr::*;
pub use section::*;
pub use shell::*;
pub use steps::*;
pub use variables::*;
