//! From the raw body to the JSON in it, by the media type that the sender names.

use std::borrow::Cow;

use axum::http::HeaderMap;

use super::{Rejection, header};
use crate::domain::delivery::Provider;

const FORM: &str = "application/x-www-form-urlencoded";

/// A body in any content encoding is refused: a small one can become a very large one.
pub(super) fn not_encoded(headers: &HeaderMap) -> Result<(), Rejection> {
    match header::one(headers, "content-encoding")? {
        None | Some("" | "identity") => Ok(()),
        Some(_) => Err(Rejection::new(
            415,
            "unsupported_media_type",
            "the body must not be compressed: send it without `Content-Encoding`",
        )),
    }
}

/// The JSON text of the delivery.
pub(super) fn payload<'a>(
    provider: Provider,
    headers: &HeaderMap,
    body: &'a [u8],
) -> Result<Cow<'a, [u8]>, Rejection> {
    let told = header::one(headers, "content-type")?.unwrap_or_default();
    let media = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = media == "application/json" || media.starts_with("application/") && media.ends_with("+json");
    let forms = matches!(provider, Provider::Github | Provider::Gitea);
    if json {
        return Ok(Cow::Borrowed(body));
    }
    if forms && media == FORM {
        let field = url::form_urlencoded::parse(body).find(|(name, _)| name == "payload");
        let (_, text) = field.ok_or_else(|| Rejection {
            field: Some("payload".to_owned()),
            ..Rejection::new(422, "missing_field", "`payload` must be a field of the form")
        })?;
        return Ok(Cow::Owned(text.into_owned().into_bytes()));
    }
    let accepted = if forms {
        "`application/json` or `application/x-www-form-urlencoded`"
    } else {
        "`application/json`"
    };
    Err(Rejection::new(
        415,
        "unsupported_media_type",
        format!("the content type must be {accepted}; choose it in the sender's settings"),
    ))
}
