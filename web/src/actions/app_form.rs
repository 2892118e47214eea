//! A form of an app's source, build and settings as the API's types. What is no number where one
//! is needed is a fault here; everything else is checked by the server, by the same rules as for
//! every other way in.

use super::{build_form, settings_form, source_form};
use crate::{
    api::{Configuration, Error, NewApp, Settings},
    http::Form,
};

/// A new app.
pub fn new_app(form: &Form) -> Result<NewApp, Error> {
    let mut faults = Vec::new();
    let settings = Settings { port: form.number("settings.port", &mut faults), ..Settings::default() };
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let source = source_form::source(form, None);
    Ok(NewApp {
        name: form.text("name").to_owned(),
        build: build_form::build(form, &source),
        source,
        settings,
        auto_deploy: form.flag("auto_deploy"),
        host: form.optional("host"),
        deploy: form.flag("deploy"),
    })
}

/// All that can be set for an app; `stored` is what it is now.
pub fn configuration(form: &Form, stored: &Configuration) -> Result<Configuration, Error> {
    let mut faults = Vec::new();
    let settings = settings_form::settings(form, &stored.settings, &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let source = source_form::source(form, Some(&stored.source));
    Ok(Configuration {
        build: build_form::build(form, &source),
        source,
        settings,
        auto_deploy: form.flag("auto_deploy"),
    })
}
