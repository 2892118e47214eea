//! What a store has under a key, as text that a variable can hold.

use serde_json::Value;

use super::StoreError;
use crate::domain::secret::Secret;

/// Bytes at most: those of a variable.
const LONGEST: usize = 64 << 10;

/// The text of a value: a text as it is, a number or a yes or no as JSON writes it.
pub(super) fn text(value: Option<&Value>, what: &str) -> Result<Secret, StoreError> {
    let text = match value {
        None | Some(Value::Null) => return Err(StoreError::Missing(format!("there is no {what}"))),
        Some(Value::String(text)) => text.clone(),
        Some(plain @ (Value::Number(_) | Value::Bool(_))) => plain.to_string(),
        Some(Value::Array(_) | Value::Object(_)) => {
            return Err(StoreError::Unusable(format!("{what} is no text, but a list or an object")));
        }
    };
    let secret = Secret::new(text);
    if secret.expose().contains('\0') {
        return Err(StoreError::Unusable(format!("{what} contains a NUL character")));
    }
    if secret.expose().len() > LONGEST {
        return Err(StoreError::Unusable(format!("{what} is longer than 64 KiB")));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_text_is_a_value() {
        let of = |value: &Value| text(Some(value), "key a").map(|secret| secret.expose().to_owned());
        assert_eq!(of(&json!("x y\n")).unwrap(), "x y\n");
        assert_eq!(of(&json!(5432)).unwrap(), "5432");
        assert_eq!(of(&json!(true)).unwrap(), "true");
        assert_eq!(of(&Value::Null).unwrap_err().code(), "secret_missing");
        for wrong in [json!(["a"]), json!({"a": 1}), json!("a\0b"), json!("x".repeat(70_000))] {
            assert_eq!(of(&wrong).unwrap_err().code(), "store_unusable");
        }
        assert_eq!(text(None, "key a").unwrap_err().to_string(), "it has none: there is no key a");
    }
}
