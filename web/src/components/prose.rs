//! Sentences from elsewhere, as people read them.

use leptos::prelude::*;

/// A sentence whose parts in backticks are shown as code.
#[must_use]
pub fn prose(text: &str) -> Vec<AnyView> {
    let part = |(index, part): (usize, &str)| match index % 2 {
        1 => view! { <code>{part.to_owned()}</code> }.into_any(),
        _ => part.to_owned().into_any(),
    };
    // A backtick without a second one is no mark of code.
    let whole = text.matches('`').count().is_multiple_of(2);
    if whole { text.split('`').enumerate().map(part).collect() } else { vec![text.to_owned().into_any()] }
}

/// The text with a capital first, unless it begins with a name as programs write them.
#[must_use]
pub fn capital(text: &str) -> String {
    let first = text.split([' ', ':']).next().unwrap_or_default();
    if first.contains(['.', '_', '/', '`', '=']) && !first.ends_with('.') {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), chars.as_str()))
}

/// A reason from elsewhere as a sentence: capital first, full stop last.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let stop = if text.is_empty() || text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{stop}", capital(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_as_sentences() {
        for (text, read) in [
            ("no answer", "No answer."),
            ("It failed.", "It failed."),
            (" ", ""),
            ("über", "Über."),
            ("variables.URL: no", "variables.URL: no."),
            ("ready", "Ready."),
        ] {
            assert_eq!(sentence(text), read);
        }
    }

    #[test]
    fn what_stands_in_backticks_is_code_and_stays_text() {
        let html = |text: &str| prose(text).to_html();
        assert_eq!(html("see `a <b>` there").replace("<!>", ""), "see <code>a &lt;b&gt;</code> there");
        assert!(!html("one ` alone").contains("<code>"));
    }
}
