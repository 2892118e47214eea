//! Text in `.env` form, as people have it lying about: `KEY=value`, `export`, comments, quotes.
//!
//! `'…'` is taken to the letter; in `"…"` the sequences `\n \r \t \" \\ \$` count, and both may
//! span lines; a bare value ends at ` #` or at the end of the line. Nothing is interpolated.

/// Why a text is not understood: the line's number from 1, and the rule. Never the line itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclear {
    pub(super) line: usize,
    pub(super) why: &'static str,
}

/// The pairs in their order, each with the line that it begins on.
pub(super) fn parse(text: &str) -> Result<Vec<(usize, String, String)>, Unclear> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut pairs = Vec::new();
    let mut rest = text.as_str();
    let mut line = 1;
    while !rest.is_empty() {
        let end = rest.find('\n').unwrap_or(rest.len());
        let first = rest[..end].trim();
        if first.is_empty() || first.starts_with('#') {
            rest = rest.get(end + 1..).unwrap_or_default();
            line += 1;
            continue;
        }
        let Some(equals) = rest[..end].find('=') else {
            return Err(Unclear { line, why: "has no `=`: write `KEY=value`" });
        };
        let key = rest[..equals].trim();
        let key = key.strip_prefix("export ").unwrap_or(key).trim().to_owned();
        let (value, used) =
            value(rest[equals + 1..].trim_start_matches([' ', '\t'])).map_err(|why| Unclear { line, why })?;
        let value_at = rest.len() - rest[equals + 1..].trim_start_matches([' ', '\t']).len();
        let after = &rest[value_at + used..];
        let end = after.find('\n').unwrap_or(after.len());
        let left = after[..end].trim();
        if !left.is_empty() && !left.starts_with('#') {
            return Err(Unclear { line, why: "goes on after the closing quote" });
        }
        pairs.push((line, key, value));
        line += 1 + rest[..value_at + used].matches('\n').count();
        rest = after.get(end + 1..).unwrap_or_default();
    }
    Ok(pairs)
}

/// The value that `text` begins with, and how many bytes it takes.
fn value(text: &str) -> Result<(String, usize), &'static str> {
    let quote = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => quote,
        _ => {
            let line = &text[..text.find('\n').unwrap_or(text.len())];
            let bare = match line.find(" #").or_else(|| line.find("\t#")) {
                Some(comment) => &line[..comment],
                None if line.starts_with('#') => "",
                None => line,
            };
            return Ok((bare.trim_end().to_owned(), line.len()));
        }
    };
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            c if c == quote => return Ok((value, at + 1)),
            '\\' if quote == '"' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, c @ ('"' | '\\' | '$'))) => value.push(c),
                Some((_, c)) => value.extend(['\\', c]),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err("has a quote that is never closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(usize, String, String)> {
        parse(text).unwrap()
    }

    #[test]
    fn what_people_write_is_understood() {
        let text = "\u{feff}# head\r\nA=1\r\nexport B = two words # note\n\nC='it''s'\n";
        assert_eq!(parse(text), Err(Unclear { line: 5, why: "goes on after the closing quote" }));
        let text = "# head\nA=1\nexport B = two words # note\n\nC='$x #y'\nD=\"a\\n\\\"b\\\" \\$c\"\nE=\nF=#no\nG=a#b\nH=x=y\n";
        let found: Vec<(String, String)> = pairs(text).into_iter().map(|(_, k, v)| (k, v)).collect();
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "$x #y"),
            ("D", "a\n\"b\" $c"),
            ("E", ""),
            ("F", ""),
            ("G", "a#b"),
            ("H", "x=y"),
        ];
        assert_eq!(found, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn quoted_values_span_lines_and_lines_are_counted() {
        let found = pairs("KEY=\"-----BEGIN\nabc\n-----END\"\nNEXT=1");
        assert_eq!(found[0], (1, "KEY".into(), "-----BEGIN\nabc\n-----END".into()));
        assert_eq!(found[1], (4, "NEXT".into(), "1".into()));
        assert_eq!(parse("A=1\nB='x").unwrap_err().line, 2);
        assert_eq!(
            parse("A=1\n\nhunter2").unwrap_err(),
            Unclear { line: 3, why: "has no `=`: write `KEY=value`" }
        );
    }

    #[test]
    fn nothing_is_lost_by_quoting() {
        for value in ["", "plain", "a\\b", "ü \"x\" 'y' $z #w", "one\ntwo\r\tthree"] {
            let quoted =
                value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
            assert_eq!(pairs(&format!("K=\"{quoted}\" # c"))[0].2, value);
        }
    }
}
