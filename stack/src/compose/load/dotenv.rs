//! Files of variables, in their two forms: as Compose reads them ([`parse`]: quotes, `export`,
//! comments, values of several lines, variables in values), and as `docker run --env-file` and
//! `docker stack deploy` do ([`raw`]: all that follows the `=`).
//!
//! To add a quote or an escape: in [`crate::dotenv`], which reads for imports, too.

use std::collections::BTreeMap;

use super::super::interpolate::{self, Unset};
use crate::dotenv::{Reader, unescape};

/// A line (1-based) and what is wrong there; never a value.
pub(super) type Wrong = (usize, String);

/// Names and values in the order of the file; without a value if there is no `=`.
pub(super) type Entries = Vec<(String, Option<String>)>;

/// What is known beside the text.
pub(super) struct Known<'v> {
    /// Variables for `${…}`.
    pub(super) vars: &'v BTreeMap<String, String>,
    /// Those that come after them, and after what stands further up in the file.
    pub(super) below: BTreeMap<String, String>,
    pub(super) unset: Unset,
    /// Bytes that may still be put in.
    pub(super) left: &'v mut usize,
}

/// Reads the text of a file as Compose does.
///
/// # Errors
/// The first line that is none.
pub(super) fn parse(text: &str, known: Known<'_>) -> Result<Entries, Wrong> {
    let text = Reader::plain(text);
    let mut vars = known.below;
    vars.extend(known.vars.clone());
    let mut reader = Reader::new(&text);
    let mut entries = Entries::new();
    while reader.begin() {
        let line = reader.line();
        let name = reader.name()?;
        let Some(name) = name.strip_suffix('=') else {
            entries.push((name, None));
            continue;
        };
        let (text, quote) = reader.value()?;
        // A dollar that is escaped stays one: no variable begins there.
        let mut value = if quote == Some('"') { unescape(&text, "$$") } else { text };
        if quote != Some('\'') {
            let found = interpolate::expand(&value, &vars, known.unset, known.left);
            value =
                found.map_err(|(_, message)| (line, format!("`{}` {message}", name.escape_debug())))?.text;
        }
        if !known.vars.contains_key(name) {
            vars.insert(name.to_owned(), value.clone());
        }
        entries.push((name.to_owned(), Some(value)));
    }
    Ok(entries)
}

/// Reads the text of a file as it stands: `NAME=VALUE` with all that follows, or `NAME` alone.
///
/// # Errors
/// The first line that is none.
pub(super) fn raw(text: &str) -> Result<Entries, Wrong> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut entries = Entries::new();
    for (i, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').map_or((line, None), |(name, value)| (name, Some(value)));
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err((i + 1, "must be `NAME=VALUE`, without blanks in the name".to_owned()));
        }
        entries.push((name.to_owned(), value.map(ToOwned::to_owned)));
    }
    Ok(entries)
}
