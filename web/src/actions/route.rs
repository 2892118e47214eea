//! Which form is behind which path, and which page holds it.

use std::{future::Future, pin::Pin};

use super::{
    Outcome, Reply, account, apps, certificates, credentials, deployments, dns, domains, instance, nodes,
    passkeys, projects, secret_files, service_accounts, session, sso, stores, team, two_factor, variables,
    webhooks,
};
use crate::{
    api::{Error, Scope, Whose},
    http::{Cx, Form},
};

type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'a>>;

/// Does what the form at the request's path asks for.
pub async fn run(cx: &Cx<'_>, form: &Form) -> Outcome {
    let path = cx.path.clone();
    let parts: Vec<&str> = path.split('/').skip(2).collect();
    let Some((back, running)) = find(&parts, cx, form) else {
        return ("/".to_owned(), Err(Error::NotFound));
    };
    (back, running.await)
}

/// The page that holds the form at the request's path; the first page where there is none. A refused
/// form leaves its own address in the browser: whoever asks for that again means the page.
pub fn home(cx: &Cx<'_>) -> String {
    let parts: Vec<&str> = cx.path.split('/').skip(2).collect();
    let form = Form::default();
    match super::upload::app_of(&cx.path) {
        Some(app) => format!("/apps/{app}"),
        None => find(&parts, cx, &form).map_or_else(|| "/".to_owned(), |(back, _)| back),
    }
}

/// The page and the function of the form at a path.
fn find<'a>(parts: &[&str], cx: &'a Cx<'a>, form: &'a Form) -> Option<(String, Running<'a>)> {
    let (back, running): (String, Running<'a>) = match *parts {
        ["setup"] => ("/setup".into(), Box::pin(session::set_up(cx, form))),
        ["login"] => ("/login".into(), Box::pin(session::sign_in(cx, form))),
        ["login", "second"] => ("/login/second".into(), Box::pin(session::second_step(cx, form))),
        ["logout"] => ("/".into(), Box::pin(session::sign_out(cx))),
        ["logout", "everywhere"] => ("/account".into(), Box::pin(session::sign_out_everywhere(cx, form))),
        ["theme"] => ("/".into(), Box::pin(session::theme(form))),

        ["account", "sessions", "end"] => ("/account".into(), Box::pin(account::end_session(cx, form))),
        ["account", "password"] => ("/account".into(), Box::pin(account::change_password(cx, form))),
        ["account", "tokens"] => ("/account".into(), Box::pin(account::create_token(cx, form))),
        ["account", "tokens", "delete"] => ("/account".into(), Box::pin(account::delete_token(cx, form))),

        ["account", "two-factor"] => ("/account".into(), Box::pin(two_factor::begin(cx, form))),
        ["account", "two-factor", "confirm"] => ("/account".into(), Box::pin(two_factor::confirm(cx, form))),
        ["account", "two-factor", "codes"] => {
            ("/account".into(), Box::pin(two_factor::renew_codes(cx, form)))
        }
        ["account", "two-factor", "off"] => ("/account".into(), Box::pin(two_factor::turn_off(cx, form))),

        ["account", "passkeys", "rename"] => ("/account".into(), Box::pin(passkeys::rename(cx, form))),
        ["account", "passkeys", "delete"] => ("/account".into(), Box::pin(passkeys::remove(cx, form))),

        ["account", "team"] => ("/team".into(), Box::pin(team::look_at(cx, form))),

        ["join"] => ("/join".into(), Box::pin(team::join(cx, form))),
        ["team"] => ("/team".into(), Box::pin(team::rename(cx, form))),
        ["team", "quota"] => ("/team".into(), Box::pin(team::quota(cx, form))),
        ["team", "new"] => ("/team".into(), Box::pin(team::create(cx, form))),
        ["team", "invitations"] => ("/team".into(), Box::pin(team::invite(cx, form))),
        ["team", "invitations", "withdraw"] => ("/team".into(), Box::pin(team::withdraw(cx, form))),
        ["team", "members", "role"] => ("/team".into(), Box::pin(team::set_role(cx, form))),
        ["team", "members", "remove"] => ("/team".into(), Box::pin(team::remove(cx, form))),
        ["team", "roles"] => ("/team".into(), Box::pin(team::create_role(cx, form))),
        ["team", "roles", "delete"] => ("/team".into(), Box::pin(team::delete_role(cx, form))),
        ["team", "stores"] => ("/team/stores".into(), Box::pin(stores::create(cx, form))),
        ["team", "stores", "change"] => ("/team/stores".into(), Box::pin(stores::change(cx, form))),
        ["team", "stores", "check"] => ("/team/stores".into(), Box::pin(stores::check(cx, form))),
        ["team", "stores", "delete"] => ("/team/stores".into(), Box::pin(stores::delete(cx, form))),

        ["team", "dns"] => ("/team/dns".into(), Box::pin(dns::create(cx, form))),
        ["team", "dns", "change"] => ("/team/dns".into(), Box::pin(dns::change(cx, form))),
        ["team", "dns", "test"] => ("/team/dns".into(), Box::pin(dns::test(cx, form))),
        ["team", "dns", "delete"] => ("/team/dns".into(), Box::pin(dns::delete(cx, form))),
        ["team", "dns", "claim"] => ("/team/dns".into(), Box::pin(dns::claim(cx, form))),
        ["team", "dns", "verify"] => ("/team/dns".into(), Box::pin(dns::verify(cx, form))),
        ["team", "dns", "release"] => ("/team/dns".into(), Box::pin(dns::release(cx, form))),
        ["team", "dns", "upload"] => ("/team/dns".into(), Box::pin(dns::upload(cx, form))),
        ["team", "dns", "remove"] => ("/team/dns".into(), Box::pin(dns::remove(cx, form))),

        ["team", "sso"] => ("/team/sso".into(), Box::pin(sso::create(cx, form, Whose::Team))),
        ["team", "sso", "change"] => (of_sso(form), Box::pin(sso::change(cx, form))),
        ["team", "sso", "map"] => ("/team/sso".into(), Box::pin(sso::map(cx, form))),
        ["team", "sso", "unmap"] => ("/team/sso".into(), Box::pin(sso::unmap(cx, form))),
        ["team", "sso", "test"] => (of_sso(form), Box::pin(sso::test(cx, form))),
        ["team", "sso", "remove"] => (of_sso(form), Box::pin(sso::remove(cx, form))),
        ["team", "sso", "only"] => ("/team/sso".into(), Box::pin(sso::only(cx, form))),
        ["instance", "sso"] => ("/instance/sso".into(), Box::pin(sso::create(cx, form, Whose::Instance))),
        ["account", "identities", "connect"] => ("/account".into(), Box::pin(sso::connect(cx, form))),
        ["account", "identities", "disconnect"] => ("/account".into(), Box::pin(sso::disconnect(cx, form))),

        ["team", "service-accounts"] => ("/team".into(), Box::pin(service_accounts::create(cx, form))),
        ["team", "service-accounts", "rename"] => {
            ("/team".into(), Box::pin(service_accounts::rename(cx, form)))
        }
        ["team", "service-accounts", "delete"] => {
            ("/team".into(), Box::pin(service_accounts::remove(cx, form)))
        }
        ["team", "service-accounts", "tokens"] => {
            ("/team".into(), Box::pin(service_accounts::create_token(cx, form)))
        }
        ["team", "service-accounts", "tokens", "delete"] => {
            ("/team".into(), Box::pin(service_accounts::delete_token(cx, form)))
        }

        ["projects"] => ("/projects/new".into(), Box::pin(projects::create(cx, form))),
        ["projects", id, "delete"] => {
            (format!("/projects/{id}"), Box::pin(projects::delete(cx, id.into(), form)))
        }
        ["projects", id, "environments"] => {
            (format!("/projects/{id}"), Box::pin(projects::add_environment(cx, id.into(), form)))
        }
        ["projects", id, "variables", ref rest @ ..] => {
            return of_variables(format!("/projects/{id}"), Scope::Project(id.into()), rest, cx, form);
        }
        ["environments", id, "delete"] => {
            (format!("/environments/{id}"), Box::pin(projects::delete_environment(cx, id.into(), form)))
        }
        ["environments", id, "protection"] => {
            (format!("/environments/{id}"), Box::pin(projects::protect(cx, id.into(), form)))
        }
        ["environments", id, "reset"] => {
            (format!("/environments/{id}"), Box::pin(projects::reset_environment(cx, id.into(), form)))
        }
        ["environments", id, "keys"] => {
            (format!("/environments/{id}"), Box::pin(credentials::create_key(cx, id.into(), form)))
        }
        ["environments", id, "variables", ref rest @ ..] => {
            return of_variables(
                format!("/environments/{id}"),
                Scope::Environment(id.into()),
                rest,
                cx,
                form,
            );
        }
        ["environments", id, "apps"] => {
            (format!("/environments/{id}/apps/new"), Box::pin(apps::create(cx, id.into(), form)))
        }
        ["apps", id, ref rest @ ..] => return of_app(id, rest, cx, form),
        ["deployments", id, "cancel"] => {
            (format!("/deployments/{id}"), Box::pin(deployments::cancel(cx, id.into(), form)))
        }
        ["deployments", id, "go-on"] => {
            (format!("/deployments/{id}"), Box::pin(deployments::go_on(cx, id.into())))
        }
        ["deployments", id, "hold"] => {
            (format!("/deployments/{id}"), Box::pin(deployments::hold(cx, id.into())))
        }
        ["deployments", id, "approve"] => {
            (format!("/deployments/{id}"), Box::pin(deployments::approve(cx, id.into(), form)))
        }
        ["deployments", id, "reject"] => {
            (format!("/deployments/{id}"), Box::pin(deployments::reject(cx, id.into(), form)))
        }
        ["credentials"] => ("/credentials".into(), Box::pin(credentials::create(cx, form))),
        ["credentials", "delete"] => ("/credentials".into(), Box::pin(credentials::delete(cx, form))),
        ["host-keys"] => ("/credentials".into(), Box::pin(credentials::trust_host(cx, form))),
        ["host-keys", "forget"] => ("/credentials".into(), Box::pin(credentials::forget_host(cx, form))),
        ["nodes", "reserve"] => ("/nodes".into(), Box::pin(nodes::reserve(cx, form))),
        ["nodes", "release"] => ("/nodes".into(), Box::pin(nodes::release(cx, form))),
        ["instance"] => ("/instance".into(), Box::pin(instance::save(cx, form))),
        ["certificates", "retry"] => ("/certificates".into(), Box::pin(certificates::retry(cx, form))),
        ["certificates", "renew"] => ("/certificates".into(), Box::pin(certificates::renew(cx, form))),
        ["certificates", "directory"] => ("/certificates".into(), Box::pin(certificates::choose(cx, form))),
        ["instance", "directories"] => {
            ("/instance/directories".into(), Box::pin(certificates::create_directory(cx, form)))
        }
        ["instance", "directories", "change"] => {
            ("/instance/directories".into(), Box::pin(certificates::change_directory(cx, form)))
        }
        ["instance", "directories", "remove"] => {
            ("/instance/directories".into(), Box::pin(certificates::remove_directory(cx, form)))
        }
        _ => return None,
    };
    Some((back, running))
}

/// The page of the providers that a form is about.
fn of_sso(form: &Form) -> String {
    if form.text("of") == "instance" { "/instance/sso" } else { "/team/sso" }.to_owned()
}

/// The forms on the pages of an app.
fn of_app<'a>(id: &str, rest: &[&str], cx: &'a Cx<'a>, form: &'a Form) -> Option<(String, Running<'a>)> {
    let page = format!("/apps/{id}");
    let app = id.into();
    let (tab, running): (&str, Running<'a>) = match *rest {
        ["deploy"] => ("", Box::pin(deployments::deploy(cx, app, form))),
        ["rollback"] => ("/deployments", Box::pin(deployments::roll_back(cx, app, form))),
        ["start"] => ("", Box::pin(apps::start(cx, app))),
        ["stop"] => ("", Box::pin(apps::stop(cx, app, form))),
        ["restart"] => ("", Box::pin(apps::restart(cx, app, form))),
        ["scale"] => ("", Box::pin(apps::scale(cx, app, None, form))),
        ["services", service, "restart"] => {
            ("", Box::pin(apps::restart_service(cx, app, service.to_owned(), form)))
        }
        ["services", service, "deploy"] => {
            ("", Box::pin(deployments::deploy_service(cx, app, service.to_owned())))
        }
        ["services", service, "scale"] => {
            ("", Box::pin(apps::scale(cx, app, Some(service.to_owned()), form)))
        }
        ["settings"] => ("/settings", Box::pin(apps::configure(cx, app, form))),
        ["delete"] => ("/delete", Box::pin(apps::delete(cx, app, form))),
        ["domains"] => ("/domains", Box::pin(domains::add(cx, app, form))),
        ["domains", "change"] => {
            return Some((domains::page_of(id, form), Box::pin(domains::change(cx, app, form))));
        }
        ["domains", "generate"] => ("/domains", Box::pin(domains::generate(cx, app))),
        ["domains", "remove"] => ("/domains", Box::pin(domains::remove(cx, app, form))),
        ["ports"] => ("/domains", Box::pin(domains::add_port(cx, app, form))),
        ["ports", "remove"] => ("/domains", Box::pin(domains::remove_port(cx, app, form))),
        ["domains", "retry"] => ("/domains", Box::pin(domains::retry(cx, app, form))),
        ["webhooks"] => ("/webhooks", Box::pin(webhooks::create(cx, app, form))),
        ["webhooks", "rotate"] => ("/webhooks", Box::pin(webhooks::rotate(cx, app, form))),
        ["webhooks", "delete"] => ("/webhooks", Box::pin(webhooks::delete(cx, app, form))),
        ["webhooks", "redeliver"] => ("/webhooks", Box::pin(webhooks::redeliver(cx, app, form))),
        ["variables", "delivery"] => ("/variables", Box::pin(secret_files::deliver(cx, app, form))),
        ["variables", ref rest @ ..] => return of_variables(page, Scope::App(app), rest, cx, form),
        _ => return None,
    };
    Some((format!("{page}{tab}"), running))
}

/// The forms on a page of variables.
fn of_variables<'a>(
    page: String,
    scope: Scope,
    rest: &[&str],
    cx: &'a Cx<'a>,
    form: &'a Form,
) -> Option<(String, Running<'a>)> {
    let page = format!("{page}/variables");
    let to = page.clone();
    let running: Running<'a> = match rest {
        [] => Box::pin(variables::set(cx, scope, to, form)),
        ["import"] => Box::pin(variables::import(cx, scope, to, form)),
        ["import", "confirm"] => Box::pin(variables::confirm_import(cx, scope, to, form)),
        ["delete"] => Box::pin(variables::delete(cx, scope, to, form)),
        ["reveal"] => Box::pin(variables::reveal(cx, scope, to, form)),
        ["restore"] => Box::pin(variables::restore(cx, scope, to, form)),
        _ => return None,
    };
    Some((page, running))
}
