//! The audit log as its page asks for it.

use serde_json::json;
use skep::{
    control,
    domain::audit::{Action, Change, Object},
};
use skep_tests::{
    db_test,
    world::{World, caller, owner},
};
use skep_web::api::{AuditFilter, ChangeView, Error};

use crate::{api, own};

async fn record(world: &World, action: Action, name: &str) {
    let change = Change::of(&json!({"port": 80, "token": "a"}), &json!({"port": 81, "token": "b"}));
    let mut tx = world.parts.db.write().await.unwrap();
    let object = Object::new("app", name, name);
    control::audit::record(&world.cx, &mut tx, action, object, change).await.unwrap();
    tx.commit().await.unwrap();
}

db_test! {
    async fn the_page_shows_and_filters_the_teams_log(db: TestDb) {
        let world = World::new(db).await;
        for n in 0..5 {
            record(&world, Action::AppConfigure, &format!("shop{n}")).await;
        }
        record(&world, Action::AppStop, "shop0").await;
        let filter = AuditFilter { action: "app.configure".into(), ..AuditFilter::default() };
        let page = own(&world).audit(filter.clone(), 3).await.unwrap();
        let names: Vec<&str> = page.entries.iter().map(|entry| entry.object.as_str()).collect();
        assert_eq!(names, ["shop4", "shop3", "shop2"]);
        let first = &page.entries[0];
        assert_eq!((first.who.as_str(), first.kind.as_str(), &first.refused), ("owner@example.org", "app", &None));
        let change = |path: &str, from: &str, to: &str| ChangeView {
            path: path.into(),
            from: Some(from.into()),
            to: Some(to.into()),
        };
        assert_eq!(first.changes, [change("port", "80", "81"), change("token", "(secret)", "(secret)")]);
        let older = AuditFilter { cursor: page.next.unwrap(), ..filter };
        let older = own(&world).audit(older, 3).await.unwrap();
        assert_eq!((older.entries.len(), older.next), (2, None));
        assert_eq!((page.days, page.key.len()), (400, 64));
        let wrong = AuditFilter { from: "soon".into(), ..AuditFilter::default() };
        assert!(matches!(own(&world).audit(wrong, 3).await, Err(Error::Invalid(faults)) if faults[0].field == "from"));
        let verified = own(&world).verify_audit().await.unwrap();
        assert!(verified.iter().all(|chain| chain.findings.is_empty()), "{verified:?}");
        assert!(verified[0].entries >= 6);
    }

    async fn others_do_not_see_it(db: TestDb) {
        let world = World::new(db).await;
        record(&world, Action::AppStop, "very-own").await;
        let stranger = owner(&world.parts, "stranger@example.org").await;
        let stranger = api(&world, Some(caller(&world.parts, stranger, false).await));
        let seen = stranger.audit(AuditFilter::default(), 50).await.unwrap();
        assert!(!seen.entries.iter().any(|entry| entry.object == "very-own"), "{seen:?}");
        assert_eq!(api(&world, None).audit(AuditFilter::default(), 50).await, Err(Error::Unauthenticated));
        assert_eq!(api(&world, None).verify_audit().await, Err(Error::Unauthenticated));
    }
}
