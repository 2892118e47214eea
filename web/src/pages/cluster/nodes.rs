//! The nodes of the swarm, as observed.

use leptos::prelude::*;

use crate::{
    api::{Error, NodeView, Result},
    components::{Badge, Empty, EngineNotice, Place, Section, capital},
    http::Cx,
    pages::Page,
};

/// The page of nodes.
pub async fn nodes(cx: &Cx<'_>) -> Result<Page> {
    let engine = cx.api.engine().await?;
    let nodes = match cx.api.nodes().await {
        Ok(nodes) => Some(nodes),
        Err(Error::Unavailable(_)) => None,
        Err(error) => return Err(error),
    };
    let now = cx.now();
    Ok(Page::new("Nodes", Place::Nodes, move || {
        let version = engine.version.clone().map(|version| format!("Docker engine {version}"));
        let managers = nodes.iter().flatten().filter(|node| node.manager).count();
        let advice = (managers > 0 && managers.is_multiple_of(2))
            .then_some("An even number of managers survives no more losses than one fewer. Use 1, 3 or 5.");
        let body = match nodes {
            None => view! { <Empty title="Nodes are not known" text="The engine does not answer now."/> }.into_any(),
            Some(nodes) if nodes.is_empty() => {
                view! { <Empty title="No nodes" text="This engine is not part of a swarm. Run the installer again, or docker swarm init."/> }
                    .into_any()
            }
            Some(nodes) => {
                let cards: Vec<_> = nodes.into_iter().map(card).collect();
                view! { <ul class="list">{cards}</ul> }.into_any()
            }
        };
        view! {
            <header class="page-head">
                <h1>"Nodes"</h1>
                <span class="quiet">{version}</span>
            </header>
            <EngineNotice engine now/>
            {advice.map(|advice| view! { <p class="hint">{advice}</p> })}
            <Section title="Machines">{body}</Section>
            <Section title="Add a node" about="On the new machine, with a join command from a manager.">
                <p class="hint">
                    "On a manager, docker swarm join-token worker prints the command. Run it on the new machine; it appears here within seconds. Ports 2377, 7946 and 4789 must be open between nodes."
                </p>
            </Section>
        }
    }))
}

fn card(node: NodeView) -> impl IntoView {
    let tone = match (node.state.as_str(), node.availability.as_str()) {
        ("ready", "active") => "good",
        ("ready", _) => "warn",
        ("unknown", _) => "unknown",
        _ => "bad",
    };
    let role = match (node.leader, node.manager) {
        (true, _) => "manager, leader",
        (_, true) => "manager",
        _ => "worker",
    };
    let state = if node.availability == "active" {
        node.state
    } else {
        format!("{}, {}", node.state, node.availability)
    };
    let state = capital(&state);
    let tasks = if node.tasks == 1 { "1 task".to_owned() } else { format!("{} tasks", node.tasks) };
    let size = format!("{} CPU · {}", node.cpus, bytes(node.memory));
    let labels: Vec<_> =
        node.labels.into_iter().map(|label| view! { <code class="tag">{label}</code> }).collect();
    view! {
        <li class="line">
            <span class="grow">
                <strong>{node.name}</strong>
                <span class="quiet">{format!(" {role}")}</span>
                <small class="quiet">{format!("{} · {size} · engine {} · {tasks} of apps", node.address, node.engine)}</small>
                <span class="row">{labels}</span>
            </span>
            <Badge text=state tone/>
        </li>
    }
}

/// `3.8 GiB`.
fn bytes(bytes: u64) -> String {
    let tenths = bytes / 107_374_182;
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}
