//! Another's own words, fit to be shown: on one line, short, without what it was shown.

use serde_json::Value;

use crate::domain::secret::Secret;

/// Characters at most.
const LONGEST: usize = 200;
/// Shorter secrets would tear up ordinary text.
const SHORTEST: usize = 4;

/// The text on one line, cut, with each of `secrets` masked.
pub(crate) fn shown(text: &str, secrets: &[Secret]) -> String {
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

/// Where others say what is wrong: Vault's and Cloudflare's `errors`, Doppler's `messages`, Hetzner's `error`,
/// deSEC's `detail`, and the `message` of all others.
pub(crate) fn said(json: &Value) -> Option<String> {
    for field in ["errors", "messages"] {
        if let Some(all) = json[field].as_array() {
            let word = |said: &Value| said.as_str().or_else(|| said["message"].as_str()).map(str::to_owned);
            let all: Vec<String> = all.iter().filter_map(word).collect();
            if !all.is_empty() {
                return Some(all.join("; "));
            }
        }
    }
    let error = &json["error"];
    ["message", "Message", "detail"]
        .iter()
        .find_map(|field| json[field].as_str())
        .or_else(|| error.as_str().or_else(|| error["message"].as_str()))
        .map(str::to_owned)
}

/// The same in XML, as some of AWS speak: the text of the `Message`s.
pub(crate) fn tagged(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("<Message>")?;
    rest.split_once("</Message>").map(|(said, _)| said.to_owned())
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
        assert_eq!(said(&json!({"errors": [{"code": 1, "message": "a"}]})).unwrap(), "a");
        assert_eq!(said(&json!({"error": {"code": "x", "message": "a"}})).unwrap(), "a");
        assert_eq!(said(&json!({"error": "forbidden"})).unwrap(), "forbidden");
        assert_eq!(said(&json!({"detail": "a"})).unwrap(), "a");
        assert_eq!(said(&json!([1])), None);
        let xml = "<ErrorResponse><Error><Code>X</Code><Message>a b</Message></Error></ErrorResponse>";
        assert_eq!(tagged(xml.as_bytes()).unwrap(), "a b");
    }
}
