//! `skep apps create`.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::cli::{
    client::{api::Api, archive, fault::Failure, place::AppPath, show::cell},
    say,
};

/// Make an app; nothing runs until it is deployed
///
///   skep apps create shop/production/web --git https://git.example.org/shop.git --port 8080
///   skep apps create shop/production/cache --image redis:7 --port 6379
///   skep apps create shop/production/blog --compose blog.yml
///   skep apps create shop/production/all --git https://git.example.org/all.git --build compose \
///     --file compose.yml --file compose.production.yml
///   skep apps create shop/production/site --archive site.tar.gz --build static
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[command(group = clap::ArgGroup::new("from").required(true).args(["git", "image", "compose", "archive"]))]
#[command(group = clap::ArgGroup::new("built").args(["git", "archive"]))]
pub(in crate::cli) struct Args {
    #[arg(value_name = "PROJECT/ENVIRONMENT/APP")]
    path: AppPath,
    /// A git repository, over https or ssh
    #[arg(long, value_name = "URL")]
    git: Option<String>,
    /// An image of a registry
    #[arg(long)]
    image: Option<String>,
    /// A Compose file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    compose: Option<PathBuf>,
    /// An archive (tar, tar.gz, zip) that is sent now; `-` is standard input
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
    /// The branch to follow
    #[arg(long, requires = "git", default_value = "main")]
    branch: String,
    /// The id of a credential, for a private source
    #[arg(long)]
    credential: Option<String>,
    /// How the repository becomes an image
    #[arg(long, requires = "built", value_enum, default_value = "dockerfile")]
    build: Build,
    /// The Dockerfile within the repository; or the Compose files, merged in the order given
    #[arg(long, value_name = "PATH", visible_alias = "file")]
    dockerfile: Vec<String>,
    /// The folder of the repository that is built
    #[arg(long)]
    folder: Option<String>,
    /// The port on which the app listens
    #[arg(long)]
    port: Option<u16>,
    /// Copies
    #[arg(long)]
    replicas: Option<u64>,
    /// It is healthy when this path answers 200 to 399
    #[arg(long, value_name = "PATH")]
    health_path: Option<String>,
    /// Pushes do not deploy by themselves
    #[arg(long)]
    no_auto_deploy: bool,
}

/// How a repository becomes an image.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Build {
    Dockerfile,
    Static,
    Nixpacks,
    Compose,
}

pub(super) async fn run(args: Args, api: &Api) -> Result<(), Failure> {
    let mut body = json!({
        "name": args.path.app,
        "source": source(&args)?,
        "settings": settings(&args),
        "auto_deploy": !args.no_auto_deploy,
    });
    if let (Some(body), Some(build)) = (body.as_object_mut(), build(&args)?) {
        body.insert("build".into(), build);
    }
    let environment = args.path.place.id(api).await?;
    if let Some(body) = body.as_object_mut() {
        body.insert("environment".into(), environment.into());
    }
    let made = api.post("/apps", &body).await?;
    let path = cell(&made, "path");
    if let Some(file) = &args.archive {
        archive::send(&made, file, api).await?;
    }
    say(format_args!("made {path}; `skep deploy {path} --wait` brings it to life"));
    Ok(())
}

fn source(args: &Args) -> Result<Value, Failure> {
    if args.archive.is_some() {
        return Ok(json!({"kind": "upload"}));
    }
    if let Some(file) = &args.compose {
        let text = if file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(file)
        }
        .map_err(|error| Failure::NotDone(format!("{} cannot be read: {error}", file.display())))?;
        return Ok(json!({"kind": "compose", "text": text}));
    }
    Ok(match &args.image {
        Some(image) => json!({"kind": "image", "image": image, "credential": args.credential}),
        None => json!({
            "kind": "git",
            "url": args.git,
            "follow": {"kind": "branch", "branch": args.branch},
            "credential": args.credential,
        }),
    })
}

fn build(args: &Args) -> Result<Option<Value>, Failure> {
    if args.git.is_none() && args.archive.is_none() {
        return Ok(None);
    }
    let (kind, folder) = match args.build {
        Build::Dockerfile => ("dockerfile", "context"),
        Build::Static => ("static", "folder"),
        Build::Nixpacks => ("nixpacks", "folder"),
        // All paths begin at the file.
        Build::Compose => ("compose", "path"),
    };
    let (file, more) = match args.dockerfile.split_first() {
        Some((file, more)) => (Some(file), more),
        None => (None, &[][..]),
    };
    let given = [(folder, args.folder.as_ref()), ("path", file)];
    let mut build = given_only(given.map(|(key, value)| (key, value.map(|text| Value::from(&**text)))));
    if !more.is_empty() {
        if kind != "compose" {
            let rule = "only --build compose takes several files: name one";
            return Err(Failure::Usage(rule.to_owned()));
        }
        build.insert("overrides".into(), more.into());
    }
    build.insert("kind".into(), kind.into());
    Ok(Some(build.into()))
}

fn settings(args: &Args) -> Value {
    let health = args.health_path.as_ref().map(|path| json!({"kind": "http", "path": path}));
    let given = [
        ("port", args.port.map(Value::from)),
        ("replicas", args.replicas.map(Value::from)),
        ("health", health),
    ];
    given_only(given).into()
}

fn given_only<const N: usize>(pairs: [(&str, Option<Value>); N]) -> Map<String, Value> {
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
