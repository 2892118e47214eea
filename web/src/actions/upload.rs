//! The one form that sends a file: an archive as an app's source, read piece by piece.

use std::io;

use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};

use super::{Outcome, Reply, go};
use crate::{
    api::{AppId, Error},
    http::{Cx, Done},
};

/// The form at `path` sends a file.
pub fn streams(path: &str) -> bool {
    app_of(path).is_some()
}

/// The app whose upload form posts to `path`.
pub(super) fn app_of(path: &str) -> Option<AppId> {
    path.strip_prefix("/actions/apps/")?.strip_suffix("/upload").map(AppId::from)
}

/// Gives the file to the API as it comes; nothing of it is kept here. The API bounds its size.
pub async fn upload(cx: &Cx<'_>, mut request: Request) -> Outcome {
    let Some(app) = app_of(&cx.path) else { return ("/".to_owned(), Err(Error::NotFound)) };
    let page = format!("/apps/{app}");
    DefaultBodyLimit::disable().apply(&mut request);
    let result = store(cx, &app, request).await;
    (page, result)
}

async fn store(cx: &Cx<'_>, app: &AppId, request: Request) -> Result<Reply, Error> {
    let broken = |_| Error::invalid("archive", "did not arrive whole: send it again");
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|_| Error::invalid("archive", "must be sent as multipart/form-data"))?;
    while let Some(field) = parts.next_field().await.map_err(broken)? {
        if field.name() == Some("archive") {
            let pieces = Pieces(field);
            cx.api.upload(app, Box::pin(pieces)).await?;
            return go(format!("/apps/{app}"), Done::Uploaded);
        }
    }
    Err(Error::invalid("archive", "choose a file"))
}

/// A field's bytes with the error type of files.
struct Pieces<'a>(axum::extract::multipart::Field<'a>);

impl futures_core::Stream for Pieces<'_> {
    type Item = io::Result<axum::body::Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::pin::Pin::new(&mut self.0).poll_next(cx).map_err(io::Error::other)
    }
}
