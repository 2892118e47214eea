//! Text of forms as checked values: every wrong field is found, not only the first.

use std::str::FromStr;

use skep_web::api;

use crate::{
    control::Error,
    domain::fault::{Fault, Wrong},
};

/// An id of a path. What is no id names nothing.
pub(super) fn id<T: FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::NotFound("thing"))
}

/// A checked value; its fault is at `field`.
pub(super) fn parsed<T>(field: &str, value: Result<T, Wrong>) -> Result<T, Error> {
    value.map_err(|wrong| Error::wrong(field, wrong))
}

/// Moments as the pages have them: milliseconds.
pub(super) const fn time(at: crate::domain::clock::Time) -> api::Time {
    api::Time(at.timestamp_millis())
}

/// Faults found so far.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<Fault>);

impl Fields {
    /// The value, if it is right; else its fault is kept.
    pub(super) fn take<T>(&mut self, field: &str, value: Result<T, Wrong>) -> Option<T> {
        value.map_err(|wrong| self.0.push(wrong.at(field))).ok()
    }

    /// Faults that were found elsewhere.
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.0.extend(faults);
    }

    /// All faults, if there are any.
    pub(super) fn checked(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// What was taken. A value is missing only if there are faults.
    pub(super) fn all<T>(self, value: Option<T>) -> Result<T, Error> {
        self.checked()?;
        value.ok_or_else(|| Error::internal("a value is missing without a fault"))
    }
}
