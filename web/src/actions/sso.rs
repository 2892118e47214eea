//! Single sign-on: to a provider and back, setting providers up, connecting them to an account.
//!
//! To a provider leads a link, not a form: a page may not send a form anywhere but to us, nor by way of
//! us. So that nobody else's page sends people there, a link of another site shows the login page.

use super::{Reply, ask::ask, go, session::password};
use crate::{
    api::{CameBack, ChangedProvider, Error, NewProvider, Result, Secret, Went, Whose},
    http::{Cx, Done, Form, safe_path},
    pages,
};

/// Characters of a provider's words that are shown.
const WORDS: usize = 300;

/// What a link of ours does that is no page: to a provider, or back from it. None for all others.
pub async fn follow(cx: &Cx<'_>, foreign: bool) -> Option<Result<Went>> {
    let parts: Vec<&str> = cx.path.split('/').skip(1).collect();
    match *parts.as_slice() {
        ["login", "go", _] if foreign => {
            Some(Ok(Went::On { to: "/login".into(), cookies: crate::api::SetCookie(Vec::new()) }))
        }
        ["login", "go", provider] => Some(cx.api.begin_sso(provider, safe_path(cx.query.text("next"))).await),
        ["login", "callback"] => Some(cx.api.finish_sso(back(&cx.query)).await),
        _ => None,
    }
}

fn back(query: &Form) -> CameBack {
    let error = query.optional("error").map(|error| match query.optional("error_description") {
        Some(about) => format!("{error}: {about}"),
        None => error,
    });
    let plain = |text: String| text.chars().filter(|c| !c.is_control()).take(WORDS).collect();
    CameBack {
        state: query.raw("state").to_owned(),
        code: query.secret("code"),
        error: error.map(plain),
        issuer: query.optional("iss"),
    }
}

fn home(form: &Form) -> (&'static str, Whose) {
    if form.text("of") == "instance" {
        ("/instance/sso", Whose::Instance)
    } else {
        ("/team/sso", Whose::Team)
    }
}

/// Enters a provider.
pub async fn create(cx: &Cx<'_>, form: &Form, of: Whose) -> Result<Reply> {
    let text = |name: &str| form.text(name).to_owned();
    let claim = form.optional("claim").unwrap_or_else(|| "groups".into());
    let secret = Secret::new(form.text("secret"));
    let (name, kind, issuer, client) = (text("name"), text("kind"), text("issuer"), text("client"));
    cx.api.create_sso(NewProvider { of, name, kind, issuer, client, secret, claim }).await?;
    go(if of == Whose::Team { "/team/sso" } else { "/instance/sso" }, Done::SsoCreated)
}

/// Changes a provider.
pub async fn change(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    let change = ChangedProvider {
        name: form.text("name").to_owned(),
        client: form.text("client").to_owned(),
        secret: form.optional("secret").map(Secret::new),
        claim: form.text("claim").to_owned(),
        enabled: form.flag("enabled"),
    };
    cx.api.change_sso(form.text("provider"), change).await?;
    go(home(form).0, Done::SsoChanged)
}

/// Gives a group a role.
pub async fn map(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    let group = form.optional("group");
    let role = Some(form.text("role"));
    cx.api.map_sso(form.text("provider"), group.as_deref(), form.text("place"), role).await?;
    go("/team/sso", Done::SsoMapped)
}

/// Takes a group's role.
pub async fn unmap(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    let group = form.optional("group");
    cx.api.map_sso(form.text("provider"), group.as_deref(), form.text("place"), None).await?;
    go("/team/sso", Done::SsoMapped)
}

/// Looks at a provider, and shows what was found.
pub async fn test(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    let findings = cx.api.test_sso(form.text("provider")).await?;
    Ok(Reply::Show(pages::shown_findings(findings, home(form).0)))
}

/// Removes a provider.
pub async fn remove(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    let question =
        "Everybody who is signed in through it is signed out, and loses the roles that it gave.".to_owned();
    let to = home(form).0;
    if let Some(reply) = ask(cx, form, question, "Remove provider", to) {
        return Ok(reply);
    }
    cx.api.remove_sso(form.text("provider")).await?;
    go(to, Done::SsoRemoved)
}

/// Says whether people come in only through a provider of the team.
pub async fn only(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    let on = form.flag("only");
    cx.api.set_sso_only(on).await?;
    go("/team/sso", if on { Done::SsoOnly } else { Done::SsoNotOnly })
}

/// Connects a provider to the account: a page with the link to it.
pub async fn connect(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    match cx.api.connect_identity(form.text("provider"), password(form, "password")?).await? {
        Went::On { to, cookies } => Ok(Reply::ShowCookie {
            page: pages::shown_way(form.text("name").to_owned(), to),
            cookies: cookies.0,
        }),
        Went::Refused(why) => Err(Error::Conflict(why)),
    }
}

/// Disconnects it.
pub async fn disconnect(cx: &Cx<'_>, form: &Form) -> Result<Reply> {
    cx.api.disconnect_identity(form.text("provider"), password(form, "password")?).await?;
    go("/account", Done::Disconnected)
}
