//! The project's name: `name:` at the top, which variables may be in, and which is itself the
//! variable `COMPOSE_PROJECT_NAME` (Compose specification, version and name).

use std::collections::BTreeMap;

use super::super::{
    interpolate::{self, Scope},
    yaml::{Node, Value},
};
use crate::fault::Fault;

/// The variable that holds it.
const VARIABLE: &str = "COMPOSE_PROJECT_NAME";

/// The name that the last of these trees has, else that of the variable; and all variables, with
/// this one among them. The trees have no variables put in yet.
pub(super) fn find(roots: &[Node], scope: &mut Scope<'_>) -> (Option<String>, BTreeMap<String, String>) {
    let mut vars = scope.vars.clone();
    let written =
        roots.iter().rev().find_map(|root| root.get("name")).filter(|node| node.value != Value::Null);
    let Some(node) = written else {
        return (vars.get(VARIABLE).cloned(), vars);
    };
    let Value::Text(text) = &node.value else {
        let message = "must be text: quote this value";
        scope.faults.0.push(Fault::new("name", "invalid_type", message).at(&node.place));
        return (None, vars);
    };
    // What is wrong with its variables is told when they are put into the tree.
    let Ok(found) = interpolate::expand(text, scope.vars, scope.unset, scope.left) else {
        return (None, vars);
    };
    if found.text.is_empty() {
        return (vars.get(VARIABLE).cloned(), vars);
    }
    if !valid(&found.text) {
        let message =
            "must begin with a small letter or a digit, and have small letters, digits, `-` and `_`";
        scope.faults.0.push(Fault::new("name", "invalid_name", message).at(&node.place));
    }
    vars.entry(VARIABLE.to_owned()).or_insert_with(|| found.text.clone());
    (Some(found.text), vars)
}

fn valid(name: &str) -> bool {
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.starts_with(small) && name.chars().all(|c| small(c) || matches!(c, '-' | '_'))
}
