//! What visitors meet: the replicas of the edge, and whether each serves what is true now.

use leptos::prelude::*;

use crate::{
    api::{EdgeView, Time},
    components::{Ago, Badge, Section},
};

/// The section of the page of nodes.
pub(super) fn section(edges: Vec<EdgeView>, now: Time) -> impl IntoView {
    let behind = edges.iter().filter(|edge| edge.state == "behind").count();
    let all = match (edges.len(), behind) {
        (0, _) => {
            "None has reported yet. Each does so when it starts; see the log of the service skep_traefik."
                .to_owned()
        }
        (_, 0) => "Each replica serves what is true now, but for those that are silent.".to_owned(),
        (count, behind) => format!("{behind} of {count} do not serve the last change yet."),
    };
    let lines: Vec<_> = edges.into_iter().map(|edge| line(edge, now)).collect();
    view! {
        <Section title="Edge" about="Each node that takes visitors runs one Traefik, and keeps the last routes and certificates for when Skep is away.">
            <p class="hint">{all}</p>
            <ul class="list">{lines}</ul>
        </Section>
    }
}

fn line(edge: EdgeView, now: Time) -> impl IntoView {
    let (text, tone) = match edge.state.as_str() {
        "current" => ("Serves what is true now", "good"),
        "behind" => ("Behind", "warn"),
        _ => ("Silent", "unknown"),
    };
    view! {
        <li class="line">
            <span class="grow">
                <strong>{edge.node}</strong>
                <small class="quiet">"heard of " <Ago at=edge.seen_at now/></small>
            </span>
            <Badge text=text.to_owned() tone/>
        </li>
    }
}
