//! How to send to a webhook, per sender.

use leptos::prelude::*;

use crate::{
    api::{Follow, Provider, WebhookView},
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
        Provider::Generic => {
            "Put the secret into a variable of your CI called SKEP_SECRET, then run this in the checkout:"
        }
        Provider::Registry => {
            "Enter the address at the registry, and the secret as bearer token (Authorization: Bearer ...) or as password of basic authentication. A pushed image deploys the app if it is the one it uses."
        }
    }
}

/// What a push is called in the curl line: the branch that the app follows, or the tag of the moment.
pub fn pushed_ref(follow: Option<&Follow>) -> String {
    match follow {
        Some(Follow::Branch { branch }) => format!("refs/heads/{branch}"),
        Some(Follow::Tags { .. }) => "refs/tags/$(git describe --tags --exact-match)".to_owned(),
        Some(Follow::Commit { .. }) | None => "refs/heads/main".to_owned(),
    }
}

/// A line for a shell, run in a checkout, that signs and sends a push. The secret stays in a variable.
fn curl_line(url: &str, pushed: &str) -> String {
    format!(
        r#"body="{{\"ref\":\"{pushed}\",\"after\":\"$(git rev-parse HEAD)\"}}"; printf %s "$body" | curl --fail-with-body -H 'Content-Type: application/json' -H "X-Skep-Signature-256: sha256=$(printf %s "$body" | openssl dgst -sha256 -hmac "$SKEP_SECRET" -r | cut -d' ' -f1)" --data-binary @- {url}"#
    )
}

/// What to do at the sender.
#[component]
pub fn WebhookHelp(
    /// The webhook.
    hook: WebhookView,
    /// The full name of the branch or tag that is sent.
    pushed: String,
) -> impl IntoView {
    let curl = (hook.provider == Provider::Generic).then(|| {
        let line = curl_line(&hook.url, &pushed);
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
    fn the_line_quotes_its_body_and_never_holds_the_secret() {
        let line = curl_line("https://skep.example/webhook/generic/1", "refs/heads/main");
        let body = r#"body="{\"ref\":\"refs/heads/main\",\"after\":\"$(git rev-parse HEAD)\"}""#;
        assert!(line.starts_with(body), "{line}");
        assert!(line.contains("X-Skep-Signature-256: sha256=$("), "{line}");
        assert!(line.contains(r#"-hmac "$SKEP_SECRET""#), "{line}");
        assert!(line.ends_with(" https://skep.example/webhook/generic/1"), "{line}");
    }
}
