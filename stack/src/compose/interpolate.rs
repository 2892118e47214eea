//! Variables in text: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`
//! and their forms without the colon; `$$` is a dollar. Operands may hold variables in their turn.
//!
//! Values come from the app's own variables and from nowhere else, and are never read as YAML: they
//! are put into the tree, after parsing. To add an operator: an arm in [`Text::operate`].

use std::collections::BTreeMap;

use super::yaml::{Node, Value, join};
use crate::fault::{Fault, Faults};

/// Operands within operands.
const DEPTH_MAX: usize = 16;
/// All texts together after putting in.
const SIZE_MAX: usize = 8 * 1024 * 1024;

/// Puts the variables into every text of the tree; keys of maps stay as they are.
pub(super) fn interpolate(node: &mut Node, vars: &BTreeMap<String, String>, faults: &mut Faults) {
    let mut left = SIZE_MAX;
    walk(node, "", vars, &mut left, faults);
}

fn walk(node: &mut Node, path: &str, vars: &BTreeMap<String, String>, left: &mut usize, faults: &mut Faults) {
    match &mut node.value {
        Value::Text(text) if text.contains('$') => {
            let result = Text { rest: text, vars, left }.run(0, false);
            match result {
                Ok(new) => {
                    node.substituted = new != *text;
                    *text = new;
                }
                Err((code, message)) => faults.0.push(Fault::new(path, code, message).on(node.line)),
            }
        }
        Value::List(list) => {
            for (i, item) in list.iter_mut().enumerate() {
                walk(item, &format!("{path}[{i}]"), vars, left, faults);
            }
        }
        Value::Map(map) => {
            for (key, item) in map {
                walk(item, &join(path, key), vars, left, faults);
            }
        }
        _ => {}
    }
}

type Wrong = (&'static str, String);

struct Text<'t> {
    rest: &'t str,
    vars: &'t BTreeMap<String, String>,
    left: &'t mut usize,
}

impl Text<'_> {
    /// Reads to the end, or (in an operand) to the brace that closes it.
    fn run(&mut self, depth: usize, operand: bool) -> Result<String, Wrong> {
        if depth > DEPTH_MAX {
            return Err(("interpolation", "has too many variables within each other".to_owned()));
        }
        let mut out = String::new();
        while let Some(next) = self.rest.chars().next() {
            match next {
                '}' if operand => return Ok(out),
                '$' => {
                    self.rest = &self.rest[1..];
                    let piece = self.dollar(depth)?;
                    *self.left = self.left.checked_sub(piece.len()).ok_or_else(|| {
                        ("interpolation", "the file, with all its variables put in, is too large".to_owned())
                    })?;
                    out.push_str(&piece);
                }
                other => {
                    out.push(other);
                    self.rest = &self.rest[other.len_utf8()..];
                }
            }
        }
        if operand { Err(wrong("has a `${` without its `}`")) } else { Ok(out) }
    }

    fn dollar(&mut self, depth: usize) -> Result<String, Wrong> {
        if let Some(rest) = self.rest.strip_prefix('$') {
            self.rest = rest;
            return Ok("$".to_owned());
        }
        if let Some(rest) = self.rest.strip_prefix('{') {
            self.rest = rest;
            let name =
                self.name().ok_or_else(|| wrong("must have a name after `${`: letters, digits and `_`"))?;
            let value = self.operate(&name, depth)?;
            self.rest = self
                .rest
                .strip_prefix('}')
                .ok_or_else(|| wrong("has a `${` without its `}`, or an unknown operator in it"))?;
            return Ok(value);
        }
        let name = self.name().ok_or_else(|| wrong("has a `$` without a name: write `$$` for a dollar"))?;
        self.vars.get(&name).cloned().ok_or_else(|| undefined(&name))
    }

    fn name(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        Some(name.to_owned())
    }

    fn operate(&mut self, name: &str, depth: usize) -> Result<String, Wrong> {
        let value = self.vars.get(name).cloned();
        let (filled, rest) = match self.rest.strip_prefix(':') {
            Some(rest) => (value.clone().filter(|value| !value.is_empty()), rest),
            None => (value.clone(), self.rest),
        };
        let Some(operator) = rest.chars().next().filter(|c| "-?+".contains(*c)) else {
            return value.ok_or_else(|| undefined(name));
        };
        self.rest = &rest[1..];
        if filled.is_some() != (operator == '+') {
            // The operand is not needed: it is skipped, not read, so that what is missing in it is no fault.
            self.skip()?;
            return Ok(filled.unwrap_or_default());
        }
        let operand = self.run(depth + 1, true)?;
        match operator {
            '?' => Err(("variable_required", format!("needs the variable `{name}`: {operand}"))),
            _ => Ok(operand),
        }
    }

    /// To the brace that closes this operand.
    fn skip(&mut self) -> Result<(), Wrong> {
        let mut open = 0_usize;
        let mut last = ' ';
        for (at, c) in self.rest.char_indices() {
            match c {
                '{' if last == '$' => open += 1,
                '}' if open == 0 => {
                    self.rest = &self.rest[at..];
                    return Ok(());
                }
                '}' => open -= 1,
                _ => {}
            }
            last = c;
        }
        Err(wrong("has a `${` without its `}`"))
    }
}

fn wrong(message: &str) -> Wrong {
    ("interpolation", message.to_owned())
}

fn undefined(name: &str) -> Wrong {
    (
        "variable_undefined",
        format!("names the variable `{name}`, which is not set: set it, or write `${{{name}:-default}}`"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vars() -> BTreeMap<String, String> {
        [("A", "a"), ("B", "b"), ("EMPTY", ""), ("YAML", "x: [1, \"2\"]\ny: $A"), ("_x1", "u")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    fn put(text: &str) -> Result<String, &'static str> {
        let vars = vars();
        Text { rest: text, vars: &vars, left: &mut SIZE_MAX.clone() }.run(0, false).map_err(|(code, _)| code)
    }

    #[test]
    fn forms() {
        for (text, value) in [
            ("$A-$B", "a-b"),
            ("${A}x", "ax"),
            ("$$A", "$A"),
            ("$_x1", "u"),
            ("${NONE:-d}", "d"),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY-d}", ""),
            ("${A:-d}", "a"),
            ("${NONE-d}", "d"),
            ("${A:+yes}", "yes"),
            ("${EMPTY:+yes}", ""),
            ("${EMPTY+yes}", "yes"),
            ("${NONE+yes}", ""),
            ("${NONE:-${B}}", "b"),
            ("${NONE:-x${NONE2:-${A}}y}", "xay"),
            ("${A:-${NONE}}", "a"),
            ("${A:?must be set}", "a"),
            ("${NONE:-a-b:?c}", "a-b:?c"),
            ("${NONE:-$$}", "$"),
            ("}", "}"),
        ] {
            assert_eq!(put(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn case_079_undefined_and_required() {
        assert_eq!(put("$NONE"), Err("variable_undefined"));
        assert_eq!(put("${NONE}"), Err("variable_undefined"));
        assert_eq!(put("${NONE:?no}"), Err("variable_required"));
        assert_eq!(put("${EMPTY:?no}"), Err("variable_required"));
        assert_eq!(put("${EMPTY?no}").as_deref(), Ok(""));
        for text in ["$", "$1", "$(x)", "${", "${}", "${A", "${A:-x", "${A!x}", "${1}", "a$-", "${A:}"] {
            assert_eq!(put(text), Err("interpolation"), "{text}");
        }
    }

    #[test]
    fn case_079_values_are_never_read_again() {
        assert_eq!(put("$YAML").as_deref(), Ok("x: [1, \"2\"]\ny: $A"));
        let mut node = super::super::yaml::load("k: $YAML").unwrap();
        interpolate(&mut node, &vars(), &mut Faults::default());
        let Value::Map(map) = node.value else { panic!() };
        assert_eq!(map[0].1.value, Value::Text("x: [1, \"2\"]\ny: $A".to_owned()));
    }

    #[test]
    fn what_variables_multiply_to_is_bounded() {
        let vars = BTreeMap::from([("A".to_owned(), "x".repeat(100_000))]);
        let text = "$A".repeat(1000);
        let found = Text { rest: &text, vars: &vars, left: &mut SIZE_MAX.clone() }.run(0, false);
        assert_eq!(found.map_err(|(code, _)| code).err(), Some("interpolation"));
        assert_eq!(put(&"${N:-".repeat(1000)), Err("interpolation"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[${}A:?+_ é-]{0,40}") {
            let _ = put(&text);
        }
    }
}
