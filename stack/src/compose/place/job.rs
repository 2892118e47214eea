//! How many tasks run, and which of them end: a service that another waits for to complete is a
//! job.

use bollard_stubs::models::{ServiceSpec, ServiceSpecMode, ServiceSpecModeReplicatedJob};

use super::{Asked, Service};

/// Sets the mode; whether the service's tasks end.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, asked: &Asked<'_>) -> bool {
    let mode = body.mode.get_or_insert_default();
    if asked.jobs.contains(service.name) {
        if mode.global.is_some() {
            *mode = ServiceSpecMode { global_job: Some(Default::default()), ..Default::default() };
        } else if let Some(replicated) = mode.replicated.take() {
            let count = replicated.replicas;
            mode.replicated_job =
                Some(ServiceSpecModeReplicatedJob { max_concurrent: count, total_completions: count });
        }
    }
    if let Some(replicated) = &mut mode.replicated {
        replicated.replicas = replicated.replicas.or(Some(1));
    }
    if let Some(job) = &mut mode.replicated_job {
        job.max_concurrent = job.max_concurrent.or(Some(1));
        job.total_completions = job.total_completions.or(Some(1));
    }
    mode.replicated_job.is_some() || mode.global_job.is_some()
}
