//! Private registries: base images of builds, pulls by services, and what a registry's trouble
//! looks like.

use std::{path::Path, process::Command, time::Duration};

use serde_json::json;
use skep::{
    build::{BuildError, Builder, DockerBuilder, Recipe},
    domain::{clock::SystemClock, secret::Secret},
    swarm::{Engine, EngineError, RegistryAuth},
};
use skep_tests::parts::registry::{PASSWORD, Registry, USER};
use tokio_util::sync::CancellationToken;

use crate::lab::{Lab, Lines, bounds, folder, recipe, run, until};

fn auth(registry: &Registry, password: &str) -> RegistryAuth {
    RegistryAuth { host: registry.host(), username: USER.to_owned(), password: Secret::new(password) }
}

/// The lab's image in the registry, and nowhere else; its name with its digest.
async fn published(lab: &Lab, registry: &Registry) -> String {
    let name = format!("{}/{}/web:1", registry.host(), lab.stack);
    lab.engine.tag(&lab.image, &name).await.unwrap();
    let digest = lab.engine.push(&name, Some(&auth(registry, PASSWORD))).await.unwrap();
    lab.engine.remove_image(&name).await.unwrap();
    digest
}

async fn build_from(
    lab: &Lab,
    base: &str,
    registries: Vec<RegistryAuth>,
) -> (Result<String, BuildError>, Lines) {
    let dir = folder(&format!("FROM {base}\nLABEL test={}\n", lab.stack));
    let tag = format!("skep.invalid/{}:from", lab.stack);
    let plain =
        recipe(dir.path(), json!({"kind": "dockerfile"}), &tag, bounds(Duration::from_secs(60))).await;
    let recipe = Recipe { registries, ..plain };
    let lines = Lines::default();
    let builder = DockerBuilder::new(lab.engine.clone(), std::sync::Arc::new(SystemClock), 2);
    (builder.build(&recipe, &lines, &CancellationToken::new()).await, lines)
}

#[tokio::test]
async fn a_private_base_image_is_got_with_the_credential_of_its_registry_and_not_without() {
    run(async |lab| {
        let registry = Registry::start().await;
        let base = published(&lab, &registry).await;
        for registries in [Vec::new(), vec![auth(&registry, "wrong")]] {
            let (refused, lines) = build_from(&lab, &base, registries).await;
            match refused {
                Err(BuildError::Failed { code: "base_image_unavailable", message }) => {
                    assert!(message.contains(&registry.host()), "{message}");
                    assert!(!message.contains("wrong") && !lines.text().contains("wrong"));
                }
                other => panic!("{other:?}\n{}", lines.text()),
            }
        }
        let other = RegistryAuth { host: "registry.example.org".to_owned(), ..auth(&registry, PASSWORD) };
        let (built, lines) = build_from(&lab, &base, vec![other, auth(&registry, PASSWORD)]).await;
        built.unwrap_or_else(|error| panic!("{error}\n{}", lines.text()));
        assert!(!lines.text().contains(PASSWORD));
        lab.engine.remove_image(&format!("skep.invalid/{}:from", lab.stack)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn fault_12_a_registry_that_is_down_is_worth_another_try_a_wrong_password_is_not() {
    run(async |lab| {
        let mut registry = Registry::start().await;
        let image = published(&lab, &registry).await;
        let expired = lab.engine.pull(&image, Some(&auth(&registry, "expired"))).await;
        assert!(matches!(expired, Err(EngineError::Refused(_))), "{expired:?}");
        let nobody = lab.engine.pull(&image, None).await;
        assert!(matches!(nobody, Err(EngineError::Refused(_))), "{nobody:?}");
        let tag = format!("{}/{}/web:2", registry.host(), lab.stack);
        lab.engine.tag(&lab.image, &tag).await.unwrap();
        let expired = lab.engine.push(&tag, Some(&auth(&registry, "expired"))).await;
        assert!(matches!(expired, Err(EngineError::Refused(_))), "{expired:?}");

        registry.stop();
        for error in [
            lab.engine.pull(&image, Some(&auth(&registry, PASSWORD))).await.map(drop),
            lab.engine.push(&tag, Some(&auth(&registry, PASSWORD))).await.map(drop),
        ] {
            let error = error.unwrap_err();
            assert!(error.transient(), "{error:?}");
        }
        let (down, lines) = build_from(&lab, &image, vec![auth(&registry, PASSWORD)]).await;
        match down {
            Err(BuildError::Unavailable(why)) => assert!(why.contains(&registry.host()), "{why}"),
            other => panic!("{other:?}\n{}", lines.text()),
        }
        registry.again().await;
        lab.engine.pull(&image, Some(&auth(&registry, PASSWORD))).await.unwrap();
        lab.engine.push(&tag, Some(&auth(&registry, PASSWORD))).await.unwrap();
        for name in [image.as_str(), tag.as_str()] {
            lab.engine.remove_image(name).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_service_pulls_its_private_image_with_the_credential_that_came_with_it() {
    run(async |lab| {
        let registry = Registry::start().await;
        let image = published(&lab, &registry).await;
        let mut spec = lab.spec("exec /bin/busybox sleep 1000");
        let container = spec.task_template.as_mut().unwrap().container_spec.as_mut().unwrap();
        container.image = Some(image.clone());
        lab.engine.perform(&lab.create(&spec), None).await.unwrap();
        until("a task without credentials is refused", async || {
            lab.tasks().await.into_iter().find_map(|task| task.error.filter(|_| task.state == "rejected"))
        })
        .await;
        lab.engine.perform(&lab.update(&spec).await, Some(&auth(&registry, PASSWORD))).await.unwrap();
        until("a task with credentials runs", async || {
            lab.tasks().await.into_iter().find(|task| task.state == "running" && task.desired == "running")
        })
        .await;
        // The credential stays with the service: an update without one keeps it.
        forget(&image);
        let container = spec.task_template.as_mut().unwrap().container_spec.as_mut().unwrap();
        container.env = Some(vec!["A=1".to_owned()]);
        lab.engine.perform(&lab.update(&spec).await, None).await.unwrap();
        until("the new one runs", async || {
            let tasks = lab.tasks().await;
            tasks
                .into_iter()
                .find(|task| task.current && task.state == "running" && task.desired == "running")
        })
        .await;
    })
    .await;
}

/// Takes the image's name away while a container runs it.
fn forget(image: &str) {
    let engine = std::env::var("SKEP_TEST_ENGINE").unwrap();
    let docker = Path::new("docker");
    let done = Command::new(docker).args(["-H", &engine, "rmi", "-f", image]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}
