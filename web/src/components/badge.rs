//! How something stands: a dot for the eye, a word for everybody.

use leptos::prelude::*;

use crate::api::{AppState, CertificateState, DeploymentState};

/// A word with a dot in the colour of `tone`: `good`, `busy`, `warn`, `bad`, `off`.
#[component]
pub fn Badge(
    /// The word.
    #[prop(into)]
    text: String,
    /// The colour's name.
    tone: &'static str,
) -> AnyView {
    view! { <span class="badge" data-tone=tone>{text}</span> }.into_any()
}

/// How an app stands.
#[component]
pub fn AppBadge(
    /// The app's state.
    state: AppState,
) -> AnyView {
    let (text, tone) = match state {
        AppState::Empty => ("Not deployed", "off"),
        AppState::Running => ("Running", "good"),
        AppState::Degraded => ("Degraded", "warn"),
        AppState::Down => ("Down", "bad"),
        AppState::Stopped => ("Stopped", "off"),
        AppState::Removing => ("Being deleted", "busy"),
        AppState::Unknown => ("Unknown", "unknown"),
    };
    view! { <Badge text tone/> }.into_any()
}

/// How a deployment stands.
#[component]
pub fn DeploymentBadge(
    /// The deployment's state.
    state: DeploymentState,
) -> AnyView {
    let (text, tone) = state.words();
    view! { <Badge text tone/> }.into_any()
}

/// How a certificate stands.
#[component]
pub fn CertificateBadge(
    /// The certificate's state.
    state: CertificateState,
) -> AnyView {
    let (text, tone) = match state {
        CertificateState::Pending => ("Certificate on its way", "busy"),
        CertificateState::PendingDns => ("Waiting for DNS", "warn"),
        CertificateState::Issued => ("Certificate valid", "good"),
        CertificateState::Covered => ("Served by another certificate", "good"),
        CertificateState::Failed => ("Certificate failed", "bad"),
        CertificateState::PendingBudget => ("Certificate waits its turn", "warn"),
        CertificateState::Ordering => ("Certificate on its way", "busy"),
    };
    view! { <Badge text tone/> }.into_any()
}
