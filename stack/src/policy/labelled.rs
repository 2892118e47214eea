//! Reserved labels: only our compilers write them, and only the ones they are known to write.

use std::collections::HashMap;

use super::View;
use crate::{fault::Faults, labels, spec::StackSpec};

/// On every object.
const EVERYWHERE: [&str; 2] = [labels::NAMESPACE, labels::APP];
/// On services besides.
const ON_SERVICES: [&str; 7] = [
    labels::IMAGE,
    labels::DEPLOYMENT,
    labels::EDGE,
    labels::HEALTH,
    labels::REPLICAS,
    labels::SINGLE_WRITER,
    labels::VIP,
];

pub(super) fn check(spec: &StackSpec, faults: &mut Faults) {
    let mut seen = Seen { stack: &spec.name, app: None };
    for (name, service) in &spec.services {
        let view = View::new(spec, name, service);
        seen.check(service.labels.as_ref(), true, view.path("deploy.labels", "labels"), faults);
        let Some(container) = view.container() else { continue };
        seen.check(container.labels.as_ref(), false, view.path("labels", "labels"), faults);
        for mount in container.mounts.iter().flatten() {
            let labels = mount.volume_options.as_ref().and_then(|options| options.labels.as_ref());
            seen.check(labels, false, view.path("volumes", "mounts"), faults);
        }
    }
    for (name, network) in &spec.networks {
        seen.check(network.labels.as_ref(), false, format!("networks.{name}.labels"), faults);
    }
    for (name, config) in &spec.configs {
        seen.check(config.labels.as_ref(), false, format!("configs.{name}.labels"), faults);
    }
    for (name, secret) in &spec.secrets {
        seen.check(secret.labels.as_ref(), false, format!("secrets.{name}.labels"), faults);
    }
}

/// All objects of a stack belong to one stack and one app.
struct Seen<'s> {
    stack: &'s str,
    app: Option<&'s str>,
}

impl<'s> Seen<'s> {
    fn check(
        &mut self,
        all: Option<&'s HashMap<String, String>>,
        service: bool,
        path: String,
        faults: &mut Faults,
    ) {
        let mut all: Vec<_> = all.into_iter().flatten().collect();
        all.sort();
        for (key, value) in all {
            if !labels::reserved(key) {
                continue;
            }
            let known =
                EVERYWHERE.contains(&key.as_str()) || (service && ON_SERVICES.contains(&key.as_str()));
            let right = match key.as_str() {
                labels::NAMESPACE => value == self.stack,
                labels::APP => *self.app.get_or_insert(value) == value.as_str(),
                _ => true,
            };
            faults.unless(
                known && right,
                path.as_str(),
                "label_reserved",
                format!("`{}` is reserved: routes are made under Domains; `com.docker.` and `dev.skep.` are Docker's and Skep's own", key.escape_debug()),
            );
        }
    }
}
