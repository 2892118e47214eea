//! A JSON body as a type. Unknown fields are refused, and every refusal names the field's path.

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use serde::de::DeserializeOwned;

use super::{Problem, State, body};
use crate::domain::fault::{Fault, Wrong};

/// A body, read and checked.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<State> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind =
            parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if !is_json(kind) {
            let detail = "the request's body must be JSON: send `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        if parts.headers.contains_key(header::CONTENT_ENCODING) {
            let detail = "a compressed body is not taken";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", detail));
        }
        let bytes =
            body::read(&parts.headers, body, state.limits.json, state.limits.read, &state.long).await?;
        parse(&bytes).map(Self)
    }
}

fn is_json(kind: &str) -> bool {
    let mime = kind.split(';').next().unwrap_or("").trim();
    mime.eq_ignore_ascii_case("application/json")
        || (mime.starts_with("application/") && mime.ends_with("+json"))
}

/// Reads JSON; says which field is wrong.
///
/// # Errors
/// 400 if it is no JSON, 422 if a field is wrong.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // serde would take a list as a struct's fields in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| *first == b'[') {
        return Err(Problem::wrong("", Wrong::new("must be a JSON object")));
    }
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, error.inner())
    })?;
    from.end().map_err(|error| refused("", &error))?;
    Ok(value)
}

fn refused(path: &str, error: &serde_json::Error) -> Problem {
    use serde_json::error::Category;
    let text = error.to_string();
    if !matches!(error.classify(), Category::Data) {
        let detail = format!("the request's body is no JSON: {text}");
        return Problem::new(StatusCode::BAD_REQUEST, "invalid_json", detail);
    }
    // serde_json adds where in the text it was; the path says it better.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let mut field = if path == "." { String::new() } else { path.to_owned() };
    let (code, message) = match Wrong::told_by_serde(text) {
        Some((code, message)) => (code, message.to_owned()),
        None => match named(text) {
            ("unknown", name) => {
                // The path of an unknown field ends before it or with it, by the kind of the type.
                if field != name && !field.ends_with(&format!(".{name}")) {
                    field = join(&field, name);
                }
                ("unknown_field", "is not known here; leave it out".to_owned())
            }
            ("duplicate", name) => {
                if field != name && !field.ends_with(&format!(".{name}")) {
                    field = join(&field, name);
                }
                ("invalid", "is there twice; give it once".to_owned())
            }
            ("missing", name) => {
                field = join(&field, name);
                ("missing", "is missing".to_owned())
            }
            _ => ("invalid", readable(text)),
        },
    };
    let fault = Fault { field, code: code.to_owned(), message };
    crate::control::Error::Invalid(vec![fault]).into()
}

/// What serde says of a field: `unknown field `x`, expected ...`, `missing field `x``.
fn named(text: &str) -> (&str, &str) {
    let name = text.split('`').nth(1).unwrap_or("");
    if text.starts_with("unknown field") {
        ("unknown", name)
    } else if text.starts_with("missing field") {
        ("missing", name)
    } else if text.starts_with("duplicate field") {
        ("duplicate", name)
    } else {
        ("", name)
    }
}

/// serde's words without the value that was sent: it may be a secret.
fn readable(text: &str) -> String {
    match text.split_once(", expected ") {
        Some((_, expected)) => format!("must be {expected}"),
        None if text.starts_with("invalid") || text.starts_with("unknown") => {
            "has a value of another kind".to_owned()
        }
        None => text.to_owned(),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{id::AppId, name::Slug};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only parsed")]
        name: Slug,
        #[expect(dead_code, reason = "only parsed")]
        #[serde(default)]
        inner: Vec<Inner>,
        #[expect(dead_code, reason = "only parsed")]
        #[serde(default)]
        app: Option<AppId>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only parsed")]
        port: u16,
    }

    fn told(text: &str) -> (u16, String, String) {
        let problem = parse::<Outer>(text.as_bytes()).expect_err("refused");
        let field = problem.errors.first().map(|fault| fault.field.clone()).unwrap_or_default();
        assert!(!problem.detail.contains("hunter2"), "{problem:?}");
        (problem.status.as_u16(), problem.code.clone(), field)
    }

    #[test]
    fn every_refusal_names_the_field() {
        let cases = [
            (r#"{"#, 400, "invalid_json", ""),
            (r#"{"name":"a"} x"#, 400, "invalid_json", ""),
            (r#"{"name":"A b"}"#, 422, "invalid_name", "name"),
            (r#"{}"#, 422, "missing", "name"),
            (r#"{"name":"a","is_admin":true}"#, 422, "unknown_field", "is_admin"),
            (r#"{"name":"a","inner":[{"port":1},{"port":1,"x":2}]}"#, 422, "unknown_field", "inner[1].x"),
            (r#"{"name":"a","inner":[{"port":"hunter2"}]}"#, 422, "invalid", "inner[0].port"),
            (r#"{"name":"a","inner":[{"port":70000}]}"#, 422, "invalid", "inner[0].port"),
            (r#"{"name":"a","inner":[{}]}"#, 422, "missing", "inner[0].port"),
            (r#"{"name":"a","app":"hunter2"}"#, 422, "invalid", "app"),
            (r#"["hunter2"]"#, 422, "invalid", ""),
            (r#"{"name":"a","name":"b"}"#, 422, "invalid", "name"),
        ];
        for (text, status, code, field) in cases {
            assert_eq!(told(text), (status, code.to_owned(), field.to_owned()), "{text}");
        }
    }
}
