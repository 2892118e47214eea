//! Asks before a form counts, for browsers without scripts: the same form once more, with a yes.

use leptos::prelude::*;

use super::Page;
use crate::{
    components::Place,
    http::{Cx, Form},
};

/// A page that repeats `form` with `confirm=yes`, or leads `back`.
pub fn question(cx: &Cx<'_>, form: &Form, ask: String, button: &'static str, back: String) -> Page {
    let action = cx.path.clone();
    let fields: Vec<(String, String)> =
        form.pairs().iter().filter(|(name, _)| name != "confirm").cloned().collect();
    Page::new("Are you sure?", Place::Projects, move || {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect();
        view! {
            <section class="card narrow">
                <h1>"Are you sure?"</h1>
                <p>{ask}</p>
                <form method="post" action=action class="row">
                    {fields}
                    <input type="hidden" name="confirm" value="yes"/>
                    <button type="submit" class="button danger solid">
                        {button}
                    </button>
                    <a class="button" href=back>
                        "No, go back"
                    </a>
                </form>
            </section>
        }
    })
}
