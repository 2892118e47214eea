//! What is believed of an answer: a whole document of our shape, with routes for Traefik in it.
//!
//! It is read through once, to its last brace, without building anything of it: a document of 5,000
//! domains has 15 MB.

use std::fmt;

use bytes::Bytes;
use serde::{
    Deserialize,
    de::{IgnoredAny, MapAccess, Visitor},
};

use crate::edge::VERSION_ROUTER;

/// A configuration that was checked. Holds private keys.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Names these bytes: hexadecimal.
    pub version: String,
    /// What Traefik reads.
    pub json: Bytes,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document {{ version: {}, bytes: {} }}", self.version, self.json.len())
    }
}

/// Why an answer is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is cut short, or no JSON of our shape.
    #[error("the answer is no whole configuration: {0}")]
    Broken(String),
    /// It says nothing of routes, which would take all of them away.
    #[error("the answer is empty")]
    Empty,
    /// It has no name, or another one than it says inside.
    #[error("the answer does not say which version it is")]
    Nameless,
}

impl Document {
    /// Checks an answer whose `ETag` is `version`.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn checked(version: &str, json: Bytes) -> Result<Self, Unfit> {
        let version = version.trim_matches('"');
        if version.len() != 32 || !version.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Unfit::Nameless);
        }
        let shape: Shape = serde_json::from_slice(&json).map_err(|error| Unfit::Broken(error.to_string()))?;
        match shape.http.routers {
            Names { count: 0, .. } => Err(Unfit::Empty),
            Names { marked: false, .. } => Err(Unfit::Nameless),
            Names { .. } => Ok(Self { version: version.to_owned(), json }),
        }
    }
}

/// As much as has to be there.
#[derive(Deserialize)]
struct Shape {
    http: Http,
    #[serde(rename = "tls")]
    _tls: IgnoredAny,
}

#[derive(Deserialize)]
struct Http {
    routers: Names,
    #[serde(rename = "services")]
    _services: IgnoredAny,
}

/// The names of a map, counted while they pass by.
struct Names {
    count: usize,
    marked: bool,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Count;
        impl<'de> Visitor<'de> for Count {
            type Value = Names;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("routers by their names")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Names { count: 0, marked: false };
                while let Some((name, _)) = map.next_entry::<std::borrow::Cow<'de, str>, IgnoredAny>()? {
                    names.count += 1;
                    names.marked |= name == VERSION_ROUTER;
                }
                Ok(names)
            }
        }
        deserializer.deserialize_map(Count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::{EdgeInput, render};

    #[test]
    fn only_a_whole_document_of_ours_is_believed() {
        let skep = vec!["http://skep:3000".parse().unwrap()];
        let good = render(&EdgeInput { skep, ..EdgeInput::default() });
        let checked = |json: &[u8]| Document::checked(&good.version, Bytes::copy_from_slice(json));
        assert!(checked(&good.json).is_ok());
        for end in (0..good.json.len()).step_by(7) {
            assert!(matches!(checked(&good.json[..end]), Err(Unfit::Broken(_))), "cut at {end}");
        }
        for (text, why) in [
            ("{}", "broken"),
            ("null", "broken"),
            ("<html>502 Bad Gateway</html>", "broken"),
            (r#"{"http":{"routers":{},"services":{}},"tls":{}}"#, "empty"),
            (r#"{"http":{"routers":{"a":{}},"services":{}},"tls":{}}"#, "nameless"),
        ] {
            let unfit = checked(text.as_bytes()).unwrap_err();
            let told = match unfit {
                Unfit::Broken(_) => "broken",
                Unfit::Empty => "empty",
                Unfit::Nameless => "nameless",
            };
            assert_eq!(told, why, "{text}");
        }
        assert_eq!(Document::checked("", good.json.clone()), Err(Unfit::Nameless));
        let quoted = Document::checked(&format!("\"{}\"", good.version), good.json).unwrap();
        assert_eq!(quoted.version, good.version);
    }
}
