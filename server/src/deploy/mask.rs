//! Secrets do not reach a log: their values are masked, also as base64 and URL-encoded.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use crate::domain::secret::Secret;

/// What stands for a secret.
pub const MASK: &str = "••••••";
/// Shorter values are not masked: they would tear up ordinary text and hide little.
const SHORTEST: usize = 4;

/// The texts that must not appear.
#[derive(Clone, Default)]
pub struct Mask(Vec<String>);

impl Mask {
    /// Masks these values.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut texts = Vec::new();
        for secret in secrets {
            let value = secret.expose();
            // A multi-line value comes out line by line.
            for line in std::iter::once(value).chain(value.lines()) {
                if line.len() < SHORTEST {
                    continue;
                }
                texts.push(line.to_owned());
                texts.push(STANDARD_NO_PAD.encode(line));
                texts.push(url::form_urlencoded::byte_serialize(line.as_bytes()).collect());
                texts.push(hex::encode(line));
            }
        }
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self(texts)
    }

    /// The line without secrets.
    #[must_use]
    pub fn apply(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for text in &self.0 {
            if line.contains(text.as_str()) {
                line = line.replace(text.as_str(), MASK);
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_147_secrets_are_masked_in_every_spelling() {
        let mask = Mask::new(&[Secret::new("pa$$ word/1"), Secret::new("x")]);
        let spelled = ["pa$$ word/1", "cGEkJCB3b3JkLzE", "pa%24%24+word%2F1", "7061242420776f72642f31"];
        for text in spelled {
            assert_eq!(mask.apply(&format!("<{text}>")), format!("<{MASK}>"), "{text}");
        }
        assert_eq!(mask.apply("x marks"), "x marks");
    }
}
