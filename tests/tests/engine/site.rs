//! Static sites: the image that is made of a folder, run by the engine.

use std::time::Duration;

use serde_json::json;
use skep::swarm::Engine;
use tokio_util::sync::CancellationToken;

use crate::lab::{Lab, bounds, build_with_site, run, until};

/// Builds a site and runs it on a port of the node; its address.
async fn served(lab: &Lab, name: &str, single_page: bool) -> (String, String) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.html"), "the page").unwrap();
    std::fs::write(dir.path().join("app.js"), "script").unwrap();
    std::fs::write(dir.path().join(".env"), "SECRET=1").unwrap();
    let tag = format!("skep.invalid/{}-{name}:1", lab.stack);
    let settings = json!({"kind": "static", "single_page": single_page});
    let limits = bounds(Duration::from_secs(60));
    let (built, lines) =
        build_with_site(&lab.engine, dir.path(), settings, &tag, limits, &CancellationToken::new()).await;
    built.unwrap_or_else(|error| panic!("{error}\n{}", lines.text()));
    let [port] = skep_tests::parts::free_ports::<1>();
    let mut spec = lab.spec("");
    spec.name = Some(format!("{}_{name}", lab.stack));
    let container = spec.task_template.as_mut().unwrap().container_spec.as_mut().unwrap();
    (container.image, container.command, container.init) = (Some(tag.clone()), None, None);
    spec.endpoint_spec = serde_json::from_value(json!({
        "Mode": "dnsrr",
        "Ports": [{"Protocol": "tcp", "TargetPort": 8080, "PublishedPort": port, "PublishMode": "host"}]
    }))
    .unwrap();
    let create =
        skep_stack::plan::Action::CreateService { name: spec.name.clone().unwrap(), body: Box::new(spec) };
    lab.engine.perform(&create, None).await.unwrap();
    let node = std::env::var("SKEP_TEST_ENGINE_ADDRESS").unwrap();
    let url = format!("http://{node}:{port}");
    until("the site answers", async || reqwest::get(&url).await.ok()).await;
    (url, tag)
}

async fn get(url: &str) -> (u16, String) {
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_single_page_answers_every_unknown_path_with_status_200_and_a_plain_site_does_not() {
    run(async |lab| {
        let (single, first) = served(&lab, "single", true).await;
        for path in ["/", "/deep/link", "/deep/link/?x=1", "/.env", "/.skep.Dockerfile", "/.skep.site"] {
            assert_eq!(get(&format!("{single}{path}")).await, (200, "the page".to_owned()), "{path}");
        }
        assert_eq!(get(&format!("{single}/app.js")).await, (200, "script".to_owned()));
        let (plain, second) = served(&lab, "plain", false).await;
        assert_eq!(get(&plain).await, (200, "the page".to_owned()));
        for path in ["/deep/link", "/.env", "/.skep.Dockerfile"] {
            assert_eq!(get(&format!("{plain}{path}")).await.0, 404, "{path}");
        }
        let facts = lab.engine.image(&first).await.unwrap().unwrap();
        assert_eq!((facts.port, facts.user.as_deref()), (Some(8080), Some("10001:10001")));
        // It ends when it is told to, long before it would be killed.
        for name in ["single", "plain"] {
            let seen = lab.engine.observe(&lab.stack).await.unwrap();
            let name = format!("{}_{name}", lab.stack);
            let id = seen.services[&name].id.clone().unwrap();
            let action = skep_stack::plan::Action::RemoveService { name, id };
            lab.engine.perform(&action, None).await.unwrap();
        }
        for image in [first, second] {
            until("the image is free", async || lab.engine.remove_image(&image).await.ok()).await;
        }
    })
    .await;
}
