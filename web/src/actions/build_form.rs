//! How an app becomes an image, as entered.

use crate::{
    api::{Build, Source},
    http::Form,
};

/// The chosen kind of build; none for sources that name their images.
pub fn build(form: &Form, source: &Source) -> Build {
    if matches!(source, Source::Image { .. } | Source::Compose { .. }) {
        return Build::None;
    }
    match form.text("build.kind") {
        "dockerfile" => Build::Dockerfile {
            path: form.text("build.path").to_owned(),
            context: form.text("build.context").to_owned(),
            target: form.optional("build.target"),
            args: form
                .lines("build.args")
                .iter()
                .map(|line| line.split_once('=').unwrap_or((line, "")))
                .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
                .collect(),
            secrets: form.lines("build.secrets"),
            no_cache: form.flag("build.no_cache"),
        },
        "static" => Build::Static {
            folder: form.text("build.static_folder").to_owned(),
            single_page: form.flag("build.single_page"),
        },
        "nixpacks" => Build::Nixpacks { folder: form.text("build.nixpacks_folder").to_owned() },
        "compose" => Build::Compose {
            path: form.text("build.compose_path").to_owned(),
            overrides: form.lines("build.overrides"),
        },
        _ => Build::None,
    }
}
