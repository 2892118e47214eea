//! What services wait for: `depends_on` and its conditions, from the file to the swarm.

use std::time::Duration;

use skep::{
    control,
    domain::{
        deployment::{Deployment, State},
        step::Step,
    },
    jobs,
    swarm::{LogLine, fake::Behaviour},
};
use skep_stack::labels;
use skep_tests::{
    db_test,
    world::{REPOSITORY, World},
};
use tokio_util::sync::CancellationToken;

/// `web` needs a healthy `db` and a `move` that ended well; their images by version.
fn file(db: u8, job: u8, web: u8) -> String {
    format!(
        "services:
  alone: {{image: 'registry.example.org/alone1:1'}}
  web:
    image: 'registry.example.org/web{web}:1'
    depends_on:
      db: {{condition: service_healthy}}
      move: {{condition: service_completed_successfully}}
  db: {{image: 'registry.example.org/db{db}:1'}}
  move:
    image: 'registry.example.org/move{job}:1'
    restart: on-failure:1
    depends_on: {{db: {{condition: service_healthy}}}}
"
    )
}

fn push(world: &World, title: &str, file: &str) {
    world.git.push(REPOSITORY, "main", title, &[("compose.yaml", file)]);
}

async fn lines(world: &World, deployment: &Deployment) -> Vec<String> {
    let lines = control::deployments::log(&world.cx, deployment.id, 0, 1000).await.unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// What was done to services, in order: `create move`.
async fn done(world: &World, deployment: &Deployment) -> Vec<String> {
    let lines = lines(world, deployment).await;
    let done = lines.iter().filter_map(|line| line.strip_prefix("Done: "));
    let done = done.filter_map(|line| line.split_once(" service "));
    done.map(|(verb, name)| format!("{verb} {}", name.rsplit_once('_').unwrap().1)).collect()
}

fn effects(world: &World) -> u64 {
    world.engine.effects("update_service") + world.engine.effects("create_service")
}

db_test! {
    async fn who_needs_others_waits_for_them_and_says_so(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "First", &file(1, 1, 1));
        world.engine.image_behaves("db1", Behaviour::Slow(12));
        let app = world.compose_from_git("shop").await;
        let first = world.deploy_live(&app).await;
        assert_eq!(done(&world, &first).await, ["create alone", "create db", "create move", "create web"]);
        let said = lines(&world, &first).await.join("\n");
        let full = |name: &str| format!("{}_{name}", app.stack);
        for words in [
            format!("{} waits: {}: 0 of 1 replicas are healthy", full("move"), full("db")),
            format!("{} waits: {}: ", full("web"), full("move")),
        ] {
            assert!(said.contains(&words), "{words}\n{said}");
        }
        let tasks = world.parts.engine.tasks(&app.stack).await.unwrap();
        let job: Vec<_> = tasks.iter().filter(|task| task.service_name == full("move")).collect();
        assert_eq!((job.len(), job[0].state.as_str()), (1, "complete"));

        let before = effects(&world);
        world.deploy_live(&app).await;
        assert_eq!(effects(&world), before, "an unchanged job does not run again");

        push(&world, "All are new", &file(2, 2, 2));
        let second = world.deploy_live(&app).await;
        assert_eq!(done(&world, &second).await, ["update db", "update move", "update web"]);
    }

    async fn what_is_needed_and_never_healthy_stops_those_that_need_it_before_they_are_touched(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "First", &file(1, 1, 1));
        world.engine.image_behaves("db1", Behaviour::NeverHealthy);
        let app = world.compose_from_git("shop").await;
        let failed = world.deploy(&app).await;
        let failure = failed.failure.clone().unwrap();
        assert_eq!((failed.state, failure.step, failure.code.as_str()), (State::Failed, Step::Apply, "unhealthy"));
        assert!(failure.message.starts_with("db: ") && failure.message.ends_with("; move waits for it to be healthy"), "{}", failure.message);
        assert_eq!(done(&world, &failed).await, ["create alone", "create db"]);
    }

    async fn a_job_that_fails_stops_the_deployment_with_its_error_and_its_last_lines(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "First", &file(1, 1, 1));
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        world.engine.image_behaves("move2", Behaviour::CrashesAtStart);
        world.engine.add_log(LogLine {
            at: None, service: format!("{}_move", app.stack), task: None, stderr: true, line: "no such column".to_owned(),
        });
        push(&world, "It moves wrongly", &file(1, 2, 2));
        let failed = world.deploy(&app).await;
        let failure = failed.failure.clone().unwrap();
        assert_eq!((failed.state, failure.step, failure.code.as_str()), (State::RolledBack, Step::Apply, "job_failed"));
        assert_eq!(failure.message, "move: task: non-zero exit (1); web waits for it to end well");
        assert_eq!(failure.log_tail, ["no such column"]);
        assert_eq!(done(&world, &failed).await, ["update move", "update move"], "there and back, and nobody else");
        let tasks = world.parts.engine.tasks(&app.stack).await.unwrap();
        assert_eq!(tasks.iter().filter(|task| task.image.contains("move2")).count(), 2, "on-failure:1");
    }

    async fn a_job_that_failed_before_runs_again_although_nothing_changed(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "First", &file(1, 1, 1));
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        world.engine.image_behaves("move", Behaviour::CrashesAtStart);
        push(&world, "It moves wrongly", &file(1, 2, 2));
        let failed = world.deploy(&app).await;
        assert_eq!(failed.state, State::RolledBack, "a job that fails on the way back keeps nobody from serving");
        world.engine.tick(20);
        push(&world, "As before", &file(1, 1, 1));
        let again = world.deploy(&app).await;
        assert_eq!((again.state, again.failure.unwrap().code.as_str()), (State::RolledBack, "job_failed"), "it ran again, once");
        world.engine.image_behaves("move", Behaviour::Healthy);
        let well = world.deploy_live(&app).await;
        assert_eq!(done(&world, &well).await, ["update move"]);
    }

    async fn fault_01_killed_while_it_waits_it_goes_on_waiting_and_does_nothing_twice(db: TestDb) {
        let world = World::new(db).await;
        push(&world, "First", &file(1, 1, 1));
        world.engine.image_behaves("move1", Behaviour::Slow(60));
        let app = world.compose_from_git("shop").await;
        let stop = CancellationToken::new();
        let worker = tokio::spawn(jobs::run(world.parts.clone(), stop.clone()));
        let queued = control::deployments::create(&world.cx, app.id, None, None).await.unwrap();
        while world.engine.effects("create_service") < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
        worker.await.unwrap();
        assert_eq!(world.deployment(queued.id).await.state, State::Applying);
        world.free().await;
        world.drain().await;
        let ended = world.deployment(queued.id).await;
        assert_eq!(ended.state, State::Live, "{:?}", ended.failure);
        assert_eq!((world.engine.effects("create_service"), world.engine.effects("update_service")), (4, 0));
    }

    async fn who_asks_for_it_is_restarted_with_what_it_needs_and_stays_so_after_a_restart(db: TestDb) {
        let world = World::new(db).await;
        let file = |db: u8| format!("services:
  web: {{image: 'registry.example.org/web1:1', depends_on: {{db: {{condition: service_started, restart: true}}}}}}
  db: {{image: 'registry.example.org/db{db}:1'}}
");
        push(&world, "First", &file(1));
        let app = world.compose_from_git("shop").await;
        world.deploy_live(&app).await;
        push(&world, "Another database", &file(2));
        let second = world.deploy_live(&app).await;
        assert_eq!(done(&world, &second).await, ["update db", "update web"]);
        control::lifecycle::restart(&world.cx, app.id, None).await.unwrap();
        world.drain().await;
        world.engine.tick(20);
        let before = effects(&world);
        world.deploy_live(&app).await;
        assert_eq!(effects(&world), before, "nothing differs");
        let observed = world.parts.engine.observe(&app.stack).await.unwrap();
        let web = observed.services[&format!("{}_web", app.stack)].spec.clone().unwrap();
        let on = web.task_template.unwrap().container_spec.unwrap().labels.unwrap();
        assert!(on.contains_key(labels::AFTER), "{on:?}");
    }
}
