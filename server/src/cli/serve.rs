//! `skep serve`: the server.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::{DONE, NOT_DONE, announce, dashboard::dashboard, parts::assemble, say_error};
use crate::{
    config::{Config, Options, SetupToken, first_start, forget_setup_token, setup_token},
    control::settings,
    db::Db,
    deploy::parts::Parts,
    domain::{
        clock::{Clock, SystemClock},
        seal::Seal,
    },
    http, jobs, keys, lifecycle, reconcile, telemetry,
};

/// Run the server: dashboard, API, webhooks, and the work behind them
///
/// With a folder alone it runs by itself, on SQLite: its keys are made there on the first start.
///   skep serve --data /var/lib/skep --listen 127.0.0.1:3000
/// With DATABASE_URL (and REDIS_URL) it shares Postgres with other replicas.
/// Each setting is also read from a file named by NAME_FILE. Without a flag, as they are secret:
/// DATABASE_URL, REDIS_URL, SKEP_KEY, SKEP_EDGE_TOKEN, SKEP_SETUP_TOKEN.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    #[command(flatten)]
    options: Options,
    /// Check the settings, say every fault at once, and do nothing else
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &Args) -> u8 {
    let variable = |name: &str| std::env::var(name).ok();
    let filter = variable("SKEP_LOG").or_else(|| variable("RUST_LOG"));
    if let Err(message) = telemetry::start(filter.as_deref(), variable("SKEP_LOG_FORMAT").as_deref()) {
        say_error(message);
        return NOT_DONE;
    }
    let config = match Config::read(&args.options, &variable) {
        Ok(config) => config,
        Err(faults) => {
            for fault in &faults {
                say_error(fault);
            }
            return NOT_DONE;
        }
    };
    if args.check {
        let profile = if config.embedded() { "embedded (SQLite)" } else { "cluster (Postgres)" };
        announce(format_args!(
            "the settings are right: profile {profile}, listening on {}",
            config.instance.listen
        ));
        return DONE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say_error(format_args!("no threads to work with: {error}"));
            return NOT_DONE;
        }
    };
    match runtime.block_on(serve(config)) {
        Ok(()) => DONE,
        Err(message) => {
            say_error(message);
            NOT_DONE
        }
    }
}

async fn serve(mut config: Config) -> Result<(), String> {
    let began = Instant::now();
    let clock = SystemClock;
    // Whatever is made from here on is nobody else's to read.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let key = first_start(&mut config, &clock)?;
    let db =
        Db::open(&config.database).await.map_err(|error| format!("the database does not open: {error}"))?;
    let seal = Seal::new(&key.0);
    keys::start(&db, &seal, &clock).await.map_err(|error| error.to_string())?;
    tell_setup(&mut config, &clock, &db).await?;
    let listen = config.instance.listen;
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|error| format!("cannot listen on {listen}: {error}; give another one by --listen"))?;
    let parts = assemble(config, db.clone(), seal)?;
    settings::given_at_start(&parts)
        .await
        .map_err(|error| format!("the settings cannot be kept: {error}"))?;
    let stop = lifecycle::until_told();
    let pages = dashboard(parts.clone());
    let state = http::State::with_dashboard(parts.clone(), http::Limits::default(), stop.clone(), pages);
    let router = http::router(state.clone());
    let behind = Parts { db: parts.db.behind(), ..parts };
    let work = tokio::spawn(jobs::run(behind.clone(), stop.clone()));
    let look = tokio::spawn(reconcile::run(behind, stop.clone()));
    let took = began.elapsed().as_millis();
    tracing::info!(profile = db.profile(), start.ms = took, "Skep listens on http://{listen}");
    let answer = tokio::spawn(lifecycle::serve(listener, router, stop.clone(), lifecycle::GRACE));
    let answered = CancellationToken::new();
    let refusals = tokio::spawn(http::keep_refusals(state, answered.clone()));
    stop.cancelled().await;
    // What the last requests were refused is written, too.
    let answer = async {
        let _ = answer.await;
        answered.cancel();
        refusals.await
    };
    if tokio::time::timeout(lifecycle::GRACE, async { tokio::join!(answer, work, look) }).await.is_err() {
        tracing::warn!("not all came to its end in time; leases that were not handed back run out");
    }
    db.close().await;
    Ok(())
}

/// Says where the one-time token for the first admin is, while there is no admin. Shown itself
/// only by the start that made it; taken away once it is of no use.
async fn tell_setup(config: &mut Config, clock: &dyn Clock, db: &Db) -> Result<(), String> {
    let count = async {
        let mut tx = db.read().await?;
        crate::db::identity::count_users(&mut tx).await
    };
    if count.await.map_err(|error| format!("the database does not answer: {error}"))? > 0 {
        forget_setup_token(config);
        return Ok(());
    }
    let ours = setup_token(config, clock)?;
    let page = config
        .instance
        .public_url
        .as_ref()
        .map_or_else(|| format!("http://{}/setup", config.instance.listen), |url| format!("{url}setup"));
    match (ours, &config.instance.setup_token) {
        (Some(SetupToken { file, made: true }), Some(token)) => {
            announce(format_args!(
                "Make the first admin at {page} with this one-time token: {}",
                token.expose()
            ));
            announce(format_args!("(It is also in {} until then, and is not shown again.)", file.display()));
        }
        (Some(SetupToken { file, .. }), _) => {
            announce(format_args!(
                "Make the first admin at {page}; the one-time token is in {}",
                file.display()
            ));
        }
        (None, Some(_)) => {
            announce(format_args!("Make the first admin at {page} with the token given as SKEP_SETUP_TOKEN"));
        }
        (None, None) => announce(
            "There is no admin, and no SKEP_SETUP_TOKEN to make one with: give it by SKEP_SETUP_TOKEN_FILE",
        ),
    }
    Ok(())
}
