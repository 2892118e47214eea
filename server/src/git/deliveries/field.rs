//! A value of the payload together with its path, so that what is missing can be named (case 20).

use serde_json::{Map, Value};

use super::Rejection;
use crate::domain::name::{RefName, Sha};

/// A value that may be missing, and where it would be.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    value: Option<&'a Value>,
    top: Option<&'a Map<String, Value>>,
    path: String,
}

impl<'a> Field<'a> {
    /// The payload itself.
    pub(super) const fn top(map: &'a Map<String, Value>) -> Self {
        Self { value: None, top: Some(map), path: String::new() }
    }

    /// The member `key`. `null` counts as missing.
    pub(super) fn get(&self, key: &str) -> Field<'a> {
        let map = self.top.or_else(|| self.value.and_then(Value::as_object));
        let value = map.and_then(|map| map.get(key)).filter(|value| !value.is_null());
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Field { value, top: None, path }
    }

    /// Whether it is there.
    pub(super) const fn exists(&self) -> bool {
        self.value.is_some() || self.top.is_some()
    }

    /// The field itself, or 422 if it is missing or no object.
    pub(super) fn object(self) -> Result<Self, Rejection> {
        match self.value {
            Some(Value::Object(_)) => Ok(self),
            _ => Err(self.wrong("an object")),
        }
    }

    /// A text, or 422.
    pub(super) fn text(&self) -> Result<&'a str, Rejection> {
        self.maybe_text().ok_or_else(|| self.wrong("text"))
    }

    /// A text, if there is one.
    pub(super) fn maybe_text(&self) -> Option<&'a str> {
        self.value.and_then(Value::as_str)
    }

    /// Whether it says `true`.
    pub(super) fn is_true(&self) -> bool {
        self.value.and_then(Value::as_bool).unwrap_or(false)
    }

    /// A count, if there is one.
    pub(super) fn count(&self) -> Option<u64> {
        self.value.and_then(Value::as_u64)
    }

    /// The members of a list, or 422.
    pub(super) fn list(&self) -> Result<Vec<Field<'a>>, Rejection> {
        let Some(Value::Array(items)) = self.value else { return Err(self.wrong("a list")) };
        let fields = items.iter().enumerate().map(|(at, value)| Field {
            value: Some(value),
            top: None,
            path: format!("{}[{at}]", self.path),
        });
        Ok(fields.collect())
    }

    /// A commit id; none if it is all zeros. 422 `invalid_ref` if it is none.
    pub(super) fn sha(&self) -> Result<Option<Sha>, Rejection> {
        let sha = Sha::parse(self.text()?).map_err(|wrong| self.coded(wrong.code, &wrong.message))?;
        Ok(Some(sha).filter(|sha| !sha.is_zero()))
    }

    /// A branch or tag name without `refs/…/`, or 422 `invalid_ref`.
    pub(super) fn ref_name(&self, name: &str) -> Result<RefName, Rejection> {
        RefName::parse(name).map_err(|wrong| self.coded(wrong.code, &wrong.message))
    }

    /// 422 for a value of the wrong kind, or a missing one.
    pub(super) fn wrong(&self, kind: &str) -> Rejection {
        let code = if self.exists() { "invalid_field" } else { "missing_field" };
        self.coded(code, &format!("must be {kind}"))
    }

    /// 422 with a code and a rule.
    pub(super) fn coded(&self, code: &'static str, rule: &str) -> Rejection {
        Rejection {
            field: Some(self.path.clone()),
            ..Rejection::new(422, code, format!("`{}` {rule}", self.path))
        }
    }
}
