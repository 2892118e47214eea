//! What Traefik truly serves: it is asked for a route that only this version has.
//!
//! Each document has a route on the internal entry point that names its version (`render.rs`). Traefik
//! takes certificates over before routes, so who sees the route has the certificates, too.

use std::{net::SocketAddr, time::Duration};

use super::{
    Shared,
    skep::{Ask, ask},
};
use crate::edge::VERSION_PATH;

/// Between two questions, while it is likely to come now.
const SOON: Duration = Duration::from_millis(20);
/// Between two questions after [`LONG`].
const LATER: Duration = Duration::from_millis(500);
/// After so many questions it is not likely to come now.
const LONG: u32 = 150;

/// Keeps `shared.loaded` true.
pub(super) async fn watch(internal: SocketAddr, shared: Shared) {
    let mut documents = shared.document.subscribe();
    loop {
        let wanted = documents.borrow_and_update().as_ref().map(|document| document.version.clone());
        if let Some(version) = wanted {
            let mut questions: u32 = 0;
            while !documents.has_changed().unwrap_or(true) {
                let path = format!("{VERSION_PATH}{version}");
                let asked =
                    ask(internal, Ask { path: &path, within: Duration::from_secs(2), ..Ask::default() });
                if asked.await.is_ok_and(|answer| answer.status.is_success()) {
                    shared.loaded.send_replace(Some(version));
                    break;
                }
                questions += 1;
                tokio::time::sleep(if questions < LONG { SOON } else { LATER }).await;
            }
        }
        if documents.changed().await.is_err() {
            return;
        }
    }
}
