//! Light or dark. Without it the same buttons post a form that sets the same cookie.

use leptos::prelude::*;

/// The three choices, as buttons of a form that the page has around it.
#[island]
pub fn ThemeToggle(
    /// The choice now: `auto`, `light` or `dark`.
    theme: String,
) -> impl IntoView {
    let chosen = RwSignal::new(theme);
    let choice = move |name: &'static str, text: &'static str| {
        view! {
            <button
                type="submit"
                name="theme"
                value=name
                aria-pressed=move || chosen.with(|now| now == name).to_string()
                on:click=move |event| {
                    if choose(name) {
                        event.prevent_default();
                        chosen.set(name.to_owned());
                    }
                }
            >
                {text}
            </button>
        }
    };
    view! {
        {choice("auto", "Auto")}
        {choice("light", "Light")}
        {choice("dark", "Dark")}
    }
}

/// Sets cookie and document at once; false if it could not, so that the form is sent instead.
#[cfg(feature = "hydrate")]
fn choose(name: &str) -> bool {
    use wasm_bindgen::JsCast as _;
    let document = document();
    let Some(page) = document.document_element() else { return false };
    let Ok(html) = document.dyn_into::<web_sys::HtmlDocument>() else { return false };
    let cookie = format!("skep_theme={name}; Path=/; Max-Age=31536000; SameSite=Lax");
    html.set_cookie(&cookie).is_ok() && page.set_attribute("data-theme", name).is_ok()
}

#[cfg(not(feature = "hydrate"))]
fn choose(_name: &str) -> bool {
    false
}
