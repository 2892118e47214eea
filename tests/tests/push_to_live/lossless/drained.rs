//! A node is drained under load: its tasks are held until visitors are led to those elsewhere.

use skep_tests::parts::until;

use super::{Kind, Visited, Visitors, app::write_program, number};
use crate::{
    several_nodes::registry,
    stage::{Stage, Swarm, docker},
};

/// Nodes on which tasks of the app run that shall.
fn nodes(engine: &str, service: &str) -> Vec<String> {
    let words = [
        "service",
        "ps",
        service,
        "--filter",
        "desired-state=running",
        "--format",
        "{{.Node}} {{.CurrentState}}",
    ];
    let list = docker(engine, &words);
    let running =
        list.lines().filter_map(|line| line.split_once(" Running").map(|(node, _)| node.to_owned()));
    let mut all: Vec<String> = running.collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lossless_while_a_node_is_drained() {
    let all = std::env::var_os("SKEP_PROOF_ROUNDS").is_some();
    let kinds = if all { &[Kind::Drains, Kind::Ignores, Kind::Dies][..] } else { &[Kind::Ignores] };
    for kind in kinds {
        drained(*kind).await;
    }
}

async fn drained(kind: Kind) {
    let (rounds, rate) = (number("SKEP_PROOF_ROUNDS", 1), number("SKEP_PROOF_RATE", 100));
    let swarm = Swarm::with_workers(1);
    let engine = swarm.engine();
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _registry) = registry(&swarm, folder.path()).await;
    let image = format!("{address}/visited:1");
    let program = write_program(folder.path());
    let dockerfile = format!("{program}ENTRYPOINT [\"/visited\", \"{}\", \"8080\"]\n", kind.word());
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).expect("a file");
    docker(&engine, &["build", "-q", "-t", &image, folder.path().to_str().expect("a path")]);
    docker(&engine, &["push", "-q", &image]);
    let stage = Stage::on_with_edge("drained", &swarm).await;
    let app = Visited::of_image(&stage, kind, &image).await;
    let on = async |wanted: &[&str]| {
        until("the tasks are where they belong", async || {
            (nodes(&engine, app.service()) == wanted).then_some(())
        })
        .await;
        app.quiet(2).await;
    };
    on(&["m1", "w1"]).await;
    let visitors = Visitors::begin(&app.host, stage.edge_address(), rate);
    for _ in 0..rounds {
        docker(&engine, &["node", "update", "--availability", "drain", "w1"]);
        on(&["m1", "m1"]).await;
        docker(&engine, &["node", "update", "--availability", "active", "w1"]);
        // The next one goes where there is none.
        for tasks in [1, 2] {
            app.ask("scale", serde_json::json!({ "replicas": tasks })).await;
            app.quiet(tasks).await;
        }
        on(&["m1", "w1"]).await;
    }
    let tally = visitors.end().await;
    println!("proof-edge: {}", tally.line("A node drained", kind.word(), rounds, rate));
    assert!(tally.total() > 300, "{tally:?}");
    assert!(tally.lost.is_empty() && tally.told == 0, "{kind:?}: {tally:?}\n{}", stage.server.output());
}
