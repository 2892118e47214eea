//! What the kernel gives to the container: capabilities, parameters, devices, security modules,
//! and which image and log driver it uses.

use super::{Grants, View};
use crate::{fault::Faults, text::LOCAL_REGISTRY};

/// Log drivers that write on the node and nowhere else.
const LOG_DRIVERS: [&str; 5] = ["", "json-file", "local", "journald", "none"];

pub(super) fn check(view: &View<'_>, grants: &Grants, faults: &mut Faults) {
    task(view, grants, faults);
    let Some(container) = view.container() else { return };
    for capability in container.capability_add.iter().flatten() {
        let upper = capability.trim().to_ascii_uppercase();
        let full = if upper.starts_with("CAP_") { upper } else { format!("CAP_{upper}") };
        faults.unless(
            grants.capabilities.contains(&full),
            view.path("cap_add", "capabilities"),
            "capability",
            format!("`{full}` is not allowed: the instance's owner can grant it to this app"),
        );
    }
    for key in container.sysctls.iter().flat_map(|all| all.keys()) {
        faults.unless(
            grants.sysctls.contains(key),
            view.path("sysctls", "sysctls"),
            "sysctl",
            format!("`{key}` is not allowed: the instance's owner can grant it to this app"),
        );
    }
    let loosened = container.privileges.as_ref().is_some_and(|p| {
        p.credential_spec.is_some()
            || p.se_linux_context.is_some()
            || p.seccomp.is_some()
            || p.app_armor.is_some()
    });
    faults.unless(
        !loosened || grants.security_options,
        view.path("security_opt", "security"),
        "security_options",
        "seccomp, AppArmor, SELinux and credential specs are not allowed to be changed: the instance's owner can grant it",
    );
    faults.unless(
        container.oom_score_adj.unwrap_or(0) >= 0,
        view.path("oom_score_adj", "oom_score_adj"),
        "oom_score",
        "must not be negative: the node's own processes come first",
    );
    let image = container.image.as_deref().unwrap_or_default();
    faults.unless(
        image_ok(image, &view.stack.name),
        view.path("image", "image"),
        "foreign_image",
        "is not known: name an image of a registry, or one that was built for this app",
    );
}

fn task(view: &View<'_>, grants: &Grants, faults: &mut Faults) {
    let Some(task) = view.task() else { return };
    let plain = task.plugin_spec.is_none()
        && task.network_attachment_spec.is_none()
        && task.runtime.as_deref().is_none_or(|runtime| runtime.is_empty() || runtime == "container");
    faults.unless(plain, view.path("runtime", "runtime"), "runtime", "only containers are allowed");
    let driver = task.log_driver.as_ref().and_then(|driver| driver.name.as_deref()).unwrap_or_default();
    faults.unless(
        LOG_DRIVERS.contains(&driver) || grants.log_drivers.contains(driver),
        view.path("logging.driver", "logging"),
        "log_driver",
        "must be `json-file`, `local`, `journald` or `none`: the instance's owner can grant others",
    );
    let reserved = task
        .resources
        .as_ref()
        .and_then(|r| r.reservations.as_ref())
        .and_then(|r| r.generic_resources.as_ref());
    for resource in reserved.into_iter().flatten() {
        let named = resource.named_resource_spec.as_ref().and_then(|spec| spec.kind.as_deref());
        let counted = resource.discrete_resource_spec.as_ref().and_then(|spec| spec.kind.as_deref());
        faults.unless(
            named.or(counted).is_some_and(|kind| grants.devices.contains(kind)),
            view.path("deploy.resources.reservations.generic_resources", "resources"),
            "device",
            "devices are not allowed: the instance's owner can grant one to this app",
        );
    }
}

/// Images built here belong to one app each, and an image id could be anybody's.
fn image_ok(image: &str, stack: &str) -> bool {
    if image.starts_with("sha256:") || (image.len() == 64 && image.bytes().all(|b| b.is_ascii_hexdigit())) {
        return false;
    }
    let Some((host, rest)) = image.split_once('/') else { return true };
    if host.split(':').next().unwrap_or_default().trim_end_matches('.').eq_ignore_ascii_case(LOCAL_REGISTRY) {
        let repository = rest.split(['@', ':']).next().unwrap_or_default();
        return repository == stack
            || repository.strip_prefix(stack).is_some_and(|tail| tail.starts_with('/'));
    }
    true
}
