//! How to send to a webhook, per sender.

use leptos::prelude::*;

use crate::{
    api::{Provider, WebhookView},
    components::CopyLine,
};

/// The name of a sender.
pub const fn provider_title(provider: Provider) -> &'static str {
    match provider {
        Provider::Github => "GitHub",
        Provider::Gitlab => "GitLab",
        Provider::Gitea => "Gitea or Forgejo",
        Provider::Bitbucket => "Bitbucket",
        Provider::Generic => "curl or any CI",
        Provider::Registry => "Container registry",
    }
}

/// Where to enter address and secret.
const fn where_to(provider: Provider) -> &'static str {
    match provider {
        Provider::Github => {
            "In the repository: Settings, Webhooks, Add webhook. Content type application/json, just the push event."
        }
        Provider::Gitlab => {
            "In the project: Settings, Webhooks. Enter the secret as secret token and tick push and tag events."
        }
        Provider::Gitea => {
            "In the repository: Settings, Webhooks, Add webhook. Content type application/json, push events."
        }
        Provider::Bitbucket => {
            "In the repository: Repository settings, Webhooks, Add webhook. Enter the secret and choose repository push."
        }
        Provider::Generic => "Put the secret into a variable of your CI called SKEP_SECRET, then run:",
        Provider::Registry => {
            "Enter the address with the secret as the registry's documentation says; a pushed image deploys apps that use it."
        }
    }
}

/// A line for a shell that signs and sends a push. The secret stays in a variable.
fn curl_line(url: &str) -> String {
    format!(
        "body='{{\"ref\":\"refs/heads/main\"}}'; curl --fail-with-body -H 'Content-Type: application/json' \
         -H \"X-Skep-Delivery: $(date +%s%N)\" \
         -H \"X-Skep-Signature: sha256=$(printf %s \"$body\" | openssl dgst -sha256 -hmac \"$SKEP_SECRET\" -r | cut -d' ' -f1)\" \
         -d \"$body\" {url}"
    )
}

/// What to do at the sender.
#[component]
pub fn WebhookHelp(
    /// The webhook.
    hook: WebhookView,
) -> impl IntoView {
    let curl = (hook.provider == Provider::Generic).then(|| {
        let line = curl_line(&hook.url);
        view! { <CopyLine id=format!("curl-{}", hook.id) text=line what="curl command"/> }
    });
    view! {
        <p class="hint">{where_to(hook.provider)}</p>
        {curl}
    }
}

#[cfg(test)]
mod tests {
    use super::curl_line;

    #[test]
    fn the_secret_is_never_in_the_curl_line() {
        let line = curl_line("https://skep.example/webhook/generic/1");
        assert!(line.contains("$SKEP_SECRET") && line.ends_with("https://skep.example/webhook/generic/1"));
    }
}
