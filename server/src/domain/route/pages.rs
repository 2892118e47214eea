//! What a visitor sees while an app is away, or has failed.

use serde::{Deserialize, Deserializer, Serialize};

use super::Ranges;
use crate::domain::{domain_name::PathPrefix, fault::Wrong};

/// Bytes of a page at most: all of them are in memory, for every visitor.
const LONGEST: usize = 16 * 1024;

/// A small page of the user's own. It is shown with a policy by which it loads nothing from elsewhere
/// and runs no script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct Html(String);

impl Html {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.trim().is_empty() || text.len() > LONGEST || text.contains('\0') {
            return Err(Wrong::coded(
                "invalid_page",
                "must be HTML of 1 to 16384 bytes; put images elsewhere",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Html {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, Self::parse)
    }
}

/// The app is away for its visitors, for as long as it is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Maintenance {
    /// Whether it is so now; the rest is kept for the next time.
    pub on: bool,
    /// Who still gets to the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<Ranges>,
    /// After how many seconds programs and search engines should ask again: 1 to 604800 (a week). 300 if
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// The page; one of Skep's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<Html>,
}

impl<'de> Deserialize<'de> for Maintenance {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Given {
            on: bool,
            allow: Option<Ranges>,
            retry_after_seconds: Option<u32>,
            html: Option<Html>,
        }
        let Given { on, allow, retry_after_seconds, html } = Given::deserialize(from)?;
        if retry_after_seconds.is_some_and(|seconds| !(1..=604_800).contains(&seconds)) {
            return Err(Wrong::new("must ask again after 1 to 604800 `retry_after_seconds`").for_serde());
        }
        Ok(Self { on, allow, retry_after_seconds, html })
    }
}

/// One status or a range of them, of errors: `404`, `500-599`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct Statuses(String);

impl Statuses {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let number = |text: &str| -> Option<u16> {
            let number: u16 = text.parse().ok()?;
            (text.len() == 3 && (400..=599).contains(&number)).then_some(number)
        };
        let ok = match text.split_once('-') {
            Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
            None => number(text).is_some(),
        };
        if ok {
            return Ok(Self(text.to_owned()));
        }
        Err(Wrong::coded("invalid_status", "must be a status from 400 to 599, or a range like `500-599`"))
    }

    /// The checked text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, Self::parse)
    }
}

/// A page in place of the app's own errors; the status stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ErrorPages {
    /// Which: 1 to 20.
    pub statuses: Vec<Statuses>,
    /// A path of the app that has the page; it is asked for by GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathPrefix>,
    /// The page itself. Without either it is one of Skep's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<Html>,
}

impl<'de> Deserialize<'de> for ErrorPages {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Given {
            statuses: Vec<Statuses>,
            #[serde(default)]
            path: Option<PathPrefix>,
            #[serde(default)]
            html: Option<Html>,
        }
        let Given { statuses, path, html } = Given::deserialize(from)?;
        if !(1..=20).contains(&statuses.len()) {
            return Err(Wrong::new("must name 1 to 20 `statuses`: `404`, `500-599`").for_serde());
        }
        if path.is_some() && html.is_some() {
            return Err(Wrong::new("must have `path` or `html`, not both: leave one of them out").for_serde());
        }
        Ok(Self { statuses, path, html })
    }
}
