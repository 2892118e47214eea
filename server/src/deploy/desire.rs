//! What the swarm shall hold for an app: its settings, image, variables and place, as one spec.

use skep_stack::{
    app::{
        AppSpec,
        strategy::{self, Strategy},
        to_stack,
    },
    cluster::{self, Cluster},
    compose::{ComposeInput, to_stack as to_compose},
    drain,
    fault::Fault,
    labels,
    models::NetworkAttachmentConfig,
    policy::{self, Grants, Inherited},
    replicas, reserved,
    secret_files::NameKey,
    spec::StackSpec,
    text,
    validate::room,
    vip::{self, Vip},
    volumes::{pin, pinned},
    writer::crowded,
};

use super::{
    adopted::{keep, plain},
    composed::Composed,
    homes::choose,
    inherited::Taken,
    own_nodes,
    parts::Parts,
    plan::serving,
    push::{ONLY, Pushed},
    run::Stop,
    secret_files::mount,
    variables::Resolved,
};
use crate::{
    db,
    domain::{
        app::{App, Wanted},
        domain_name::Domain,
        id::EnvironmentId,
        port::PublicPort,
        step::Step,
    },
    swarm::EngineInfo,
};

/// The overlay network between Traefik and the apps that domains lead to.
pub const EDGE: &str = "skep-edge";

/// The overlay network of an environment.
#[must_use]
pub fn network(environment: EnvironmentId) -> String {
    // The last 12 digits of a UUIDv7 are random; the first ones are the time.
    let id = environment.uuid().simple().to_string();
    format!("skep-{}", &id[20..])
}

/// What a deployment wants to run, beside what the app itself says.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Its number.
    pub deployment: i64,
    /// The Compose file, for an app of several services.
    pub composed: Option<&'a Composed>,
    /// The images.
    pub pushed: &'a Pushed,
    /// The variables.
    pub variables: &'a Resolved,
    /// The key of names of secrets.
    pub names: &'a NameKey,
}

/// Makes the spec of an app.
///
/// # Errors
/// Every fault of the settings; what the policy forbids; the database.
pub async fn desire(parts: &Parts, app: &App, wish: &Wish<'_>, info: &EngineInfo) -> Result<StackSpec, Stop> {
    let (pushed, env) = (wish.pushed, &wish.variables.environment());
    let mut tx = parts.db.read().await?;
    let domains = db::domain_name::of_app(&mut tx, app.id).await?;
    let ports = db::port::of_app(&mut tx, app.id).await?;
    let volume_node = db::app::volume_node(&mut tx, app.id).await?;
    drop(tx);
    // Of the only node it is known before anything runs there.
    let volume_node = volume_node.or_else(|| (info.nodes == 1).then(|| info.node_id.clone()));
    let local = pushed.images.values().any(|pinned| pinned.local);
    let engine = |error| Stop::engine(Step::Plan, &error);
    let mut cluster = parts.engine.around(&app.stack).await.map_err(engine)?;
    let reserved = parts.instance.reserved_addresses.iter();
    cluster.subnets.extend(reserved.map(|range| ("SKEP_RESERVED_ADDRESSES".to_owned(), range.clone())));
    // Which nodes its environment has, or keeps off.
    let mine = own_nodes::constraints(&cluster.nodes, app.environment);
    let mut constraints = mine.clone();
    if info.nodes > 1 && local {
        pin(&mut constraints, &info.node_id);
    }
    if let Some(composed) = wish.composed {
        let place = Place {
            domains: &domains,
            ports: &ports,
            volume_node: volume_node.as_deref(),
            constraints: &constraints,
            several: info.nodes > 1 && !local,
            nodes: info.nodes,
            cluster: &cluster,
            vip: Vip::detected(info.ipvs, info.nodes),
            mine: &mine,
        };
        return compose(parts, app, wish, composed, &place).await;
    }
    let pinned = pushed.images.get(ONLY).ok_or_else(|| {
        Stop::failed(Step::Plan, "no_image", "there is no image: choose a way to build, or an image")
    })?;
    let observed = parts.engine.observe(&app.stack).await.map_err(engine)?;
    let mut settings = app.settings.clone();
    settings.port = settings.port.or(pinned.port).or_else(|| domains.first().map(|d| d.port));
    let has_volume = settings.has_volume();
    let free = settings.placement.constraints.is_empty();
    if info.nodes > 1 && !local && has_volume && volume_node.is_none() && free {
        let home = own_nodes::home(parts, &cluster, app.environment, &info.node_id).await?;
        pin(&mut constraints, &home);
    }
    let spec = AppSpec {
        stack: &app.stack,
        app: &app.id.to_string(),
        alias: app.name.as_str(),
        deployment: wish.deployment,
        image: &pinned.image,
        image_health: pinned.health.as_deref(),
        image_words: pinned.words.as_ref(),
        env,
        settings: &settings,
        network: &network(app.environment),
        edge: (!domains.is_empty() || !ports.is_empty()).then_some(EDGE),
        volume_node: volume_node.as_deref().filter(|_| has_volume),
        probe: parts.probe,
        vip: Vip::detected(info.ipvs, info.nodes),
        running: observed.services.get(&app.stack).and_then(|service| service.spec.as_ref()).map(vip::runs),
        replicas: settings.replicas.unwrap_or(1),
        constraints: &constraints,
    };
    let mut stack = to_stack(&spec).map_err(|faults| refused(Step::Plan, &faults))?;
    replicate(&mut stack, app);
    mount(&mut stack, app, wish.variables, wish.names)?;
    let mut forbidden = policy(&stack, network(app.environment), volume_node.as_deref(), &constraints);
    forbidden.extend(room(&stack, info.nodes));
    forbidden.extend(cluster::check(&stack, &cluster));
    if forbidden.is_empty() { Ok(stack) } else { Err(refused(Step::Plan, &forbidden)) }
}

/// What the policy says of a stack that may join its environment's network and the edge's, and be
/// pinned to the nodes that we chose ourselves.
#[must_use]
pub fn policy(stack: &StackSpec, network: String, volume_node: Option<&str>, ours: &[String]) -> Vec<Fault> {
    policy::check(stack, &grants(network, volume_node, ours, &Taken::default()))
}

fn grants(network: String, volume_node: Option<&str>, ours: &[String], taken: &Taken) -> Grants {
    let pinned = ours.iter().filter_map(|constraint| pinned(constraint));
    let placement = ours.iter().filter(|constraint| reserved::concerns(constraint)).cloned().collect();
    let nodes = taken.nodes.values().flatten().chain(taken.homes.values()).map(String::as_str);
    Grants {
        networks: [network, EDGE.to_owned()].into(),
        nodes: volume_node.into_iter().chain(pinned).chain(nodes).map(str::to_owned).collect(),
        placement,
        inherited: taken.objects.clone(),
        ..Grants::default()
    }
}

/// Brings the services that domains and public ports lead to onto the edge network, and takes the others off: a
/// release that is applied again keeps today's domains.
pub fn on_edge(spec: &mut StackSpec, domains: &[Domain], ports: &[PublicPort]) {
    let stack = spec.name.clone();
    for (name, service) in &mut spec.services {
        let led = domains.iter().any(|domain| domain.leads_to(&stack, name))
            || ports.iter().any(|port| port.leads_to(&stack, name));
        let labels = service.labels.get_or_insert_default();
        let template = service.task_template.get_or_insert_default();
        let networks = template.networks.get_or_insert_default();
        networks.retain(|network| network.target.as_deref() != Some(EDGE));
        if led {
            labels.insert(labels::EDGE.to_owned(), "true".to_owned());
            let edge = NetworkAttachmentConfig { target: Some(EDGE.to_owned()), ..Default::default() };
            networks.push(edge);
            networks.sort_by(|a, b| a.target.cmp(&b.target));
        } else {
            labels.remove(labels::EDGE);
        }
    }
    drain::apply(spec);
}

/// Gives each service the tasks that its app wants today: a release that is applied again keeps them,
/// too.
pub fn replicate(spec: &mut StackSpec, app: &App) {
    replicas::replicate(spec, app.wanted != Wanted::Running, |name| wanted(app, name));
}

/// The tasks that were asked for of a service, by its whole name; none if its source says.
fn wanted(app: &App, name: &str) -> Option<u64> {
    match text::short(&app.stack, name) {
        Some(service) => app.settings.scale.get(service).copied(),
        None => Some(app.settings.replicas.unwrap_or(1)),
    }
}

/// All faults of a file or of settings as one failure.
#[must_use]
pub fn refused(step: Step, faults: &[Fault]) -> Stop {
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Stop::failed(step, "invalid_settings", all.join("; "))
}

/// Where an app's services may run, and what leads to them.
struct Place<'a> {
    domains: &'a [Domain],
    ports: &'a [PublicPort],
    volume_node: Option<&'a str>,
    constraints: &'a [String],
    /// There are several nodes, and each can get the images.
    several: bool,
    /// How many nodes there are.
    nodes: u64,
    /// What else there is in the swarm.
    cluster: &'a Cluster,
    /// Which services may have an address of their own.
    vip: Vip,
    /// The constraints about nodes of environments, which are among the others.
    mine: &'a [String],
}

/// The spec of a Compose file.
async fn compose(
    parts: &Parts,
    app: &App,
    wish: &Wish<'_>,
    composed: &Composed,
    place: &Place<'_>,
) -> Result<StackSpec, Stop> {
    let engine = |error| Stop::engine(Step::Plan, &error);
    let observed = parts.engine.observe(&app.stack).await.map_err(engine)?;
    let tasks =
        if place.several { Some(parts.engine.tasks(&app.stack).await.map_err(engine)?) } else { None };
    let release = serving(parts, app).await?;
    let objects = Inherited::of(&observed, release.as_ref());
    let sources = composed.sources();
    let vars = &wish.variables.env;
    let plain = plain(&app.stack, &sources, vars, &composed.files, &objects, &observed);
    let mut taken = Taken::over(&app.stack, objects, plain.as_ref(), &observed, tasks.as_deref());

    let pushed = wish.pushed;
    let images =
        pushed.images.iter().map(|(service, pinned)| (service.clone(), pinned.image.clone())).collect();
    let health =
        pushed.images.iter().filter_map(|(service, pinned)| Some((service.clone(), pinned.health.clone()?)));
    let words =
        pushed.images.iter().filter_map(|(service, pinned)| Some((service.clone(), pinned.words.clone()?)));
    let (health, words) = (health.collect(), words.collect());
    let by_port = place.ports.iter().filter_map(|port| port.service.clone());
    let routed = place.domains.iter().filter_map(|domain| domain.service.clone()).chain(by_port).collect();
    let make = |taken: &Taken| {
        let grants = grants(network(app.environment), place.volume_node, place.constraints, taken);
        let input = ComposeInput {
            sources: &sources,
            stack: &app.stack,
            app: &app.id.to_string(),
            alias: app.name.as_str(),
            deployment: wish.deployment,
            vars,
            files: &composed.files,
            images: &images,
            image_health: &health,
            image_words: &words,
            network: &network(app.environment),
            edge: EDGE,
            routed: &routed,
            volume_node: place.volume_node,
            probe: parts.probe,
            vip: place.vip,
            running: &taken.running,
            published: &taken.published,
            nodes: &taken.nodes,
            homes: &taken.homes,
            constraints: place.constraints,
            grants: &grants,
            cluster: place.cluster,
        };
        let (mut spec, _) = to_compose(&input).map_err(|faults| refused(Step::Plan, &faults))?;
        if app.settings.update.strategy == Some(Strategy::Recreate) {
            strategy::recreate(&mut spec);
        }
        Ok::<_, Stop>((spec, grants))
    };
    let (mut spec, mut grants) = make(&taken)?;
    if place.several {
        let nodes = parts.engine.nodes().await.map_err(engine)?;
        let homes = choose(&spec, &nodes, |name| observed.services.contains_key(name));
        let short =
            |(name, node): (String, String)| Some((text::short(&app.stack, &name)?.to_owned(), Some(node)));
        taken.nodes.extend(homes.into_iter().filter_map(short));
        (spec, grants) = make(&taken)?;
    }
    replicate(&mut spec, app);
    let kept = plain.map(|plain| keep(&mut spec, plain, &observed)).unwrap_or_default();
    mount(&mut spec, app, wish.variables, wish.names)?;
    // What is kept to the letter stays on its environment's nodes all the same.
    let mut faults = Vec::new();
    if !kept.is_empty() {
        reserved::place(&mut spec, place.mine);
        faults.extend(cluster::check(
            &spec,
            &Cluster { nodes: place.cluster.nodes.clone(), ..Cluster::UNKNOWN },
        ));
    }
    faults.extend(room(&spec, place.nodes));
    faults.extend(crowded(&spec, &observed, |name| wanted(app, name)));
    if !kept.is_empty() {
        faults.extend(policy::check(&spec, &grants));
    }
    if faults.is_empty() { Ok(spec) } else { Err(refused(Step::Plan, &faults)) }
}
