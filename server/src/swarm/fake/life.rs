//! The life of one task, tick by tick.

use bollard::models::{EndpointSpec, EndpointSpecModeEnum, ServiceSpec, TaskSpec};

use skep_stack::cluster::meets;

use super::{super::Task, Behaviour, world::World};

/// What tasks are made of: Swarm replaces them when it changes, placement aside as long as the node
/// fits.
#[derive(Debug, Clone, Default)]
pub(super) struct Template {
    pub(super) task: TaskSpec,
    endpoint: EndpointSpec,
}

impl Template {
    pub(super) fn of(spec: Option<&ServiceSpec>) -> Self {
        let task = spec.and_then(|spec| spec.task_template.clone()).unwrap_or_default();
        let mut endpoint = spec.and_then(|spec| spec.endpoint_spec.clone()).unwrap_or_default();
        endpoint.mode.get_or_insert(EndpointSpecModeEnum::VIP);
        Self { task, endpoint }
    }

    /// Whether Swarm takes a task of one for one of the other.
    pub(super) fn alike(&self, other: &Self) -> bool {
        let placed = |template: &TaskSpec| TaskSpec { placement: None, ..template.clone() };
        self.endpoint == other.endpoint && placed(&self.task) == placed(&other.task)
    }
}

/// A task and what will become of it.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) task: Task,
    template: Template,
    behaviour: Behaviour,
    /// Ticks since it was made.
    age: u64,
    /// The age at which its check first succeeds.
    ready: u64,
    /// It ends well by itself.
    ends: bool,
}

impl Life {
    /// A new task, which is to run.
    pub(super) fn new(world: &mut World, service: (&str, &str), slot: i64, of: &Template) -> Self {
        let template = &of.task;
        let behaviour = world.behaviour(service.1, template);
        let chance = world.trouble.random.below(2);
        let ready = match behaviour {
            Behaviour::Slow(polls) => polls,
            _ => 3 + chance,
        };
        let host = world.trouble.random.below(250) + 2;
        let addresses = networks(template).filter_map(|target| world.network_name(&target));
        let addresses = addresses.map(|name| {
            let third = name.bytes().fold(0_u8, u8::wrapping_add);
            (name, format!("10.0.{third}.{host}"))
        });
        let image = template.container_spec.as_ref().and_then(|c| c.image.clone()).unwrap_or_default();
        let addresses = addresses.collect();
        let constraints =
            template.placement.iter().flat_map(|placement| placement.constraints.iter().flatten());
        let pinned = constraints.filter_map(|constraint| skep_stack::volumes::pinned(constraint)).next();
        let placed = ServiceSpec { task_template: Some(template.clone()), ..ServiceSpec::default() };
        let able: Vec<_> =
            world.nodes.iter().filter(|node| meets(&placed, &(*node).into()) != Some(false)).collect();
        let turn = usize::try_from(slot).unwrap_or_default() % able.len().max(1);
        let node = pinned.map(str::to_owned).or_else(|| able.get(turn).map(|node| node.id.clone()));
        let command = template.container_spec.iter().flat_map(|container| container.command.iter().flatten());
        let task = Task {
            id: world.id(),
            held: skep_stack::drain::holds(command.map(String::as_str)),
            service: service.0.to_owned(),
            service_name: service.1.to_owned(),
            node,
            slot: Some(slot),
            current: true,
            image,
            state: "new".to_owned(),
            desired: "running".to_owned(),
            since: Some(world.now()),
            error: None,
            exit_code: None,
            container: None,
            addresses,
        };
        Self { task, template: of.clone(), behaviour, age: 0, ready, ends: false }
    }

    /// Whether Swarm leaves the task as it is under this template.
    pub(super) fn is_of(&self, template: &Template) -> bool {
        self.template.alike(template)
    }

    /// The same as a task of a job: it ends well soon after it was ready.
    pub(super) fn of_job(mut self) -> Self {
        self.ends = true;
        self
    }

    /// It will not run again.
    pub(super) fn ended(&self) -> bool {
        matches!(self.task.state.as_str(), "failed" | "rejected" | "shutdown" | "complete")
    }

    /// It has failed by itself.
    pub(super) fn failed(&self) -> bool {
        matches!(self.task.state.as_str(), "failed" | "rejected")
    }

    /// It is there and is to stay.
    pub(super) fn lives(&self) -> bool {
        !self.ended() && self.task.desired == "running"
    }

    /// One tick.
    pub(super) fn tick(&mut self, world: &World) {
        if self.ended() {
            return;
        }
        self.age += 1;
        if self.task.desired != "running" {
            self.end(world, "shutdown", None, 0);
            return;
        }
        if self.age == 1 {
            self.become_(world, "preparing");
            return;
        }
        self.task.container = Some(format!("c{}", self.task.id));
        let ready = self.age >= self.ready;
        match self.behaviour {
            Behaviour::MissingImage => {
                self.task.container = None;
                let error = format!("No such image: {}", self.task.image);
                self.end(world, "rejected", Some(&error), -1);
            }
            Behaviour::AddressesTaken(until) if world.ticks < until => {
                self.task.container = None;
                let error = "invalid pool request: Pool overlaps with other one on this address space";
                self.end(world, "rejected", Some(error), 0);
            }
            Behaviour::CrashesAtStart if self.age > 2 => {
                self.end(world, "failed", Some("task: non-zero exit (1)"), 1);
            }
            Behaviour::NeverHealthy if self.age > self.ready + 3 => {
                let error = "task: non-zero exit (137): dockerexec: unhealthy container";
                self.end(world, "failed", Some(error), 137);
            }
            Behaviour::HealthyThenDies if self.age > self.ready + 2 => {
                self.end(world, "failed", Some("task: non-zero exit (1)"), 1);
            }
            Behaviour::HealthyThenDies if ready && !held_back(&self.template.task) => {
                self.become_(world, "running");
            }
            Behaviour::Healthy | Behaviour::Slow(_) | Behaviour::AddressesTaken(_) if ready => {
                if self.ends && self.age > self.ready + 1 {
                    self.end(world, "complete", None, 0);
                } else {
                    self.become_(world, "running");
                }
            }
            _ => self.become_(world, "starting"),
        }
    }

    fn become_(&mut self, world: &World, state: &str) {
        if self.task.state != state {
            self.task.state = state.to_owned();
            self.task.since = Some(world.now());
        }
    }

    fn end(&mut self, world: &World, state: &str, error: Option<&str>, code: i64) {
        self.become_(world, state);
        if self.task.desired == "running" {
            self.task.desired = "shutdown".to_owned();
        }
        self.task.error = error.map(ToOwned::to_owned);
        self.task.exit_code = (code >= 0).then_some(code);
    }
}

/// The version's health check holds its first success back.
fn held_back(template: &TaskSpec) -> bool {
    let health = template.container_spec.as_ref().and_then(|c| c.health_check.as_ref());
    health.and_then(|h| h.test.as_ref()).is_some_and(|test| test.iter().any(|word| word == "--hold"))
}

fn networks(template: &TaskSpec) -> impl Iterator<Item = String> {
    template.networks.iter().flatten().filter_map(|network| network.target.clone())
}
