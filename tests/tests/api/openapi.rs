//! The document says what there is, and nothing that it says is open to strangers.

use serde_json::json;
use skep::http::{Need, need};
use skep_tests::{app::TestApp, db_test};

const ID: &str = "01900000-0000-7000-8000-000000000000";
db_test! {
    async fn every_documented_route_is_there_and_wants_to_know_who_asks(db: TestDb) {
        let app = TestApp::new(db);
        app.admin().await;
        let document = app.stranger().get("/api/openapi.json").await.ok(200);
        let mut tried = 0;
        for (path, item) in document["paths"].as_object().expect("paths") {
            assert!(path.starts_with("/api/v1/"), "{path}");
            for (method, operation) in item.as_object().expect("operations") {
                let name = operation["operationId"].as_str().expect("a name");
                assert!(operation["summary"].as_str().is_some_and(|said| said.ends_with('.')), "{name}");
                assert!(operation["responses"]["default"].is_object(), "{name}");
                let path = path.split('/').map(|part| if part.starts_with('{') { ID } else { part });
                let path = path.collect::<Vec<_>>().join("/");
                let method: axum::http::Method = method.to_uppercase().parse().expect("a method");
                tried += 1;
                if need(name) == Some(Need::Nothing) {
                    assert_eq!(operation["security"], json!([{}]), "{name}");
                    assert_ne!(app.stranger().json(method, &path, json!({})).await.status, 401, "{name}");
                } else {
                    // An unreadable body is no way around: who asks is asked first.
                    app.stranger().json(method, &path, json!("nonsense")).await.refused(401, "sign_in");
                }
            }
        }
        assert!(tried > 55, "{tried}");
    }

    async fn operations_have_names_of_their_own_and_references_lead_somewhere(db: TestDb) {
        let app = TestApp::new(db);
        let document = app.stranger().get("/api/openapi.json").await.ok(200);
        let mut names: Vec<&str> = document["paths"].as_object().expect("paths").values()
            .flat_map(|item| item.as_object().expect("operations").values())
            .map(|operation| operation["operationId"].as_str().expect("a name"))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().expect("a name");
            assert!(document["components"]["schemas"][name].is_object(), "{name} is not described");
        }
        let page = app.stranger().get("/api").await;
        assert_eq!(page.status, 200);
        for name in names {
            assert!(page.text.contains(&format!("id=\"{name}\"")), "{name} is not on the page");
        }
    }
}
