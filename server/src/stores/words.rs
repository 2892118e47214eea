//! A store's own words, fit to be shown: on one line, short, without what it was shown.

use serde_json::Value;

use crate::domain::secret::Secret;

/// Characters at most.
const LONGEST: usize = 200;
/// Shorter secrets would tear up ordinary text.
const SHORTEST: usize = 4;

/// The text on one line, cut, with each of `secrets` masked.
pub(super) fn shown(text: &str, secrets: &[Secret]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= SHORTEST) {
        text = text.replace(secret, "••••••");
    }
    // Letters, digits, signs and blanks; nothing that moves or hides what stands around it.
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
    };
    let text: String = text.chars().map(|c| if odd(c) { ' ' } else { c }).collect();
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(LONGEST) {
        words.truncate(end);
        words.push('…');
    }
    words
}

/// Where stores say what is wrong: Vault's `errors`, Doppler's `messages`, and the `message` of all others.
pub(super) fn said(json: &Value) -> Option<String> {
    for field in ["errors", "messages"] {
        if let Some(all) = json[field].as_array() {
            let all: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            if !all.is_empty() {
                return Some(all.join("; "));
            }
        }
    }
    ["message", "Message"].iter().find_map(|field| json[field].as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_one_short_line_without_credentials() {
        let secrets = [Secret::new("hvs.token-1"), Secret::new("x")];
        let text = "bad\r\n token\u{1b}[31m hvs.token-1\u{202e}x";
        assert_eq!(shown(text, &secrets), "bad token [31m •••••• x");
        assert_eq!(shown(&"a".repeat(300), &[]).chars().count(), 201);
    }

    #[test]
    fn each_stores_own_field_is_read() {
        assert_eq!(said(&json!({"errors": ["a", "b"]})).unwrap(), "a; b");
        assert_eq!(said(&json!({"messages": ["a"], "success": false})).unwrap(), "a");
        assert_eq!(said(&json!({"__type": "X", "Message": "a"})).unwrap(), "a");
        assert_eq!(said(&json!({"errors": [], "message": "m"})).unwrap(), "m");
        assert_eq!(said(&json!([1])), None);
    }
}
