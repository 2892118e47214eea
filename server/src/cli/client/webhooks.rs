//! `skep webhooks`.

use serde_json::json;

use super::{
    api::Api,
    fault::Failure,
    place::AppName,
    show::{self, ListArgs, cell},
};
use crate::{cli::say, domain::delivery::Provider};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Verb {
    /// The webhooks of an app
    List {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Make a webhook; its secret is told this once
    Create {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        /// Who will send: github, gitlab, gitea, bitbucket, generic, registry
        #[arg(long, value_parser = provider)]
        provider: Provider,
    },
    /// Give a webhook a new secret, told this once; the old one counts for a day
    Rotate {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        webhook: uuid::Uuid,
    },
    /// What came last to an app's webhooks, and what became of it
    Deliveries {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Take a delivery again, as if it came now; `skep webhooks deliveries` has the ids
    Redeliver {
        /// Its own name, or project/environment/app where several have it
        app: AppName,
        delivery: uuid::Uuid,
    },
}

fn provider(name: &str) -> Result<Provider, String> {
    let known = || Provider::ALL.map(Provider::name).join(", ");
    Provider::ALL.into_iter().find(|p| p.name() == name).ok_or_else(|| format!("give one of {}", known()))
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { app, how } => {
            let mut all = api.list(&format!("{}/webhooks", app.address(api).await?)).await?;
            if !how.json {
                all.iter_mut().for_each(|hook| hook["url"] = whole(hook, api).into());
            }
            show::list(
                &all,
                how,
                &[("PROVIDER", "provider"), ("ADDRESS", "url"), ("MADE", "created_at"), ("ID", "id")],
            );
        }
        Verb::Create { app, provider } => {
            let address = format!("{}/webhooks", app.address(api).await?);
            tell(&api.post(&address, &json!({"provider": provider})).await?, api);
        }
        Verb::Rotate { app, webhook } => {
            tell(&api.order(&format!("{}/webhooks/{webhook}/rotate", app.address(api).await?)).await?, api);
        }
        Verb::Deliveries { app, how } => {
            let all = api.list(&format!("{}/deliveries", app.address(api).await?)).await?;
            let columns = [
                ("CAME", "received_at"),
                ("EVENT", "event"),
                ("ANSWER", "status"),
                ("OUTCOME", "outcome"),
                ("ID", "id"),
            ];
            show::list(&all, how, &columns);
        }
        Verb::Redeliver { app, delivery } => {
            let address = format!("{}/deliveries/{delivery}/redeliver", app.address(api).await?);
            let answer = api.order(&address).await?;
            match answer.get("deployment").filter(|deployment| !deployment.is_null()) {
                Some(_) => say(format_args!(
                    "{}; `skep deployments watch {}` shows it",
                    cell(&answer, "outcome"),
                    cell(&answer, "deployment")
                )),
                None => say(cell(&answer, "outcome")),
            }
        }
    }
    Ok(())
}

/// Its address. A server without a domain does not know how others reach it: then as we do.
fn whole(hook: &serde_json::Value, api: &Api) -> String {
    let address = cell(hook, "url");
    api.server().join(&address).map_or(address, Into::into)
}

/// The server tells the secret this once, so we do, too.
fn tell(made: &serde_json::Value, api: &Api) {
    say(format_args!("webhook  {}", cell(made, "id")));
    say(format_args!("address  {}", whole(made, api)));
    say(format_args!("secret   {}", cell(made, "secret")));
    say("Enter address and secret at the sender; the secret is not told again.");
}
