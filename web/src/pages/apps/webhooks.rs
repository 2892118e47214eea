//! Who may push, and what came.

use leptos::prelude::*;

use super::webhook_help::{WebhookHelp, provider_title, sent_by};
use crate::{
    api::{AppId, DeliveryView, Provider, Result, Source, Time, WebhookView},
    components::{Ago, AppFrame, CopyLine, Empty, Form, Notice, Pick, Place, Section, Submit, Tab},
    http::{Cx, FormState},
    islands::ConfirmButton,
    pages::Page,
};

/// How many deliveries are shown.
const DELIVERIES: u32 = 50;

/// The page of an app's webhooks.
pub async fn webhooks(cx: &Cx<'_>, id: AppId) -> Result<Page> {
    let app = cx.api.app(&id).await?;
    let hooks = cx.api.webhooks(&id).await?;
    let source = cx.api.configuration(&id).await?.source;
    let sent = sent_by(&source);
    let usual = usual(&source);
    let deliveries = cx.api.deliveries(&id, DELIVERIES).await?;
    let (now, changes, deploys) = (cx.now(), cx.may("configure"), cx.may("deploy"));
    let action = format!("/actions/apps/{id}/webhooks");
    let add = cx.form("webhook", action.clone());
    let rotate = cx.form("rotate", format!("{action}/rotate"));
    let delete = cx.form("delete", format!("{action}/delete"));
    let redeliver = cx.form("redeliver", format!("{action}/redeliver"));
    Ok(Page::new(format!("Webhooks of {}", app.line.name), Place::Projects, move || {
        let auto = app.auto_deploy;
        let settings = format!("/apps/{id}/settings");
        let none = hooks.is_empty();
        let free = |provider: &Provider| hooks.iter().all(|hook| hook.provider != *provider);
        let options: Vec<_> = Provider::ALL
            .into_iter()
            .filter(free)
            .map(|provider| (provider.name().to_owned(), provider_title(provider).to_owned()))
            .collect();
        let cards: Vec<_> = hooks
            .into_iter()
            .map(|hook| card(hook, &sent, changes.then_some((&rotate, &delete)), now))
            .collect();
        view! {
            <AppFrame app tab=Tab::Webhooks>
                {(!auto)
                    .then(|| {
                        view! {
                            <Notice tone="info">
                                "Pushes are recorded but do not deploy: automatic deployment is off in the "
                                <a href=settings>"settings"</a> "."
                            </Notice>
                        }
                    })}
                {cards}
                {none
                    .then(|| {
                        view! {
                            <section class="card">
                                <Empty
                                    title="No webhooks yet"
                                    text="With a webhook every push to the followed branch is deployed. Say below who will send it."
                                />
                            </section>
                        }
                    })}
                {(changes && !options.is_empty())
                    .then(|| {
                        view! {
                            <Section title="New webhook" about="Its secret is shown once, right after this.">
                                <Form state=add.clone()>
                                    <Pick state=add name="provider" label="Who sends" value=usual.name() options/>
                                    <div class="row">
                                        <Submit label="Create webhook"/>
                                    </div>
                                </Form>
                            </Section>
                        }
                    })}
                {log(deliveries, deploys.then_some(&redeliver), none, now)}
            </AppFrame>
        }
    }))
}

/// Who most likely sends, by where the app comes from.
fn usual(source: &Source) -> Provider {
    let Source::Git { url, .. } = source else {
        return if matches!(source, Source::Image { .. }) { Provider::Registry } else { Provider::Generic };
    };
    let hosts = [
        ("github", Provider::Github),
        ("gitlab", Provider::Gitlab),
        ("bitbucket", Provider::Bitbucket),
        ("gitea", Provider::Gitea),
        ("forgejo", Provider::Gitea),
        ("codeberg", Provider::Gitea),
    ];
    hosts.into_iter().find(|(host, _)| url.contains(host)).map_or(Provider::Generic, |(_, provider)| provider)
}

fn card(
    hook: WebhookView,
    sent: &(&'static str, String),
    forms: Option<(&FormState, &FormState)>,
    now: Time,
) -> impl IntoView + use<> {
    let title = provider_title(hook.provider);
    let sent = sent.clone();
    let id = hook.id.to_string();
    let grace = hook.old_secret_until.filter(|until| *until > now).map(|until| {
        view! {
            <p class="hint">
                "The secret before the last change counts until " {until.long()} "."
            </p>
        }
    });
    let buttons = forms.map(|forms| buttons(id.clone(), title, forms));
    view! {
        <Section title>
            <CopyLine id=format!("url-{id}") text=hook.url.clone() what=format!("{title} webhook address")/>
            <WebhookHelp hook sent/>
            {grace}
            {buttons}
        </Section>
    }
}

/// A new secret, and the end of a webhook.
fn buttons(id: String, title: &str, (rotate, delete): (&FormState, &FormState)) -> impl IntoView + use<> {
    view! {
        <div class="row">
            <form method="post" action=rotate.action.clone()>
                <input type="hidden" name="webhook" value=id.clone()/>
                <ConfirmButton
                    label="New secret".into()
                    sure="Really make a new one?".into()
                    class="button small".into()
                    name=format!("New secret for the {title} webhook")
                />
            </form>
            <form method="post" action=delete.action.clone()>
                <input type="hidden" name="webhook" value=id/>
                <ConfirmButton
                    label="Delete".into()
                    sure="Really delete?".into()
                    class="button small danger".into()
                    name=format!("Delete the {title} webhook")
                />
            </form>
        </div>
    }
}

/// What came, newest first.
fn log(
    deliveries: Vec<DeliveryView>,
    redeliver: Option<&FormState>,
    no_hook: bool,
    now: Time,
) -> impl IntoView + use<> {
    let fault = redeliver.and_then(|form| form.faults().into_iter().next()).map(|fault| fault.message);
    let none = deliveries.is_empty();
    let rows: Vec<_> = deliveries.into_iter().map(|delivery| row(delivery, redeliver, now)).collect();
    (!(no_hook && none)).then(|| {
        view! {
            <Section title="Deliveries" about="What came, what was answered, and why." id="deliveries">
                {fault.map(|fault| view! { <div class="faults" role="alert">{fault}</div> })}
                {none
                    .then(|| {
                        view! {
                            <Empty
                                title="Nothing came yet"
                                text="Push, or use the sender's test button; each delivery appears here with its answer."
                            />
                        }
                    })}
                <ul class="list">{rows}</ul>
            </Section>
        }
    })
}

fn row(delivery: DeliveryView, redeliver: Option<&FormState>, now: Time) -> impl IntoView + use<> {
    let tone = match delivery.status {
        202 => "good",
        200..=299 => "off",
        _ => "bad",
    };
    let again = redeliver.filter(|_| delivery.can_redeliver).map(|redeliver| {
        view! {
            <form method="post" action=redeliver.action.clone()>
                <input type="hidden" name="delivery" value=delivery.id.to_string()/>
                <button type="submit" class="button small">
                    "Redeliver"
                </button>
            </form>
        }
    });
    view! {
        <li class="line">
            <span class="answer" data-tone=tone>
                {delivery.status}
            </span>
            <span class="grow">
                <strong>{delivery.event}</strong>
                <span class="quiet">{format!(" from {} ", provider_title(delivery.provider))}</span>
                <code>{delivery.outcome}</code>
                <small class="quiet">{delivery.reason}</small>
            </span>
            {delivery
                .deployment
                .map(|(id, number)| {
                    view! { <a href=format!("/deployments/{id}")>{format!("#{number}")}</a> }
                })}
            <small class="quiet">
                <Ago at=delivery.received_at now/>
            </small>
            {again}
        </li>
    }
}
