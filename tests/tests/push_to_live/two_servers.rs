//! Two servers on one Postgres and one Redis, and the lab's engine: whichever is asked, they are
//! one Skep; and one of them may die at any moment.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use skep_tests::parts::until;
use sqlx::Connection as _;

use crate::stage::{ADMIN, SERVE, Server, Stage, cookie_of};

/// Reads a deployment's live stream to its end: the states and the numbers of the log lines.
async fn events(
    stage: &Stage,
    at: SocketAddr,
    deployment: &str,
) -> tokio::task::JoinHandle<(Vec<String>, BTreeSet<i64>)> {
    let path = format!("http://{at}/events/deployments/{deployment}");
    let mut answer = stage.http.get(path).bearer_auth(&stage.token).send().await.expect("a stream");
    assert_eq!(answer.status(), 200);
    tokio::spawn(async move {
        let mut text = String::new();
        while let Ok(Some(piece)) = answer.chunk().await {
            text.push_str(&String::from_utf8_lossy(&piece));
        }
        let data = text
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(|data| serde_json::from_str::<Value>(data).expect("JSON"));
        let (mut states, mut lines) = (Vec::new(), BTreeSet::new());
        for event in data {
            match event["kind"].as_str().or_else(|| event["type"].as_str()) {
                Some("state") => states.push(event["state"].as_str().expect("a state").to_owned()),
                Some("log") => drop(lines.insert(event["seq"].as_i64().expect("a number"))),
                _ => {}
            }
        }
        (states, lines)
    })
}

/// The process that holds the lease of the running deployment.
async fn holder(database: &str) -> u32 {
    until("somebody runs the deployment", async || {
        let mut connection = sqlx::PgConnection::connect(database).await.ok()?;
        let text = "SELECT leased_by FROM job WHERE kind = 'deploy' AND status = 'running'";
        let worker: String = sqlx::query_scalar(text).fetch_optional(&mut connection).await.ok()??;
        worker.split('-').next()?.parse().ok()
    })
    .await
}

async fn document(stage: &Stage, server: &Server) -> String {
    let request = stage.http.get(server.url("/edge/traefik")).bearer_auth(&server.settings.edge_token);
    request.send().await.expect("an answer").text().await.expect("a document")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_are_one() {
    let mut stage = Stage::cluster("two").await;
    let second = stage.second().await;
    let (a, b) = (stage.server.settings.listen, second.settings.listen);

    // Who signed in at one is known at the other, and signs out of both.
    let login = stage.http.post(stage.server.url("/api/v1/login")).header("origin", stage.server.url(""));
    let answer = login.json(&json!({"email": ADMIN.0, "password": ADMIN.1})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let cookie = cookie_of(&answer);
    let who = async |server: &Server| {
        stage.http.get(server.url("/api/v1/whoami")).header("cookie", &cookie).send().await.unwrap().status()
    };
    assert_eq!(
        (who(&stage.server).await, who(&second).await),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    let out = stage
        .http
        .post(second.url("/api/v1/logout"))
        .header("cookie", &cookie)
        .header("origin", second.url(""));
    assert!(out.send().await.unwrap().status().is_success());
    assert_eq!(
        (who(&stage.server).await, who(&second).await),
        (401.try_into().unwrap(), 401.try_into().unwrap())
    );

    // Fault F20: one delivery, ten times to each.
    let app = stage.quiet_app_from_git("shop").await;
    let sha = stage.commit("First", "one", SERVE);
    stage.push();
    let shared = Arc::new(stage);
    let copies: Vec<_> = (0..20)
        .map(|n| {
            let (stage, sha) = (shared.clone(), sha.clone());
            tokio::spawn(async move { stage.deliver(if n % 2 == 0 { a } else { b }, "the-same", &sha).await })
        })
        .collect();
    let mut told = Vec::new();
    for copy in copies {
        told.push(copy.await.unwrap());
    }
    let stage = Arc::into_inner(shared).expect("all copies are delivered");
    assert_eq!(
        told.iter().filter(|(status, outcome)| *status == 202 && outcome == "queued").count(),
        1,
        "{told:?}"
    );
    assert_eq!(
        told.iter().filter(|(status, outcome)| *status == 200 && outcome == "duplicate").count(),
        19,
        "{told:?}"
    );

    // Both tell of its progress, the same.
    let id = stage.deployments_at(b, &app).await[0]["id"].as_str().unwrap().to_owned();
    let (one, two) = (events(&stage, a, &id).await, events(&stage, b, &id).await);
    assert_eq!(stage.ended_deployment(&app, 1).await["state"], "live");
    let ((states, lines), (other_states, other_lines)) = (one.await.unwrap(), two.await.unwrap());
    assert_eq!(
        (states.last().map(String::as_str), other_states.last().map(String::as_str)),
        (Some("live"), Some("live"))
    );
    assert!(states.len() > 1 && other_states.len() > 1, "{states:?} {other_states:?}");
    assert_eq!(lines, other_lines);
    assert!(lines.len() > 3, "{lines:?}");
    assert_eq!(stage.deployments_at(b, &app).await.len(), 1);

    // Traefik may ask either.
    let version = document(&stage, &stage.server).await;
    assert!(version.contains("10."), "there is an address: {version}");
    until("both serve the same document", async || {
        (document(&stage, &stage.server).await == document(&stage, &second).await).then_some(())
    })
    .await;

    // Fault F4: asked for at both at once, again and again: one is live, none is left over.
    let path = format!("/api/v1/apps/{app}/deployments");
    let asks = (0..6).map(|n| stage.post_at(if n % 2 == 0 { a } else { b }, &path, json!({})));
    futures::future::join_all(asks).await;
    let all = until("all have ended", async || {
        let all = stage.deployments_at(a, &app).await;
        all.iter().all(|d| d["ended"] == true).then_some(all)
    })
    .await;
    assert_eq!(all.len(), 7);
    assert_eq!(all.iter().filter(|d| d["state"] == "live").count(), 1, "{all:#?}");
    assert!(
        all.iter().all(|d| ["live", "retired", "superseded"].contains(&d["state"].as_str().unwrap())),
        "{all:#?}"
    );
    println!("proof-race: 20 copies of one delivery at 2 servers, 1 deployment; 6 asked for at once, 1 live");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_01_one_of_two_servers_dies_and_the_other_takes_over() {
    let mut stage = Stage::cluster("over").await;
    let mut second = stage.second().await;
    let database = stage.server.settings.cluster.clone().unwrap().0;
    let app = stage.quiet_app_from_git("shop").await;
    let sha = stage.commit("First", "one", SERVE);
    stage.push();
    assert_eq!(stage.deliver(stage.server.settings.listen, "first", &sha).await.0, 202);
    assert_eq!(stage.ended_deployment(&app, 1).await["state"], "live");
    for (number, during) in [(2, "building"), (3, "verifying")] {
        let version = stage.service_version(&app).await;
        let sha = stage.commit(during, &format!("killed while {during}"), SERVE);
        stage.push();
        assert_eq!(stage.deliver(second.settings.listen, during, &sha).await.0, 202);
        let id =
            stage.deployments_at(second.settings.listen, &app).await[0]["id"].as_str().unwrap().to_owned();
        until(during, async || {
            let now = stage.get(&format!("/api/v1/deployments/{id}")).await;
            assert_eq!(now["ended"], false, "it was over before it could be interrupted: {now:#}");
            (now["state"] == during).then_some(())
        })
        .await;
        let pid = holder(&database).await;
        let dies_first = pid == stage.server.id();
        assert!(dies_first || pid == second.id(), "{pid} is one of ours");
        let survivor = if dies_first { second.settings.listen } else { stage.server.settings.listen };
        let progress = events(&stage, survivor, &id).await;
        let began = Instant::now();
        if dies_first {
            stage.server.kill()
        } else {
            second.kill()
        }
        let (states, _) =
            tokio::time::timeout(Duration::from_secs(60), progress).await.expect("within 60 s").unwrap();
        assert_eq!(states.last().map(String::as_str), Some("live"), "{states:?}");
        println!(
            "proof-kill: two servers: killed while {during}, live after {:.0} s by the other",
            began.elapsed().as_secs_f32()
        );
        if dies_first {
            stage.server.restart(None).await
        } else {
            second.restart(None).await
        }
        assert_eq!(stage.updates_since(&app, &version).await, 1, "exactly one update");
        let list = stage.deployments_at(survivor, &app).await;
        assert_eq!((list.len(), list[0]["state"].as_str()), (number, Some("live")));
    }
}
