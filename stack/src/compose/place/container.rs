//! What runs in the container: its image, its variables, its place among the node's processes.

use bollard_stubs::models::ServiceSpec;

use super::{Place, Service, inner};
use crate::{
    compose::{environment, outline},
    fault::Faults,
    labels, text,
};

/// The image to run: built or pinned, else as written. What is to be built has the name that the
/// build shall give it.
pub(super) fn image(service: &Service<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    let written = body.labels.get_or_insert_default().remove(labels::IMAGE).unwrap_or_default();
    let image = match (place.input.images.get(service.name), service.fields.get("build")) {
        (Some(image), _) => image.clone(),
        (None, Some(recipe)) => {
            let name = outline::built(place.input.stack, service.name, place.input.deployment);
            recipe.fault("needs_build", format!("is to be built as `{name}`"), &mut place.notes);
            name
        }
        (None, None) => written,
    };
    body.labels.get_or_insert_default().insert(labels::IMAGE.to_owned(), image.clone());
    inner(body).image = Some(image);
}

/// Variables, hosts and what else the file says of the container.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    let fields = &service.fields;
    let container = inner(body);
    container.env = variables(service, place);
    container.oom_score_adj = fields.get("oom_score_adj").and_then(|at| at.int(&mut place.faults));
    if container
        .dns_config
        .as_ref()
        .is_some_and(|dns| dns.nameservers.is_none() && dns.search.is_none() && dns.options.is_none())
    {
        container.dns_config = None;
    }
    if let Some(at) = fields.get("extra_hosts") {
        let hosts = container.hosts.iter().flatten();
        let wrong = hosts.filter_map(|host| host.split_once(' ')).any(|(ip, name)| {
            !text::alias(name) || (ip != "host-gateway" && ip.parse::<core::net::IpAddr>().is_err())
        });
        if wrong {
            at.fault(
                "invalid_host",
                "must be host names and IP addresses: `name:10.0.0.1`",
                &mut place.faults,
            );
        }
    }
    if let Some(at) = fields.get("dns") {
        let servers = container.dns_config.as_ref().and_then(|dns| dns.nameservers.as_ref());
        if servers.into_iter().flatten().any(|server| server.parse::<core::net::IpAddr>().is_err()) {
            at.fault("invalid_host", "must be IP addresses", &mut place.faults);
        }
    }
}

/// `KEY=value`, sorted; a key for which there is no value is left out with a note.
fn variables(service: &Service<'_>, place: &mut Place<'_>) -> Option<Vec<String>> {
    let mut list = Vec::new();
    for (key, variable) in environment::read(&service.fields, &mut Faults::default()) {
        if !key_ok(&key) {
            let rule = "must have a name of letters, digits, `_`, `.` and `-`, not starting with a digit";
            variable.at.fault("invalid_key", rule, &mut place.faults);
            continue;
        }
        match variable.value {
            Some(value) => list.push(format!("{key}={value}")),
            None => variable.at.fault(
                "ignored",
                "has no value, and the app has no variable of that name",
                &mut place.notes,
            ),
        }
    }
    (!list.is_empty()).then_some(list)
}

/// Programs look for names with dots and hyphens, too: `discovery.type`.
fn key_ok(key: &str) -> bool {
    (1..=255).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}
