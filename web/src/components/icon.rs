//! Icons, drawn by strokes on a 16 by 16 grid. They repeat what a text beside them says, so they
//! are hidden from screen readers.

use leptos::prelude::*;

/// The paths of an icon.
const fn path(name: &str) -> &'static str {
    match name.as_bytes() {
        b"overview" => "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
        b"nodes" => "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
        b"key" => "M10.5 2.5a3 3 0 1 1-2.6 4.5L3 12v1.5h2V12h1.5v-1.5L8 9M11.5 4.5h.01",
        b"settings" => "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
        b"person" => {
            "M8 8.2a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM2.8 13.5c.6-2.3 2.6-3.5 5.2-3.5s4.6 1.2 5.2 3.5"
        }
        b"team" => {
            "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c.4-2.2 2.1-3.5 4.5-3.5s4.1 1.3 4.5 3.5M11 8a2.2 2.2 0 1 0-.6-4.3M12 10.2c1.4.4 2.3 1.6 2.5 3.3"
        }
        b"plus" => "M8 3v10M3 8h10",
        b"open" => "M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3 7.5 8.5",
        b"branch" => {
            "M5 3v10M5 9.5c3.5 0 6-1 6-4M11 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM5 14a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z"
        }
        b"image" => "M8 2 13.5 5v6L8 14 2.5 11V5zM2.5 5 8 8l5.5-3M8 8v6",
        b"file" => "M4 2h5l3 3v9H4zM9 2v3h3M6 8h4M6 10.5h4",
        b"upload" => "M8 10.5v-8M4.5 6 8 2.5 11.5 6M2.5 10.5v3h11v-3",
        b"warn" => "M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.8h.01",
        b"ok" => "M3 8.5 6.5 12 13 4.5",
        b"info" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5V11M8 5h.01",
        b"menu" => "M2.5 4h11M2.5 8h11M2.5 12h11",
        b"lock" => "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5M8 10v1.5",
        b"clock" => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.5V8l2.5 1.5",
        b"stop" => "M4 4h8v8H4z",
        b"play" => "M5 3.5v9l7.5-4.5z",
        b"again" => "M13 8a5 5 0 1 1-1.5-3.6M13 2.5v2.5h-2.5",
        _ => "M3 8h10",
    }
}

/// An icon by name.
#[component]
pub fn Icon(
    /// Which.
    name: &'static str,
) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=path(name)></path>
        </svg>
    }
    .into_any()
}
