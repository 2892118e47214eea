//! What was tried, in every way that it can end.

use crate::api::{
    AppId, Cause, ChangeView, DeploymentId, DeploymentLine, DeploymentState, DeploymentView, FailureView,
    LogLine, PlanAction, PlanVerb, ReleaseId, ReleaseView, ShiftView, StepName, StepState, StepView, Time,
};

const MINUTE: i64 = 60_000;

/// A deployment.
pub(super) fn deployment(id: &str, number: i64, state: DeploymentState, now: Time) -> DeploymentLine {
    let at = now.0 - (45 - number).max(0) * 97 * MINUTE;
    DeploymentLine {
        id: DeploymentId::from(id),
        app: AppId::from("a-web"),
        app_title: "Web shop / production / web".into(),
        number,
        state,
        services: Vec::new(),
        cause: Cause::Webhook { provider: "github".into() },
        reason: None,
        commit: Some(format!("8d1f2c3a{number:032x}")),
        title: Some("Show prices with tax in the cart".into()),
        author: Some("Grace <grace@example.org>".into()),
        failure: None,
        created_at: Time(at),
        started_at: (state != DeploymentState::Queued).then_some(Time(at + 1_200)),
        finished_at: state.ended().then_some(Time(at + 83_000)),
    }
}

fn view(line: DeploymentLine, upto: usize, now: Time) -> DeploymentView {
    let bad = matches!(line.state, DeploymentState::Failed | DeploymentState::RolledBack);
    let start = line.started_at.map_or(now.0, |at| at.0);
    let tried = line.state == DeploymentState::Shifting;
    let steps = StepName::ALL
        .into_iter()
        .filter(|step| tried || !matches!(step, StepName::Shift | StepName::Replace))
        .enumerate()
        .map(|(n, step)| {
            let began = start + i64::try_from(n).unwrap_or_default() * 11_000;
            let state = match (n.cmp(&upto), line.state.ended(), bad) {
                (std::cmp::Ordering::Less, ..) => StepState::Done,
                (std::cmp::Ordering::Equal, _, true) => StepState::Failed,
                (std::cmp::Ordering::Equal, true, _) => StepState::Done,
                (std::cmp::Ordering::Equal, ..) => StepState::Running,
                (_, true, _) => StepState::Skipped,
                _ => StepState::Waiting,
            };
            let begun = n <= upto;
            let ended = begun && state != StepState::Running;
            StepView {
                step,
                state,
                started_at: begun.then_some(Time(began)),
                finished_at: ended.then_some(Time(began + 9_400)),
            }
        })
        .collect();
    DeploymentView {
        line,
        app_name: "web".into(),
        steps,
        failure: None,
        cancelling: false,
        plan: None,
        release_diff: None,
        release: None,
        shift: None,
    }
}

fn release(number: i64, current: bool, kept: bool, now: Time) -> ReleaseView {
    ReleaseView {
        id: ReleaseId(format!("r{number}")),
        deployment: DeploymentId::from(if current { "d-live" } else { "d-old" }),
        number,
        commit: Some(format!("8d1f2c3a{number:032x}")),
        title: Some("Show prices with tax in the cart".into()),
        images: vec![format!("registry.skep:5000/shop-production-web@sha256:{:064x}", number * 7_919)],
        current,
        kept,
        created_at: Time(now.0 - (45 - number) * 97 * MINUTE),
    }
}

/// What was tried, newest first.
pub(super) fn history(now: Time) -> Vec<DeploymentView> {
    let mut running = view(deployment("d-running", 45, DeploymentState::Building, now), 1, now);
    running.line.started_at = Some(Time(now.0 - 21_000));
    running.line.created_at = Time(now.0 - 23_000);
    let mut failed = deployment("d-failed", 44, DeploymentState::RolledBack, now);
    failed.failure = Some("The new version ended with exit code 1 while it was watched.".into());
    failed.cause = Cause::Person { email: "ada@example.org".into() };
    failed.reason = Some("Try the new payment library".into());
    let mut failed = view(failed, 5, now);
    failed.failure = Some(FailureView {
        step: StepName::Verify,
        code: "unhealthy".into(),
        message: "The new version ended with exit code 1 while it was watched. Its last lines are below; the usual cause is a missing variable.".into(),
        log_tail: vec![
            "starting on port 8080".into(),
            "thread 'main' panicked at src/main.rs:41:".into(),
            "PAYMENT_KEY must be set <here>".into(),
        ],
    });
    let image = |n: i64| Some(format!("registry.skep:5000/shop-production-web@sha256:{:012x}", n * 7_919));
    let image_change =
        ChangeView { path: "TaskTemplate.ContainerSpec.Image".into(), from: image(39), to: image(43) };
    failed.plan = Some(vec![PlanAction {
        verb: PlanVerb::Update,
        what: "service".into(),
        name: "shop-production-web".into(),
        restarts: true,
        changes: vec![image_change.clone()],
    }]);
    let mut live = view(deployment("d-live", 43, DeploymentState::Live, now), 6, now);
    live.release = Some(release(43, true, true, now));
    live.release_diff = Some(vec![
        image_change,
        ChangeView { path: "Mode.Replicated.Replicas".into(), from: Some("1".into()), to: Some("2".into()) },
        ChangeView {
            path: "TaskTemplate.ContainerSpec.Env.LOG_LEVEL".into(),
            from: None,
            to: Some("set".into()),
        },
    ]);
    live.plan = Some(vec![
        PlanAction {
            verb: PlanVerb::Create,
            what: "config".into(),
            name: "skep-probe-3f9a1c".into(),
            restarts: false,
            changes: Vec::new(),
        },
        PlanAction {
            verb: PlanVerb::Update,
            what: "service".into(),
            name: "shop-production-web".into(),
            restarts: true,
            changes: live.release_diff.clone().unwrap_or_default(),
        },
    ]);
    let mut gone = view(deployment("d-skip", 42, DeploymentState::Superseded, now), 0, now);
    gone.line.started_at = None;
    let cancelled = view(deployment("d-cancel", 41, DeploymentState::Cancelled, now), 1, now);
    let mut old = view(deployment("d-old", 39, DeploymentState::Retired, now), 6, now);
    old.line.cause = Cause::Rollback { email: "ada@example.org".into(), to: 37 };
    old.release = Some(release(39, false, true, now));
    let mut older = view(deployment("d-older", 37, DeploymentState::Retired, now), 6, now);
    older.release = Some(release(37, false, false, now));
    let mut shifting = view(deployment("d-shift", 36, DeploymentState::Shifting, now), 6, now);
    let until = Time(now.0 + 4 * 60_000);
    shifting.shift = Some(ShiftView { weight: 10, step: 1, steps: 2, until, by_hand: false });
    vec![running, failed, live, gone, cancelled, old, older, shifting]
}

/// A deployment's log.
pub(super) fn log(now: Time) -> Vec<LogLine> {
    let texts = [
        "Fetching 8d1f2c3a of github.com/acme/shop",
        "#1 [internal] load build definition from Dockerfile",
        "#2 [build 1/5] FROM docker.io/library/rust:1.95-slim",
        "#3 [build 2/5] COPY Cargo.toml Cargo.lock ./",
        "#4 [build 3/5] RUN cargo fetch",
        "#4 12.31 Downloading 214 crates",
        "#5 [build 4/5] COPY src src",
        "#6 [build 5/5] RUN cargo build --release",
        "#6 40.02    Compiling shop v1.4.0 (/src) with <generics>",
        "#6 81.77     Finished `release` profile [optimized] target(s) in 41.7s",
    ];
    (1_i64..)
        .zip(texts)
        .map(|(seq, text)| LogLine {
            seq,
            at: Time(now.0 - (60 - seq * 4) * 1_000),
            step: Some(if seq == 1 { StepName::Fetch } else { StepName::Build }),
            text: text.into(),
        })
        .collect()
}
