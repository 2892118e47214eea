//! Services after those that they need.

use std::collections::BTreeSet;

use crate::spec::StackSpec;

/// Names of the services, each after all that it names in `after`; otherwise by name. Services of
/// a cycle (which `validate` refuses) come last, by name.
pub(super) fn order(spec: &StackSpec) -> Vec<&String> {
    let mut left: BTreeSet<&String> = spec.services.keys().collect();
    let mut done: Vec<&String> = Vec::new();
    while !left.is_empty() {
        let ready: Vec<&String> = left
            .iter()
            .copied()
            .filter(|name| spec.needs(name).all(|(needed, _)| !left.contains(needed)))
            .collect();
        if ready.is_empty() {
            done.extend(left);
            break;
        }
        left.retain(|name| !ready.contains(name));
        done.extend(ready);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Need;

    fn spec(after: &[(&str, &[&str])]) -> StackSpec {
        let mut spec = StackSpec::default();
        for (name, needs) in after {
            spec.services.insert((*name).to_owned(), bollard_stubs::models::ServiceSpec::default());
            let needs = needs.iter().map(|need| ((*need).to_owned(), Need::default()));
            spec.after.insert((*name).to_owned(), needs.collect());
        }
        spec
    }

    #[test]
    fn needed_ones_come_first() {
        let spec = spec(&[("a", &["c"]), ("b", &[]), ("c", &["d", "gone"]), ("d", &[])]);
        assert_eq!(order(&spec), ["b", "d", "c", "a"]);
    }

    #[test]
    fn a_cycle_loses_nobody() {
        let spec = spec(&[("a", &["b"]), ("b", &["a"]), ("c", &[]), ("d", &["d"])]);
        assert_eq!(order(&spec), ["c", "a", "b", "d"]);
    }
}
