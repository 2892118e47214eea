//! A QR code, drawn on the server: no secret in it ever leaves for another site, and no script is needed.

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// White around it, in modules, so that cameras find it.
const QUIET: usize = 4;

/// A text as a QR code, dark on light whatever the theme; nothing if it is too long for one.
#[component]
pub fn Qr(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, for screen readers.
    label: &'static str,
) -> AnyView {
    let Some((width, path)) = drawn(&text) else { return ().into_any() };
    view! {
        <svg
            class="qr"
            role="img"
            aria-label=label
            viewBox=format!("0 0 {width} {width}")
            shape-rendering="crispEdges"
        >
            <rect width="100%" height="100%" fill="#fff"></rect>
            <path fill="#000" d=path></path>
        </svg>
    }
    .into_any()
}

/// The width with what is around it, and a path of all dark modules, row by row.
fn drawn(text: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, line) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in line.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                path += &format!("M{} {}h{}v1h-{}z", column + QUIET, row + QUIET, run.len(), run.len());
            }
            column += run.len();
        }
    }
    Some((width + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dark_module_is_drawn_and_no_other() {
        let text =
            "otpauth://totp/Skep:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Skep";
        let (width, path) = drawn(text).expect("it fits");
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("it fits");
        assert_eq!(width, code.width() + 8);
        let mut found = vec![Color::Light; code.width() * code.width()];
        for run in path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').expect("a column");
            let (y, rest) = rest.split_once('h').expect("a row");
            let length: usize = rest.split('v').next().expect("a length").parse().expect("a number");
            let at = (y.parse::<usize>().expect("a row") - QUIET) * code.width()
                + x.parse::<usize>().expect("a column")
                - QUIET;
            found[at..at + length].fill(Color::Dark);
        }
        assert!(found == code.to_colors());
        assert_eq!(drawn(&"x".repeat(10_000)), None);
    }
}
