//! A swarm of two nodes: what writes to a volume goes on where its data is, and alone, also when its
//! node was cut off and comes back.

use std::path::Path;

use serde_json::{Value, json};
use skep_tests::parts::{free_ports, process::Process, until};

use crate::stage::{Stage, Swarm, docker};

/// `store` writes its container's name to its volume without end, and does not stop when it is told to.
fn file(image: &str, colour: &str) -> String {
    let script = "trap '' TERM; while :; do /busybox hostname >> /data/log; /busybox sleep 0.2; done";
    format!(
        r#"services:
  web:
    image: {image}
    command: ["/busybox", "sleep", "10000"]
    stop_grace_period: 1s
    deploy: {{replicas: 2}}
  store:
    image: {image}
    command: ["/busybox", "sh", "-c", "{script}"]
    environment: {{COLOUR: {colour}}}
    volumes: ["data:/data"]
    stop_grace_period: 4s
    deploy: {{update_config: {{monitor: 1s}}}}
volumes: {{data: }}
"#
    )
}

/// A registry that both nodes reach.
pub async fn registry(swarm: &Swarm, folder: &Path) -> (String, Process) {
    let [port] = free_ports::<1>();
    let address = format!("{}:{port}", swarm.machine());
    let config = format!(
        "version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{address}\"}}\n",
        folder.join("images").display()
    );
    let path = folder.join("registry.yml");
    std::fs::write(&path, config).expect("a file");
    let words = ["serve", path.to_str().expect("a path")];
    let mut process =
        Process::start(Path::new("/usr/bin/docker-registry"), &words, &[], folder.join("registry.log"));
    let url = format!("http://{address}/v2/");
    until("the registry answers", async || {
        process.check();
        reqwest::get(&url).await.ok().filter(|answer| answer.status().is_success())
    })
    .await;
    (address, process)
}

/// Id, node and state of the tasks of a service that are to run.
fn tasks(engine: &str, service: &str) -> Vec<(String, String, String)> {
    let format = "{{.ID}} {{.Node}} {{.CurrentState}}";
    let list = docker(
        engine,
        &["service", "ps", service, "--no-trunc", "--filter", "desired-state=running", "--format", format],
    );
    let mut all: Vec<_> = list
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?.to_owned(), words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect();
    all.sort();
    all
}

async fn all_run(engine: &str, service: &str, count: usize) -> Vec<(String, String, String)> {
    until(service, async || {
        let all = tasks(engine, service);
        (all.len() == count && all.iter().all(|task| task.2 == "Running")).then_some(all)
    })
    .await
}

/// Services that share a new volume are on one node from the start, and a second deployment changes
/// nothing.
async fn new_volumes(stage: &Stage, engine: &str, environment: &str, image: &str) {
    let service = format!("image: {image}, command: [/busybox, sleep, '10000'], stop_grace_period: 1s");
    let text = format!(
        "services:\n  a: {{{service}, volumes: ['files:/files']}}\n  b: {{{service}, volumes: ['files:/files:ro']}}\n  \
         c: {{{service}, volumes: ['own:/own']}}\nvolumes: {{files: , own: }}\n"
    );
    let body =
        json!({"environment": environment, "name": "fresh", "source": {"kind": "compose", "text": text}});
    let app = stage.post("/api/v1/apps", body).await;
    let (id, stack) = (app["id"].as_str().expect("an id"), app["stack"].as_str().expect("a stack"));
    let mut seen = Vec::new();
    for number in 1..=2 {
        stage.post(&format!("/api/v1/apps/{id}/deployments"), json!({})).await;
        let ended = stage.ended_deployment(id, number).await;
        assert_eq!(ended["state"], "live", "{ended:#}\n{}", stage.server.output());
        let mut all = Vec::new();
        for name in ["a", "b", "c"] {
            all.extend(all_run(engine, &format!("{stack}_{name}"), 1).await);
        }
        seen.push(all);
    }
    let nodes: Vec<&str> = seen[0].iter().map(|task| task.1.as_str()).collect();
    assert!(nodes[0] == nodes[1] && nodes[1] != nodes[2], "{nodes:?}");
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_writes_to_a_volume_stays_with_it_and_alone_also_after_its_node_was_cut_off() {
    let swarm = Swarm::with_workers(1);
    let (engine, worker) = (swarm.engine(), swarm.engine_of("w1"));
    docker(&engine, &["swarm", "update", "--dispatcher-heartbeat", "1s"]);
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _registry) = registry(&swarm, folder.path()).await;
    let image = format!("{address}/tool:1");
    std::fs::copy("/bin/busybox", folder.path().join("busybox")).expect("busybox-static");
    let text = "FROM scratch\nCOPY busybox /busybox\nCOPY busybox /bin/sh\n";
    std::fs::write(folder.path().join("Dockerfile"), text).expect("a file");
    docker(&engine, &["build", "-q", "-t", &image, folder.path().to_str().expect("a path")]);
    docker(&engine, &["push", "-q", &image]);

    // Its data happens to be on the worker; no word of the file says so.
    let path = folder.path().join("stack.yml");
    std::fs::write(&path, format!("version: \"3.8\"\n{}", file(&image, "red"))).expect("a file");
    docker(&engine, &["node", "update", "--availability", "drain", "m1"]);
    docker(&engine, &["stack", "deploy", "-c", path.to_str().expect("a path"), "legacy"]);
    let store = all_run(&engine, "legacy_store", 1).await;
    assert_eq!(store[0].1, "w1");
    docker(&engine, &["node", "update", "--availability", "active", "m1"]);
    let web = all_run(&engine, "legacy_web", 2).await;

    let stage = Stage::on("nodes", &swarm).await;
    let project = stage.post("/api/v1/projects", json!({"name": "nodes"})).await;
    let environment = project["environments"][0]["id"].as_str().expect("an environment");
    new_volumes(&stage, &engine, environment, &image).await;
    let body = json!({"stack": "legacy", "name": "legacy", "compose": file(&image, "red"), "dry_run": false});
    let adopted = stage.post(&format!("/api/v1/environments/{environment}/adopt"), body).await;
    let app = adopted["app"].as_str().expect("an app").to_owned();
    let deploy = async |text: String, number: i64| -> Value {
        let source = json!({"source": {"kind": "compose", "text": text}});
        stage.patch(&format!("/api/v1/apps/{app}"), source).await;
        stage.post(&format!("/api/v1/apps/{app}/deployments"), json!({})).await;
        let ended = stage.ended_deployment(&app, number).await;
        assert_eq!(ended["state"], "live", "{ended:#}\n{}", stage.server.output());
        ended
    };
    deploy(file(&image, "red"), 2).await;
    assert_eq!((tasks(&engine, "legacy_store"), tasks(&engine, "legacy_web")), (store, web.clone()));

    // Changed, it goes on where its data is, and twice the same is nothing.
    deploy(file(&image, "blue"), 3).await;
    let changed = all_run(&engine, "legacy_store", 1).await;
    assert_eq!((changed[0].1.as_str(), tasks(&engine, "legacy_web")), ("w1", web));
    deploy(file(&image, "blue"), 4).await;
    assert_eq!(tasks(&engine, "legacy_store"), changed);

    // Cut off, it has no second one elsewhere; back, no second one beside it.
    swarm.cut("w1");
    until("it waits for its node", async || {
        let all = tasks(&engine, "legacy_store");
        all.iter().any(|task| task.0 != changed[0].0 && task.2.starts_with("Pending")).then_some(())
    })
    .await;
    swarm.heal("w1");
    let back = all_run(&engine, "legacy_store", 1).await;
    assert!(back[0].1 == "w1" && back[0].0 != changed[0].0, "{back:?}");
    let log = || {
        let volume = "legacy_data:/data";
        docker(&worker, &["run", "--rm", "-v", volume, &image, "/busybox", "uniq", "-c", "/data/log"])
    };
    let seen = until("the old container is gone, and the new one writes", async || {
        let left = docker(&worker, &["ps", "-q", "--filter", "name=legacy_store"]);
        Some(log()).filter(|log| left.lines().count() == 1 && log.lines().count() >= 3)
    })
    .await;
    println!("proof-one-writer: turns of the writers, over a change and a node that was cut off:\n{seen}");
    let mut writers: Vec<&str> = seen.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let turns = writers.len();
    writers.sort_unstable();
    writers.dedup();
    assert_eq!(turns, writers.len(), "two of them wrote at once:\n{seen}");
}
