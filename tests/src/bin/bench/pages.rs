//! Server time of each page with a thousand apps and ten thousand deployments.

use serde_json::{Value, json};
use skep::{
    db::{self, Db, Location},
    domain::{clock::SystemClock, identity::Actor, name::Email},
};
use skep_tests::many;

use super::server::Server;

const PLACES: usize = 10;

/// Fills the server, and asks for each page twenty times.
pub async fn pages(server: &Server) {
    let mut environments = Vec::new();
    for i in 0..PLACES {
        let project = server.post("/api/v1/projects", json!({"name": format!("many-{i}")})).await;
        environments.push(id(&project["environments"][0]["id"]).parse().expect("an id"));
    }
    let db = Db::open(&Location::Sqlite(server.database())).await.expect("its database");
    let actor = owner(&db).await;
    many::fill(&db, &SystemClock, actor, &environments, 100, 10).await;
    let mut tx = db.read().await.expect("a transaction");
    let apps = db::app::list(&mut tx, actor.team).await.expect("the apps");
    let app = apps.iter().find(|app| app.stack == "app-3-7").expect("an app");
    let newest = db::deployment::of_app(&mut tx, app.id, i64::MAX, 1).await.expect("its deployments");
    let (app, deployment) = (app.id.to_string(), newest[0].id.to_string());
    drop(tx);
    db.close().await;
    let of_app = ["", "/deployments", "/variables", "/domains", "/settings", "/webhooks", "/logs"];
    let mut paths: Vec<_> = of_app.iter().map(|tab| format!("/apps/{app}{tab}")).collect();
    paths.extend(["/".into(), "/nodes".into(), format!("/deployments/{deployment}")]);
    paths.push(format!("/environments/{}", environments[3]));
    for path in paths {
        let mut times = Vec::new();
        let mut last = Default::default();
        for _ in 0..20 {
            let (status, took) = server.page(&path).await;
            times.push(took);
            last = status;
        }
        times.sort();
        let shown =
            path.replace(&app, "APP").replace(&deployment, "D").replace(&environments[3].to_string(), "E");
        println!("page {shown}: {}, median {:.1} ms", last.as_u16(), times[10].as_secs_f64() * 1000.0);
    }
}

fn id(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

async fn owner(db: &Db) -> Actor {
    let mut tx = db.read().await.expect("a transaction");
    let email = Email::parse("admin@example.org").expect("an address");
    let user = db::identity::user_by_email(&mut tx, &email).await.expect("an answer").expect("the admin");
    let teams = db::team::of_person(&mut tx, user.id).await.expect("their teams");
    Actor { user: user.id, team: teams[0].id }
}
