//! From the first accepted connection to the last answer: bounds on connections, and an orderly end.
//!
//! At SIGTERM: stop accepting, say to workers that they hand back their leases, finish the
//! requests that are being answered, and leave within the grace. Streams that never end by
//! themselves watch the same token.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::{ServiceExt as _, service_fn};

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 4096;
/// A request's head must be there by then (S16).
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// A request's head may have so many bytes, else 431.
const HEAD_BYTES: usize = 32 * 1024;
/// Swarm gives 30 s between SIGTERM and SIGKILL; we are gone before.
pub const GRACE: Duration = Duration::from_secs(20);

/// Cancelled at SIGTERM or SIGINT.
#[must_use]
pub fn until_told() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => tracing::info!("SIGTERM: no new work; what is begun is finished or handed back"),
                    _ = interrupt.recv() => tracing::info!("SIGINT: no new work; what is begun is finished or handed back"),
                }
            }
            _ => tracing::error!("signals cannot be watched: stopping at once"),
        }
        told.cancel();
    });
    stop
}

/// Serves until `stop`, then finishes what is begun, at most for `grace`.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, grace: Duration) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES)
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
        .max_concurrent_streams(128)
        .keep_alive_interval(Duration::from_secs(30));
    let builder = Arc::new(builder);
    let open = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(permit) = open.clone().acquire_owned().await else { break };
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, mostly: leave the running requests a moment.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let Some(connection) = connect(&builder, stream, router.clone()) else { continue };
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished within {} s", grace.as_secs());
    }
}

type Connection = hyper_util::server::conn::auto::UpgradeableConnection<
    'static,
    TokioIo<TcpStream>,
    TowerToHyperService<
        tower::util::BoxCloneService<
            hyper::Request<hyper::body::Incoming>,
            axum::response::Response,
            std::convert::Infallible,
        >,
    >,
    TokioExecutor,
>;

fn connect(builder: &Arc<Builder<TokioExecutor>>, stream: TcpStream, router: Router) -> Option<Connection> {
    let peer = stream.peer_addr().ok()?;
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let service = TowerToHyperService::new(service.boxed_clone());
    Some(builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned())
}
