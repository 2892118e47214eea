//! CPU, memory and process limits and reservations.

use bollard_stubs::models::{Limit, ResourceObject, TaskSpecResources};

use super::{Settings, range::Range};
use crate::{
    fault::Faults,
    units::{GIB, MIB},
};

/// The engine refuses less than 0.001 CPUs.
pub(crate) const CPUS: Range = Range::new(1_000_000, 4096 * 1_000_000_000);
/// The engine refuses less than 4 MiB.
pub(crate) const MEMORY: Range = Range::new(4 * MIB, 65_536 * GIB);
pub(crate) const PIDS: Range = Range::new(1, 4_194_304);

/// The engine's resources block.
pub(super) fn convert(settings: &Settings, faults: &mut Faults) -> TaskSpecResources {
    let set = &settings.resources;
    let limits = Limit {
        nano_cpus: CPUS.cpus("settings.resources.cpus", set.cpus.as_deref(), faults),
        memory_bytes: MEMORY.size("settings.resources.memory", set.memory.as_deref(), faults),
        pids: PIDS.count("settings.resources.pids", set.pids, faults),
    };
    let reserved = ResourceObject {
        nano_cpus: CPUS.cpus("settings.resources.reserve_cpus", set.reserve_cpus.as_deref(), faults),
        memory_bytes: MEMORY.size("settings.resources.reserve_memory", set.reserve_memory.as_deref(), faults),
        generic_resources: None,
    };
    let over =
        |reserved: Option<i64>, limit: Option<i64>| matches!((reserved, limit), (Some(r), Some(l)) if r > l);
    for (name, limit, reserved, most) in [
        ("reserve_cpus", "cpus", reserved.nano_cpus, limits.nano_cpus),
        ("reserve_memory", "memory", reserved.memory_bytes, limits.memory_bytes),
    ] {
        faults.unless(
            !over(reserved, most),
            format!("settings.resources.{name}"),
            "out_of_range",
            format!("must not be more than the limit `{limit}`"),
        );
    }
    TaskSpecResources { limits: Some(limits), reservations: Some(reserved), ..Default::default() }
}
