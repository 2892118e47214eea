//! `skep apps`. What makes an app is in `apps/create.rs`.

use serde_json::json;

use super::{
    api::Api,
    ask,
    fault::Failure,
    place::AppName,
    show::{self, ListArgs, cell},
};
use crate::cli::say;

mod create;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// All apps, and how their newest deployment went
    List(ListArgs),
    Create(Box<create::Args>),
    /// One app
    Show {
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Remove an app with everything that is its own
    Delete {
        app: AppName,
        /// Its volumes, and the data in them, too
        #[arg(long)]
        volumes: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Run a stopped app again, with the replicas that it had
    Start {
        app: AppName,
    },
    /// Scale an app to nothing; its replicas are kept for the next start
    Stop {
        app: AppName,
    },
    /// Replace all tasks by new ones of the same release
    Restart {
        app: AppName,
    },
    /// Set the replicas: `skep apps scale web 3`
    Scale {
        app: AppName,
        replicas: u64,
    },
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List(how) => {
            let columns = [
                ("APP", "path"),
                ("WANTED", "wanted"),
                ("NEWEST", "newest.number"),
                ("STATE", "newest.state"),
                ("COMMIT", "newest.commit"),
            ];
            show::list(&api.list("/apps").await?, how, &columns);
        }
        Verb::Create(args) => create::run(*args, api).await?,
        Verb::Show { app, how } => {
            let app = api.get(&app.address(api).await?).await?;
            let lines = [
                ("app", "path"),
                ("id", "id"),
                ("stack", "stack"),
                ("source", "source"),
                ("build", "build"),
                ("replicas", "settings.replicas"),
                ("port", "settings.port"),
                ("wanted", "wanted"),
                ("pushes deploy", "auto_deploy"),
                ("newest deployment", "newest.number"),
                ("its state", "newest.state"),
                ("its commit", "newest.commit"),
                ("why it failed", "newest.failure.message"),
            ];
            show::one(&app, how, &lines);
        }
        Verb::Delete { app, volumes, yes } => {
            let found = app.find(api).await?;
            let path = cell(&found, "path");
            ask::sure(yes, &path)?;
            api.delete(&format!("/apps/{}?volumes={volumes}", cell(&found, "id"))).await?;
            say(format_args!("removed {path}"));
        }
        Verb::Start { app } => order(&app, "start", api).await?,
        Verb::Stop { app } => order(&app, "stop", api).await?,
        Verb::Restart { app } => order(&app, "restart", api).await?,
        Verb::Scale { app, replicas } => {
            let address = app.address(api).await?;
            let app = api.post(&format!("{address}/scale"), &json!({"replicas": replicas})).await?;
            say(format_args!("{}: {replicas} replicas wanted", cell(&app, "path")));
        }
    }
    Ok(())
}

async fn order(app: &AppName, what: &str, api: &Api) -> Result<(), Failure> {
    let app = api.order(&format!("{}/{what}", app.address(api).await?)).await?;
    say(format_args!("{}: {what} done, {} wanted", cell(&app, "path"), cell(&app, "wanted")));
    Ok(())
}
