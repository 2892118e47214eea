//! Tells the forge how a deployment stands, where the app's credential allows it: a token, and a
//! webhook of the app that says which forge it is.

use crate::{
    db,
    deploy::{fetch::open_access, parts::Parts, run::Stop},
    domain::{
        app::{App, Source},
        deployment::{Deployment, State},
        id::DeploymentId,
        outbound::{Cidr, Outbound},
    },
    git::{
        Access, GitError,
        status::{self, Forge, Status, Teller},
    },
};

/// A forge that is silent for this long is not told any more.
const PATIENCE: chrono::Duration = chrono::Duration::minutes(10);

/// Tells it; a forge that refuses is no fault of the deployment.
///
/// # Errors
/// [`Stop::Retry`] while the forge does not answer.
pub(super) async fn run(parts: &Parts, id: DeploymentId, state: &str) -> Result<(), Stop> {
    let mut tx = parts.db.read().await?;
    let Some(deployment) = db::deployment::load(&mut tx, id).await? else { return Ok(()) };
    let Some(app) = db::app::load(&mut tx, deployment.app).await? else { return Ok(()) };
    let hooks = db::webhook::of_app(&mut tx, app.id).await?;
    let environment = db::project::environment(&mut tx, app.team, app.environment).await?;
    let project = match &environment {
        Some(environment) => db::project::get(&mut tx, app.team, environment.project).await?,
        None => None,
    };
    let host = db::setting::get(&mut tx, "public_host").await?;
    drop(tx);
    let (Some(asked), Some(environment), Some(project)) = (State::named(state), environment, project) else {
        return Ok(());
    };
    // The end is told by a job of its own, and must stay the last word.
    if !asked.ended() && deployment.state.ended() {
        return Ok(());
    }
    let (Source::Git { url, credential: Some(credential), .. }, Some(sha)) =
        (&app.source, &deployment.commit)
    else {
        return Ok(());
    };
    let Some(forge) = hooks.iter().find_map(|hook| Forge::of(hook.provider, url)) else { return Ok(()) };
    let Ok(Access::Token { username, token }) = open_access(parts, &app, url, *credential).await else {
        return Ok(());
    };
    let context = format!("skep/{}/{}/{}", project.name, environment.name, app.name);
    let link = link(parts, host.as_deref(), &deployment);
    let told = Status { state: shown(asked), context, description: describe(asked, &deployment), link };
    let allowed = parts.instance.allow_addresses.iter().filter_map(|range| Cidr::parse(range).ok());
    let teller = Teller::new(Outbound::new(allowed.collect()));
    // `git` stands for a user name that nobody gave.
    let username = (username != "git").then_some(username.as_str());
    match teller.tell(&forge, sha, &told, username, &token).await {
        Ok(()) => Ok(()),
        Err(GitError::Unreachable(why)) if !late(parts, &deployment) => Err(Stop::Retry(why)),
        Err(error) => {
            note(&app, &deployment, &error);
            Ok(())
        }
    }
}

fn note(app: &App, deployment: &Deployment, error: &GitError) {
    tracing::warn!(
        app.id = %app.id, deployment.id = %deployment.id, %error,
        "The forge was not told of deployment {} of {}", deployment.number, app.name
    );
}

fn late(parts: &Parts, deployment: &Deployment) -> bool {
    let since = deployment.finished_at.or(deployment.started_at).unwrap_or(deployment.created_at);
    parts.clock.now() - since > PATIENCE
}

const fn shown(state: State) -> status::State {
    match state {
        State::Live | State::Retired => status::State::Success,
        State::Failed | State::RolledBack | State::RollbackIncomplete => status::State::Failure,
        State::Superseded | State::Cancelled | State::Rejected => status::State::Stopped,
        _ => status::State::Pending,
    }
}

/// Whoever may read the repository reads this: no message of a failure, only its kind.
fn describe(state: State, deployment: &Deployment) -> String {
    let why = deployment.failure.as_ref().map(|failure| failure.code.replace('_', " ")).unwrap_or_default();
    let number = deployment.number;
    match state {
        State::Live | State::Retired => format!("Deployment {number} is live"),
        State::Failed => format!("Deployment {number} failed: {why}"),
        State::RolledBack => format!("Deployment {number} failed ({why}); the release before it serves"),
        State::RollbackIncomplete => {
            format!("Deployment {number} failed ({why}); the return to the release before was not proven")
        }
        State::Superseded => format!("Deployment {number} gave way to a newer one"),
        State::Cancelled => format!("Deployment {number} was cancelled"),
        State::Rejected => format!("Deployment {number} was not approved"),
        _ => format!("Deployment {number} is on its way"),
    }
}

/// The deployment's page, if our own address is known (S15).
fn link(parts: &Parts, host: Option<&str>, deployment: &Deployment) -> Option<url::Url> {
    let port = parts.instance.https_port.map(|port| format!(":{port}")).unwrap_or_default();
    let base = match &parts.instance.public_url {
        Some(url) => url.clone(),
        None => url::Url::parse(&format!("https://{}{port}/", host?)).ok()?,
    };
    base.join(&format!("/deployments/{}", deployment.id)).ok()
}
