//! Forms that must be confirmed.

use super::Reply;
use crate::{
    http::{Cx, Form},
    pages,
};

/// Unless the form says `confirm=yes`: the page that asks, and then sends it again. Scripts ask
/// before sending, so that this page is seen without them only.
pub fn ask(cx: &Cx<'_>, form: &Form, question: String, button: &'static str, back: &str) -> Option<Reply> {
    (form.raw("confirm") != "yes")
        .then(|| Reply::Show(pages::question(cx, form, question, button, back.to_owned())))
}
