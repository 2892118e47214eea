//! Broken versions behind the probe: Swarm alone keeps the old one, and goes back.

use std::time::{Duration, Instant};

use skep::swarm::Engine;

use crate::lab::{Lab, run, until};

const GOOD: &str = "exec /bin/busybox httpd -f -p 8080 -h /www";
const HTTP: &[&str] = &["http", "8080", "/"];

/// Starts a good version, then this one; the old task must run all the while.
async fn broken(lab: Lab, script: &str, words: &[&str]) {
    lab.add_probe().await;
    let good = lab.probed(GOOD, "3s", words);
    lab.engine.perform(&lab.create(&good), None).await.unwrap();
    let old = lab.running().await;
    let began = Instant::now();
    lab.engine.perform(&lab.update(&lab.probed(script, "3s", words)).await, None).await.unwrap();
    let state = loop {
        let tasks = lab.tasks().await;
        let now = tasks.iter().find(|task| task.id == old.id).expect("the old task stays in sight");
        assert_eq!((now.state.as_str(), now.desired.as_str()), ("running", "running"), "{tasks:#?}");
        let new = tasks.iter().filter(|task| task.id != old.id);
        assert!(new.clone().all(|task| task.state != "running"), "it never counts as running: {tasks:#?}");
        match lab.update_state().await {
            Some(state) if state != "updating" && state != "rollback_started" => break state,
            _ => assert!(began.elapsed() < Duration::from_secs(60), "the update never ended"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    println!("{state} after {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(state, "rollback_completed");
    let tasks = lab.tasks().await;
    let failed = tasks.iter().find(|task| task.id != old.id && task.error.is_some());
    assert!(failed.is_some(), "what went wrong is told: {tasks:#?}");
    assert!(tasks.iter().any(|task| task.id == old.id && task.state == "running" && task.current));
}

#[tokio::test]
async fn fault_10_a_version_that_exits_at_once() {
    run(async |lab| broken(lab, "echo no; exit 7", HTTP).await).await;
}

#[tokio::test]
async fn fault_10_a_version_that_never_gets_healthy() {
    run(async |lab| broken(lab, "exec /bin/busybox sleep 1000", HTTP).await).await;
}

#[tokio::test]
async fn fault_10_a_version_that_gets_healthy_and_dies_within_the_monitor_time() {
    run(async |lab| {
        let script = "/bin/busybox httpd -p 8080 -h /www; /bin/busybox sleep 3; exit 3";
        broken(lab, script, HTTP).await;
    })
    .await;
}

#[tokio::test]
async fn fault_10_a_version_that_is_healthy_on_and_off() {
    run(async |lab| {
        let script = "while :; do /bin/busybox httpd -f -p 8080 -h /www & p=$!; /bin/busybox sleep 1; kill $p; /bin/busybox sleep 1; done";
        broken(lab, script, HTTP).await;
    })
    .await;
}

#[tokio::test]
async fn a_good_version_takes_over_after_its_hold() {
    run(async |lab| {
        lab.add_probe().await;
        lab.engine.perform(&lab.create(&lab.probed(GOOD, "3s", HTTP)), None).await.unwrap();
        let old = lab.running().await;
        let began = Instant::now();
        let better = lab.probed(&format!("echo better; {GOOD}"), "3s", &["tcp", "8080"]);
        lab.engine.perform(&lab.update(&better).await, None).await.unwrap();
        let new = until("the new one runs", async || {
            let tasks = lab.tasks().await;
            let new = tasks.iter().find(|task| task.id != old.id && task.state == "running").cloned();
            if new.is_none() {
                assert!(
                    tasks.iter().any(|task| task.id == old.id && task.desired == "running"),
                    "{tasks:#?}"
                );
            }
            new
        })
        .await;
        assert!(began.elapsed() >= Duration::from_secs(3), "its first success was held back");
        println!("took over after {:.1} s", began.elapsed().as_secs_f64());
        until("the update is through", async || {
            (lab.update_state().await.as_deref() == Some("completed")).then_some(())
        })
        .await;
        // It stays healthy by single checks: Docker would replace it otherwise.
        tokio::time::sleep(Duration::from_secs(4)).await;
        let tasks = lab.tasks().await;
        assert!(tasks.iter().any(|task| task.id == new.id && task.state == "running"), "{tasks:#?}");
    })
    .await;
}

#[tokio::test]
async fn the_probe_runs_every_kind_of_check_in_an_empty_image() {
    for words in
        [&["exec", "/bin/busybox", "test", "-f", "/www/index.html"][..], &["alive"], &["tcp", "8080"]]
    {
        run(async move |lab| {
            lab.add_probe().await;
            lab.engine.perform(&lab.create(&lab.probed(GOOD, "1s", words)), None).await.unwrap();
            lab.running().await;
        })
        .await;
    }
}
