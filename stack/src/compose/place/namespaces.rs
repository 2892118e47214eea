//! What a container shares with the node or others, and which security modules guard it. Swarm
//! gives each container its own; anything else is refused, unless it asks for just that.

use bollard_stubs::models::{
    NetworkAttachmentConfig, ServiceSpec, TaskSpecContainerSpecPrivilegesAppArmor as AppArmor,
    TaskSpecContainerSpecPrivilegesAppArmorModeEnum as AppArmorMode,
    TaskSpecContainerSpecPrivilegesSeLinuxContext as SeLinux,
    TaskSpecContainerSpecPrivilegesSeccomp as Seccomp,
    TaskSpecContainerSpecPrivilegesSeccompModeEnum as SeccompMode,
};

use super::{Place, Service, inner, task};
use crate::compose::read::At;

/// Keys, and the values that ask for what Swarm does anyway.
const OWN: [(&str, &[&str]); 6] = [
    ("ipc", &["private", "shareable"]),
    ("pid", &[]),
    ("uts", &[]),
    ("userns_mode", &[]),
    ("cgroup", &["private"]),
    ("cgroupns_mode", &["private"]),
];

pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    for (key, harmless) in OWN {
        if let Some(at) = service.fields.get(key)
            && let Some(value) = at.text(&mut place.faults).filter(|value| !value.is_empty())
            && !harmless.contains(&value)
        {
            let rule = "is not allowed: on a swarm each container has its own; leave it out";
            at.fault("not_allowed", rule, &mut place.faults);
        }
    }
    if let Some(at) = service.fields.get("network_mode") {
        mode(at, body, place);
    }
    if let Some(at) = service.fields.get("security_opt") {
        security(at, body, place);
    }
}

/// What is said of the network beside `networks`.
fn mode(at: &At<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    match at.text(&mut place.faults) {
        Some("bridge" | "default" | "") => {
            let rule = "has no effect: services meet on `networks`, which reach over all nodes";
            at.fault("ignored", rule, &mut place.notes);
        }
        Some("host") if place.input.grants.host_network => {
            let host = NetworkAttachmentConfig { target: Some("host".to_owned()), ..Default::default() };
            task(body).networks = Some(vec![host]);
        }
        Some(_) => {
            let rule = "is not allowed: services meet on `networks`; a domain or `ports` leads in, and the instance's owner can grant the host's network";
            at.fault("not_allowed", rule, &mut place.faults);
        }
        None => {}
    }
}

/// `no-new-privileges` is carried; what loosens needs its grant, and is then carried too.
fn security(at: &At<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    let mut refused = false;
    let granted = place.input.grants.security_options;
    let privileges = inner(body).privileges.get_or_insert_default();
    for option in at.unique_texts(&mut place.faults) {
        match option.replacen('=', ":", 1).as_str() {
            "no-new-privileges" | "no-new-privileges:true" => privileges.no_new_privileges = Some(true),
            "no-new-privileges:false" => {}
            "seccomp:unconfined" if granted => {
                privileges.seccomp = Some(Seccomp { mode: Some(SeccompMode::UNCONFINED), profile: None });
            }
            "apparmor:unconfined" if granted => {
                privileges.app_armor = Some(AppArmor { mode: Some(AppArmorMode::DISABLED) });
            }
            "label:disable" if granted => {
                privileges.se_linux_context = Some(SeLinux { disable: Some(true), ..Default::default() });
            }
            _ => refused = true,
        }
    }
    if refused {
        let rule = "is not allowed but for `no-new-privileges:true`: the instance's owner can grant `seccomp:unconfined`, `apparmor:unconfined` and `label:disable`";
        at.fault("not_allowed", rule, &mut place.faults);
    }
}
