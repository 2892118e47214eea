//! No request is lost while an app is deployed, scaled, restarted, or returns: a load of kept and new
//! connections, GET and POST, slow answers and streams on the real engine through the real Traefik,
//! for apps that drain when they are told to stop, that ignore it, and that die at once.
//!
//! In the usual run each is done once or twice under a small load. `tests/proof edge` does the same
//! twenty times at 500 requests a second (`SKEP_PROOF_ROUNDS`, `SKEP_PROOF_RATE`), with one line for
//! each. To add what may happen to an app: a variant of [`Story`] and its lines in [`Story::happens`].

mod app;
mod drained;
mod provider;
mod visitors;

use app::{Kind, Visited};
use provider::Provider;
use serde_json::json;
use visitors::{Tally, Visitors};

use crate::stage::{Stage, Swarm};

/// What happens to an app under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    Rolling,
    Scale,
    Restart,
    Rollback,
    BlueGreen,
    SwitchBack,
    Canary,
    StopFirst,
}

impl Story {
    const ALL: [Self; 8] = [
        Self::Rolling,
        Self::Scale,
        Self::Restart,
        Self::Rollback,
        Self::BlueGreen,
        Self::SwitchBack,
        Self::Canary,
        Self::StopFirst,
    ];

    /// What must be so before it.
    async fn prepare(self, app: &mut Visited<'_>) {
        match self {
            Self::StopFirst => {
                app.configure(1, json!({"order": "stop-first"})).await;
                app.push().await;
                app.quiet(1).await;
            }
            Self::Rollback => {
                app.push().await;
                app.quiet(2).await;
            }
            Self::BlueGreen => {
                app.configure(2, json!({"strategy": {"kind": "blue_green", "keep": "2s"}})).await
            }
            Self::SwitchBack => {
                app.configure(2, json!({"strategy": {"kind": "blue_green", "keep": "1h"}})).await
            }
            Self::Canary => {
                let steps = json!([{"weight": 20, "pause": "2s"}, {"weight": 60, "pause": "2s"}]);
                app.configure(2, json!({"strategy": {"kind": "canary", "steps": steps}})).await;
            }
            Self::Rolling | Self::Scale | Self::Restart => {
                app.configure(2, json!({"order": "start-first"})).await;
            }
        }
    }

    /// One round of it; the app is quiet before and after.
    async fn happens(self, app: &mut Visited<'_>) {
        match self {
            Self::Rolling | Self::BlueGreen | Self::Canary => {
                app.push().await;
                app.quiet(2).await;
            }
            Self::StopFirst => {
                app.push().await;
                app.quiet(1).await;
            }
            Self::SwitchBack => {
                app.push_and_switch_back().await;
                app.quiet(2).await;
            }
            Self::Scale => {
                for tasks in [3, 1, 2] {
                    app.ask("scale", json!({ "replicas": tasks })).await;
                    app.quiet(tasks).await;
                }
            }
            Self::Restart => {
                let before = app.tasks();
                app.ask("restart", json!({})).await;
                app.replaced(&before, 2).await;
            }
            Self::Rollback => {
                app.ask("rollback", json!({})).await;
                app.live_again().await;
                app.quiet(2).await;
            }
        }
    }
}

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Runs a story its number of rounds, and prints its line.
async fn told(story: Story, app: &mut Visited<'_>) -> Tally {
    let rounds = number("SKEP_PROOF_ROUNDS", 1);
    let rate = number("SKEP_PROOF_RATE", 100);
    story.prepare(app).await;
    let visitors = Visitors::begin(&app.host, app.stage.edge_address(), rate);
    for _ in 0..rounds {
        story.happens(app).await;
    }
    let tally = visitors.end().await;
    println!("proof-edge: {}", tally.line(&format!("{story:?}"), app.kind.word(), rounds, rate));
    tally
}

async fn nothing_is_lost(kind: Kind, stories: &[Story]) {
    // The proof has them all.
    let all = std::env::var_os("SKEP_PROOF_ROUNDS").is_some();
    let stories = if all { &Story::ALL[..] } else { stories };
    let swarm = Swarm::start();
    let mut stage = Stage::on_with_edge("edge", &swarm).await;
    let mut app = Visited::live(&mut stage, kind).await;
    let mut wrong = Vec::new();
    let only = std::env::var("SKEP_PROOF_STORY").unwrap_or_default();
    for story in stories.iter().filter(|story| only.is_empty() || format!("{story:?}") == only) {
        let tally = told(*story, &mut app).await;
        assert!(tally.total() > 300, "{tally:?}");
        wrong.extend(tally.lost.iter().take(10).map(|(what, how)| format!("{story:?}: {what:?}: {how}")));
        if *story != Story::StopFirst && tally.told > 0 {
            wrong.push(format!("{story:?}: {} had to come back", tally.told));
        }
    }
    assert!(wrong.is_empty(), "{kind:?}: {wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lossless_for_an_app_that_drains() {
    nothing_is_lost(Kind::Drains, &[Story::Rolling, Story::Scale, Story::SwitchBack, Story::Canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lossless_for_an_app_that_ignores_the_signal() {
    nothing_is_lost(Kind::Ignores, &[Story::Rolling]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lossless_for_an_app_that_dies_at_once() {
    nothing_is_lost(Kind::Dies, &[Story::Rolling]).await;
}

/// For comparison: Traefik's own provider, the same load on the same machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lossless_or_not_by_traefiks_own_provider() {
    let all = std::env::var_os("SKEP_PROOF_ROUNDS").is_some();
    let kinds = if all { &[Kind::Drains, Kind::Ignores, Kind::Dies][..] } else { &[Kind::Drains] };
    for kind in kinds {
        let provider = Provider::start(*kind).await;
        for story in if all { &["Rolling", "Scale"][..] } else { &["Rolling"] } {
            let tally = provider.told(story).await;
            assert!(tally.total() > 300, "{tally:?}");
        }
    }
}
