//! The networks that an app joins, and its names there.

use std::collections::BTreeSet;

use bollard_stubs::models::NetworkAttachmentConfig;

use super::AppSpec;
use crate::{fault::Faults, text};

/// Networks, and aliases, of one app.
const MOST: usize = 32;

/// The environment's network with the app's names, the edge's without any (teams share it), and
/// the further ones: `pay` is the network `<environment's>-pay`.
pub(super) fn convert(app: &AppSpec<'_>, faults: &mut Faults) -> Vec<NetworkAttachmentConfig> {
    let set = app.settings;
    faults.unless(set.aliases.len() <= MOST, "settings.aliases", "too_many", "must be at most 32 names");
    faults.unless(set.networks.len() <= MOST, "settings.networks", "too_many", "must be at most 32 networks");

    let mut aliases = vec![app.alias.to_owned()];
    for (i, alias) in set.aliases.iter().enumerate().take(MOST) {
        let path = format!("settings.aliases[{i}]");
        faults.unless(
            text::alias(alias),
            path.as_str(),
            "invalid_name",
            "must be a host name of letters, digits, `-` and `_`: `db`, `db.internal`",
        );
        if aliases.contains(alias) {
            faults.add(path, "duplicate", "is there twice");
        } else {
            aliases.push(alias.clone());
        }
    }

    let join = |target: String, aliases: Option<Vec<String>>| NetworkAttachmentConfig {
        target: Some(target),
        aliases,
        driver_opts: None,
    };
    let mut seen = BTreeSet::new();
    let mut networks = vec![join(app.network.to_owned(), Some(aliases.clone()))];
    networks.extend(app.edge.map(|edge| join(edge.to_owned(), None)));
    for (i, name) in set.networks.iter().enumerate().take(MOST) {
        let path = format!("settings.networks[{i}]");
        let full = format!("{}-{name}", app.network);
        faults.unless(
            text::name(name) && text::name(&full),
            path.as_str(),
            "invalid_name",
            "must be a short name of letters, digits, `-` and `_`",
        );
        faults.unless(seen.insert(name), path.as_str(), "duplicate", "is there twice");
        networks.push(join(full, Some(aliases.clone())));
    }
    networks.sort_by(|a, b| a.target.cmp(&b.target));
    networks
}
