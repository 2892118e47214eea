//! What a team may have at most, what a deployment claims of it, and what is used.
//!
//! Pure. To add one more thing that is counted: a field in [`Quota`] and [`Use`], and a line in [`Quota::over`].

use skep_stack::{models::ServiceSpec, replicas::tasks, spec::StackSpec};

use super::clock::Time;

/// What a team may have at most; none: as much as there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Quota {
    /// Apps.
    pub apps: Option<i64>,
    /// Builds at once; more wait. At least one.
    pub builds: Option<i64>,
    /// Processors that all tasks together may use, in nanoCPUs.
    pub nano_cpus: Option<i64>,
    /// Memory that all tasks together may use, bytes.
    pub memory: Option<i64>,
    /// What the volumes may hold, bytes.
    pub storage: Option<i64>,
}

/// What the tasks of one service may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The service's name in Swarm.
    pub service: String,
    /// Its tasks.
    pub tasks: i64,
    /// Of each task; 0: without limit.
    pub nano_cpus: i64,
    /// Of each task, bytes; 0: without limit.
    pub memory: i64,
}

/// What a team uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// Apps.
    pub apps: i64,
    /// Builds that run.
    pub builds: i64,
    /// NanoCPUs that running apps have as their limits.
    pub nano_cpus: i64,
    /// Bytes that running apps have as their limits.
    pub memory: i64,
    /// Bytes in volumes, as measured last.
    pub storage: i64,
    /// The oldest of these measurements; none if nothing was measured.
    pub measured_at: Option<Time>,
}

/// The claims of a spec, where a service that runs on each node has `nodes` tasks.
#[must_use]
pub fn claims(spec: &StackSpec, nodes: i64) -> Vec<Claim> {
    spec.services.iter().map(|(name, service)| claim(name, service, nodes)).collect()
}

fn claim(name: &str, service: &ServiceSpec, nodes: i64) -> Claim {
    let limits = service.task_template.as_ref().and_then(|task| task.resources.as_ref()?.limits.as_ref());
    let each_node =
        service.mode.as_ref().is_some_and(|mode| mode.global.is_some() || mode.global_job.is_some());
    Claim {
        service: name.to_owned(),
        tasks: tasks(service).unwrap_or(if each_node { nodes } else { 1 }),
        nano_cpus: limits.and_then(|limits| limits.nano_cpus).unwrap_or(0),
        memory: limits.and_then(|limits| limits.memory_bytes).unwrap_or(0),
    }
}

/// Processors and memory of all tasks together.
#[must_use]
pub fn sum(claims: &[Claim]) -> (i64, i64) {
    claims.iter().fold((0, 0), |(cpus, memory), claim| {
        (
            cpus.saturating_add(claim.tasks.saturating_mul(claim.nano_cpus)),
            memory.saturating_add(claim.tasks.saturating_mul(claim.memory)),
        )
    })
}

impl Quota {
    /// Why an app with these claims has no place beside what the team's other apps use; nothing if it has.
    #[must_use]
    pub fn refuses(&self, others: (i64, i64), claims: &[Claim]) -> Vec<String> {
        let mut reasons = Vec::new();
        let (cpus, memory) = sum(claims);
        let unlimited = |what: fn(&Claim) -> i64| {
            let of = claims.iter().filter(|claim| claim.tasks > 0 && what(claim) == 0);
            of.map(|claim| claim.service.as_str()).collect::<Vec<_>>().join(", ")
        };
        for (quota, what, others, own, key, none, show) in [
            (
                self.nano_cpus,
                "processors",
                others.0,
                cpus,
                "cpus",
                unlimited(|claim| claim.nano_cpus),
                cores as fn(i64) -> String,
            ),
            (self.memory, "memory", others.1, memory, "memory", unlimited(|claim| claim.memory), bytes),
        ] {
            let Some(quota) = quota else { continue };
            if !none.is_empty() {
                reasons.push(format!(
                    "the team has a quota of {what}, and {none} has no limit of it: set one (`resources.{key}` of the app, \
                     `deploy.resources.limits.{key}` in a Compose file)"
                ));
            } else if others.saturating_add(own) > quota {
                reasons.push(format!(
                    "it may use {}, the team's other apps that run may use {}, and its quota of {what} is {}: lower limits \
                     or replicas, stop another app, or ask the owner of the instance for more",
                    show(own),
                    show(others),
                    show(quota)
                ));
            }
        }
        reasons
    }

    /// The names of what is used beyond the quota: it was lowered, or storage has grown.
    #[must_use]
    pub fn over(&self, used: &Use) -> Vec<&'static str> {
        let pairs = [
            ("apps", self.apps, used.apps),
            ("builds", self.builds, used.builds),
            ("nano_cpus", self.nano_cpus, used.nano_cpus),
            ("memory", self.memory, used.memory),
            ("storage", self.storage, used.storage),
        ];
        pairs
            .into_iter()
            .filter(|(_, most, used)| most.is_some_and(|most| *used > most))
            .map(|p| p.0)
            .collect()
    }
}

/// NanoCPUs as people write processors: `0.5 CPUs`.
#[must_use]
pub fn cores(nano_cpus: i64) -> String {
    let text = format!("{}.{:03}", nano_cpus / 1_000_000_000, nano_cpus % 1_000_000_000 / 1_000_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} {}", if text == "1" { "CPU" } else { "CPUs" })
}

/// Bytes as people write them: `512 MiB`, `1.5 GiB`.
#[must_use]
pub fn bytes(bytes: i64) -> String {
    let units = [(1_i64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} bytes");
    };
    let tenths = i128::from(bytes) * 10 / i128::from(unit);
    if tenths % 10 == 0 {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(service: &str, tasks: i64, nano_cpus: i64, memory: i64) -> Claim {
        Claim { service: service.to_owned(), tasks, nano_cpus, memory }
    }

    #[test]
    fn what_has_no_place_is_told_with_the_figures() {
        let quota = Quota { nano_cpus: Some(2_000_000_000), memory: Some(1 << 30), ..Quota::default() };
        let fits = [of("a_web", 2, 500_000_000, 256 << 20), of("a_off", 0, 0, 0)];
        assert_eq!(quota.refuses((1_000_000_000, 512 << 20), &fits), [""; 0]);
        let more = quota.refuses((1_000_000_001, 513 << 20), &fits);
        assert!(more[0].contains("may use 1 CPU, ") && more[0].contains("is 2 CPUs"), "{more:?}");
        assert!(more[1].contains("may use 512 MiB, ") && more[1].contains("513 MiB"), "{more:?}");
        let free = quota.refuses((0, 0), &[of("a_web", 1, 1, 0)]);
        assert!(free.len() == 1 && free[0].contains("a_web has no limit"), "{free:?}");
        // Nothing is asked of whoever has no quota, nor does an absurd number turn round.
        assert!(Quota::default().refuses((0, 0), &[of("a", i64::MAX, i64::MAX, 0)]).is_empty());
        assert_eq!(quota.refuses((1, 1), &[of("a", i64::MAX, i64::MAX, i64::MAX)]).len(), 2);
    }

    #[test]
    fn figures_are_as_people_write_them() {
        let told = [cores(500_000_000), cores(2_000_000_000), cores(1_000_000_000), cores(1_250_000_000)];
        assert_eq!(told, ["0.5 CPUs", "2 CPUs", "1 CPU", "1.25 CPUs"]);
        let told = [bytes(0), bytes(1023), bytes(512 << 20), bytes(3 << 29), bytes(i64::MAX)];
        assert_eq!(told, ["0 bytes", "1023 bytes", "512 MiB", "1.5 GiB", "8388607.9 TiB"]);
    }

    #[test]
    fn what_is_over_is_named() {
        let quota = Quota { apps: Some(1), storage: Some(10), ..Quota::default() };
        let used = Use { apps: 1, storage: 11, memory: 99, ..Use::default() };
        assert_eq!(quota.over(&used), ["storage"]);
    }
}
