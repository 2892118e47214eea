//! Live streams: opened by right, and closed when the right is gone (case 115).

use std::time::Duration;

use axum::{body::Body, http::Method};
use http_body_util::BodyExt as _;
use skep::{
    db,
    domain::{
        id::EnvironmentId,
        right::{Place, Role},
    },
};
use skep_tests::{app::TestApp, db_test, world};

use crate::{
    people::everybody,
    things::{self, NOTHING},
};

db_test! {
    async fn streams_are_opened_by_right(db: TestDb) {
        let app = TestApp::new(db);
        let things = things::make(&app, &app.program().await, "own").await;
        let environment: EnvironmentId = things.environment.parse().unwrap();
        let paths = [format!("/events/deployments/{}", things.deployment), format!("/events/apps/{}/logs", things.app), format!("/events/apps/{}/requests", things.app)];
        for path in &paths {
            app.stranger().get(path).await.refused(401, "sign_in");
            let nobodys = path.replace(&things.deployment, NOTHING).replace(&things.app, NOTHING);
            let foreigner = world::owner(&app.parts, &format!("f{}@example.org", path.len())).await;
            let foreigner = app.program_of(foreigner).await;
            foreigner.get(path).await.refused(404, "not_found");
            foreigner.get(&nobodys).await.refused(404, "not_found");
        }
        for person in everybody(&app, &things).await {
            for path in &paths {
                let request = person.client.request(Method::GET, path).body(Body::empty()).unwrap();
                let status = person.client.send(request).await.status();
                let wanted = if person.access.sees(environment) { 200 } else { 404 };
                assert_eq!(status, wanted, "{path} by a {}", person.name);
            }
        }
    }

    async fn case_115_a_stream_ends_with_the_right_to_read_it(db: TestDb) {
        let app = TestApp::new(db);
        let things = things::make(&app, &app.program().await, "own").await;
        let team = things.team.parse().unwrap();
        let actor = world::member(&app.parts, team, "reader@example.org", &[(Place::Team, Role::Viewer)]).await;
        let reader = app.program_of(actor).await;
        let path = format!("/events/deployments/{}", things.deployment);
        let stream = reader.send(reader.request(Method::GET, &path).body(Body::empty()).unwrap()).await;
        assert_eq!(stream.status(), 200);
        let mut tx = app.parts.db.write().await.unwrap();
        db::team::take_all(&mut tx, team, actor.user).await.unwrap();
        tx.commit().await.unwrap();
        tokio::time::timeout(Duration::from_secs(9), stream.into_body().collect()).await.expect("it ends").unwrap();
        reader.get(&path).await.refused(404, "not_found");
    }
}
