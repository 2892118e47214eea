//! Variables as the pages have them: shown before they are imported, and delivered.

use skep_tests::{db_test, world::World};
use skep_web::api::{AppId, Error, ImportPreview, Scope, Secret, SecretFile};

use crate::own;

db_test! {
    async fn a_page_imports_what_it_showed_and_holds_no_value(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let (api, id) = (own(&world), AppId(app.id.to_string()));
        let scope = Scope::App(id.clone());
        let preview = async |text: &str| api.preview_import(&scope, Secret::new(text), true, false).await.unwrap();
        let shown: ImportPreview = preview("A=hunter2\nB=hunter3\n").await;
        assert_eq!((shown.added.len(), shown.changed.len()), (2, 0));
        assert!(!format!("{shown:?}").contains("hunter"));
        assert!(api.variables(&scope).await.unwrap().is_empty(), "nothing was saved");
        api.import_variables(&scope, &shown.draft).await.unwrap();
        assert_eq!(api.variables(&scope).await.unwrap().len(), 2);
        assert_eq!(api.reveal_variable(&scope, "B").await.unwrap().expose(), "hunter3");
        let told = |result: Result<(), Error>| match result {
            Err(Error::Conflict(text)) => text,
            other => panic!("{other:?}"),
        };
        assert!(told(api.import_variables(&scope, &shown.draft).await).contains("changed after this was shown"));
        let environment = Scope::Environment(skep_web::api::EnvironmentId(app.environment.to_string()));
        for draft in [shown.draft.as_str(), "", "AAAA"] {
            assert!(told(api.import_variables(&environment, draft).await).contains("give the text again"), "of another place");
        }
    }

    async fn a_page_says_how_a_variable_is_delivered(db: TestDb) {
        let world = World::new(db).await;
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let (api, id) = (own(&world), AppId(app.id.to_string()));
        let scope = Scope::App(id.clone());
        api.set_variable(&scope, "TOKEN", Secret::new("hunter2"), true).await.unwrap();
        let file = SecretFile { name: String::new(), services: vec!["web".into()], owner: Some("70".into()) };
        api.deliver_variable(&id, " TOKEN ", Some(file)).await.unwrap();
        let shown = api.variables(&scope).await.unwrap()[0].file.clone().unwrap();
        assert_eq!((shown.name.as_str(), shown.services, shown.owner.as_deref()), ("TOKEN", vec!["web".to_owned()], Some("70")));
        for (key, file, field) in [
            ("NONE", SecretFile::default(), "key"),
            ("TOKEN", SecretFile { name: "a/b".into(), ..SecretFile::default() }, "name"),
            ("TOKEN", SecretFile { owner: Some("me".into()), ..SecretFile::default() }, "owner"),
        ] {
            match api.deliver_variable(&id, key, Some(file)).await {
                Err(Error::Invalid(faults)) => assert_eq!(faults[0].field, field),
                other => panic!("{other:?}"),
            }
        }
        api.deliver_variable(&id, "TOKEN", None).await.unwrap();
        assert_eq!(api.variables(&scope).await.unwrap()[0].file, None);
    }
}
