//! [`Engine`] by a real Docker engine: each method's body is in the file of what it is about.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::stream::BoxStream;
use skep_stack::{cluster::Cluster, observed::Observed, plan::Action};

use super::{
    DockerEngine, Engine, EngineError, EngineInfo, ImageFacts, LogLine, LogQuery, Node, RegistryAuth, Task,
};

#[async_trait]
impl Engine for DockerEngine {
    async fn info(&self) -> Result<EngineInfo, EngineError> {
        self.read_info().await
    }
    async fn observe(&self, stack: &str) -> Result<Observed, EngineError> {
        self.read_stack(stack).await
    }
    async fn perform(&self, action: &Action, auth: Option<&RegistryAuth>) -> Result<String, EngineError> {
        self.do_action(action, auth).await
    }
    async fn tasks(&self, stack: &str) -> Result<Vec<Task>, EngineError> {
        self.read_stack_tasks(stack).await
    }
    async fn tasks_labelled(&self, label: &str) -> Result<Vec<Task>, EngineError> {
        self.read_tasks(label).await
    }
    async fn logs(
        &self,
        service: &str,
        query: &LogQuery,
    ) -> Result<BoxStream<'static, Result<LogLine, EngineError>>, EngineError> {
        self.read_logs(service, query).await
    }
    async fn health(&self, container: &str) -> Result<Vec<String>, EngineError> {
        self.read_health(container).await
    }
    async fn around(&self, stack: &str) -> Result<Cluster, EngineError> {
        self.read_around(stack).await
    }
    async fn nodes(&self) -> Result<Vec<Node>, EngineError> {
        self.read_nodes().await
    }
    async fn label_node(&self, node: &str, key: &str, value: Option<&str>) -> Result<(), EngineError> {
        self.set_node_label(node, key, value).await
    }
    async fn ensure_network(
        &self,
        name: &str,
        attachable: bool,
        labels: &[(&str, &str)],
    ) -> Result<String, EngineError> {
        self.make_network(name, attachable, labels).await
    }
    async fn remove_network(&self, name: &str) -> Result<(), EngineError> {
        self.delete_network(name).await
    }
    async fn image(&self, reference: &str) -> Result<Option<ImageFacts>, EngineError> {
        self.read_image(reference).await
    }
    async fn pull(&self, reference: &str, auth: Option<&RegistryAuth>) -> Result<ImageFacts, EngineError> {
        self.pull_image(reference, auth).await
    }
    async fn push(&self, reference: &str, auth: Option<&RegistryAuth>) -> Result<String, EngineError> {
        self.push_image(reference, auth).await
    }
    async fn tag(&self, image: &str, reference: &str) -> Result<(), EngineError> {
        self.tag_image(image, reference).await
    }
    async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.delete_image(reference).await
    }
    async fn images_labelled(&self, label: &str) -> Result<Vec<(String, String)>, EngineError> {
        self.list_labelled_images(label).await
    }
    async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.delete_volume(name).await
    }
    async fn volume_exists(&self, name: &str) -> Result<bool, EngineError> {
        self.has_volume(name).await
    }
    async fn volume_sizes(&self) -> Result<BTreeMap<String, i64>, EngineError> {
        self.sizes_of_volumes().await
    }
    async fn changes(&self) -> Result<BoxStream<'static, ()>, EngineError> {
        self.follow_changes().await
    }
}
