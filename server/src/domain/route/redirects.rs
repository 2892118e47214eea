//! Addresses that visitors are sent on from: a path, or a pattern of paths. Where they are sent can be
//! no script and no host of the visitor's choosing (case 98): what a pattern has found comes after the
//! first `/` of the target's path alone.

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::{domain_name::PathPrefix, fault::Wrong, redirect::RedirectTarget};

/// Redirects of one domain at most.
const COUNT: usize = 50;
const LONGEST: usize = 500;

/// Where a redirect leads: a path of the same host, `https://…` or `http://…`; `$1` to `$9` in its path
/// stand for the groups of the pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct Replacement(String);

impl Replacement {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            let rule = "must be a path like `/new/$1` or a whole address like `https://www.example.com/new/$1`; \
                        `$1` to `$9` only after the first `/` of the path";
            Wrong::coded("invalid_redirect", rule)
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:?&=%+,@$".contains(&b) || b >= 0x80;
        let groups = text.split('$').skip(1).all(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            digits == 1 && !rest.starts_with('0')
        });
        if text.len() > LONGEST || !text.bytes().all(plain) || !groups {
            return Err(wrong());
        }
        if let Some(path) = text.strip_prefix('/') {
            // `//host` takes the page's scheme and goes elsewhere.
            if path.starts_with('/') || !path.is_ascii() { Err(wrong()) } else { Ok(Self(text.to_owned())) }
        } else {
            let (fixed, found) = text.split_at(text.find('$').unwrap_or(text.len()));
            let authority = fixed.split_once("://").map_or("", |(_, rest)| rest);
            if !found.is_empty() && !authority.contains('/') || !found.is_ascii() {
                return Err(wrong());
            }
            Ok(Self(format!("{}{found}", RedirectTarget::parse(fixed)?.as_str())))
        }
    }

    /// The checked text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The highest group that it names; 0 for none.
    fn highest(&self) -> usize {
        let digits = self.0.split('$').skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10));
        digits.max().map_or(0, |digit| digit as usize)
    }
}

impl<'de> Deserialize<'de> for Replacement {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, Self::parse)
    }
}

/// One address that visitors are sent on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Redirect {
    /// A path, as it is. Or, with `regex`, a pattern of the whole path (and query).
    pub from: String,
    /// Whether `from` is a pattern.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub regex: bool,
    /// Where to.
    pub to: Replacement,
    /// For good: 301, and 308 for requests other than GET. Else 302 and 307.
    pub permanent: bool,
}

impl Redirect {
    /// The pattern of the whole path, in the language that the edge and we share (RE2).
    #[must_use]
    pub fn pattern(&self) -> String {
        if self.regex { self.from.clone() } else { regex::escape(&self.from) + r"(?:\?.*)?" }
    }
}

impl<'de> Deserialize<'de> for Redirect {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Given {
            from: String,
            #[serde(default)]
            regex: bool,
            to: Replacement,
            #[serde(default)]
            permanent: bool,
        }
        let Given { mut from, regex, to, permanent } = Given::deserialize(from)?;
        let groups = if regex {
            pattern(&from).map_err(|wrong| wrong.for_serde())?
        } else {
            from = PathPrefix::parse(&from).map_err(|wrong| wrong.for_serde())?.as_str().to_owned();
            0
        };
        let wrong = |rule| Err(Wrong::coded("invalid_redirect", rule).for_serde());
        if to.highest() > groups {
            return wrong(
                "must not name a group in `to` that `from` does not have: put parentheses into the pattern",
            );
        }
        if to.as_str() == from {
            return wrong("must lead elsewhere than it comes from");
        }
        Ok(Self { from, regex, to, permanent })
    }
}

/// Checks a pattern; how many groups it has. Only what Go's and Rust's expressions both mean the same by:
/// no names, no flags, no classes within classes.
fn pattern(text: &str) -> Result<usize, Wrong> {
    let wrong = |rule: &str| Wrong::coded("invalid_pattern", rule);
    if !text.starts_with('/') && !text.starts_with("(/") || text.len() > LONGEST {
        return Err(wrong("must begin with the `/` of the path, and be at most 500 characters"));
    }
    if !text.bytes().all(|b| (b'!'..=b'~').contains(&b)) || text.contains('`') {
        return Err(wrong("must be plain ASCII without blanks and backticks"));
    }
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let Some(next) = rest[at + 1..].bytes().next() else {
            return Err(wrong("must not end with a lone `\\`; write `\\\\`"));
        };
        if next.is_ascii_alphanumeric() && !b"dDwWsSbB".contains(&next) {
            return Err(wrong(
                "must use only `\\d`, `\\w`, `\\s`, `\\b` and their capitals, and `\\` before punctuation",
            ));
        }
        rest = &rest[at + 2..];
    }
    let odd = ["&&", "--", "~~", "[[", "[^[", "[:"];
    let flagged = text.match_indices("(?").any(|(at, _)| !text[at..].starts_with("(?:"));
    if flagged || odd.iter().any(|odd| text.contains(odd)) {
        return Err(wrong("must not have flags, named groups or classes within classes; `(?:…)` is fine"));
    }
    repeats(text).map_err(wrong)?;
    let compiled =
        regex::RegexBuilder::new(&format!("^(?:{text})$")).size_limit(1 << 18).nest_limit(20).build();
    match compiled {
        Ok(regex) if regex.captures_len() <= 10 => Ok(regex.captures_len() - 1),
        Ok(_) => Err(wrong("must have at most 9 groups")),
        Err(regex::Error::CompiledTooBig(_)) => Err(wrong("must be smaller: repeat less")),
        Err(_) => Err(wrong("must be a regular expression: check its brackets and repetitions")),
    }
}

/// Go takes no repetition of a repetition, and none of more than a thousand.
fn repeats(text: &str) -> Result<(), &'static str> {
    let (mut in_class, mut repeated, mut times) = (false, false, 1_u64);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[1..];
        match c {
            // What is escaped is one character, whatever it is.
            '\\' => {
                rest = rest.get(1..).unwrap_or_default();
                repeated = false;
            }
            '[' | ']' => (in_class, repeated) = (c == '[', false),
            _ if in_class => {}
            '*' | '+' | '{' if repeated => {
                return Err("must not repeat a repetition; put parentheses around it");
            }
            // After another one it makes that one short.
            '?' if repeated => {}
            '*' | '+' | '?' => repeated = true,
            '{' => {
                let (inner, after) = rest.split_once('}').ok_or("must close each `{`, or write `\\{`")?;
                for number in inner.split(',').filter(|number| !number.is_empty()) {
                    times = times.saturating_mul(number.parse::<u64>().unwrap_or(u64::MAX).max(1));
                }
                (rest, repeated) = (after, true);
            }
            _ => repeated = false,
        }
    }
    if times > 1000 { Err("must be smaller: repeat less") } else { Ok(()) }
}

/// Up to 50 redirects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = Vec<Redirect>)]
#[serde(transparent)]
pub struct Redirects(Vec<Redirect>);

impl Redirects {
    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &Redirect> {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for Redirects {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = Vec::<Redirect>::deserialize(from)?;
        if all.len() > COUNT {
            return Err(Wrong::coded("quota", "must be at most 50 redirects").for_serde());
        }
        Ok(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_keeps_what_was_found_behind_the_first_slash() {
        for good in
            ["/", "/new/$1", "/a?b=$1&c=$2", "https://www.example.com/$1", "http://a.example.com:8080/x/$9"]
        {
            assert_eq!(Replacement::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["https://www.example.com$1", "https://$1.example.com/", "/$0", "/$", "/$12", "/${1}", "$1"]
        {
            assert_eq!(Replacement::parse(bad).unwrap_err().code, "invalid_redirect", "{bad}");
        }
    }

    #[test]
    fn a_pattern_is_what_both_languages_know() {
        for (good, groups) in
            [("/old/(.*)", 1), (r"/(\d{4})-(\d\d)/[a-z-]+", 2), ("/(?:a|b)", 0), ("(/de)?/x", 1)]
        {
            assert_eq!(pattern(good), Ok(groups), "{good}");
        }
    }
}
