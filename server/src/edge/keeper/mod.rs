//! The keeper: what stands between Skep and one Traefik, on the edge's own node (`skep edge run`).
//!
//! It is PID 1 of the edge's container and runs Traefik as its child. It waits at Skep for what
//! changes, keeps the last good configuration on its node, sealed, and serves it to Traefik on
//! loopback. So a replica that starts while Skep is away serves at once what was true last, an empty or
//! broken answer replaces nothing, and a change reaches Traefik in milliseconds instead of at the next
//! tick of a clock. Traefik's own death is its death, too: Swarm starts both anew.
//!
//! | File | What it does |
//! |---|---|
//! | `settings.rs` | what it is started with |
//! | `entry.rs` | the static file that Traefik is started with |
//! | `skep.rs` | asks Skep, reports to it |
//! | `document.rs` | what is believed of an answer |
//! | `kept.rs` | the last good one on the disk |
//! | `provider.rs` | serves it to Traefik |
//! | `loaded.rs` | asks Traefik what it truly serves |
//! | `access.rs` | takes the access log from Traefik, and never lets it wait; `edge/traffic` counts it |
//! | `traefik.rs`, `sockets.rs` | the child, and the sockets that it gets |
//! | `hold.rs`, `reuseport.rs` | who holds them, and whose turn it is |
//!
//! Memory: one copy of the configuration and little else; it is never parsed into a tree. To add
//! something that it does beside these: a file, and a line in [`run`].

mod access;
mod document;
pub mod entry;
pub mod hold;
mod kept;
mod loaded;
mod provider;
mod reuseport;
pub mod settings;
mod skep;
pub mod sockets;
mod status;
mod traefik;

use std::{path::PathBuf, sync::Arc, time::Duration};

pub use document::{Document, Unfit};
use futures::StreamExt as _;
pub use provider::HOLD;
pub use settings::Settings;
pub use skep::{Replica, Report};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::{io::StreamReader, sync::CancellationToken};

use self::{kept::Kept, skep::Skep, status::Status};
use super::traffic::{self, Countries};
use crate::domain::clock::Clock;

/// Between two tries to tell the holder something.
const AGAIN: Duration = Duration::from_secs(1);

/// What the parts of a keeper know together.
#[derive(Clone)]
struct Shared {
    /// The last good configuration; none: nothing was ever fetched on this node.
    document: watch::Sender<Option<Arc<Document>>>,
    /// The version that Traefik serves, as it says itself.
    loaded: watch::Sender<Option<String>>,
    status: Status,
    /// Cancelled when this replica is to end.
    stop: CancellationToken,
}

/// Runs Traefik and all around it until Traefik ends; its exit code. `stop` is cancelled by a signal.
///
/// # Errors
/// What could not be begun, for people.
pub async fn run(settings: Settings, clock: Arc<dyn Clock>, stop: CancellationToken) -> Result<u8, String> {
    let listener = TcpListener::bind(settings.provider)
        .await
        .map_err(|error| format!("cannot listen on {} for Traefik: {error}", settings.provider))?;
    let kept = Kept::new(settings.keep.clone(), settings.token.expose(), clock.clone());
    let last = kept.read().await.map(Arc::new);
    match &last {
        Some(document) => {
            tracing::info!(version = document.version, "Serving the configuration kept on this node")
        }
        None => tracing::warn!("No configuration is kept on this node: nothing is served until Skep answers"),
    }
    let shared = Shared {
        document: watch::Sender::new(last),
        loaded: watch::Sender::new(None),
        status: Status::new(clock.now()),
        stop: stop.clone(),
    };
    let countries = settings.countries.as_deref().map(Countries::open).transpose();
    let countries = countries.map_err(|error| error.to_string())?;
    let (sender, texts) = mpsc::channel(access::BATCHES);
    let lines = access::open(&settings.access_log(), &shared.status)?;
    entry::write(&settings)?;
    let id = clock.uuid();
    let skep = Arc::new(Skep::new(&settings, id));
    let work = [
        tokio::spawn(provider::serve(listener, shared.clone(), clock.clone())),
        tokio::spawn(skep::follow(skep.clone(), shared.clone(), kept, clock.clone())),
        tokio::spawn(loaded::watch(settings.entry.internal_here(), shared.clone())),
        tokio::spawn(access::hand_on(lines, sender, shared.status.clone())),
    ];
    let counter = traffic::Edge { id, node: settings.node.clone(), lost: shared.status.lost() };
    let counted = StreamReader::new(ReceiverStream::new(texts).map(std::io::Result::Ok));
    // Ends with the lines, so that the last ones are told, too.
    let count = traffic::run(counted, counter, skep.clone(), clock.clone(), countries, stop.clone());
    let count = tokio::spawn(count);
    let turn =
        settings.hold.clone().map(|hold| tokio::spawn(turn(hold, id.to_string(), shared.loaded.subscribe())));
    let bound = settings.hold.clone().map(|hold| tokio::spawn(bound(hold, id.to_string(), stop.clone())));
    let report = tokio::spawn(skep::report(skep, shared));
    let code = traefik::run(&settings, &id.to_string(), &stop).await;
    stop.cancel();
    for task in work.into_iter().chain(turn).chain(bound) {
        task.abort();
    }
    // What was counted last is told, and goodbye is said, if Skep is there to hear it.
    let _ = tokio::join!(count, report);
    code
}

/// Ends this replica when the holder of its sockets is gone; Swarm starts it again, with those of the next.
async fn bound(hold: PathBuf, id: String, stop: CancellationToken) {
    let ended = sockets::until_gone(&hold, &id).await;
    tracing::error!(?ended, "Who holds the sockets is gone: this replica ends, to get those of the next one");
    stop.cancel();
}

/// Once Traefik serves what it is to serve, new connections are its own.
async fn turn(hold: PathBuf, id: String, mut loaded: watch::Receiver<Option<String>>) {
    if loaded.wait_for(Option::is_some).await.is_err() {
        return;
    }
    while let Err(error) = sockets::tell(&hold, "serves", &id).await {
        tracing::error!(%error, "Who holds the sockets was not told that this Traefik serves");
        tokio::time::sleep(AGAIN).await;
    }
}
