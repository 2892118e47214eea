//! Variables in text: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+other}`
//! and their forms without the colon; `$$` is a dollar. Operands may hold variables in their turn.
//!
//! Values come from the app's own variables and from nowhere else, and are never read as YAML: they
//! are put into the tree, after parsing. To add an operator: an arm in [`Text::operate`].

use std::collections::{BTreeMap, BTreeSet};

use super::yaml::{Node, Value, join};
use crate::fault::{Fault, Faults};

/// Operands within operands.
const DEPTH_MAX: usize = 16;
/// All texts together after putting in, over all files.
pub(super) const SIZE_MAX: usize = 8 * 1024 * 1024;

/// What becomes of a variable that is not set, where no default is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unset {
    /// It is a fault.
    #[default]
    Refuse,
    /// It is empty text, and noted: so do the docker CLI and Compose.
    Empty,
}

/// The variables, and what has been found on the way.
pub(super) struct Scope<'v> {
    pub(super) vars: &'v BTreeMap<String, String>,
    pub(super) unset: Unset,
    /// Bytes that may still be put in.
    pub(super) left: &'v mut usize,
    pub(super) faults: &'v mut Faults,
    pub(super) notes: &'v mut Faults,
}

/// Puts the variables into every text of the tree; keys of maps stay as they are.
pub(super) fn interpolate(node: &mut Node, path: &str, scope: &mut Scope<'_>) {
    match &mut node.value {
        Value::Text(text) if text.contains('$') => match expand(text, scope.vars, scope.unset, scope.left) {
            Ok(found) => {
                for name in found.unset {
                    scope.notes.0.push(Fault::new(path, "variable_undefined", empty(&name)).at(&node.place));
                }
                node.substituted = found.text != *text;
                *text = found.text;
            }
            Err((code, message)) => scope.faults.0.push(Fault::new(path, code, message).at(&node.place)),
        },
        Value::List(list) => {
            for (i, item) in list.iter_mut().enumerate() {
                interpolate(item, &format!("{path}[{i}]"), scope);
            }
        }
        Value::Map(map) => {
            for (key, item) in map {
                interpolate(item, &join(path, key), scope);
            }
        }
        _ => {}
    }
}

/// A text with its variables put in.
#[derive(Debug, PartialEq)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// Variables that are not set and became empty.
    pub(super) unset: BTreeSet<String>,
}

/// Puts the variables into one text.
///
/// # Errors
/// A code and a message.
pub(super) fn expand(
    text: &str,
    vars: &BTreeMap<String, String>,
    unset: Unset,
    left: &mut usize,
) -> Result<Expanded, Wrong> {
    let mut reader = Text { rest: text, vars, left, refuse: unset == Unset::Refuse, unset: BTreeSet::new() };
    let text = reader.run(0, false)?;
    Ok(Expanded { text, unset: reader.unset })
}

/// A code and a message.
pub(super) type Wrong = (&'static str, String);

struct Text<'t> {
    rest: &'t str,
    vars: &'t BTreeMap<String, String>,
    left: &'t mut usize,
    refuse: bool,
    unset: BTreeSet<String>,
}

impl<'t> Text<'t> {
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
                    let piece = self.dollar(depth, operand)?;
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

    /// What stands for a dollar and what follows it. In an operand one that begins no variable that
    /// is set is itself: hashes of passwords are full of them, and `docker stack deploy` reads no
    /// operands.
    fn dollar(&mut self, depth: usize, operand: bool) -> Result<String, Wrong> {
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
        match self.name() {
            Some(name) if operand && !self.refuse && !self.vars.contains_key(&name) => Ok(format!("${name}")),
            Some(name) => self.value(&name),
            None if operand => Ok("$".to_owned()),
            None => Err(wrong("has a `$` without a name: write `$$` for a dollar")),
        }
    }

    /// The value of a variable for which no default is written.
    fn value(&mut self, name: &str) -> Result<String, Wrong> {
        match self.vars.get(name) {
            Some(value) => Ok(value.clone()),
            None if self.refuse => Err(undefined(name)),
            None => {
                self.unset.insert(name.to_owned());
                Ok(String::new())
            }
        }
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
            return self.value(name);
        };
        self.rest = &rest[1..];
        if filled.is_some() != (operator == '+') {
            // The operand is not needed: it is skipped, not read, so that what is missing in it is no fault.
            self.skip()?;
            return Ok(filled.unwrap_or_default());
        }
        if operator == '?' {
            // As it is written: what its variables hold may be secret.
            let message = self.skip()?;
            return Err(("variable_required", format!("needs the variable `{name}`: {message}")));
        }
        self.run(depth + 1, true)
    }

    /// To the brace that closes this operand, which is given as it is written.
    fn skip(&mut self) -> Result<&'t str, Wrong> {
        let mut open = 0_usize;
        let mut last = ' ';
        for (at, c) in self.rest.char_indices() {
            match c {
                '{' if last == '$' => open += 1,
                '}' if open == 0 => {
                    let (operand, rest) = self.rest.split_at(at);
                    self.rest = rest;
                    return Ok(operand);
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

fn empty(name: &str) -> String {
    format!("names the variable `{name}`, which is not set, and is empty there: write `${{{name}:-default}}`")
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
        let found = expand(text, &vars(), Unset::Refuse, &mut SIZE_MAX.clone());
        found.map(|found| found.text).map_err(|(code, _)| code)
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
        assert_eq!(put("${NONE:-$YAML}").as_deref(), Ok("x: [1, \"2\"]\ny: $A"));
    }

    #[test]
    fn unset_variables_are_empty_if_asked_for() {
        let found = expand("a${NONE}$X${Y:-${Z}}${A:+${W}}", &vars(), Unset::Empty, &mut 100).unwrap();
        assert_eq!(found.text, "a");
        assert_eq!(found.unset.into_iter().collect::<Vec<_>>(), ["NONE", "W", "X", "Z"]);
        let required = expand("${NONE?}", &vars(), Unset::Empty, &mut 100);
        assert_eq!(required.map_err(|(code, _)| code).err(), Some("variable_required"));
        let told = expand("${NONE:?see ${A} and $B}", &vars(), Unset::Empty, &mut 100);
        let message = "needs the variable `NONE`: see ${A} and $B".to_owned();
        assert_eq!(told.err(), Some(("variable_required", message)), "values are not told");
    }

    #[test]
    fn what_variables_multiply_to_is_bounded() {
        let vars = BTreeMap::from([("A".to_owned(), "x".repeat(100_000))]);
        let text = "$A".repeat(1000);
        let found = expand(&text, &vars, Unset::Refuse, &mut SIZE_MAX.clone());
        assert_eq!(found.map_err(|(code, _)| code).err(), Some("interpolation"));
        assert_eq!(put(&"${N:-".repeat(1000)), Err("interpolation"));
    }

    #[test]
    fn hashes_in_operands_stay() {
        let text = "${NONE:-$2y$05$oZ/Vu$B$$x$}";
        let found = expand(text, &vars(), Unset::Empty, &mut 100).unwrap();
        assert_eq!(found.text, "$2y$05$oZ/Vub$x$");
        assert_eq!(put(text), Err("variable_undefined"), "where all must be set, so must these");
        assert_eq!(put("${NONE:-$2y$05$/$(x)}").as_deref(), Ok("$2y$05$/$(x)"));
        assert_eq!(put("$2y"), Err("interpolation"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[${}A:?+_ é-]{0,40}") {
            let _ = put(&text);
        }
    }
}
