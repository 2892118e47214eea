//! Public ports: one of those that the instance has is one app's alone.

use serde_json::{Value, json};
use skep_tests::{app::TestApp, client::Client, database::rows, db_test};

async fn image_app(client: &Client, name: &str) -> String {
    let project = client.post("/api/v1/projects", json!({"name": name})).await.ok(201);
    let body = json!({"environment": project["environments"][0]["id"], "name": "db",
        "source": {"kind": "image", "image": "postgres"}});
    let app = client.post("/api/v1/apps", body).await.ok(201)["id"].as_str().unwrap().to_owned();
    format!("/api/v1/apps/{app}")
}

fn tcp(public: u16) -> Value {
    json!({"protocol": "tcp", "public": public, "port": 5432})
}

db_test! {
    async fn a_port_is_one_apps_alone_whoever_asks(db: TestDb) {
        let app = TestApp::new(db);
        let (admin, other) = (app.program().await, app.foreigner().await);
        let (mine, theirs) = (image_app(&admin, "mine").await, image_app(&other, "theirs").await);
        let made = admin.post(&format!("{mine}/ports"), tcp(5432)).await.ok(201);
        assert_eq!((&made["public"], &made["protocol"]), (&json!(5432), &json!("tcp")));
        let answer = other.post(&format!("{theirs}/ports"), tcp(5432)).await;
        assert!(!answer.text.contains("mine"), "{}", answer.text);
        answer.refused(409, "port_taken");
        admin.post(&format!("{mine}/ports"), tcp(5432)).await.refused(409, "port_taken");
        let id = made["id"].as_str().unwrap();
        other.delete(&format!("{theirs}/ports/{id}")).await.refused(404, "not_found");
        assert_eq!(admin.get(&format!("{mine}/ports")).await.ok(200)["items"].as_array().unwrap().len(), 1);
        assert_eq!(admin.delete(&format!("{mine}/ports/{id}")).await.status, 204);
        other.post(&format!("{theirs}/ports"), tcp(5432)).await.ok(201);
    }

    async fn what_is_no_port_for_an_app_is_refused_with_its_field(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        let mine = image_app(&admin, "mine").await;
        admin.post(&format!("{mine}/domains"), json!({"host": "db.example.net"})).await.ok(201);
        let before = rows(&app.db.db).await;
        let base = tcp(5433);
        for (change, field) in [
            (json!({"public": 443}), "public"),
            (json!({"public": 5300}), "public"),
            (json!({"protocol": "udp"}), "public"),
            (json!({"port": 0}), "port"),
            (json!({"tls": "terminate"}), "host"),
            (json!({"host": "db.example.net"}), "host"),
            (json!({"tls": "terminate", "host": "other.example.net"}), "host"),
            (json!({"protocol": "udp", "public": 5353, "tls": "terminate", "host": "db.example.net"}), "tls"),
            (json!({"protocol": "udp", "public": 5353, "allow": ["10.0.0.0/8"]}), "allow"),
            (json!({"allow": ["nonsense"]}), "allow[0]"),
            (json!({"protocol": "sctp"}), "protocol"),
        ] {
            let mut body = base.clone();
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let answer = admin.post(&format!("{mine}/ports"), body).await;
            assert_eq!(answer.status, 422, "{change}: {}", answer.text);
            assert_eq!(answer.json["errors"][0]["field"], field, "{change}: {}", answer.text);
        }
        assert_eq!(rows(&app.db.db).await, before);
        let whole = json!({"protocol": "tcp", "public": 5433, "port": 5432, "tls": "terminate",
            "host": "db.example.net", "allow": ["10.0.0.0/8"]});
        admin.post(&format!("{mine}/ports"), whole).await.ok(201);
    }
}
