//! What a config or secret holds: text of the file, a variable, or a file.
//!
//! To add a source: its key in [`SOURCES`], and its reading in [`load`].

use bollard_stubs::models::Driver;

use super::{
    convert::Build,
    declared::{Head, head, options},
    read::At,
};
use crate::fault::Faults;

/// What a config or secret is made of.
#[derive(Default)]
pub(super) struct Content {
    pub(super) data: Option<Vec<u8>>,
    pub(super) driver: Option<Driver>,
    pub(super) templating: Option<Driver>,
}

const SOURCES: [&str; 3] = ["content", "environment", "file"];

/// Reads the declaration `name`, with the keys that all have and those in `more`. One with a fault is
/// declared all the same, so that those that name it are not at fault too.
pub(super) fn read<'n>(name: &str, at: &At<'n>, more: &[&str], build: &mut Build<'_>) -> (Head<'n>, Content) {
    let known: Vec<&str> = SOURCES.iter().chain(&["template_driver"]).chain(more).copied().collect();
    let mut head = head(name, at, &known, build);
    if head.external || elsewhere(&head, more.contains(&"driver"), build) {
        head.external = true;
        return (head, Content::default());
    }
    let faults = &mut build.faults;
    let mut content = Content {
        driver: head.text("driver", faults).map(|name| Driver {
            name,
            options: head.fields.as_ref().and_then(|fields| options(fields, faults)),
        }),
        templating: head.text("template_driver", faults).map(|name| Driver { name, options: None }),
        data: None,
    };
    let given: Vec<&At<'_>> = SOURCES.iter().filter_map(|key| head.get(key)).collect();
    match (&given[..], &content.driver) {
        ([], Some(_)) => {}
        ([_, ..], Some(_)) => {
            at.fault("conflict", "is kept by its driver, which leaves no place for a content", faults);
        }
        ([source], None) => content.data = load(source, build),
        _ => {
            at.fault("required", "must have exactly one of `content`, `environment` and `file`", faults);
        }
    }
    (head, content)
}

/// Its file is not there, and what was made of it runs under its name: nobody here knows better.
fn elsewhere(head: &Head<'_>, secret: bool, build: &mut Build<'_>) -> bool {
    let inherited = build.context.inherited;
    let runs = if secret { &inherited.secrets } else { &inherited.configs };
    runs.contains(&head.name)
        && head
            .text("file", &mut Faults::default())
            .is_some_and(|path| (build.context.files)(&path).is_none())
}

/// The bytes that a source names.
fn load(at: &At<'_>, build: &mut Build<'_>) -> Option<Vec<u8>> {
    let text = at.loose_text(&mut build.faults)?;
    let file = at.path.ends_with(".file");
    let data = if file {
        (build.context.files)(&text)
    } else if at.path.ends_with(".content") {
        Some(text.into_bytes())
    } else {
        build.context.vars.get(&text).map(|value| value.clone().into_bytes())
    };
    if data.is_none() {
        let message = if file {
            "is no file of this app's source: give a path inside the repository, or the `content`"
        } else {
            "names a variable that is not set"
        };
        at.fault("not_found", message, &mut build.faults);
    }
    data
}
