//! Which images a Dockerfile may name. Images that only exist on this engine have the names of
//! their apps: those of others are not for it to read, only those of its own builds.
//!
//! Variables are tried with every value that they may have, so that none is overlooked.

use std::collections::BTreeMap;

use skep_stack::text::{self, LOCAL_REGISTRY};

use super::{BuildError, frontend::words};

/// What the installer made there is for everybody: no app's name has a slash.
const BASES: &str = "base/";
/// Ways in which one line may be read, variables in it, and bytes of one of them, at most.
const WAYS: usize = 256;
const VARIABLES: usize = 32;
const LONGEST: usize = 4096;
/// A value that cannot be told.
const UNKNOWN: &str = "\0";

/// Checks the steps of a Dockerfile, each with its line.
///
/// # Errors
/// `image_not_allowed`, with the line.
pub(super) fn check(
    steps: &[(usize, String)],
    escape: char,
    args: &BTreeMap<String, String>,
    own: &str,
) -> Result<(), BuildError> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in args {
        values.entry(name.clone()).or_default().push(value.clone());
    }
    for (line, step) in steps {
        let all = words(step, escape);
        let mut parts = all.iter().map(String::as_str);
        let mut instruction = parts.next().unwrap_or_default();
        if instruction.eq_ignore_ascii_case("ONBUILD") {
            instruction = parts.next().unwrap_or_default();
        }
        let named = match instruction.to_ascii_uppercase().as_str() {
            "ARG" => {
                for (name, value) in parts.filter_map(|word| word.split_once('=')) {
                    let found = expand(value, &values).unwrap_or_else(|| vec![UNKNOWN.to_owned()]);
                    let known = values.entry(name.to_owned()).or_default();
                    known.extend(found);
                    if known.len() > WAYS {
                        *known = vec![UNKNOWN.to_owned()];
                    }
                }
                continue;
            }
            "FROM" => parts.collect::<Vec<_>>().join(" "),
            "COPY" | "ADD" | "RUN" => {
                let flags = parts.take_while(|word| word.starts_with("--"));
                flags.filter(|flag| flag.to_ascii_lowercase().contains("from")).collect::<Vec<_>>().join(" ")
            }
            _ => continue,
        };
        let ways = expand(&named, &values).ok_or_else(|| refused(*line))?;
        if ways.iter().any(|text| names_other(text, own)) {
            return Err(refused(*line));
        }
    }
    Ok(())
}

fn refused(line: usize) -> BuildError {
    BuildError::Failed {
        code: "image_not_allowed",
        message: format!(
            "Dockerfile line {line}: names an image that only exists on this server ({LOCAL_REGISTRY}/…), or hides which \
             one it names: use a stage, or an image of a registry"
        ),
    }
}

/// Whether the text has the name of a local image that is none of `own`.
fn names_other(text: &str, own: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains(UNKNOWN)
        || text.match_indices(LOCAL_REGISTRY).any(|(at, _)| {
            let name = text.get(at..).unwrap_or_default();
            let its_own = name.strip_prefix(own).is_some_and(|rest| rest.starts_with(':'));
            !its_own && !text::local_image(name).is_some_and(|name| name.starts_with(BASES))
        })
}

/// All that the text may become; none if that cannot be told.
fn expand(text: &str, values: &BTreeMap<String, Vec<String>>) -> Option<Vec<String>> {
    if text.matches('$').count() > VARIABLES {
        return None;
    }
    let Some((before, rest)) = text.split_once('$') else { return Some(vec![text.to_owned()]) };
    let (choices, rest) = if let Some(inner) = rest.strip_prefix('{') {
        let end = closing(inner)?;
        let (inner, rest) = (inner.get(..end)?, inner.get(end + 1..)?);
        (braced(inner, values)?, rest)
    } else {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        (known(name, values), rest)
    };
    let mut all = Vec::new();
    for tail in expand(rest, values)? {
        for choice in &choices {
            all.push(format!("{before}{choice}{tail}"));
        }
    }
    (all.len() <= WAYS && all.iter().all(|text| text.len() <= LONGEST)).then_some(all)
}

/// What stands in braces: a name, or a name with what else it may be.
fn braced(inner: &str, values: &BTreeMap<String, Vec<String>>) -> Option<Vec<String>> {
    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    let mut choices = known(name, values);
    let operator = operator.strip_prefix(':').unwrap_or(operator);
    match operator.chars().next() {
        None => {}
        Some('-' | '+') => choices.extend(expand(operator.get(1..)?, values)?),
        Some('?') => {}
        // Patterns could make any text.
        Some(_) => return None,
    }
    Some(choices)
}

fn known(name: &str, values: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let found = values.get(name).into_iter().flatten().cloned();
    found.chain([String::new()]).collect()
}

/// Where the brace that is open ends.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::frontend::check as checked, *};

    fn refusal(text: &str, args: &[(&str, &str)]) -> Option<String> {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        match checked(text, &args, "skep.invalid/shop-live") {
            Ok(()) => None,
            Err(BuildError::Failed { code: "image_not_allowed", message }) => Some(message),
            Err(error) => panic!("{text}: {error}"),
        }
    }

    #[test]
    fn a_text_that_grows_without_end_is_refused_soon() {
        let doubling = "ARG A=aaaaaaaaaaaaaaaa\n".to_owned() + &"ARG A=$A$A\n".repeat(200) + "FROM $A";
        assert!(refusal(&doubling, &[]).is_some());
        assert!(refusal(&("FROM ".to_owned() + &"${A:-".repeat(50_000)), &[]).is_some());
    }

    #[test]
    fn another_apps_image_is_named_by_nobody() {
        for (line, text) in [
            (1, "FROM skep.invalid/other:1"),
            (1, "from --platform=linux/amd64 \"skep.invalid/other:1\" AS x"),
            (1, "FROM SKEP.invalid/other:1"),
            (1, "FROM skep\\.invalid/other:1"),
            (1, "FROM skep.inv\\\nalid/other:1"),
            (1, "FROM skep.invalid/shop-live2:1"),
            (1, "FROM skep.invalid/base:1"),
            (1, "FROM skep.invalid/shop-live/web:1"),
            (2, "FROM scratch\nCOPY --from=skep.invalid/other:1 /a /b"),
            (2, "FROM scratch\nRUN --mount=type=bind,from=skep.invalid/other:1,target=/x true"),
            (
                2,
                "FROM scratch\nRUN --mount=\"type=cache, target=/c\" --mount=from=skep.invalid/o:1,target=/x true",
            ),
            (2, "FROM scratch\nONBUILD COPY --chown=0 --from=skep.invalid/other:1 /a /b"),
            (2, "ARG WHERE=skep.invalid\nFROM $WHERE/other:1"),
            (3, "ARG A=skep. B=invalid/o:1\nARG A=ok\nFROM ${A}${B}"),
            (3, "ARG A=ok\nARG A\nFROM ${A:-skep.invalid/o:1}"),
            (1, "FROM ${A:+skep.invalid/o:1}"),
            (1, "FROM skep.${NONE}invalid/o:1"),
            (2, "ARG A=skepx.invalid/o\nFROM ${A/x/}"),
            (1, "FROM scratch\\\\\nFROM skep.invalid/other:1"),
            (2, "ARG A=${B%x}\nFROM $A"),
        ] {
            let why = refusal(text, &[]).unwrap_or_else(|| panic!("was taken: {text}"));
            assert!(why.contains(&format!("line {line}:")), "{text}: {why}");
        }
        assert!(refusal("ARG BASE=alpine:3\nFROM $BASE", &[("BASE", "skep.invalid/other:1")]).is_some());
        for text in [
            "FROM skep.invalid/shop-live:abc",
            "FROM skep.invalid/base/static:1",
            "ARG V=3.20\nFROM alpine:${V:-3.19} AS base\nFROM base\nCOPY --from=base /a /b",
            "ARG A=${B%x}\nFROM alpine\nCOPY --chown=${A#y} /a /b",
            "FROM alpine\nRUN echo skep.invalid/other:1\nENV A=skep.invalid/x",
        ] {
            assert_eq!(refusal(text, &[]), None, "{text}");
        }
    }
}
