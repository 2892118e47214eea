//! The dashboard: pages drawn on the server, islands in the browser.

pub mod api;
