//! What a Dockerfile may ask of the builder itself. A frontend is a program that replaces the
//! builder's own, so only Docker's is let in; steps get neither the node's network nor its rights.

use std::collections::BTreeMap;

use super::{BuildError, images};

/// Build arguments that would choose a frontend past this check.
const RESERVED_ARGS: [&str; 1] = ["BUILDKIT_SYNTAX"];

/// Checks a Dockerfile's text with its build arguments; `own`: the name of the app's own images.
///
/// # Errors
/// `frontend_not_allowed`, `step_not_allowed` or `image_not_allowed`, with the line.
pub(super) fn check(text: &str, args: &BTreeMap<String, String>, own: &str) -> Result<(), BuildError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let escape = directives(text)?;
    // Whether two escapes at the end of a line continue it depends on the builder's version.
    for doubled in [true, false] {
        let steps = steps(text, escape, doubled);
        for (line, step) in &steps {
            check_step(*line, step, escape)?;
        }
        images::check(&steps, escape, args, own)?;
    }
    Ok(())
}

/// The text with a stage for each of these images, by name, in front of its first one. A stage that the
/// text has under such a name would be meant by whatever comes after it.
///
/// # Errors
/// `context_is_stage`, with the line.
pub(super) fn with_stages(text: &str, images: &BTreeMap<String, String>) -> Result<String, BuildError> {
    if images.is_empty() {
        return Ok(text.to_owned());
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let escape = directives(text)?;
    let mut first = None;
    for (line, step) in steps(text, escape, false) {
        let words = words(&step, escape);
        let [from, rest @ ..] = &words[..] else { continue };
        if !from.eq_ignore_ascii_case("FROM") {
            continue;
        }
        first.get_or_insert(line);
        let [.., before, name] = rest else { continue };
        if before.eq_ignore_ascii_case("AS") && images.contains_key(&name.to_ascii_lowercase()) {
            return Err(BuildError::Failed {
                code: "context_is_stage",
                message: format!(
                    "Dockerfile line {line}: the stage '{name}' has the name of one of `additional_contexts`: give \
                     one of them another name"
                ),
            });
        }
    }
    let lines: Vec<&str> = text.lines().collect();
    let (before, after) = lines.split_at(first.map_or(lines.len(), |line| line - 1));
    let stages: Vec<String> = images.iter().map(|(name, image)| format!("FROM {image} AS {name}")).collect();
    let all = before.iter().copied().chain(stages.iter().map(String::as_str)).chain(after.iter().copied());
    Ok(all.flat_map(|line| [line, "\n"]).collect())
}

/// Checks the name of a build argument.
///
/// # Errors
/// `frontend_not_allowed`.
pub(super) fn check_argument(name: &str) -> Result<(), BuildError> {
    if RESERVED_ARGS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(BuildError::Failed {
            code: "frontend_not_allowed",
            message: format!(
                "the build argument {name} is not allowed: it would replace the builder; remove it"
            ),
        });
    }
    Ok(())
}

/// Reads the parser directives and gives the escape character.
fn directives(text: &str) -> Result<char, BuildError> {
    let mut escape = '\\';
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with('{') {
            return Err(frontend(number, "a frontend named in JSON"));
        }
        // A first line for an interpreter is passed over by the builder too.
        if number == 1 && line.starts_with("#!") {
            continue;
        }
        let comment = line.strip_prefix('#').or_else(|| line.strip_prefix("//"));
        let Some((key, value)) = comment.and_then(|comment| comment.split_once('=')) else { break };
        match key.trim().to_ascii_lowercase().as_str() {
            "syntax" if !is_dockers(value.trim()) => return Err(frontend(number, value.trim())),
            "escape" => escape = value.trim().chars().next().unwrap_or('\\'),
            _ => {}
        }
    }
    // Any other comment of this form before the first step counts too: better one too many.
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let Some(comment) = line.strip_prefix('#').or_else(|| line.strip_prefix("//")) else {
            if line.is_empty() { continue } else { break }
        };
        if let Some((key, value)) = comment.split_once('=')
            && key.trim().eq_ignore_ascii_case("syntax")
            && !is_dockers(value.trim())
        {
            return Err(frontend(number, value.trim()));
        }
    }
    Ok(escape)
}

/// Docker's own frontend, any version.
fn is_dockers(image: &str) -> bool {
    let name = image.split_whitespace().next().unwrap_or_default();
    let name = name.split('@').next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name == "docker/dockerfile"
        || name.strip_prefix("docker/dockerfile:").is_some_and(|tag| !tag.is_empty() && !tag.contains('/'))
}

fn frontend(line: usize, what: &str) -> BuildError {
    let what: String = what.chars().filter(|c| !c.is_control()).take(100).collect();
    BuildError::Failed {
        code: "frontend_not_allowed",
        message: format!(
            "Dockerfile line {line}: the frontend '{what}' is not allowed; use docker/dockerfile:1 or none"
        ),
    }
}

/// Steps with their first line, continued lines joined as the builder does: without anything between.
/// Text within a here-document is taken for steps too, as not every builder knows them.
fn steps(text: &str, escape: char, doubled: bool) -> Vec<(usize, String)> {
    let mut steps = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let line = if open.is_some() { line.trim_end() } else { trimmed };
        let (first, mut step) = open.take().unwrap_or((number, String::new()));
        match line.strip_suffix(escape).filter(|part| doubled || !part.ends_with(escape)) {
            Some(part) => {
                step.push_str(part);
                open = Some((first, step));
            }
            None => {
                step.push_str(line);
                steps.push((first, step));
            }
        }
    }
    steps.extend(open);
    steps
}

/// The words of a step as the builder takes them: without quotes and escapes.
pub(super) fn words(step: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = step.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, _) if c == escape => word.get_or_insert_default().extend(chars.next()),
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn check_step(line: usize, step: &str, escape: char) -> Result<(), BuildError> {
    let words = words(step, escape);
    let mut words = words.iter().map(String::as_str);
    let mut instruction = words.next().unwrap_or_default();
    if instruction.eq_ignore_ascii_case("ONBUILD") {
        instruction = words.next().unwrap_or_default();
    }
    if !instruction.eq_ignore_ascii_case("RUN") {
        return Ok(());
    }
    for flag in words.take_while(|word| word.starts_with("--")) {
        let (name, value) = flag.split_once('=').unwrap_or((flag, ""));
        let allowed = match name.to_ascii_lowercase().as_str() {
            "--security" => value == "sandbox",
            "--network" => matches!(value, "default" | "none"),
            _ => true,
        };
        if !allowed {
            let flag: String = flag.chars().take(60).collect();
            return Err(BuildError::Failed {
                code: "step_not_allowed",
                message: format!(
                    "Dockerfile line {line}: RUN {flag} is not allowed: builds get neither the node's network \
                     nor its rights; remove the flag"
                ),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        check(text, &BTreeMap::new(), "skep.invalid/shop").err().map(|error| error.to_string())
    }

    #[test]
    fn case_149_remote_frontends() {
        for text in [
            "# syntax=evil/frontend\nFROM scratch",
            "#syntax = evil.test/docker/dockerfile:1\nFROM scratch",
            "# escape=`\n# syntax=docker/dockerfile-upstream:master\nFROM scratch",
            "#!/x\n#syntax=docker/dockerfile/../x\nFROM scratch",
            "//syntax=evil/x\nFROM scratch",
            "{\"syntax\": \"evil/x\"}\nFROM scratch",
            "\u{feff}# SYNTAX=evil/x\nFROM scratch",
            "# a comment\n\n# syntax=evil/x\nFROM scratch",
        ] {
            assert!(refused(text).is_some_and(|why| why.contains("line ")), "{text}");
        }
        for text in [
            "FROM scratch",
            "# syntax=docker/dockerfile:1\nFROM scratch",
            "# syntax=docker.io/docker/dockerfile:1.7@sha256:00\nFROM scratch",
            "FROM scratch\n# syntax=evil/x is only a comment here",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
        assert!(check_argument("BUILDKIT_SYNTAX").is_err() && check_argument("VERSION").is_ok());
    }

    #[test]
    fn contexts_are_stages_in_front_of_the_first() {
        let images = BTreeMap::from([("a".to_owned(), "x:1".to_owned()), ("b".to_owned(), "y".to_owned())]);
        for (text, made) in [
            ("\u{feff}FROM s", "FROM x:1 AS a\nFROM y AS b\nFROM s\n"),
            ("FROM s\nCOPY --from=a / /", "FROM x:1 AS a\nFROM y AS b\nFROM s\nCOPY --from=a / /\n"),
            (
                "# syntax=docker/dockerfile:1\nARG V=1\n\n# why\nfrom s:$V \\\n as a1\nRUN <<E\nFROM t AS a1\nE\n",
                "# syntax=docker/dockerfile:1\nARG V=1\n\n# why\nFROM x:1 AS a\nFROM y AS b\nfrom s:$V \\\n as a1\n\
                 RUN <<E\nFROM t AS a1\nE\n",
            ),
        ] {
            assert_eq!(with_stages(text, &images).unwrap(), made);
            assert_eq!(with_stages(text, &BTreeMap::new()).unwrap(), text);
        }
        for text in ["FROM s AS x\nfrom s as A", "FROM s\nFROM t \\\n AS \"b\""] {
            let why = with_stages(text, &images).unwrap_err().to_string();
            assert!(why.contains("line 2:") && why.contains("additional_contexts"), "{why}");
        }
    }

    #[test]
    fn case_149_insecure_and_host_network_steps_are_named_by_line() {
        for (line, text) in [
            (2, "FROM a\nRUN --security=insecure true"),
            (3, "FROM a\n\nrun --mount=type=cache,target=/x --network=host true"),
            (2, "FROM a\nRUN \\\n  # why\n  --network=host true"),
            (2, "FROM a\nONBUILD RUN --network=\"host\" true"),
            (2, "FROM a\nRUN --network=$MODE true"),
            (2, "FROM a\nRUN --net\\\nwork=host true"),
            (2, "FROM a\nRUN --net\"work\"=host true"),
            (2, "FROM a\nRUN --mount=\"type=cache, target=/x\" --network=host true"),
            (3, "FROM a\nRUN true \\\\\nRUN --network=host true"),
            (3, "# escape=`\nFROM a\nRUN `\n--security=insecure x"),
        ] {
            let why = refused(text).unwrap_or_default();
            assert!(why.contains(&format!("line {line}:")), "{text}: {why}");
        }
        for text in [
            "FROM a\nRUN --network=none true",
            "FROM a\nRUN echo --network=host",
            "FROM a\nCMD [\"--network=host\"]",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
    }
}
