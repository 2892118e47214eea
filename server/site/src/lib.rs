//! Pages served as they lie in a folder: types by name, ranges, `index.html` for folders.
//!
//! What is not there is answered by `404.html` with status 404 or, for a single page app, by
//! `index.html` with status 200, as its own script knows the path. What begins with a dot is never
//! shown, but for `.well-known` (RFC 8615).

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    http::{Uri, uri::PathAndQuery},
};
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

/// Where a hidden path leads: nowhere.
const NOWHERE: &str = "/.skep/nothing";

/// The site in a folder.
pub fn site(folder: &Path, single_page: bool) -> Router {
    let dir = ServeDir::new(folder);
    let router = if single_page {
        let dir = dir.fallback(ServeFile::new(folder.join("index.html")));
        Router::new().fallback_service(dir.map_request(shown))
    } else {
        let dir = dir.not_found_service(ServeFile::new(folder.join("404.html")));
        Router::new().fallback_service(dir.map_request(shown))
    };
    router.layer(tower_http::set_header::SetResponseHeaderLayer::if_not_present(
        axum::http::header::X_CONTENT_TYPE_OPTIONS,
        axum::http::HeaderValue::from_static("nosniff"),
    ))
}

/// The request, unless it asks for what is hidden.
fn shown(mut request: Request) -> Request {
    if hidden(request.uri().path()) {
        *request.uri_mut() = Uri::from(PathAndQuery::from_static(NOWHERE));
    }
    request
}

/// Whether a part of the path begins with a dot, written as it is or as `%2e`.
fn hidden(path: &str) -> bool {
    let plain = path.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
    plain.split('/').any(|part| part.starts_with('.') && part != ".well-known")
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{StatusCode, header},
    };
    use http_body_util::BodyExt as _;

    use super::*;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("index.html", "the page"),
            ("app.js", "script"),
            (".env", "secret"),
            (".skep.Dockerfile", "secret"),
            ("sub/.git/config", "secret"),
            ("sub/index.html", "below"),
            (".well-known/security.txt", "contact"),
        ] {
            let file = dir.path().join(name);
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
            std::fs::write(file, text).expect("a file");
        }
        dir
    }

    async fn get(dir: &tempfile::TempDir, single_page: bool, path: &str) -> (StatusCode, String, String) {
        let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
        let answer = site(dir.path(), single_page).oneshot(request).await.expect("an answer");
        let kind =
            answer.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().expect("text").to_owned());
        let status = answer.status();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        (status, kind.unwrap_or_default(), String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn unknown_paths_of_a_single_page_are_the_page() {
        let dir = folder();
        for path in ["/", "/deep/link?x=1", "/deep/", "/missing.js", "/index.html"] {
            let (status, kind, text) = get(&dir, true, path).await;
            assert_eq!(
                (status, kind.as_str(), text.as_str()),
                (StatusCode::OK, "text/html", "the page"),
                "{path}"
            );
        }
        let (status, kind, text) = get(&dir, true, "/app.js").await;
        assert_eq!((status, kind.as_str(), text.as_str()), (StatusCode::OK, "text/javascript", "script"));
    }

    #[tokio::test]
    async fn unknown_paths_of_a_site_are_not_found() {
        let dir = folder();
        assert_eq!(get(&dir, false, "/deep/link").await.0, StatusCode::NOT_FOUND);
        assert_eq!(get(&dir, false, "/sub/").await.2, "below");
        std::fs::write(dir.path().join("404.html"), "lost").expect("a file");
        let (status, _, text) = get(&dir, false, "/deep/link").await;
        assert_eq!((status, text.as_str()), (StatusCode::NOT_FOUND, "lost"));
    }

    #[tokio::test]
    async fn what_is_hidden_or_outside_is_never_shown() {
        let dir = folder();
        for path in [
            "/.env",
            "/%2eenv",
            "/%2Eenv",
            "/.skep.Dockerfile",
            "/sub/.git/config",
            "/sub%2f.git/config",
            "/../../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "//etc/passwd",
        ] {
            for single_page in [false, true] {
                let (_, _, text) = get(&dir, single_page, path).await;
                assert!(!text.contains("secret") && !text.contains("root:"), "{path}: {text}");
            }
        }
        assert_eq!(get(&dir, false, "/.well-known/security.txt").await.2, "contact");
    }
}
