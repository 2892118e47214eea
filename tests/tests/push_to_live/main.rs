//! The main job on real parts: `git push` to a real git host, a build by a real engine, a rollout
//! on a real swarm, and the answer over HTTPS through a real Traefik, as a Swarm service, with a
//! certificate of Pebble's. And its broken twin. The server is the program itself.
//!
//! To add a story: a test here over [`stage::Stage`].

mod adopt;
mod compose;
mod engine_restart;
mod fixtures;
mod lossless;
mod order;
mod private;
mod several_nodes;
mod stage;
mod two_servers;

use std::time::Duration;

use stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_is_served_over_https_and_a_broken_one_is_not() {
    let mut stage = Stage::new("push", true).await;
    let app = stage.app_from_git("shop").await;

    stage.commit("First", "hello from one", stage::SERVE);
    stage.push();
    let first = stage.ended_deployment(&app, 1).await;
    assert_eq!(first["state"], "live", "{first:#}");

    let host = stage.host(&app).await;
    let client = stage.client(&host).await;
    stage.answers(&client, &host, "hello from one").await;
    assert!(!stage.server_says("No certificate for"), "no order was spent before the edge answered");
    let plain = client.get(format!("http://{host}/")).send().await.unwrap();
    assert!(plain.status().is_redirection(), "{}", plain.status());

    // Somebody asks all the time from here on: the old version must answer throughout.
    let load = stage.load(&host, "hello from one").await;

    for (number, (message, command)) in [
        ("It exits", stage::EXIT),
        ("It is never healthy", stage::NEVER_HEALTHY),
        ("It dies soon", stage::DIES_SOON),
    ]
    .into_iter()
    .enumerate()
    {
        stage.commit(message, "hello from a broken one", command);
        stage.push();
        let broken = stage.ended_deployment(&app, i64::try_from(number).unwrap() + 2).await;
        assert_eq!(broken["state"], "rolled_back", "{message}: {broken:#}");
        assert!(!broken["failure"]["message"].as_str().unwrap().is_empty(), "{broken:#}");
        let text = client.get(format!("https://{host}/")).send().await.unwrap().text().await.unwrap();
        assert!(text.contains("hello from one"), "{message}: the old version still answers: {text}");
    }

    let (asked, wrong) = load.finish().await;
    println!("proof-broken: {asked} requests while three broken versions were pushed, {} wrong", wrong.len());
    assert!(asked > 50, "{asked}");
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_01_the_process_is_killed_in_each_step_embedded() {
    killed_in_each_step(Stage::new("kill", false).await, "embedded").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_01_the_process_is_killed_in_each_step_cluster() {
    killed_in_each_step(Stage::cluster("killc").await, "cluster").await;
}

async fn killed_in_each_step(mut stage: Stage, profile: &str) {
    let app = stage.app_from_git("shop").await;
    stage.commit("First", "one", stage::SERVE);
    stage.push();
    assert_eq!(stage.ended_deployment(&app, 1).await["state"], "live");
    let mut number = 1;
    for step in ["fetch", "build", "push", "plan", "apply", "verify", "publish"] {
        number += 1;
        stage.restart(Some(&format!("{step}:worked"))).await;
        let version = stage.service_version(&app).await;
        stage.commit(step, &format!("killed in {step}"), stage::SERVE);
        stage.push();
        stage.server.until_dead(Duration::from_secs(90)).await;
        stage.restart(None).await;
        let begin = std::time::Instant::now();
        let ended = stage.ended_deployment(&app, number).await;
        assert_eq!(ended["state"], "live", "{step}: {ended:#}");
        assert!(begin.elapsed() < Duration::from_secs(60), "{step}: {:?}", begin.elapsed());
        assert_eq!(stage.updates_since(&app, &version).await, 1, "{step}: exactly one update");
    }
    println!("proof-kill: {profile}: 7 steps killed by SIGKILL, 7 deployments live, one update each");
}
