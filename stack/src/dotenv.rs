//! Files of variables (`.env`) as Compose reads them: `NAME=value`, `export`, comments, quotes, values of
//! several lines. The one reader of all that takes such files: Compose files' `env_file` and `.env`
//! (`compose::load`, which puts variables in), imports by API, page and command line, and the samples
//! that repositories hold ([`read`], which puts nothing in).
//!
//! To add a quote or an escape: in [`Reader::value`] or [`unescape`].

/// A line (1-based) and what is wrong there; never a value.
pub type Wrong = (usize, String);

/// One variable of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// Its name: letters, digits, `_`, `.`, `-` and brackets.
    pub name: String,
    /// Its value; none if there is no `=`.
    pub value: Option<String>,
}

/// Without the value.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("line", &self.line).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Wrong lines of one text that are told; who pastes a picture is not told of each of its lines.
const TOLD: usize = 20;

/// All variables of a text in their order. Nothing is put in for `$`: values come out as they stand.
///
/// # Errors
/// Each wrong line, the first 20 of them.
pub fn read(text: &str) -> Result<Vec<Entry>, Vec<Wrong>> {
    let text = Reader::plain(text);
    let mut reader = Reader::new(&text);
    let (mut entries, mut wrong) = (Vec::<Entry>::new(), Vec::new());
    while wrong.len() < TOLD && reader.begin() {
        let line = reader.line();
        match reader.entry() {
            Ok(entry) => match entries.iter().find(|other| other.name == entry.name) {
                Some(other) => wrong.push((line, format!("gives a name again that line {} has", other.line))),
                None => entries.push(entry),
            },
            Err(fault) => {
                wrong.push(fault);
                reader.skip();
            }
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}

/// Goes through a text, name by name.
pub(crate) struct Reader<'t> {
    whole: &'t str,
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// The text as it is read: without a byte order mark, and with Unix line ends.
    pub(crate) fn plain(text: &str) -> String {
        text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n")
    }

    /// Before the first name of a text that is [`Self::plain`].
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { whole: text, rest: text }
    }

    fn entry(&mut self) -> Result<Entry, Wrong> {
        let line = self.line();
        let before = self.rest;
        let found = self.name().and_then(|name| {
            let Some(name) = name.strip_suffix('=') else { return Ok(Entry { line, name, value: None }) };
            let (text, quote) = self.value()?;
            if quote.is_some() {
                let after = self.rest_of_line().trim();
                if !after.is_empty() && !after.starts_with('#') {
                    return Err((line, "goes on after the closing quote".to_owned()));
                }
            }
            let value = if quote == Some('"') { unescape(&text, "$") } else { text };
            Ok(Entry { line, name: name.to_owned(), value: Some(value) })
        });
        if found.is_err() {
            self.rest = before;
        }
        found
    }

    /// Leaves this line behind.
    fn skip(&mut self) {
        self.rest_of_line();
    }

    /// The number of this line, from 1.
    pub(crate) fn line(&self) -> usize {
        self.whole[..self.whole.len() - self.rest.len()].matches('\n').count() + 1
    }

    /// Goes to where the next name begins, over blanks and comments; false at the end.
    pub(crate) fn begin(&mut self) -> bool {
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
    pub(crate) fn name(&mut self) -> Result<String, Wrong> {
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

    /// The value, and the quotes that it stands in: in single ones no variable is put in, in double ones
    /// escapes are still to be read ([`unescape`]).
    pub(crate) fn value(&mut self) -> Result<(String, Option<char>), Wrong> {
        let line = self.line();
        self.rest = self.rest.trim_start_matches(|c: char| c != '\n' && c.is_whitespace());
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let text = self.rest_of_line();
            // A `#` with a blank before it begins a comment.
            let text = if text.starts_with('#') { "" } else { text.split(" #").next().unwrap_or_default() };
            return Ok((text.trim_end().to_owned(), None));
        };
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Ok((text, Some(quote)));
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

/// The escapes of a value in double quotes; `dollar` stands for an escaped dollar.
pub(crate) fn unescape(text: &str, dollar: &str) -> String {
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
            Some('$') => out.push_str(dollar),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> String {
        read(text).expect("right").pop().expect("a name").value.expect("a value")
    }

    #[test]
    fn values_come_out_as_they_stand() {
        for (text, value) in [
            ("A=1", "1"),
            ("  export A = b c ", "b c"),
            ("A=", ""),
            ("A=# all comment", ""),
            ("A=x#y # z", "x#y"),
            ("A=a=b==", "a=b=="),
            ("A='a \\n $B # c' # d", "a \\n $B # c"),
            (r#"A="a\n\"b\" \$C \d""#, "a\n\"b\" $C \\d"),
            ("A=\"one\ntwo\"", "one\ntwo"),
            ("A=${{environment.URL}}", "${{environment.URL}}"),
            ("A=$B ${C:-d} $$", "$B ${C:-d} $$"),
            ("\u{feff}A=ä\r\n", "ä"),
        ] {
            assert_eq!(one(text), value, "{text}");
        }
        for value in ["", "plain", "a\\b", "ü \"x\" 'y' $z #w", "one\ntwo\r\tthree"] {
            let quoted =
                value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
            assert_eq!(one(&format!("K=\"{quoted}\" # c")), value);
        }
    }

    #[test]
    fn lines_are_counted_over_values_of_several() {
        let found = read("# head\nKEY=\"-----BEGIN\nabc\n-----END\"\n\nNEXT=1\nBARE\n").expect("right");
        let found: Vec<_> = found.iter().map(|e| (e.line, e.name.as_str(), e.value.as_deref())).collect();
        assert_eq!(
            found,
            [(2, "KEY", Some("-----BEGIN\nabc\n-----END")), (6, "NEXT", Some("1")), (7, "BARE", None)]
        );
    }

    #[test]
    fn every_wrong_line_is_told_without_what_stands_there() {
        let text = "A=1\nhun ter2\n=hunter2\nA=hunter2\nB='it' hunter2\nC=ok\nD=\"hunter2";
        let wrong = read(text).expect_err("wrong");
        assert_eq!(wrong.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5, 7], "{wrong:?}");
        assert!(!format!("{wrong:?} {:?}", read("A=hunter2")).contains("hunter2"));
        assert_eq!(read(&"?\n".repeat(1000)).expect_err("wrong").len(), TOLD);
    }
}
