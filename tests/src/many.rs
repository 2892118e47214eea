//! A large instance, written straight into a database: what pages are measured with.
//!
//! To add a kind of thing that a large instance has: insert it in [`fill`].

use skep::{
    db::{self, Db},
    domain::{
        app::{App, Build, Settings, Source, Wanted},
        clock::Clock,
        deployment::{Cause, Deployment, State},
        id::{AppId, DeploymentId, EnvironmentId},
        identity::Actor,
        name::Slug,
    },
};

/// Puts `apps` apps of an image into each environment, each with `deployments` deployments, of
/// which the last is live.
///
/// # Panics
/// The database does not take them.
pub async fn fill(
    db: &Db,
    clock: &dyn Clock,
    actor: Actor,
    environments: &[EnvironmentId],
    apps: usize,
    deployments: i64,
) {
    for (place, environment) in environments.iter().enumerate() {
        let mut tx = db.write().await.expect("a transaction");
        for i in 0..apps {
            let app = app(clock, actor, *environment, place, i);
            db::app::insert(&mut tx, &app).await.expect("an app");
            for number in 1..=deployments {
                let state = if number == deployments { State::Live } else { State::Retired };
                let deployment = deployment(clock, actor, app.id, number, state);
                db::deployment::insert(&mut tx, &deployment).await.expect("a deployment");
            }
        }
        tx.commit().await.expect("written");
    }
}

fn app(clock: &dyn Clock, actor: Actor, environment: EnvironmentId, place: usize, i: usize) -> App {
    let now = clock.now();
    App {
        id: AppId::new(clock),
        team: actor.team,
        environment,
        name: Slug::parse(&format!("app-{i}")).expect("a name"),
        stack: format!("app-{place}-{i}"),
        source: Source::Image { image: "nginx:1".parse().expect("an image"), credential: None },
        build: Build::None,
        settings: Settings::default(),
        generation: 1,
        configured: 1,
        wanted: Wanted::Running,
        auto_deploy: true,
        created_at: now,
        updated_at: now,
    }
}

fn deployment(clock: &dyn Clock, actor: Actor, app: AppId, number: i64, state: State) -> Deployment {
    let now = clock.now();
    Deployment {
        id: DeploymentId::new(clock),
        app,
        number,
        generation: 1,
        state,
        services: std::collections::BTreeSet::new(),
        cause: Cause::Person { user: actor.user },
        reason: None,
        commit: None,
        title: Some("A change".to_owned()),
        author: None,
        failure: None,
        approvals: 0,
        cancel: false,
        created_at: now,
        started_at: Some(now),
        finished_at: Some(now + chrono::Duration::seconds(number)),
    }
}
