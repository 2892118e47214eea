//! The variables of a service.
//!
//! Files of variables are the loader's (`load::environment`), and so are the values that variables
//! of the same name give to what is written without one.

use std::collections::BTreeMap;

use super::{
    convert::Build,
    read::{At, Fields},
};

/// One entry.
pub(super) struct Variable<'n> {
    pub(super) value: Option<String>,
    pub(super) at: At<'n>,
}

/// The entries by key; of one that is there twice the last counts.
pub(super) fn read<'n>(
    fields: &Fields<'n>,
    faults: &mut crate::fault::Faults,
) -> BTreeMap<String, Variable<'n>> {
    let pairs = fields.get("environment").map(|at| at.pairs(faults)).unwrap_or_default();
    pairs.into_iter().map(|(key, value, at)| (key, Variable { value, at })).collect()
}

/// `KEY=value`, sorted. A key without a value is sent bare.
pub(super) fn convert(fields: &Fields<'_>, build: &mut Build<'_>) -> Option<Vec<String>> {
    let mut list: Vec<String> = read(fields, &mut build.faults)
        .into_iter()
        .map(|(key, Variable { value, at })| {
            if value.as_ref().is_some_and(|value| value.contains('\0')) {
                at.fault("invalid_value", "must not hold a NUL character", &mut build.faults);
            }
            value.map_or_else(|| key.clone(), |value| format!("{key}={value}"))
        })
        .collect();
    list.sort();
    (!list.is_empty()).then_some(list)
}
