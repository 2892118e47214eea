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
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
    /// Make a webhook; its secret is told this once
    Create {
        app: AppName,
        /// Who will send: github, gitlab, gitea, bitbucket, generic, registry
        #[arg(long, value_parser = provider)]
        provider: Provider,
    },
    /// Give a webhook a new secret, told this once; the old one counts for a day
    Rotate { app: AppName, webhook: uuid::Uuid },
    /// What came last to an app's webhooks, and what became of it
    Deliveries {
        app: AppName,
        #[command(flatten)]
        how: ListArgs,
    },
}

fn provider(name: &str) -> Result<Provider, String> {
    let known = || Provider::ALL.map(Provider::name).join(", ");
    Provider::ALL.into_iter().find(|p| p.name() == name).ok_or_else(|| format!("give one of {}", known()))
}

pub(super) async fn run(verb: Verb, api: &Api) -> Result<(), Failure> {
    match verb {
        Verb::List { app, how } => {
            let all = api.list(&format!("{}/webhooks", app.address(api).await?)).await?;
            show::list(
                &all,
                how,
                &[("PROVIDER", "provider"), ("ADDRESS", "url"), ("MADE", "created_at"), ("ID", "id")],
            );
        }
        Verb::Create { app, provider } => {
            let address = format!("{}/webhooks", app.address(api).await?);
            tell(&api.post(&address, &json!({"provider": provider})).await?);
        }
        Verb::Rotate { app, webhook } => {
            tell(&api.order(&format!("{}/webhooks/{webhook}/rotate", app.address(api).await?)).await?);
        }
        Verb::Deliveries { app, how } => {
            let all = api.list(&format!("{}/deliveries", app.address(api).await?)).await?;
            let columns = [
                ("CAME", "received_at"),
                ("EVENT", "event"),
                ("ANSWER", "status"),
                ("OUTCOME", "outcome"),
                ("DEPLOYMENT", "deployment"),
                ("ID", "id"),
            ];
            show::list(&all, how, &columns);
        }
    }
    Ok(())
}

/// The server tells the secret this once, so we do, too.
fn tell(made: &serde_json::Value) {
    say(format_args!("webhook  {}", cell(made, "id")));
    say(format_args!("address  {}", cell(made, "url")));
    say(format_args!("secret   {}", cell(made, "secret")));
    say("Enter address and secret at the sender; the secret is not told again.");
}
