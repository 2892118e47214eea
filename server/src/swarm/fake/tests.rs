//! The fake swarm does what a real one does, as `tests/tests/engine/` shows of the real one.

use bollard::models::{Service, ServiceSpec, ServiceUpdateStatusStateEnum as State};
use skep_stack::plan::Action;

use super::{super::Engine, Behaviour, FakeEngine};

fn spec(image: &str, held: bool) -> ServiceSpec {
    let test = if held { vec!["CMD", "/.skep/probe", "--hold", "5s", "alive"] } else { vec!["CMD", "/x"] };
    serde_json::from_value(serde_json::json!({
        "Name": "web", "Labels": {"com.docker.stack.namespace": "web"},
        "TaskTemplate": {"ContainerSpec": {"Image": image, "HealthCheck": {"Test": test}}},
        "Mode": {"Replicated": {"Replicas": 2}},
        "UpdateConfig": {"Order": "start-first", "FailureAction": "rollback", "Parallelism": 1}
    }))
    .unwrap()
}

fn create(image: &str) -> Action {
    Action::CreateService { name: "web".to_owned(), body: Box::new(spec(image, true)) }
}

async fn service(engine: &FakeEngine) -> Service {
    engine.observe("web").await.unwrap().services.remove("web").unwrap()
}

async fn update(engine: &FakeEngine, image: &str, held: bool) -> Action {
    let seen = service(engine).await;
    Action::UpdateService {
        name: "web".to_owned(),
        id: seen.id.unwrap(),
        version: seen.version.unwrap().index.unwrap(),
        body: Box::new(spec(image, held)),
        changes: Vec::new(),
        restarts: true,
    }
}

/// Polls until the update has ended; the lowest number of running tasks on the way.
async fn settle(engine: &FakeEngine) -> (State, usize) {
    let mut lowest = usize::MAX;
    for _ in 0..100 {
        let tasks = engine.tasks("web").await.unwrap();
        lowest = lowest.min(tasks.iter().filter(|task| task.state == "running").count());
        let state = service(engine).await.update_status.and_then(|status| status.state);
        if let Some(state) = state.filter(|s| !matches!(s, State::UPDATING | State::ROLLBACK_STARTED)) {
            return (state, lowest);
        }
    }
    panic!("the update never ended");
}

#[tokio::test]
async fn a_good_version_replaces_the_old_one_without_a_gap() {
    let engine = FakeEngine::calm();
    engine.perform(&create("a:1"), None).await.unwrap();
    engine.tick(10);
    engine.perform(&update(&engine, "a:2", true).await, None).await.unwrap();
    assert_eq!(settle(&engine).await, (State::COMPLETED, 2));
    let tasks = engine.tasks("web").await.unwrap();
    assert!(
        tasks.iter().filter(|task| task.state == "running").all(|task| task.current && task.image == "a:2")
    );
}

#[tokio::test]
async fn fault_10_every_kind_of_broken_version_is_rolled_back_and_the_old_one_never_stops() {
    for broken in [
        Behaviour::CrashesAtStart,
        Behaviour::NeverHealthy,
        Behaviour::HealthyThenDies,
        Behaviour::MissingImage,
    ] {
        let engine = FakeEngine::calm();
        engine.image_behaves("bad", broken);
        engine.perform(&create("a:1"), None).await.unwrap();
        engine.tick(10);
        engine.perform(&update(&engine, "bad:2", true).await, None).await.unwrap();
        assert_eq!(settle(&engine).await, (State::ROLLBACK_COMPLETED, 2), "{broken:?}");
        let tasks = engine.tasks("web").await.unwrap();
        assert!(tasks.iter().any(|task| task.error.is_some() && !task.current), "{broken:?}");
        let stored =
            service(&engine).await.spec.unwrap().task_template.unwrap().container_spec.unwrap().image;
        assert_eq!(stored.as_deref(), Some("a:1"));
    }
}

#[tokio::test]
async fn without_the_held_check_a_late_death_takes_the_old_version_with_it() {
    let engine = FakeEngine::calm();
    engine.image_behaves("bad", Behaviour::HealthyThenDies);
    engine.perform(&create("a:1"), None).await.unwrap();
    engine.tick(10);
    engine.perform(&update(&engine, "bad:2", false).await, None).await.unwrap();
    let (state, lowest) = settle(&engine).await;
    assert_eq!(state, State::ROLLBACK_COMPLETED);
    assert!(lowest < 2, "the fake must show what the held check is for");
}

#[tokio::test]
async fn fault_05_a_lost_answer_can_be_asked_again_and_changes_nothing_twice() {
    let engine = FakeEngine::calm();
    engine.lose_answers(1);
    assert!(engine.perform(&create("a:1"), None).await.unwrap_err().transient());
    engine.perform(&create("a:1"), None).await.unwrap();
    assert_eq!((engine.calls("create_service"), engine.effects("create_service")), (2, 1));

    let action = update(&engine, "a:2", true).await;
    engine.lose_answers(1);
    engine.perform(&action, None).await.unwrap_err();
    engine.perform(&action, None).await.unwrap();
    assert_eq!((engine.calls("update_service"), engine.effects("update_service")), (2, 1));
}

#[tokio::test]
async fn fault_04_somebody_faster_is_a_conflict() {
    let engine = FakeEngine::calm();
    engine.perform(&create("a:1"), None).await.unwrap();
    let action = update(&engine, "a:2", true).await;
    engine.conflict_for(1);
    let error = engine.perform(&action, None).await.unwrap_err();
    assert!(matches!(error, super::super::EngineError::Conflict(_)), "{error}");
    assert_eq!(engine.effects("update_service"), 0);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_life() {
    let mut lives = Vec::new();
    for _ in 0..2 {
        let engine = FakeEngine::new(7);
        let mut seen = Vec::new();
        for _ in 0..60 {
            seen.push(engine.perform(&create("a:1"), None).await.map_err(|error| error.to_string()));
            seen.push(engine.tasks("web").await.map(|t| format!("{t:?}")).map_err(|error| error.to_string()));
        }
        assert!(seen.iter().any(Result::is_err), "it misbehaves by default");
        assert_eq!(engine.effects("create_service"), 1);
        lives.push(seen);
    }
    assert_eq!(lives[0], lives[1]);
}
