//! Reading headers that decide something: each may come once only, or two readers along the way
//! might look at different ones (case 4).

use axum::http::HeaderMap;

use super::Rejection;

/// The value of `name`, without blanks around it. A value that is no text counts as empty.
pub(super) fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        let message = format!("the header `{name}` must be given once");
        return Err(Rejection::new(400, "duplicate_header", message));
    }
    Ok(value.map(|value| value.to_str().unwrap_or_default().trim()))
}

/// The first of `names` that is there: it decides, even if it is wrong and a later one is right.
pub(super) fn first<'a>(headers: &'a HeaderMap, names: &[&str]) -> Result<Option<&'a str>, Rejection> {
    for name in names {
        if let Some(value) = one(headers, name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// As [`first`], or 400.
pub(super) fn required<'a>(headers: &'a HeaderMap, names: &[&str]) -> Result<&'a str, Rejection> {
    first(headers, names)?.filter(|value| !value.is_empty()).ok_or_else(|| {
        let name = names.last().copied().unwrap_or_default();
        Rejection::new(400, "header_missing", format!("the header `{name}` must name the event"))
    })
}
