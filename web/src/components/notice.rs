//! Something to know before reading on.

use leptos::prelude::*;

use super::Icon;

/// A box with a message; `tone` is `good`, `info`, `warn` or `bad`.
#[component]
pub fn Notice(
    /// The colour's name.
    tone: &'static str,
    /// The message.
    children: Children,
) -> AnyView {
    let icon = match tone {
        "good" => "ok",
        "info" => "info",
        _ => "warn",
    };
    let role = if tone == "bad" { "alert" } else { "status" };
    view! {
        <div class="notice" data-tone=tone role=role>
            <Icon name=icon/>
            <div>{children()}</div>
        </div>
    }
    .into_any()
}

/// A reason from elsewhere as a sentence: capital first, full stop last.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn reasons_read_as_sentences() {
        for (text, read) in
            [("no answer", "No answer."), ("It failed.", "It failed."), (" ", ""), ("über", "Über.")]
        {
            assert_eq!(sentence(text), read);
        }
    }
}
