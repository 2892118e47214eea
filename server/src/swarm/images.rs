//! Images on the engine's own node, and their way from and to registries.

use std::{collections::HashMap, time::Duration};

use bollard::{
    models::ImageInspect,
    query_parameters::{
        CreateImageOptions, ListImagesOptions, PushImageOptions, RemoveImageOptions, TagImageOptions,
    },
};
use futures::{Stream, TryStreamExt};

use super::{
    EngineError, ImageFacts, RegistryAuth,
    client::{DockerEngine, SHORT, signed},
};

/// A transfer is given up after this long in all.
const TRANSFER: Duration = Duration::from_secs(30 * 60);
/// A transfer that says nothing for this long hangs.
const SILENCE: Duration = Duration::from_secs(120);

impl DockerEngine {
    pub(super) async fn read_image(&self, reference: &str) -> Result<Option<ImageFacts>, EngineError> {
        match self.call(SHORT, |docker| async move { docker.inspect_image(reference).await }).await {
            Ok(image) => Ok(Some(facts(image))),
            Err(EngineError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn pull_image(
        &self,
        reference: &str,
        auth: Option<&RegistryAuth>,
    ) -> Result<ImageFacts, EngineError> {
        let (name, tag) = split(reference);
        let options = CreateImageOptions {
            from_image: Some(name.to_owned()),
            tag: Some(tag.to_owned()),
            ..CreateImageOptions::default()
        };
        self.call(TRANSFER, |docker| async move {
            to_the_end(signed(docker, auth).create_image(Some(options), None, None), |piece| {
                piece.error_detail.and_then(|detail| detail.message)
            })
            .await
        })
        .await?;
        let came = self.read_image(reference).await?;
        came.ok_or_else(|| EngineError::NotFound(format!("{reference} after it was pulled")))
    }

    pub(super) async fn push_image(
        &self,
        reference: &str,
        auth: Option<&RegistryAuth>,
    ) -> Result<String, EngineError> {
        let (name, tag) = split(reference);
        let options = PushImageOptions { tag: Some(tag.to_owned()), platform: None };
        // The engine wants the header even where there are no credentials.
        let nobody = RegistryAuth {
            host: String::new(),
            username: String::new(),
            password: crate::domain::secret::Secret::new(""),
        };
        self.call(TRANSFER, |docker| async move {
            let docker = signed(docker, Some(auth.unwrap_or(&nobody)));
            to_the_end(docker.push_image(name, Some(options), None), |piece| {
                piece.error_detail.and_then(|detail| detail.message)
            })
            .await
        })
        .await?;
        let digests = self.read_image(reference).await?.unwrap_or_default().digests;
        digests
            .into_iter()
            .find(|digest| digest.split('@').next() == Some(name))
            .ok_or_else(|| EngineError::Refused(format!("{name} was pushed, but no digest came back")))
    }

    pub(super) async fn tag_image(&self, image: &str, reference: &str) -> Result<(), EngineError> {
        let (repo, tag) = split(reference);
        let options = TagImageOptions { repo: Some(repo.to_owned()), tag: Some(tag.to_owned()) };
        self.call(SHORT, |docker| async move { docker.tag_image(image, Some(options)).await }).await
    }

    pub(super) async fn delete_image(&self, reference: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptions { force: false, noprune: false, platforms: None };
        let result = self
            .call(SHORT, |docker| async move { docker.remove_image(reference, Some(options), None).await })
            .await;
        match result {
            Ok(_) | Err(EngineError::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn list_labelled_images(
        &self,
        label: &str,
    ) -> Result<Vec<(String, String)>, EngineError> {
        let options = ListImagesOptions {
            filters: Some(HashMap::from([("label".to_owned(), vec![label.to_owned()])])),
            ..ListImagesOptions::default()
        };
        let images =
            self.call(SHORT, |docker| async move { docker.list_images(Some(options)).await }).await?;
        Ok(images
            .into_iter()
            .flat_map(|image| {
                let value = image.labels.get(label).cloned().unwrap_or_default();
                image.repo_tags.into_iter().map(move |tag| (tag, value.clone()))
            })
            .filter(|(tag, _)| tag != "<none>:<none>")
            .collect())
    }
}

/// Reads a transfer's progress to its end; the first error in it is the result.
async fn to_the_end<T>(
    pieces: impl Stream<Item = Result<T, bollard::errors::Error>>,
    error: impl Fn(T) -> Option<String>,
) -> Result<(), EngineError> {
    let mut pieces = std::pin::pin!(pieces);
    loop {
        match tokio::time::timeout(SILENCE, pieces.try_next()).await {
            Err(_) => {
                return Err(EngineError::Unreachable(format!("nothing came for {} s", SILENCE.as_secs())));
            }
            Ok(Err(error)) => return Err(error.into()),
            Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(piece))) => {
                if let Some(message) = error(piece) {
                    return Err(super::refusal::of(500, &message));
                }
            }
        }
    }
}

/// Repository, and tag or digest.
fn split(reference: &str) -> (&str, &str) {
    if let Some((name, digest)) = reference.split_once('@') {
        return (name, digest);
    }
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (reference, "latest"),
    }
}

fn facts(image: ImageInspect) -> ImageFacts {
    let config = image.config.unwrap_or_default();
    let ports = config.exposed_ports.unwrap_or_default();
    ImageFacts {
        id: image.id.unwrap_or_default(),
        digests: image.repo_digests.unwrap_or_default(),
        health: config
            .healthcheck
            .and_then(|health| health.test)
            .filter(|test| !matches!(test.first().map(String::as_str), None | Some("NONE"))),
        port: ports.iter().filter_map(|port| port.strip_suffix("/tcp")?.parse().ok()).min(),
        words: Some(skep_stack::writer::Words {
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            stop_signal: config.stop_signal.filter(|signal| !signal.is_empty()),
        }),
        user: config.user.filter(|user| !user.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names() {
        assert_eq!(split("r.test:5000/a/b"), ("r.test:5000/a/b", "latest"));
        assert_eq!(split("r.test:5000/a/b:1"), ("r.test:5000/a/b", "1"));
        assert_eq!(split("a@sha256:00"), ("a", "sha256:00"));
    }
}
