//! Files of variables, in their two forms: as Compose reads them ([`parse`]: quotes, `export`,
//! comments, values of several lines, variables in values), and as `docker run --env-file` and
//! `docker stack deploy` do ([`raw`]: all that follows the `=`).
//!
//! To add a quote or an escape: in [`Reader::value`] or [`unescape`].

use std::collections::BTreeMap;

use super::super::interpolate::{self, Unset};

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
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut vars = known.below;
    vars.extend(known.vars.clone());
    let mut reader = Reader { whole: &text, rest: &text };
    let mut entries = Entries::new();
    while reader.begin() {
        let line = reader.line();
        let name = reader.name()?;
        let Some(name) = name.strip_suffix('=') else {
            entries.push((name, None));
            continue;
        };
        let (mut value, open) = reader.value()?;
        if open {
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

struct Reader<'t> {
    whole: &'t str,
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn line(&self) -> usize {
        self.whole[..self.whole.len() - self.rest.len()].matches('\n').count() + 1
    }

    /// Goes to where the next name begins, over blanks and comments; false at the end.
    fn begin(&mut self) -> bool {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.rest_of_line();
        }
    }

    /// The rest of this line, which is left behind.
    fn rest_of_line(&mut self) -> &'t str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        line
    }

    /// The name, with a `=` at its end if a value follows.
    fn name(&mut self) -> Result<String, Wrong> {
        let line = self.line();
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.rest = rest.trim_start_matches([' ', '\t']);
        }
        let end = self.rest.find(['=', ':', '\n']).unwrap_or(self.rest.len());
        let name = self.rest[..end].trim_end();
        let has_value = self.rest[end..].starts_with(['=', ':']);
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
        if name.is_empty() || !name.chars().all(good) {
            let message = "must be `NAME=value`, with letters, digits, `_`, `.` and `-` in the name";
            return Err((line, message.to_owned()));
        }
        self.rest = &self.rest[(end + usize::from(has_value)).min(self.rest.len())..];
        Ok(if has_value { format!("{name}=") } else { name.to_owned() })
    }

    /// The value, and whether variables may be in it.
    fn value(&mut self) -> Result<(String, bool), Wrong> {
        let line = self.line();
        self.rest = self.rest.trim_start_matches(|c: char| c != '\n' && c.is_whitespace());
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let text = self.rest_of_line();
            // A `#` with a blank before it begins a comment.
            let text = if text.starts_with('#') { "" } else { text.split(" #").next().unwrap_or_default() };
            return Ok((text.trim_end().to_owned(), true));
        };
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(if quote == '"' { (unescape(&text), true) } else { (text, false) });
                }
                '\\' => match chars.next() {
                    Some((_, next)) if next == quote => text.push(next),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err((line, format!("has a {quote} that is not closed")))
    }
}

/// The escapes of a value in double quotes. A dollar stays one, so that no variable begins there.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('\\') => out.push('\\'),
            Some('$') => out.push_str("$$"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
