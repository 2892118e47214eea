//! `skep login`: makes an API token with a password, or takes one, and keeps it.

use reqwest::{Method, Response, header};
use serde_json::{Value, json};

use super::{api::Api, ask, config, fault::Failure, show::cell};
use crate::{
    cli::{say, say_error},
    domain::secret::Secret,
};

/// Sign in at a server; the token is kept for the next commands
///
///   skep login --server https://skep.example.org --email me@example.org
/// The password (or with --token the token) is asked for, or read from standard input; so is the code
/// of your authenticator app, if two-factor sign-in is on.
/// SKEP_SERVER and SKEP_TOKEN take the place of what is kept.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[command(group = clap::ArgGroup::new("who").required(true).args(["email", "token"]))]
pub(in crate::cli) struct Args {
    /// Where the server is
    #[arg(long, env = "SKEP_SERVER", value_name = "URL", default_value = config::LOCAL)]
    server: String,
    /// Sign in with this address and a password
    #[arg(long)]
    email: Option<String>,
    /// Sign in with an API token that was made before
    #[arg(long)]
    token: bool,
    /// Which of my teams, by its name; the first if absent
    #[arg(long, conflicts_with = "token")]
    team: Option<String>,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let server = config::parse(&args.server)?;
    warn_if_open(&server);
    let token = match &args.email {
        Some(email) => {
            let password = ask::secret("Password")?;
            let api = Api::new(server.clone(), None)?;
            let body = json!({"email": email, "password": password.expose()});
            token(&api, "/login", &body, args.team.as_deref(), &named()).await?
        }
        None => ask::secret("Token")?,
    };
    finish(server, token).await
}

/// Tries the token, then keeps it.
pub(super) async fn finish(server: url::Url, token: Secret) -> Result<(), Failure> {
    let who = Api::new(server.clone(), Some(token.clone()))?.get("/whoami").await?;
    let file = config::keep(&server, &token)?;
    say(format_args!("signed in at {server} as {}; kept in {}", cell(&who, "email"), file.display()));
    Ok(())
}

/// Others on the way can read plain http.
pub(super) fn warn_if_open(server: &url::Url) {
    let here = match server.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if server.scheme() == "http" && !here {
        say_error("warning: over plain http everybody on the way can read the password and the token");
    }
}

/// Signs in at `path` with `body`, makes a token, and ends the session that it took.
pub(super) async fn made(api: &Api, path: &str, body: &Value) -> Result<Secret, Failure> {
    token(api, path, body, None, &named()).await
}

/// The cookies that an answer gives, as a browser sends them.
fn cookies(answer: &Response) -> String {
    let lines = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let given = lines.filter(|line| !line.contains("Max-Age=0;")).filter_map(|line| line.split(';').next());
    given.collect::<Vec<_>>().join("; ")
}

/// What a token that the command line keeps is called.
fn named() -> Value {
    json!({"name": "command line"})
}

/// The same for one of the person's teams, by name or id, and a token as asked for.
pub(super) async fn token(
    api: &Api,
    path: &str,
    body: &Value,
    team: Option<&str>,
    new: &Value,
) -> Result<Secret, Failure> {
    let origin = api.server().origin().ascii_serialization();
    let answer = api.send(api.request(Method::POST, &format!("/api/v1{path}"))?.json(body)).await?;
    let mut cookie = cookies(&answer);
    let entry: Value = answer.json().await.map_err(|error| api.unreachable(&error))?;
    if entry["second_factor"] == true {
        let code = ask::secret("Code of your app, or a recovery code")?;
        let request = api.request(Method::POST, "/api/v1/login/second")?.header(header::COOKIE, &cookie);
        let request = request.header(header::ORIGIN, &origin).json(&json!({"code": code.expose()}));
        cookie = cookies(&api.send(request).await?);
    }
    let by_session = |method: Method, path: &str| {
        let request = api.request(method, &format!("/api/v1{path}"))?;
        Ok::<_, Failure>(request.header(header::COOKIE, &cookie).header(header::ORIGIN, &origin))
    };
    if let Some(name) = team {
        let all: Value = api
            .send(by_session(Method::GET, "/teams?limit=200")?)
            .await?
            .json()
            .await
            .map_err(|error| api.unreachable(&error))?;
        let mut all = all["items"].as_array().into_iter().flatten();
        let found = all.find(|team| cell(team, "name") == name || cell(team, "id") == name);
        let id = found.map(|team| cell(team, "id"));
        let id = id.ok_or_else(|| Failure::NotDone(format!("you are in no team `{name}`")))?;
        api.send(by_session(Method::POST, "/session/team")?.json(&json!({"team": id}))).await?;
    }
    let answer = api.send(by_session(Method::POST, "/tokens")?.json(new)).await?;
    let token: Value = answer.json().await.map_err(|error| api.unreachable(&error))?;
    let token = token
        .get("value")
        .and_then(Value::as_str)
        .map(Secret::new)
        .ok_or_else(|| Failure::Unreachable(format!("{} does not answer as Skep does", api.server())))?;
    // The token counts from here on; a session that stays ends by itself.
    drop(api.send(by_session(Method::POST, "/logout")?).await);
    Ok(token)
}
