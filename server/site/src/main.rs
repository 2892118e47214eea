//! `skep-site [--single-page] FOLDER [ADDRESS]`: serves the folder on port 8080 until SIGTERM, and
//! then lets the requests under way end.

use std::{env, path::Path, process::ExitCode, time::Duration};

use tokio::signal::unix::{SignalKind, signal};

/// How long requests under way may take once it shall end.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut words: Vec<String> = env::args().skip(1).collect();
    let all = words.len();
    words.retain(|word| word != "--single-page");
    let single_page = words.len() < all;
    let folder = words.first().map_or("/www", String::as_str);
    let address = words.get(1).map_or("0.0.0.0:8080", String::as_str);
    match serve(Path::new(folder), single_page, address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("skep-site: {folder} on {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(folder: &Path, single_page: bool, address: &str) -> std::io::Result<()> {
    let (mut end, mut stop) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, mut told) = tokio::sync::watch::channel(());
    let ended = async move {
        tokio::select! {
            _ = end.recv() => {}
            _ = stop.recv() => {}
        }
        drop(tell);
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    let serving = axum::serve(listener, skep_site::site(folder, single_page)).with_graceful_shutdown(ended);
    let late = async {
        while told.changed().await.is_ok() {}
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        result = async { serving.await } => result,
        () = late => Ok(()),
    }
}
