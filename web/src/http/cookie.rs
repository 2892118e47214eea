//! The one cookie that is the dashboard's own: light or dark. (The session's belongs to the server.)

use axum::http::{HeaderMap, header::COOKIE};

use super::cx::Theme;

const NAME: &str = "skep_theme";

/// The theme that the browser's cookie asks for.
pub fn theme(headers: &HeaderMap) -> Theme {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == NAME)
        .map(|(_, value)| Theme::named(value))
        .unwrap_or_default()
}

/// The `Set-Cookie` value that keeps the theme of that name for a year; any other name is `auto`.
/// It is no secret: the toggle's island writes it too.
pub fn keep(theme: &str) -> String {
    format!("{NAME}={}; Path=/; Max-Age=31536000; SameSite=Lax", Theme::named(theme).name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_theme_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "__Host-session=x; skep_theme=dark".parse().expect("header"));
        assert_eq!(theme(&headers), Theme::Dark);
        headers.insert(COOKIE, "skep_theme=<script>".parse().expect("header"));
        assert_eq!(theme(&headers), Theme::Auto);
    }
}
