//! How a container finds others by name beside Swarm's own names: `extra_hosts` and `dns`.
//!
//! To add a key: a field of [`dns`], or a form in [`convert`].

use bollard_stubs::models::TaskSpecContainerSpecDnsConfig;

use super::{read::Fields, yaml::Value};
use crate::fault::Faults;

/// `IP name`, from `name:IP`, `name=IP` or a map (which is sorted, as it has no order).
pub(super) fn convert(fields: &Fields<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let at = fields.get("extra_hosts")?;
    let bare = |ip: &str| ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip).to_owned();
    let mut all: Vec<(String, String)> = Vec::new();
    if let Value::Map(_) = &at.node.value {
        for (name, item) in at.map(faults).unwrap_or_default() {
            // Today's specification takes several addresses for one name.
            let addresses = match &item.node.value {
                Value::List(_) => item.texts(faults),
                Value::Null => Vec::new(),
                _ => item.loose_text(faults).into_iter().collect(),
            };
            all.extend(addresses.iter().map(|ip| (name.to_owned(), bare(ip))));
        }
        all.sort_by_cached_key(|(name, ip)| format!("{name}:{ip}"));
    } else {
        for item in at.unique_list(faults) {
            // A map of a further file may have left a name without an address.
            let Some(text) = (if item.is_null() { None } else { item.text(faults) }) else { continue };
            let Some((name, ip)) = text.split_once('=').or_else(|| text.split_once(':')) else { continue };
            all.push((name.to_owned(), bare(ip)));
        }
    }
    let all: Vec<String> = all.into_iter().map(|(name, ip)| format!("{ip} {name}")).collect();
    (!all.is_empty()).then_some(all)
}

/// Name servers, search domains and options; an empty list still says something.
pub(super) fn dns(fields: &Fields<'_>, faults: &mut Faults) -> Option<TaskSpecContainerSpecDnsConfig> {
    let list = |key: &str, faults: &mut Faults| fields.get(key).map(|at| at.text_or_list(faults));
    let (nameservers, search, options) =
        (list("dns", faults), list("dns_search", faults), list("dns_opt", faults));
    if nameservers.is_none() && search.is_none() && options.is_none() {
        return None;
    }
    let filled = |list: Option<Vec<String>>| list.filter(|list| !list.is_empty());
    Some(TaskSpecContainerSpecDnsConfig {
        nameservers: filled(nameservers),
        search: filled(search),
        options: filled(options),
    })
}
