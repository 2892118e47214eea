//! The labels by which a service is known as ours, and the user's beside them.

use bollard_stubs::models::ServiceSpec;

use super::{Place, Service, inner};
use crate::{app, compose::read::At, fault::Faults, labels};

pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    let input = place.input;
    check(service.find(&["labels"]).as_ref(), &mut place.faults);
    check(service.find(&["deploy", "labels"]).as_ref(), &mut place.faults);
    let health = inner(body).health_check.as_ref().map(app::convert::fingerprint);
    inner(body).labels.get_or_insert_default().extend(labels::owned(input.stack, input.app));
    let all = body.labels.get_or_insert_default();
    all.extend(labels::owned(input.stack, input.app));
    all.insert(labels::DEPLOYMENT.to_owned(), input.deployment.to_string());
    if input.routed.contains(service.name) {
        all.insert(labels::EDGE.to_owned(), "true".to_owned());
    }
    if let Some(health) = health {
        all.insert(labels::HEALTH.to_owned(), health);
    }
}

/// Refuses labels that only this crate writes, and those that nothing could look for.
pub(super) fn check(at: Option<&At<'_>>, faults: &mut Faults) {
    let pairs = at.map(|at| at.pairs(&mut Faults::default())).unwrap_or_default();
    for (key, _, at) in pairs {
        if labels::reserved(&key) {
            let rule = "is reserved: routes are made under Domains; `com.docker.` and `dev.skep.` are Docker's and Skep's own";
            at.fault("label_reserved", rule, faults);
        } else if key.is_empty()
            || key.len() > 255
            || key.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            at.fault("invalid_label", "must have a key of 1 to 255 characters without blanks", faults);
        }
    }
}
