//! One service of the fake swarm: its tasks, its updates, and its way back.

use std::collections::BTreeSet;

use bollard::models::{
    Service, ServiceSpec, ServiceSpecRollbackConfigOrderEnum, ServiceSpecUpdateConfigFailureActionEnum,
    ServiceSpecUpdateConfigOrderEnum, ServiceUpdateStatus, ServiceUpdateStatusStateEnum,
    TaskSpecRestartPolicyConditionEnum,
};

use super::{
    super::Task,
    life::{Life, Template},
    world::World,
};

/// An update counts after all tasks have run for this many ticks.
const MONITOR: u64 = 4;
/// Ended tasks that are kept for each slot.
const HISTORY: usize = 5;

#[derive(Debug)]
pub(super) struct Held {
    pub(super) service: Service,
    previous: Option<ServiceSpec>,
    tasks: Vec<Life>,
    steady: u64,
    /// Tasks that belong to earlier runs of a job.
    past: BTreeSet<String>,
}

impl Held {
    /// A new service.
    pub(super) fn new(service: Service) -> Self {
        Self { service, previous: None, tasks: Vec::new(), steady: 0, past: BTreeSet::new() }
    }

    /// Takes over a new spec.
    pub(super) fn update(&mut self, world: &mut World, spec: ServiceSpec) {
        if self.job().is_some() {
            // Whatever changed, a job runs again, and is not rolled out.
            self.past.extend(self.tasks.iter().map(|life| life.task.id.clone()));
            self.service.spec = Some(spec);
            self.service.version = world.version();
            self.service.updated_at = Some(world.now());
            return;
        }
        let restarts = !self.template().alike(&Template::of(Some(&spec)));
        self.previous = self.service.spec.replace(spec);
        self.service.version = world.version();
        self.service.updated_at = Some(world.now());
        // Scaling starts no update in Swarm either.
        self.service.update_status = restarts.then(|| ServiceUpdateStatus {
            state: Some(ServiceUpdateStatusStateEnum::UPDATING),
            started_at: Some(world.now()),
            completed_at: None,
            message: Some("update in progress".to_owned()),
        });
        self.steady = 0;
    }

    /// All tasks, newest first.
    pub(super) fn tasks(&self) -> Vec<Task> {
        let template = self.template();
        let seen = self.tasks.iter().rev();
        let job = self.job().is_some();
        let current = |life: &Life| {
            if job { !self.past.contains(&life.task.id) } else { life.is_of(&template) }
        };
        seen.map(|life| Task { current: current(life), ..life.task.clone() }).collect()
    }

    /// One tick.
    pub(super) fn tick(&mut self, world: &mut World) {
        let before: Vec<bool> = self.tasks.iter().map(Life::failed).collect();
        for life in &mut self.tasks {
            life.tick(world);
        }
        if let Some(runs) = self.job() {
            return self.run_job(world, runs);
        }
        let template = self.template();
        let failed = self
            .tasks
            .iter()
            .zip(before)
            .find(|(life, before)| life.failed() && !before && life.is_of(&template));
        if let Some(id) = failed.map(|(life, _)| life.task.id.clone()) {
            self.steady = 0;
            self.fail(world, &id);
        }
        if self.state() != Some(ServiceUpdateStatusStateEnum::PAUSED) {
            self.reconcile(world);
        }
        self.finish(world);
    }

    /// How many tasks of it are to end well, if it is a job.
    fn job(&self) -> Option<i64> {
        let mode = self.service.spec.as_ref().and_then(|spec| spec.mode.as_ref())?;
        let job = mode.replicated_job.as_ref()?;
        Some(job.total_completions.unwrap_or(1))
    }

    /// Makes and ends the tasks of a job: those of earlier runs end, and one that failed is made
    /// again as its restart policy says.
    fn run_job(&mut self, world: &mut World, runs: i64) {
        let template = self.template();
        let (id, name) = (self.service.id.clone().unwrap_or_default(), self.name());
        let policy = template.task.restart_policy.clone().unwrap_or_default();
        let again = policy.condition != Some(TaskSpecRestartPolicyConditionEnum::NONE);
        let attempts = policy
            .max_attempts
            .filter(|count| *count > 0)
            .map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX).saturating_add(1));
        let mut made = Vec::new();
        for life in self.tasks.iter_mut().filter(|life| self.past.contains(&life.task.id)) {
            life.task.desired = "shutdown".to_owned();
        }
        for slot in 1..=runs {
            let of_slot: Vec<&Life> = self
                .tasks
                .iter()
                .filter(|life| life.task.slot == Some(slot) && !self.past.contains(&life.task.id))
                .collect();
            let failed = of_slot.iter().filter(|life| life.failed()).count();
            let left = failed == 0 || again && failed < attempts;
            if left && of_slot.iter().all(|life| life.failed()) {
                made.push(Life::new(world, (&id, &name), slot, &template).of_job());
            }
        }
        self.tasks.extend(made);
    }

    /// What a failure means for a running update.
    fn fail(&mut self, world: &mut World, task: &str) {
        if self.state() != Some(ServiceUpdateStatusStateEnum::UPDATING) {
            return;
        }
        let spec = self.service.spec.clone().unwrap_or_default();
        let action = spec.update_config.and_then(|config| config.failure_action);
        match (action, self.previous.take()) {
            (Some(ServiceSpecUpdateConfigFailureActionEnum::ROLLBACK), Some(previous)) => {
                self.service.spec = Some(previous);
                let why = format!("update rolled back due to failure or early termination of task {task}");
                self.set_status(world, ServiceUpdateStatusStateEnum::ROLLBACK_STARTED, &why);
            }
            (Some(ServiceSpecUpdateConfigFailureActionEnum::CONTINUE), previous) => self.previous = previous,
            (_, previous) => {
                self.previous = previous;
                let why = format!("update paused due to failure or early termination of task {task}");
                self.set_status(world, ServiceUpdateStatusStateEnum::PAUSED, &why);
            }
        }
    }

    /// Makes and ends tasks, slot by slot.
    fn reconcile(&mut self, world: &mut World) {
        let template = self.template();
        let replicas = self.replicas(world);
        let start_first = self.start_first();
        let (id, name) = (self.service.id.clone().unwrap_or_default(), self.name());
        let restarts = template.task.restart_policy.as_ref().and_then(|policy| policy.condition)
            != Some(TaskSpecRestartPolicyConditionEnum::NONE);
        for life in self.tasks.iter_mut().filter(|life| life.task.slot > Some(replicas)) {
            life.task.desired = "shutdown".to_owned();
        }
        let mut made = Vec::new();
        for slot in 1..=replicas {
            let of_slot = |life: &&mut Life| life.task.slot == Some(slot) && life.lives();
            let mut living: Vec<&mut Life> = self.tasks.iter_mut().filter(of_slot).collect();
            let current = living.iter().any(|life| life.is_of(&template));
            let running = living.iter().any(|life| life.is_of(&template) && life.task.state == "running");
            let old = living.iter().any(|life| !life.is_of(&template));
            let stop_old = running || !start_first && !current;
            for life in living.iter_mut().filter(|life| !life.is_of(&template) && stop_old) {
                life.task.desired = "shutdown".to_owned();
            }
            let was = self.tasks.iter().any(|life| life.task.slot == Some(slot) && life.is_of(&template));
            let wait_for_old = old && !start_first;
            if !current && !wait_for_old && (restarts || !was) {
                made.push(Life::new(world, (&id, &name), slot, &template));
            }
        }
        self.tasks.extend(made);
        self.forget(replicas);
    }

    /// Ends an update, or a way back, that is through.
    fn finish(&mut self, world: &mut World) {
        let template = self.template();
        let replicas = usize::try_from(self.replicas(world)).unwrap_or_default();
        let running = |life: &&Life| life.is_of(&template) && life.lives() && life.task.state == "running";
        let old = self.tasks.iter().any(|life| !life.is_of(&template) && life.lives());
        let through = self.tasks.iter().filter(running).count() >= replicas && !old;
        self.steady = if through { self.steady + 1 } else { 0 };
        match self.state() {
            Some(ServiceUpdateStatusStateEnum::UPDATING) if self.steady >= MONITOR => {
                self.set_status(world, ServiceUpdateStatusStateEnum::COMPLETED, "update completed");
            }
            Some(ServiceUpdateStatusStateEnum::ROLLBACK_STARTED) if self.steady >= 2 => {
                self.set_status(
                    world,
                    ServiceUpdateStatusStateEnum::ROLLBACK_COMPLETED,
                    "rollback completed",
                );
            }
            _ => {}
        }
    }

    fn set_status(&mut self, world: &mut World, state: ServiceUpdateStatusStateEnum, message: &str) {
        let ended = matches!(
            state,
            ServiceUpdateStatusStateEnum::COMPLETED | ServiceUpdateStatusStateEnum::ROLLBACK_COMPLETED
        );
        let started = self.service.update_status.take().and_then(|status| status.started_at);
        self.service.update_status = Some(ServiceUpdateStatus {
            state: Some(state),
            started_at: started.or_else(|| Some(world.now())),
            completed_at: ended.then(|| world.now()),
            message: Some(message.to_owned()),
        });
        self.service.version = world.version();
    }

    fn forget(&mut self, replicas: i64) {
        for slot in 1..=replicas {
            let ended = |life: &Life| life.task.slot == Some(slot) && life.ended();
            let mut surplus = self.tasks.iter().filter(|life| ended(life)).count().saturating_sub(HISTORY);
            self.tasks.retain(|life| {
                let drop = ended(life) && surplus > 0;
                surplus -= usize::from(drop);
                !drop
            });
        }
    }

    fn name(&self) -> String {
        self.service.spec.as_ref().and_then(|spec| spec.name.clone()).unwrap_or_default()
    }

    fn template(&self) -> Template {
        Template::of(self.service.spec.as_ref())
    }

    fn state(&self) -> Option<ServiceUpdateStatusStateEnum> {
        self.service.update_status.as_ref().and_then(|status| status.state)
    }

    fn replicas(&self, world: &World) -> i64 {
        let mode = self.service.spec.as_ref().and_then(|spec| spec.mode.clone()).unwrap_or_default();
        if mode.global.is_some() {
            return i64::try_from(world.nodes.len()).unwrap_or(1);
        }
        mode.replicated.and_then(|replicated| replicated.replicas).unwrap_or(1)
    }

    fn start_first(&self) -> bool {
        let Some(spec) = self.service.spec.as_ref() else { return false };
        if self.state() == Some(ServiceUpdateStatusStateEnum::ROLLBACK_STARTED) {
            let order = spec.rollback_config.as_ref().and_then(|config| config.order);
            return order == Some(ServiceSpecRollbackConfigOrderEnum::START_FIRST);
        }
        let order = spec.update_config.as_ref().and_then(|config| config.order);
        order == Some(ServiceSpecUpdateConfigOrderEnum::START_FIRST)
    }
}
