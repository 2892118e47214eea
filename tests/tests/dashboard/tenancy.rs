//! Whoever is not signed in gets nothing, and another team's things are not there.

use skep_tests::{
    db_test,
    world::{World, caller, owner},
};
use skep_web::api::{AppId, DeploymentId, Error, Scope, Secret};

use crate::{api, own};

db_test! {
    async fn case_105_another_teams_things_are_not_there(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let deployment = world.deploy_live(&app).await;
        let project = own(&world).overview().await.unwrap().projects[0].clone();
        let stranger = owner(&world.parts, "stranger@example.org").await;
        let stranger = api(&world, Some(caller(&world.parts, stranger, false).await));
        let (id, deployment) = (AppId(app.id.to_string()), DeploymentId(deployment.id.to_string()));
        assert!(stranger.overview().await.unwrap().projects.is_empty());
        assert!(stranger.overview().await.unwrap().recent.is_empty());
        assert_eq!(stranger.project(&project.id).await, Err(Error::NotFound));
        assert_eq!(stranger.environment(&project.environments[0].id).await, Err(Error::NotFound));
        assert_eq!(stranger.app(&id).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.configuration(&id).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.app_log(&id, None, 10).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.deployments(&id, None, 10).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.deployment(&deployment).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.deployment_log(&deployment, 10).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.releases(&id).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.domains(&id).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.generate_domain(&id).await, Err(Error::NotFound));
        assert_eq!(stranger.webhooks(&id).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.deliveries(&id, 10).await.map(drop), Err(Error::NotFound));
        let scope = Scope::App(id.clone());
        assert_eq!(stranger.variables(&scope).await.map(drop), Err(Error::NotFound));
        assert_eq!(stranger.set_variable(&scope, "A", Secret::new("b"), false).await, Err(Error::NotFound));
        assert_eq!(stranger.stop(&id).await, Err(Error::NotFound));
        assert_eq!(stranger.delete_app(&id, "shop", true).await, Err(Error::NotFound));
        let archive = Box::pin(futures::stream::empty());
        assert_eq!(stranger.upload(&id, archive).await.map(drop), Err(Error::NotFound));
        assert_eq!(own(&world).app(&AppId("nonsense".into())).await.map(drop), Err(Error::NotFound));
    }

    async fn nobody_gets_nothing(db: TestDb) {
        let world = World::new(db).await;
        let nobody = api(&world, None);
        assert_eq!(nobody.viewer().await.unwrap(), None);
        assert!(!nobody.needs_setup().await.unwrap());
        assert_eq!(nobody.overview().await.map(drop), Err(Error::Unauthenticated));
        assert_eq!(nobody.engine().await.map(drop), Err(Error::Unauthenticated));
        assert_eq!(nobody.nodes().await.map(drop), Err(Error::Unauthenticated));
        assert_eq!(nobody.instance().await.map(drop), Err(Error::Unauthenticated));
        assert_eq!(nobody.credentials().await.map(drop), Err(Error::Unauthenticated));
        assert_eq!(nobody.tokens().await.map(drop), Err(Error::Unauthenticated));
        assert_eq!(own(&world).viewer().await.unwrap().unwrap().email, "owner@example.org");
    }
}
