//! A thousand apps: each page shows them all, with the newest of each. How quick that is, is said
//! by the bench (`just bench`), which fills a server in the same way.

use skep::domain::name::Slug;
use skep_tests::{db_test, many, world::World};

use crate::own;

const PLACES: usize = 10;
const APPS: usize = 100;
const EACH: i64 = 10;

db_test! {
    async fn a_thousand_apps_are_all_there_with_the_newest_of_each(db: TestDb) {
        let world = World::new(db).await;
        let mut environments = Vec::new();
        for place in 0..PLACES {
            let name = Slug::parse(&format!("project-{place}")).unwrap();
            environments.push(skep::control::projects::create(&world.cx, name, None).await.unwrap().1.id);
        }
        many::fill(&world.parts.db, &*world.parts.clock, world.cx.actor, &environments, APPS, EACH).await;
        let api = own(&world);
        let overview = api.overview().await.unwrap();
        let apps: usize = overview.projects.iter().flat_map(|p| &p.environments).map(|e| e.apps.len()).sum();
        assert_eq!((apps, overview.recent.len(), overview.active.len()), (PLACES * APPS, 10, 0));
        assert!(overview.projects[0].environments[0].apps.iter().all(|app| app.last.as_ref().unwrap().number == EACH));
        let environment = &overview.projects[3].environments[0];
        assert_eq!(api.environment(&environment.id).await.unwrap().apps.len(), APPS);
        let list = api.deployments(&environment.apps[7].id, None, 20).await.unwrap();
        assert_eq!(list.items.len(), usize::try_from(EACH).unwrap());
    }
}
