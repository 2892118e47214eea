//! How to send to a webhook, per sender.

use leptos::prelude::*;

use crate::{
    api::{Follow, Provider, Source, WebhookView},
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

/// What the curl line sends, from where the app comes from: the head of what it follows, or its image.
pub fn sent_by(source: &Source) -> (&'static str, String) {
    let named =
        |name: &str| ("push", format!(r#"{{\"ref\":\"{name}\",\"after\":\"$(git rev-parse HEAD)\"}}"#));
    match source {
        Source::Git { follow: Follow::Branch { branch }, .. } => named(&format!("refs/heads/{branch}")),
        Source::Git { follow: Follow::Tags { .. }, .. } => {
            named("refs/tags/$(git describe --tags --exact-match)")
        }
        Source::Image { image, .. } => {
            let name = image.split('@').next().unwrap_or(image);
            let (name, tag) = match name.rsplit_once(':') {
                Some((name, tag)) if !tag.contains('/') => (name, tag),
                _ => (name, "latest"),
            };
            ("image", format!(r#"{{\"image\":\"{name}\",\"tag\":\"{tag}\"}}"#))
        }
        _ => named("refs/heads/main"),
    }
}

/// A line for a shell that signs and sends an event. The secret stays in a variable.
fn curl_line(url: &str, (event, body): &(&'static str, String)) -> String {
    format!(
        r#"body="{body}"; printf %s "$body" | curl --fail-with-body -H 'Content-Type: application/json' -H 'X-Skep-Event: {event}' -H "X-Skep-Signature-256: sha256=$(printf %s "$body" | openssl dgst -sha256 -hmac "$SKEP_SECRET" -r | cut -d' ' -f1)" --data-binary @- {url}"#
    )
}

/// What to do at the sender.
#[component]
pub fn WebhookHelp(
    /// The webhook.
    hook: WebhookView,
    /// What it sends: see [`sent_by`].
    sent: (&'static str, String),
) -> impl IntoView {
    let curl = (hook.provider == Provider::Generic).then(|| {
        let line = curl_line(&hook.url, &sent);
        view! { <CopyLine id=format!("curl-{}", hook.id) text=line what="curl command"/> }
    });
    view! {
        <p class="hint">{where_to(hook.provider)}</p>
        {curl}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_quotes_its_body_and_never_holds_the_secret() {
        let follow = Follow::Branch { branch: "main".into() };
        let source = Source::Git { url: String::new(), follow, credential: None, watch: Vec::new() };
        let line = curl_line("https://skep.example/hooks/generic/1", &sent_by(&source));
        let body = r#"body="{\"ref\":\"refs/heads/main\",\"after\":\"$(git rev-parse HEAD)\"}""#;
        assert!(line.starts_with(body), "{line}");
        assert!(line.contains("X-Skep-Signature-256: sha256=$("), "{line}");
        assert!(line.contains(r#"-hmac "$SKEP_SECRET""#), "{line}");
        assert!(line.ends_with(" https://skep.example/hooks/generic/1"), "{line}");
    }

    #[test]
    fn an_image_app_is_told_of_its_image() {
        for (image, body) in [
            ("registry:5000/a/b:1.2", r#"{\"image\":\"registry:5000/a/b\",\"tag\":\"1.2\"}"#),
            ("registry:5000/a/b", r#"{\"image\":\"registry:5000/a/b\",\"tag\":\"latest\"}"#),
        ] {
            let source = Source::Image { image: image.into(), credential: None };
            assert_eq!(sent_by(&source), ("image", body.to_owned()));
        }
    }
}
