//! A command in one text, split into words as a shell would: quotes, backslashes, comments.

/// The words; none if a quote or a backslash is left open.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '#' if word.is_none() => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
            }
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => word.push(chars.next()?),
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(split(r#"a 'b c' "d \"e" f\ g '' # h"#).unwrap(), ["a", "b c", "d \"e", "f g", ""]);
        assert_eq!(split("a#b").unwrap(), ["a#b"]);
        assert_eq!(split("").unwrap(), Vec::<String>::new());
        assert_eq!(split("'open"), None);
        assert_eq!(split("\"open"), None);
        assert_eq!(split("open\\"), None);
    }
}
