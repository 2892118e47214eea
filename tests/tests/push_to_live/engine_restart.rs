//! The engine goes away in the middle of a deployment and comes back (faults F5, F29).

use std::time::Duration;

use skep_tests::parts::until;

use crate::stage::{SERVE, Stage, Swarm};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_05_and_29_the_engine_is_restarted_in_the_middle_of_a_deployment() {
    let swarm = Swarm::start();
    let mut stage = Stage::on("away", &swarm).await;
    let app = stage.app_from_git("shop").await;
    stage.commit("First", "one", SERVE);
    stage.push();
    assert_eq!(stage.ended_deployment(&app, 1).await["state"], "live");
    for (number, during) in [(2, "building"), (3, "verifying")] {
        let version = stage.service_version(&app).await;
        stage.commit(during, &format!("restarted while {during}"), SERVE);
        stage.push();
        let listen = stage.server.settings.listen;
        until(during, async || {
            let newest =
                stage.deployments_at(listen, &app).await.into_iter().find(|d| d["number"] == number)?;
            assert_eq!(newest["ended"], false, "{newest:#}");
            (newest["state"] == during).then_some(())
        })
        .await;
        swarm.kill();
        // Nothing is known now, and nothing is called stopped.
        let seen = until("the engine is seen to be away", async || {
            let seen = stage.get("/api/v1/engine").await;
            (seen["state"] == "unknown").then_some(seen)
        })
        .await;
        assert!(seen["reason"].as_str().is_some_and(|why| !why.is_empty()), "{seen:#}");
        let path = stage.server.url(&format!("/api/v1/apps/{app}/tasks"));
        let tasks = stage.http.get(path).bearer_auth(&stage.token).send().await.unwrap();
        assert_eq!(tasks.status(), 503, "what runs is not known, and no empty list says that nothing does");
        tokio::time::sleep(Duration::from_secs(3)).await;
        let newest = stage.deployments_at(listen, &app).await.remove(0);
        assert_eq!(newest["ended"], false, "it waits: {newest:#}");
        swarm.start_again();
        let ended = stage.ended_deployment(&app, number).await;
        assert_eq!(ended["state"], "live", "{during}: {ended:#}");
        assert_eq!(stage.updates_since(&app, &version).await, 1, "{during}: exactly one update");
    }
}
