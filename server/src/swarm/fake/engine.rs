//! [`Engine`] by the fake swarm.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bollard::models::NetworkCreateRequest;
use futures::{StreamExt, stream::BoxStream};
use skep_stack::{
    cluster::{self, Cluster},
    labels,
    observed::Observed,
    plan::Action,
    text::image_parts,
};
use tokio_stream::wrappers::BroadcastStream;

use super::{
    super::{Engine, EngineError, EngineInfo, ImageFacts, LogLine, LogQuery, Node, RegistryAuth, Task},
    Behaviour, FakeEngine, objects,
    world::{Which, World},
};

type Labels = std::collections::HashMap<String, String>;

impl FakeEngine {
    /// A call that reads.
    fn read<T>(
        &self,
        verb: &str,
        read: impl FnOnce(&mut World) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut world = self.world();
        world.count(verb);
        world.trouble.enter()?;
        read(&mut world)
    }

    /// A call that changes something, and whose answer may be lost.
    fn change<T>(
        &self,
        verb: &str,
        change: impl FnOnce(&mut World) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut world = self.world();
        world.count(verb);
        world.trouble.enter()?;
        let result = change(&mut world);
        let result = world.trouble.leave(result);
        drop(world);
        // Hints come twice; nobody may be listening.
        drop(self.changes.send(()));
        drop(self.changes.send(()));
        result
    }

    fn labelled_tasks(world: &World, matches: impl Fn(&Labels) -> bool) -> Vec<Task> {
        let held = world.services.values().filter(|held| {
            let labels = held.service.spec.as_ref().and_then(|spec| spec.labels.as_ref());
            labels.is_some_and(&matches)
        });
        let mut tasks: Vec<Task> = held.flat_map(super::service::Held::tasks).collect();
        tasks.sort_by(|a, b| b.id.cmp(&a.id));
        tasks
    }
}

fn in_stack(labels: Option<&Labels>, stack: &str) -> bool {
    labels.and_then(|labels| labels.get(labels::NAMESPACE)).is_some_and(|owner| owner == stack)
}

#[async_trait]
impl Engine for FakeEngine {
    async fn info(&self) -> Result<EngineInfo, EngineError> {
        self.read("info", |world| {
            Ok(EngineInfo {
                version: "20.10.24".to_owned(),
                api: "1.41".to_owned(),
                manager: true,
                node_id: world.nodes.first().map(|node| node.id.clone()).unwrap_or_default(),
                nodes: u64::try_from(world.nodes.len()).unwrap_or_default(),
                ipvs: world.ipvs,
                architecture: "x86_64".to_owned(),
                memory: 4 << 30,
                cpus: 2,
            })
        })
    }

    async fn observe(&self, stack: &str) -> Result<Observed, EngineError> {
        self.read("observe", |world| {
            world.tick();
            let mut seen = Observed::default();
            for (name, network) in &world.networks {
                seen.network_names.insert(network.id.clone().unwrap_or_default(), name.clone());
                if in_stack(network.labels.as_ref(), stack) {
                    seen.networks.insert(name.clone(), network.clone());
                }
            }
            for (name, secret) in &world.secrets {
                if in_stack(secret.spec.as_ref().and_then(|spec| spec.labels.as_ref()), stack) {
                    seen.secrets.insert(name.clone(), secret.clone());
                }
            }
            for (name, config) in &world.configs {
                if in_stack(config.spec.as_ref().and_then(|spec| spec.labels.as_ref()), stack) {
                    seen.configs.insert(name.clone(), config.clone());
                }
            }
            for (name, held) in &world.services {
                if in_stack(held.service.spec.as_ref().and_then(|spec| spec.labels.as_ref()), stack) {
                    seen.services.insert(name.clone(), held.service.clone());
                }
            }
            Ok(seen)
        })
    }

    async fn perform(&self, action: &Action, _: Option<&RegistryAuth>) -> Result<String, EngineError> {
        self.world().count(objects::verb(action));
        self.change("perform", |world| world.perform(action))
    }

    async fn tasks(&self, stack: &str) -> Result<Vec<Task>, EngineError> {
        self.read("tasks", |world| {
            world.tick();
            Ok(Self::labelled_tasks(world, |labels| in_stack(Some(labels), stack)))
        })
    }

    async fn tasks_labelled(&self, label: &str) -> Result<Vec<Task>, EngineError> {
        self.read("tasks_labelled", |world| {
            world.tick();
            Ok(Self::labelled_tasks(world, |labels| labels.contains_key(label)))
        })
    }

    async fn logs(
        &self,
        service: &str,
        query: &LogQuery,
    ) -> Result<BoxStream<'static, Result<LogLine, EngineError>>, EngineError> {
        self.read("logs", |world| {
            let of_task = |line: &&LogLine| query.task.is_none() || line.task == query.task;
            let lines = world.logs.iter().filter(|line| line.service == service).filter(of_task);
            let mut lines: Vec<LogLine> = lines.cloned().collect();
            let tail = query.tail.map_or(usize::MAX, |tail| usize::try_from(tail).unwrap_or(usize::MAX));
            let lines = lines.split_off(lines.len().saturating_sub(tail));
            let lines = futures::stream::iter(lines.into_iter().map(Ok));
            Ok(if query.follow { lines.chain(futures::stream::pending()).boxed() } else { lines.boxed() })
        })
    }

    async fn health(&self, container: &str) -> Result<Vec<String>, EngineError> {
        self.read("health", |world| {
            let mut tasks = world.services.values().flat_map(super::service::Held::tasks);
            let sick = tasks.find(|task| task.container.as_deref() == Some(container));
            let unhealthy = |task: &Task| task.error.as_deref().is_some_and(|e| e.contains("unhealthy"));
            Ok(if sick.is_some_and(|task| unhealthy(&task)) {
                vec!["http 8080: status 404".to_owned(); 2]
            } else {
                Vec::new()
            })
        })
    }

    async fn around(&self, stack: &str) -> Result<Cluster, EngineError> {
        self.read("around", |world| {
            let specs = world.services.values().filter_map(|held| held.service.spec.as_ref());
            let others = specs.filter(|spec| !in_stack(spec.labels.as_ref(), stack));
            let subnets =
                world.networks.iter().filter(|(_, network)| !in_stack(network.labels.as_ref(), stack));
            let subnets = subnets.flat_map(|(name, network)| {
                let pools = network.ipam.iter().flat_map(|ipam| ipam.config.iter().flatten());
                pools.filter_map(move |pool| Some((name.clone(), pool.subnet.clone()?)))
            });
            Ok(Cluster {
                nodes: world.nodes.iter().map(Into::into).collect(),
                ports: others.flat_map(cluster::published).collect(),
                subnets: subnets.collect(),
            })
        })
    }

    async fn nodes(&self) -> Result<Vec<Node>, EngineError> {
        self.read("nodes", |world| Ok(world.nodes.clone()))
    }

    async fn label_node(&self, node: &str, key: &str, value: Option<&str>) -> Result<(), EngineError> {
        self.change("label_node", |world| {
            let found = world.nodes.iter_mut().find(|found| found.id == node);
            let found = found.ok_or_else(|| EngineError::NotFound(format!("no node {node}")))?;
            match value {
                Some(value) => found.labels.insert(key.to_owned(), value.to_owned()),
                None => found.labels.remove(key),
            };
            Ok(())
        })
    }

    async fn ensure_network(
        &self,
        name: &str,
        attachable: bool,
        labels: &[(&str, &str)],
    ) -> Result<String, EngineError> {
        self.change("ensure_network", |world| {
            if let Some(network) = world.networks.get(name) {
                return Ok(network.id.clone().unwrap_or_default());
            }
            let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let body = NetworkCreateRequest {
                name: name.to_owned(),
                driver: Some("overlay".to_owned()),
                attachable: Some(attachable),
                labels: Some(labels.collect()),
                ..NetworkCreateRequest::default()
            };
            world.perform(&Action::CreateNetwork { name: name.to_owned(), body: Box::new(body) })
        })
    }

    async fn remove_network(&self, name: &str) -> Result<(), EngineError> {
        self.change("remove_network", |world| {
            let Some(id) = world.networks.get(name).and_then(|n| n.id.clone()) else { return Ok(()) };
            world.perform(&Action::RemoveNetwork { name: name.to_owned(), id }).map(|_| ())
        })
    }

    async fn image(&self, reference: &str) -> Result<Option<ImageFacts>, EngineError> {
        self.read("image", |world| {
            let by_id = world.images.values().find(|facts| facts.id == reference);
            Ok(world.images.get(reference).or(by_id).cloned())
        })
    }

    async fn pull(&self, reference: &str, _: Option<&RegistryAuth>) -> Result<ImageFacts, EngineError> {
        self.change("pull", |world| {
            let missing = world.behaviours.iter().any(|(which, behaviour)| match which {
                Which::Image(part) => {
                    reference.contains(part.as_str()) && *behaviour == Behaviour::MissingImage
                }
                Which::Service(_) => false,
            });
            if missing {
                return Err(EngineError::NotFound(format!("manifest unknown: {reference}")));
            }
            let digest = format!("{}@{}", image_parts(reference).0, hash(reference));
            let made = ImageFacts { id: hash(reference), digests: vec![digest], ..ImageFacts::default() };
            Ok(world.images.entry(reference.to_owned()).or_insert(made).clone())
        })
    }

    async fn push(&self, reference: &str, _: Option<&RegistryAuth>) -> Result<String, EngineError> {
        self.change("push", |world| {
            let Some(facts) = world.images.get_mut(reference) else {
                return Err(EngineError::NotFound(format!("no image {reference}")));
            };
            let digest = format!("{}@{}", image_parts(reference).0, hash(&facts.id));
            if !facts.digests.contains(&digest) {
                facts.digests.push(digest.clone());
            }
            Ok(digest)
        })
    }

    async fn tag(&self, image: &str, reference: &str) -> Result<(), EngineError> {
        self.change("tag", |world| {
            let by_id = world.images.values().find(|facts| facts.id == image);
            let Some(facts) = world.images.get(image).or(by_id).cloned() else {
                return Err(EngineError::NotFound(format!("no image {image}")));
            };
            world.images.insert(reference.to_owned(), facts);
            Ok(())
        })
    }

    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.change("remove_image", |world| {
            world.images.remove(reference);
            Ok(())
        })
    }

    async fn images_labelled(&self, label: &str) -> Result<Vec<(String, String)>, EngineError> {
        self.read("images_labelled", |world| {
            let labels: &BTreeMap<_, BTreeMap<String, String>> = &world.image_labels;
            let found =
                labels.iter().filter_map(|(name, labels)| Some((name.clone(), labels.get(label)?.clone())));
            Ok(found.filter(|(name, _)| world.images.contains_key(name)).collect())
        })
    }

    async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.change("remove_volume", |world| {
            world.volumes.remove(name);
            Ok(())
        })
    }

    async fn volume_exists(&self, name: &str) -> Result<bool, EngineError> {
        self.read("volume_exists", |world| Ok(world.volumes.contains(name)))
    }

    async fn volume_sizes(&self) -> Result<BTreeMap<String, i64>, EngineError> {
        self.read("volume_sizes", |world| {
            let size = |name: &String| world.sizes.get(name).copied().unwrap_or(0);
            Ok(world.volumes.iter().map(|name| (name.clone(), size(name))).collect())
        })
    }

    async fn changes(&self) -> Result<BoxStream<'static, ()>, EngineError> {
        self.read("changes", |_| Ok(()))?;
        Ok(BroadcastStream::new(self.changes.subscribe()).map(|_| ()).boxed())
    }
}

fn hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    format!("sha256:{}", hex::encode(Sha256::digest(text)))
}
