//! Reads `.env` files: `KEY=value`, `export`, comments, quotes. Nothing is expanded: a value comes
//! out as it stands there. A fault names the line, never what stands in it.

/// A fault: the line (from 1) and what is wrong with it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {rule}")]
pub(super) struct Wrong {
    line: usize,
    rule: &'static str,
}

/// All pairs in their order.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, Wrong> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let wrong = |rule| Wrong { line: at + 1, rule };
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, rest) = line.split_once('=').ok_or_else(|| wrong("write it as KEY=value"))?;
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(wrong("the name before the = must be one word"));
        }
        if pairs.iter().any(|(before, _)| before == key) {
            return Err(wrong("this name is given twice"));
        }
        let rest = rest.trim_start();
        let value = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                // A quoted value may go over several lines.
                let mut raw = rest.strip_prefix(quote).unwrap_or(rest).to_owned();
                loop {
                    if let Some(value) = quoted(&raw, quote).map_err(wrong)? {
                        break value;
                    }
                    let (_, more) = lines.next().ok_or_else(|| wrong("the quote is never closed"))?;
                    raw.push('\n');
                    raw.push_str(more);
                }
            }
            _ => bare(rest).to_owned(),
        };
        pairs.push((key.to_owned(), value));
    }
    Ok(pairs)
}

/// Up to a comment, which begins with a `#` after a space.
fn bare(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    let end =
        text.char_indices().zip(text.chars().skip(1)).find(|((_, a), b)| a.is_whitespace() && *b == '#');
    end.map_or(text, |((at, _), _)| text.get(..at).unwrap_or(text)).trim_end()
}

/// What stands before the closing quote; none if it is not there yet.
fn quoted(text: &str, quote: char) -> Result<Option<String>, &'static str> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quote == '"' => match chars.next() {
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some(c @ ('"' | '\\' | '$' | '\'')) => value.push(c),
                Some(c) => value.extend(['\\', c]),
                None => return Ok(None),
            },
            c if c == quote => {
                let after = chars.as_str().trim();
                let clean = after.is_empty() || after.starts_with('#');
                return if clean { Ok(Some(value)) } else { Err("something stands after the closing quote") };
            }
            c => value.push(c),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> String {
        parse(line).expect("right").pop().expect("a pair").1
    }

    #[test]
    fn values_come_out_as_they_stand() {
        for (line, value) in [
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
            ("\u{feff}A=ä\r\n", "ä"),
        ] {
            assert_eq!(one(line), value, "{line}");
        }
    }

    #[test]
    fn comments_and_order() {
        let pairs = parse("# first\n\nB=2\nA=1\n").expect("right");
        assert_eq!(pairs, [("B".into(), "2".into()), ("A".into(), "1".into())]);
    }

    #[test]
    fn faults_name_the_line_and_keep_the_secret() {
        for (text, line) in [
            ("A=1\nhunter2", 2),
            ("=hunter2", 1),
            ("A B=hunter2", 1),
            ("A=1\nB=2\nA=hunter2", 3),
            ("A='hunter2", 1),
            ("\nA=\"hunter2\" more", 2),
        ] {
            let wrong = parse(text).expect_err(text);
            assert_eq!(wrong.line, line, "{text}");
            assert!(!wrong.to_string().contains("hunter2"));
        }
    }
}
