//! What a variable refers to in a store: `store.NAME:path#key` within `${{ }}`.

use crate::domain::{fault::Wrong, name::Slug};

/// Characters of a path and of a key at most.
const PATH: usize = 512;
const KEY: usize = 255;

/// A value of a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The store's name.
    pub store: Slug,
    /// Where in the store; what that is, says the store's kind.
    pub path: String,
    /// Which value there; none for all of it.
    pub key: Option<String>,
}

impl Reference {
    /// Reads what stands within `${{ }}`; none if that is no reference to a store.
    pub fn find(text: &str) -> Option<Result<Self, Wrong>> {
        text.trim().strip_prefix("store.").map(Self::parse)
    }

    /// Checks `NAME:path#key`. Path and key become parts of an address, so they are letters, digits,
    /// blanks and a few signs: nothing that ends a part, climbs out of it, or hides.
    fn parse(text: &str) -> Result<Self, Wrong> {
        let form = || {
            let rule = "must have the form `store.NAME:path#key`, with the name of a store";
            Wrong::coded("invalid_reference", rule)
        };
        let (name, rest) = text.split_once(':').ok_or_else(form)?;
        let store = Slug::parse(name).map_err(|_| form())?;
        let (path, key) = match rest.rsplit_once('#') {
            Some((path, key)) => (path, Some(key.to_owned())),
            None => (rest, None),
        };
        let sign = |c: char| " -_.+=@:,".contains(c);
        let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || sign(c));
        let parts = path.strip_prefix('/').unwrap_or(path);
        let parts = parts.strip_suffix('/').unwrap_or(parts);
        let climbs = |part: &str| matches!(part, "." | "..") || part.is_empty();
        if path.is_empty()
            || path.contains("//")
            || path.chars().count() > PATH
            || !plain(&path.replace('/', ""))
            || !parts.is_empty() && parts.split('/').any(climbs)
        {
            let rule = "the path must be 1 to 512 letters, digits, blanks and `-_.+=@:,`, its parts divided by one `/`, none of them `.` or `..`";
            return Err(Wrong::coded("invalid_path", rule));
        }
        let wrong_key = |key: &String| {
            key.is_empty() || key.chars().count() > KEY || !plain(key) || matches!(key.as_str(), "." | "..")
        };
        if key.as_ref().is_some_and(wrong_key) {
            let rule = "the key after `#` must be 1 to 255 letters, digits, blanks and `-_.+=@:,`";
            return Err(Wrong::coded("invalid_key", rule));
        }
        Ok(Self { store, path: path.to_owned(), key })
    }

    /// The parts of the path, as those of an address.
    pub fn parts(path: &str) -> impl Iterator<Item = &str> {
        path.split('/').filter(|part| !part.is_empty())
    }
}

/// `store.NAME:path#key`.
impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "store.{}:{}", self.store, self.path)?;
        self.key.as_ref().map_or(Ok(()), |key| write!(f, "#{key}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_store_a_path_and_a_key() {
        for (text, path, key) in [
            ("store.vault:apps/shop#DATABASE_URL", "apps/shop", Some("DATABASE_URL")),
            (" store.vault:/#a ", "/", Some("a")),
            ("store.vault:My Vault/Login of shop#one time", "My Vault/Login of shop", Some("one time")),
            ("store.vault:arn:aws:x:eu-1:1:secret:a-1", "arn:aws:x:eu-1:1:secret:a-1", None),
        ] {
            let found = Reference::find(text).unwrap().unwrap();
            assert_eq!((found.path.as_str(), found.key.as_deref()), (path, key));
            assert_eq!(found.to_string(), text.trim());
        }
        for text in ["project.A", "app.store", "storevault:a#b", ""] {
            assert!(Reference::find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        let long = format!("store.a:{}#k", "x".repeat(513));
        let long_key = format!("store.a:p#{}", "x".repeat(256));
        for (text, code) in [
            ("store.", "invalid_reference"),
            ("store.vault", "invalid_reference"),
            ("store.:p#k", "invalid_reference"),
            ("store.Vault:p#k", "invalid_reference"),
            ("store.a/b:p#k", "invalid_reference"),
            ("store.a:#k", "invalid_path"),
            ("store.a:../b#k", "invalid_path"),
            ("store.a:a/../b#k", "invalid_path"),
            ("store.a:a/./b#k", "invalid_path"),
            ("store.a:a//b#k", "invalid_path"),
            ("store.a://#k", "invalid_path"),
            ("store.a:a\r\nb#k", "invalid_path"),
            ("store.a:a\u{0}#k", "invalid_path"),
            ("store.a:a?x=1#k", "invalid_path"),
            ("store.a:a%2e%2e#k", "invalid_path"),
            ("store.a:a\\b#k", "invalid_path"),
            ("store.a:a\u{202e}b#k", "invalid_path"),
            ("store.a:a\"b#k", "invalid_path"),
            ("store.a:a#b#k", "invalid_path"),
            (&long, "invalid_path"),
            ("store.a:p#", "invalid_key"),
            ("store.a:p#a/b", "invalid_key"),
            ("store.a:p#..", "invalid_key"),
            ("store.a:p#a\nb", "invalid_key"),
            (&long_key, "invalid_key"),
        ] {
            assert_eq!(Reference::find(text).unwrap().unwrap_err().code, code, "{text:?}");
        }
    }
}
