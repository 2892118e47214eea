//! `skep apps`. What makes an app is in `apps/create.rs`.

use serde_json::{Value, json};

use super::{
    api::Api,
    ask,
    fault::Failure,
    place::{AppName, only},
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
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Remove an app with everything that is its own
    Delete {
        /// Its own name, or project/environment/app where several have it
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
        /// Its own name, or project/environment/app where several have it
        app: AppName,
    },
    /// Scale an app to nothing; its replicas are kept for the next start
    Stop {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
    },
    /// Replace all tasks by new ones of the same release
    Restart {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        /// Those of one service of a Compose app only
        #[arg(long)]
        service: Option<String>,
    },
    /// Set the replicas: `skep apps scale web 3`, of a Compose app `skep apps scale shop 3 --service web`
    Scale {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        replicas: u64,
        /// The service of a Compose app
        #[arg(long)]
        service: Option<String>,
    },
    /// Choose the Compose files of a repository's app: `skep apps compose shop compose.yml compose.live.yml`
    Compose {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        /// Paths within the repository, in the order in which the files are merged
        #[arg(required = true, value_name = "PATH")]
        files: Vec<String>,
    },
    /// The services of an app: those of its Compose file, or the one that it is
    Services {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
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
            show::one(&if how.json { app } else { in_words(app) }, how, &lines);
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
        Verb::Restart { app, service } => {
            let address = app.address(api).await?;
            let of = service.as_deref().map(only).unwrap_or_default();
            let app = api.order(&format!("{address}/restart?{of}")).await?;
            let all = service.map_or_else(String::new, |name| format!(" {name}"));
            say(format_args!("{}: restart{all} done", cell(&app, "path")));
        }
        Verb::Scale { app, replicas, service } => {
            let address = app.address(api).await?;
            let body = json!({"replicas": replicas, "service": service});
            let app = api.post(&format!("{address}/scale"), &body).await?;
            let of = service.map(|name| format!(" of {name}")).unwrap_or_default();
            say(format_args!("{}: {replicas} replicas{of} wanted", cell(&app, "path")));
        }
        Verb::Compose { app, files } => {
            let (path, overrides) = files.split_first().unzip();
            let build = json!({"kind": "compose", "path": path, "overrides": overrides});
            let app = api.patch(&app.address(api).await?, &json!({"build": build})).await?;
            say(format_args!("{}: {}, from the next deployment on", cell(&app, "path"), files.join(" + ")));
        }
        Verb::Services { app, how } => {
            let columns = [
                ("SERVICE", "name"),
                ("MODE", "mode"),
                ("REPLICAS", "replicas"),
                ("ONE WRITER", "single_writer"),
                ("IMAGE", "image"),
            ];
            show::list(&api.list(&format!("{}/services", app.address(api).await?)).await?, how, &columns);
        }
    }
    Ok(())
}

/// The app with its source and build as a person would name them.
fn in_words(mut app: Value) -> Value {
    let of = |path: &str| Some(cell(&app, path)).filter(|text| text != "-" && !text.is_empty());
    let source = match of("source.kind").as_deref() {
        Some("git") => {
            let followed = of("source.follow.branch").map(|branch| format!(", branch {branch}"));
            let followed = followed.or_else(|| of("source.follow.tags").map(|tags| format!(", tags {tags}")));
            format!("{}{}", cell(&app, "source.url"), followed.unwrap_or_default())
        }
        Some("image") => format!("image {}", cell(&app, "source.image")),
        Some("upload") => "uploaded archive".to_owned(),
        _ => cell(&app, "source.kind"),
    };
    let place = of("build.path").or_else(|| of("build.folder"));
    let more = app["build"]["overrides"].as_array().into_iter().flatten();
    let more: String = more.filter_map(Value::as_str).map(|path| format!(" + {path}")).collect();
    let build = [Some(cell(&app, "build.kind")), place].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let build = build + &more;
    app["source"] = source.into();
    app["build"] = build.into();
    app
}

async fn order(app: &AppName, what: &str, api: &Api) -> Result<(), Failure> {
    let app = api.order(&format!("{}/{what}", app.address(api).await?)).await?;
    say(format_args!("{}: {what} done, {} wanted", cell(&app, "path"), cell(&app, "wanted")));
    Ok(())
}
