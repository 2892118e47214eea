//! Which page is at which path.

use super::{Page, account, apps, certificates, cluster, deployments, environments, gate, projects, team};
use crate::{
    api::{Error, Result, Whose},
    http::Cx,
};

/// The page at `path`; `NotFound` where there is none.
pub async fn at(cx: &Cx<'_>, path: &str) -> Result<Page> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match *parts.as_slice() {
        [""] => projects::overview(cx).await,
        ["login"] => gate::login(cx).await,
        ["login", "second"] => Ok(gate::second(cx)),
        ["login", team] => gate::team(cx, team).await,
        ["join"] => Ok(gate::join(cx)),
        ["setup"] => Ok(gate::setup(cx)),
        ["team"] => team::team(cx).await,
        ["team", "sso"] => team::sso(cx, Whose::Team).await,
        ["instance", "sso"] => team::sso(cx, Whose::Instance).await,
        ["team", "stores"] => team::stores(cx).await,
        ["team", "dns"] => team::dns(cx).await,
        ["account"] => account::account(cx).await,

        ["projects", "new"] => Ok(projects::new(cx)),
        ["projects", id] => projects::project(cx, id.into()).await,
        ["projects", id, "variables"] => projects::variables(cx, id.into()).await,

        ["environments", id] => environments::environment(cx, id.into()).await,
        ["environments", id, "variables"] => environments::variables(cx, id.into()).await,
        ["environments", id, "apps", "new"] => apps::new(cx, id.into()).await,

        ["apps", id] => apps::overview(cx, id.into()).await,
        ["apps", id, "deployments"] => apps::deployments(cx, id.into()).await,
        ["apps", id, "plan"] => apps::plan(cx, id.into()).await,
        ["apps", id, "logs"] => apps::logs(cx, id.into()).await,
        ["apps", id, "traffic"] => apps::traffic(cx, id.into()).await,
        ["apps", id, "variables"] => apps::variables(cx, id.into()).await,
        ["apps", id, "domains"] => apps::domains(cx, id.into()).await,
        ["apps", id, "domains", domain] => apps::domain(cx, id.into(), domain.into()).await,
        ["apps", id, "webhooks"] => apps::webhooks(cx, id.into()).await,
        ["apps", id, "settings"] => apps::settings(cx, id.into()).await,
        ["apps", id, "delete"] => apps::delete(cx, id.into()).await,

        ["deployments", id] => deployments::deployment(cx, id.into()).await,

        ["nodes"] => cluster::nodes(cx).await,
        ["credentials"] => cluster::credentials(cx).await,
        ["audit"] => cluster::audit(cx).await,
        ["instance"] => cluster::instance(cx).await,
        ["certificates"] => certificates::certificates(cx).await,
        ["instance", "certificates"] => certificates::all(cx).await,
        ["instance", "directories"] => certificates::directories(cx).await,
        _ => Err(Error::NotFound),
    }
}
