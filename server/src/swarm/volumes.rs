//! Volumes on the engine's own node.

use std::{collections::BTreeMap, time::Duration};

use bollard::query_parameters::RemoveVolumeOptions;
use serde::Deserialize;

use super::{
    EngineError,
    client::{DockerEngine, SHORT},
    wire,
};

/// The engine reads every file's size before it answers.
const READING: Duration = Duration::from_secs(300);

/// What `GET /system/df` says of volumes: a list up to API 1.51, then a list in an object.
#[derive(Deserialize)]
struct Space {
    #[serde(rename = "Volumes", default)]
    volumes: Option<Vec<Volume>>,
    #[serde(rename = "VolumeUsage", default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(rename = "Items", default)]
    items: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
struct Volume {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "UsageData", default)]
    usage: Option<Size>,
}

#[derive(Deserialize)]
struct Size {
    /// -1: the driver does not tell.
    #[serde(rename = "Size")]
    size: i64,
}

impl Space {
    fn sizes(self) -> BTreeMap<String, i64> {
        let volumes = self.volumes.or_else(|| self.usage?.items).unwrap_or_default();
        let size = |volume: Volume| Some((volume.name, volume.usage?.size)).filter(|(_, size)| *size >= 0);
        volumes.into_iter().filter_map(size).collect()
    }
}

impl DockerEngine {
    pub(super) async fn delete_volume(&self, name: &str) -> Result<(), EngineError> {
        let result = self
            .call(SHORT, |docker| async move {
                docker.remove_volume(name, Some(RemoveVolumeOptions { force: false })).await
            })
            .await;
        match result {
            Err(EngineError::NotFound(_)) => Ok(()),
            other => other,
        }
    }

    pub(super) async fn has_volume(&self, name: &str) -> Result<bool, EngineError> {
        match self.call(SHORT, |docker| async move { docker.inspect_volume(name).await }).await {
            Ok(_) => Ok(true),
            Err(EngineError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn sizes_of_volumes(&self) -> Result<BTreeMap<String, i64>, EngineError> {
        // Engines before API 1.42 do not know the query and count everything; the answer is the same.
        let path = format!(
            "{}/system/df?{}",
            self.prefix().await?,
            wire::query(&[("type", "volume"), ("verbose", "1")])
        );
        let space: Space = self.heard(wire::get_json(&self.address, &path, READING).await).await?;
        Ok(space.sizes())
    }
}

#[cfg(test)]
mod tests {
    use super::Space;

    #[test]
    fn both_shapes_are_read_and_what_is_not_told_is_left_out() {
        let list = r#"[{"Name": "a_data", "UsageData": {"Size": 5, "RefCount": 1}}, {"Name": "nfs", "UsageData": {"Size": -1, "RefCount": 1}}, {"Name": "b"}]"#;
        for text in
            [format!(r#"{{"Volumes": {list}}}"#), format!(r#"{{"VolumeUsage": {{"Items": {list}}}}}"#)]
        {
            let sizes = serde_json::from_str::<Space>(&text).unwrap().sizes();
            assert_eq!(sizes, [("a_data".to_owned(), 5)].into());
        }
        for none in ["{}", r#"{"Volumes": null}"#, r#"{"VolumeUsage": {}}"#] {
            assert!(serde_json::from_str::<Space>(none).unwrap().sizes().is_empty(), "{none}");
        }
    }
}
