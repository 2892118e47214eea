//! The stylesheet, the icon, and the islands' wasm where it was built: all in the program, under
//! names that hold a hash of the content, so that a browser may keep them for ever.
//!
//! `build.rs` writes the list. To add a file: put it in `web/style/` (a `.css` is joined into the
//! one stylesheet, in the order of names; anything else is served as it is).

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

/// A file under `/pkg/`.
pub struct Asset {
    /// Its name with the hash: `app.0123456789abcdef.css`.
    pub name: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file of that name, to be kept for ever; 404 if there is none.
#[must_use]
pub fn serve(name: &str) -> Response {
    let Some(asset) = ALL.iter().find(|asset| asset.name == name) else {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    };
    let mut response = Response::new(Body::from(asset.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The path of the islands' JavaScript and wasm, if they were built.
#[must_use]
pub const fn islands() -> Option<(&'static str, &'static str)> {
    ISLANDS
}

/// The path of the stylesheet.
#[must_use]
pub const fn stylesheet() -> &'static str {
    STYLESHEET
}

/// The path of the icon.
#[must_use]
pub const fn icon() -> &'static str {
    ICON
}
