//! The nodes of the swarm, as observed.

use leptos::prelude::*;

use crate::{
    api::{Error, NodeView, Result},
    components::{Badge, Empty, EngineNotice, Form, Pick, Place, Section, Submit, capital},
    http::{Cx, FormState},
    islands::ConfirmButton,
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
    let environments = cx.api.node_environments().await?;
    let edges = cx.api.edges().await?;
    let (reserve, release) = (cx.form("reserve", "/actions/nodes/reserve"), "/actions/nodes/release");
    let refused = cx.form("release", release).faults().into_iter().next().map(|fault| fault.message);
    let now = cx.now();
    Ok(Page::new("Nodes", Place::Nodes, move || {
        let version = engine.version.clone().map(|version| format!("Docker engine {version}"));
        let managers = nodes.iter().flatten().filter(|node| node.manager).count();
        let advice = (managers > 0 && managers.is_multiple_of(2))
            .then_some("An even number of managers survives no more losses than one fewer. Use 1, 3 or 5.");
        let choices = nodes.iter().flatten().map(|node| (node.id.to_string(), node.name.clone())).collect();
        let apart = (!environments.is_empty()).then(|| form(reserve, choices, environments));
        let body = match nodes {
            None => view! { <Empty title="Nodes are not known" text="The engine does not answer now."/> }.into_any(),
            Some(nodes) if nodes.is_empty() => {
                view! { <Empty title="No nodes" text="This engine is not part of a swarm. Run the installer again, or docker swarm init."/> }
                    .into_any()
            }
            Some(nodes) => {
                let cards: Vec<_> = nodes.into_iter().map(|node| card(node, release)).collect();
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
            <Section title="Machines">
                {refused.map(|fault| view! { <div class="faults" role="alert">{fault}</div> })}
                {body}
            </Section>
            {super::edges::section(edges, now)}
            {apart}
            <Section title="Add a node" about="On the new machine, with a join command from a manager.">
                <p class="hint">
                    "On a manager, docker swarm join-token worker prints the command. Run it on the new machine; it appears here within seconds. Ports 2377, 7946 and 4789 must be open between nodes."
                </p>
            </Section>
        }
    }))
}

/// The form that reserves one.
fn form(
    state: FormState,
    nodes: Vec<(String, String)>,
    environments: Vec<(String, String)>,
) -> impl IntoView + use<> {
    view! {
        <Section
            title="Reserve a machine"
            about="Its environment's apps run on its machines alone, and no others do: each app from its next deployment on. One whose data is on a machine that is another's now is not deployed, and says so."
        >
            <Form state=state.clone()>
                <div class="columns">
                    <Pick state=state.clone() name="node" label="Machine" options=nodes/>
                    <Pick state=state name="environment" label="For" options=environments/>
                </div>
                <div class="row">
                    <Submit label="Reserve" quiet=true/>
                </div>
            </Form>
        </Section>
    }
}

fn card(node: NodeView, release: &'static str) -> impl IntoView {
    let name = format!("Share {}", node.name);
    let whose = match &node.environment {
        Some(environment) => {
            view! { <span class="tag good">{format!("only {environment}")}</span> }.into_any()
        }
        None => view! { <span class="tag">"shared"</span> }.into_any(),
    };
    let share = node.environment.is_some().then(|| {
        view! {
            <form method="post" action=release>
                <input type="hidden" name="node" value=node.id.to_string()/>
                <ConfirmButton label="Share".into() sure="Really share?".into() class="button small".into() name/>
            </form>
        }
    });
    let strangers = node.strangers.filter(|strangers| !strangers.is_empty()).map(|strangers| {
        let text =
            format!("Still here until their next deployment, and belong elsewhere: {}", strangers.join(", "));
        view! { <small class="failure-line">{text}</small> }
    });
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
                " "
                {whose}
                <small class="quiet">{format!("{} · {size} · engine {} · {tasks} of apps", node.address, node.engine)}</small>
                {strangers}
                <span class="row">{labels}</span>
            </span>
            {share}
            <Badge text=state tone/>
        </li>
    }
}

/// `3.8 GiB`.
fn bytes(bytes: u64) -> String {
    let tenths = bytes / 107_374_182;
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}
