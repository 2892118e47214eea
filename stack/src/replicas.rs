//! How many tasks the services of a stack have: as many as their source says, until a service is
//! scaled or the app is stopped. The source's own number stays with the service meanwhile, so that
//! whoever scales it back, or starts the app, finds it.

use bollard_stubs::models::ServiceSpec;

use crate::{labels, spec::StackSpec, volumes};

/// Sets the tasks of all services: none if `stopped`, as many as `wanted` says of a service (by its
/// whole name), or its source; where one alone may write, never more than one, whatever was wanted of
/// it before that was so. What runs to its end is stopped and started, never scaled, and what
/// runs on every node is left alone. Doing it again changes nothing.
pub fn replicate(spec: &mut StackSpec, stopped: bool, wanted: impl Fn(&str) -> Option<u64>) {
    for (name, service) in &mut spec.services {
        let Some(now) = tasks(service) else { continue };
        let own = kept(service).unwrap_or(now);
        let most = if single_writer(service) { 1 } else { u64::MAX };
        let scaled = wanted(name).filter(|_| !is_job(service)).map(|n| n.min(most));
        let scaled = scaled.and_then(|n| i64::try_from(n).ok());
        let count = if stopped { 0 } else { scaled.unwrap_or(own) };
        let labels = service.labels.get_or_insert_default();
        if count == own {
            labels.remove(labels::REPLICAS);
        } else {
            labels.insert(labels::REPLICAS.to_owned(), own.to_string());
        }
        if let Some(mode) = &mut service.mode {
            if let Some(replicated) = &mut mode.replicated {
                replicated.replicas = Some(count);
            }
            if let Some(job) = &mut mode.replicated_job {
                job.total_completions = Some(count);
            }
        }
    }
}

/// The tasks of a service, or the runs of a job; none if there is one on each node.
#[must_use]
pub fn tasks(service: &ServiceSpec) -> Option<i64> {
    let mode = service.mode.as_ref()?;
    let replicated = mode.replicated.as_ref().map(|mode| mode.replicas.unwrap_or(1));
    let job = mode.replicated_job.as_ref();
    replicated.or_else(|| job.map(|job| job.total_completions.or(job.max_concurrent).unwrap_or(1)))
}

/// The tasks that the source of a service asks for, whatever it was scaled to; none if there is one
/// on each node.
#[must_use]
pub fn source_tasks(service: &ServiceSpec) -> Option<i64> {
    kept(service).or_else(|| tasks(service))
}

/// The number that its source says, while another holds.
fn kept(service: &ServiceSpec) -> Option<i64> {
    service.labels.as_ref()?.get(labels::REPLICAS)?.parse().ok()
}

/// Whether a service runs to its end.
#[must_use]
pub fn is_job(service: &ServiceSpec) -> bool {
    service.mode.as_ref().is_some_and(|mode| mode.replicated_job.is_some() || mode.global_job.is_some())
}

/// Whether two tasks of a service must never run at once: its file says so, or it writes to a volume
/// and its file asks for one task (or none).
#[must_use]
pub fn single_writer(service: &ServiceSpec) -> bool {
    let said = service.labels.as_ref().and_then(|labels| labels.get(labels::SINGLE_WRITER));
    if let Some(said) = said {
        return said == "true";
    }
    let own = source_tasks(service);
    volumes::written(service).next().is_some() && own.is_some_and(|own| own <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{
        Mount, MountType, ServiceSpecMode, ServiceSpecModeReplicated, ServiceSpecModeReplicatedJob, TaskSpec,
        TaskSpecContainerSpec,
    };

    fn service(mode: ServiceSpecMode) -> ServiceSpec {
        ServiceSpec { mode: Some(mode), ..Default::default() }
    }

    fn replicated(replicas: i64) -> ServiceSpec {
        let replicated = Some(ServiceSpecModeReplicated { replicas: Some(replicas) });
        service(ServiceSpecMode { replicated, ..Default::default() })
    }

    fn job() -> ServiceSpec {
        let job = ServiceSpecModeReplicatedJob { max_concurrent: Some(1), total_completions: Some(2) };
        service(ServiceSpecMode { replicated_job: Some(job), ..Default::default() })
    }

    fn stack() -> StackSpec {
        let global = service(ServiceSpecMode { global: Some(Default::default()), ..Default::default() });
        let services = [("web", replicated(3)), ("none", replicated(0)), ("job", job()), ("every", global)];
        StackSpec {
            services: services.into_iter().map(|(name, body)| (name.to_owned(), body)).collect(),
            ..Default::default()
        }
    }

    fn counts(spec: &StackSpec) -> Vec<Option<i64>> {
        ["web", "none", "job", "every"].map(|name| tasks(&spec.services[name])).to_vec()
    }

    #[test]
    fn stopped_and_started_it_has_what_its_file_says() {
        let (mut spec, file) = (stack(), stack());
        for _ in 0..2 {
            replicate(&mut spec, true, |_| None);
            assert_eq!(counts(&spec), [Some(0), Some(0), Some(0), None]);
        }
        replicate(&mut spec, false, |_| None);
        assert_eq!(counts(&spec), counts(&file));
        let labelled = |service: &ServiceSpec| service.labels.iter().any(|labels| !labels.is_empty());
        assert!(!spec.services.values().any(labelled), "nothing of it is left");
    }

    #[test]
    fn one_service_is_scaled_and_stays_so_over_a_stop() {
        let mut spec = stack();
        let scaled = |name: &str| (name != "none").then_some(7);
        replicate(&mut spec, false, scaled);
        assert_eq!(counts(&spec), [Some(7), Some(0), Some(2), None], "jobs are not scaled");
        replicate(&mut spec, true, scaled);
        replicate(&mut spec, false, scaled);
        assert_eq!(counts(&spec), [Some(7), Some(0), Some(2), None]);
        replicate(&mut spec, false, |_| None);
        assert_eq!(counts(&spec), counts(&stack()));
    }

    #[test]
    fn who_writes_alone() {
        let mounted = |replicas, read_only| {
            let mount =
                Mount { typ: Some(MountType::VOLUME), read_only: Some(read_only), ..Default::default() };
            let container = TaskSpecContainerSpec { mounts: Some(vec![mount]), ..Default::default() };
            let task = TaskSpec { container_spec: Some(container), ..Default::default() };
            ServiceSpec { task_template: Some(task), ..replicated(replicas) }
        };
        assert!(single_writer(&mounted(1, false)) && single_writer(&mounted(0, false)));
        for several in [mounted(2, false), mounted(1, true), replicated(1)] {
            assert!(!single_writer(&several));
        }
        let said = |body: ServiceSpec, said: &str| {
            let labels = [(labels::SINGLE_WRITER.to_owned(), said.to_owned())].into();
            ServiceSpec { labels: Some(labels), ..body }
        };
        assert!(single_writer(&said(replicated(1), "true")));
        assert!(!single_writer(&said(mounted(1, false), "false")));

        // What was scaled when it had no volume yet is not sent with one.
        let (web, shared) = (mounted(1, false), said(mounted(1, false), "false"));
        let services = [("web".to_owned(), web), ("shared".to_owned(), shared)].into();
        let mut spec = StackSpec { services, ..Default::default() };
        replicate(&mut spec, false, |_| Some(4));
        assert_eq!(["web", "shared"].map(|name| tasks(&spec.services[name])), [Some(1), Some(4)]);
    }
}
