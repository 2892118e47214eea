//! What holds for any project: nothing panics, a plan that was done leaves nothing to do, and a plan
//! back restores what was.

use proptest::prelude::*;

use super::{
    sample::{any_project, any_spoilt, any_text},
    *,
};
use crate::{
    observed::Observed,
    plan::{
        collect,
        stored::{NEW, OLD, applied},
    },
};

fn good(text: &str) -> Result<StackSpec, TestCaseError> {
    let made = run_with(text, &given());
    made.map(|(spec, _)| spec).map_err(|faults| TestCaseError::fail(format!("{faults:#?}\n{text}")))
}

/// The services as the engine shows them, for a comparison that tells what differs.
fn services(observed: &Observed) -> serde_json::Value {
    let specs = observed.services.iter().map(|(name, service)| (name.clone(), &service.spec));
    let mut all = serde_json::to_value(specs.collect::<BTreeMap<_, _>>()).unwrap();
    all.sort_all_objects();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn anything_ends_with_a_stack_or_with_faults(text in prop_oneof![any_text(), any_spoilt()]) {
        let mut given = given();
        given.vars.insert("A".to_owned(), "1".to_owned());
        let made = run_with(&text, &given);
        if let Err(faults) = &made {
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.iter().all(|fault| !fault.code.is_empty() && fault.message.len() > 5));
        }
        let again = run_with(&text, &given);
        prop_assert_eq!(format!("{:?}", made), format!("{:?}", again));
        let _ = outline(&[load::Source::only(&text)], &given.vars, &given.files);
        let _ = wanted(&[load::Source::only(&text)], &given.vars, &given.files);
        if let Ok(project) = parse(&[load::Source::only(&text)], &given.vars, &given.files) {
            let context = Context {
                stack: "demo",
                vars: &given.vars,
                files: &|_| None,
                directory: Some("/w"),
                home: None,
                inherited: &given.grants.inherited,
            };
            if let Ok(plain) = convert(&project, context) {
                plain.json().unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_plan_that_was_done_leaves_nothing_to_do(text in any_project()) {
        let spec = good(&text)?;
        for habits in [OLD, NEW] {
            let done = applied(&Observed::default(), &spec, habits);
            prop_assert_eq!(plan(&spec, &done).lines(), []);
            prop_assert_eq!(collect(&done, std::slice::from_ref(&spec)), []);
        }
    }

    #[test]
    fn a_plan_and_the_plan_back_restore_what_was(one in any_project(), two in any_project()) {
        let (one, two) = (good(&one)?, good(&two)?);
        for habits in [OLD, NEW] {
            let before = applied(&Observed::default(), &one, habits);
            let there = applied(&before, &two, habits);
            prop_assert_eq!(plan(&two, &there).lines(), []);
            let back = applied(&there, &one, habits);
            prop_assert_eq!(plan(&one, &back).lines(), []);
            prop_assert_eq!(services(&back), services(&before));
            prop_assert_eq!(back.networks.keys().collect::<Vec<_>>(), before.networks.keys().collect::<Vec<_>>());
            // What the first needs is there all the time; what only the second needed is collected.
            let gone: BTreeSet<String> =
                collect(&back, std::slice::from_ref(&one)).iter().map(|action| action.name().to_owned()).collect();
            let left: BTreeSet<&String> =
                back.configs.keys().chain(back.secrets.keys()).filter(|name| !gone.contains(*name)).collect();
            prop_assert_eq!(left, one.configs.keys().chain(one.secrets.keys()).collect::<BTreeSet<_>>());
        }
    }
}
