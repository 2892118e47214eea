//! A small git host for the demo: `git-server`, configured by its environment.
//!
//! ```text
//! GIT_SERVER_LISTEN        address, `0.0.0.0:8080` if not set
//! GIT_SERVER_ROOT          folder of the repositories, `/srv/git` if not set
//! GIT_SERVER_REPOSITORIES  names to make at the start: `team/shop,team/api`
//! GIT_SERVER_LOGIN         `user:password` that everything wants; not set: open to all
//! GIT_SERVER_HOOK_URL      webhook that is told after each push, unless its repository has one
//! GIT_SERVER_HOOK_SECRET   and its secret
//! ```
//! Needs the `git` program with its `http-backend`. What can be asked of it while it runs stands
//! in `git_server/mod.rs`: `PUT /-/repositories/<name>`, `PUT /-/hooks/<name>`.

use std::process::ExitCode;

use skep_tests::git_server::{Hook, Settings, create, serve};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("git-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> std::io::Result<()> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let root = set("GIT_SERVER_ROOT").unwrap_or_else(|| "/srv/git".to_owned());
    let login = match set("GIT_SERVER_LOGIN") {
        None => None,
        Some(pair) => match pair.split_once(':') {
            Some((user, password)) => Some((user.to_owned(), password.to_owned())),
            None => return Err(std::io::Error::other("GIT_SERVER_LOGIN must be `user:password`")),
        },
    };
    let hook = match (set("GIT_SERVER_HOOK_URL"), set("GIT_SERVER_HOOK_SECRET")) {
        (Some(url), Some(secret)) => Some(Hook { url, secret }),
        (None, None) => None,
        _ => return Err(std::io::Error::other("set both GIT_SERVER_HOOK_URL and GIT_SERVER_HOOK_SECRET")),
    };
    let settings = Settings { root: root.into(), login, hook, oldest_protocol: false };
    for name in set("GIT_SERVER_REPOSITORIES").unwrap_or_default().split(',').filter(|name| !name.is_empty())
    {
        create(&settings.root, name.trim()).await?;
    }
    let address = set("GIT_SERVER_LISTEN").unwrap_or_else(|| "0.0.0.0:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("git-server: {} at http://{}", settings.root.display(), listener.local_addr()?);
    serve(listener, settings).await
}
