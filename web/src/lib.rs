//! The dashboard: pages drawn on the server, islands in the browser.
//!
//! - [`api`]: what the pages need, as traits and views; the server implements it.
//! - `http`: the one entry point, [`handle`], which the server mounts below its own routes.
//! - `pages`: one file per page. Server only; they ask the API and draw, nothing else.
//! - `actions`: one function per form. See its page for why they are plain forms.
//! - `components`: what pages are made of. Server only.
//! - [`islands`]: the only code that reaches the browser. Every page is complete without it.
//! - `style/` (beside `src/`): tokens, and one file per component; one stylesheet comes out.
//!
//! Nothing here knows the server. To add a page: its file in `pages/<noun>/`, its line in
//! `pages/route.rs`, what it needs in `api/`, and a line in `tests/pages.rs`.

#![recursion_limit = "256"]

pub mod api;
pub mod islands;

#[cfg(feature = "ssr")]
mod actions;
#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "fake")]
pub mod fake;
#[cfg(feature = "ssr")]
mod http;
#[cfg(feature = "ssr")]
mod pages;

#[cfg(feature = "ssr")]
pub use http::{Visit, handle};

/// Wakes the islands; the loader calls it once when the wasm is there.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
