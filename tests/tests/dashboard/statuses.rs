//! What the forge is told of a deployment, by a forge on loopback that notes it.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::Uri};
use skep::{
    control::{self, credentials::NewCredential},
    deploy::parts::Parts,
    domain::{
        app::{Build, Follow, Settings, Source},
        credential::Kind,
        delivery::Provider,
        git_url::GitUrl,
        instance::Instance,
        name::{DisplayName, RefName, Slug},
        secret::Secret,
    },
    swarm::fake::Behaviour,
};
use skep_tests::{db_test, world::World};

type Told = Arc<Mutex<Vec<(String, serde_json::Value)>>>;

/// A forge; what it was told, and where it is.
async fn forge() -> (Told, String) {
    let told = Told::default();
    let router = Router::new()
        .fallback(async |State(told): State<Told>, uri: Uri, body: Bytes| {
            told.lock().unwrap().push((uri.path().to_owned(), serde_json::from_slice(&body).unwrap()));
        })
        .with_state(told.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (told, address.to_string())
}

/// A world whose forge may be reached, with an app that signs in there.
async fn world(
    db: skep_tests::database::TestDb,
    address: &str,
    host: &str,
) -> (World, skep::domain::app::App) {
    let mut world = World::new(db).await;
    let instance = Instance {
        allow_addresses: vec!["127.0.0.0/8".to_owned()],
        git_allow_http: true,
        ..(*world.parts.instance).clone()
    };
    world.parts = Parts { instance: Arc::new(instance), ..world.parts.clone() };
    world.cx.parts = world.parts.clone();
    let new = NewCredential {
        place: skep::domain::right::Place::Team,
        kind: Kind::GitToken,
        title: DisplayName::parse("Forge").unwrap(),
        host: host.to_owned(),
        username: None,
        secret: Some(Secret::new("token-token")),
    };
    let credential = control::credentials::create(&world.cx, new).await.unwrap();
    let slug = |text| Slug::parse(text).unwrap();
    let (_, environment) = control::projects::create(&world.cx, slug("shop"), None).await.unwrap();
    let url = format!("http://{address}/acme/shop.git");
    let new = control::apps::NewApp {
        name: slug("web"),
        source: Source::Git {
            url: GitUrl::parse_allowing_http(&url).unwrap(),
            follow: Follow::Branch { branch: RefName::parse("main").unwrap() },
            credential: Some(credential.id),
            watch: Vec::new(),
        },
        build: serde_json::from_value::<Build>(serde_json::json!({"kind": "dockerfile"})).unwrap(),
        settings: serde_json::from_value::<Settings>(serde_json::json!({
            "port": 8080, "update": {"monitor": "1s", "deadline": "30s"}
        }))
        .unwrap(),
        auto_deploy: true,
    };
    let app = control::apps::create(&world.cx, environment.id, new).await.unwrap();
    (world, app)
}

fn states(told: &Told) -> Vec<String> {
    told.lock().unwrap().iter().map(|(_, body)| body["state"].as_str().unwrap().to_owned()).collect()
}

db_test! {
    async fn the_forge_hears_the_beginning_and_the_end(db: TestDb) {
        let (told, address) = forge().await;
        let (world, app) = world(db, &address, &address).await;
        let url = format!("http://{address}/acme/shop.git");
        let sha = world.git.push(&url, "main", "First", &[("Dockerfile", "FROM scratch")]);
        world.deploy_live(&app).await;
        assert!(told.lock().unwrap().is_empty(), "no webhook says which forge it is");

        control::webhooks::create(&world.cx, app.id, Provider::Gitea).await.unwrap();
        let second = world.git.push(&url, "main", "Second", &[("Dockerfile", "FROM scratch")]);
        world.deploy_live(&app).await;
        let all = told.lock().unwrap().clone();
        // What has begun need not be told any more once it has ended.
        assert_eq!(states(&told).last().unwrap(), "success", "{all:?}");
        assert!(all.len() <= 2);
        assert!(all.iter().all(|(path, _)| *path == format!("/api/v1/repos/acme/shop/statuses/{second}")), "{all:?}");
        assert_eq!(all.last().unwrap().1["context"], "skep/shop/production/web");
        assert_ne!(sha, second);

        world.engine.service_behaves(&app.stack, Behaviour::CrashesAtStart);
        world.git.push(&url, "main", "Third", &[("Dockerfile", "FROM scratch")]);
        let failed = world.deploy(&app).await;
        assert!(failed.failure.is_some());
        assert_eq!(states(&told).last().unwrap(), "failure");
    }

    async fn a_token_goes_to_its_own_host_alone(db: TestDb) {
        let (told, address) = forge().await;
        let (world, app) = world(db, &address, "git.example.org").await;
        control::webhooks::create(&world.cx, app.id, Provider::Gitea).await.unwrap();
        world.git.push(&format!("http://{address}/acme/shop.git"), "main", "First", &[("Dockerfile", "FROM scratch")]);
        let failed = world.deploy(&app).await;
        assert_eq!(failed.failure.unwrap().code, "credential_host");
        assert!(world.git.calls().is_empty(), "the host was not even asked");
        assert!(told.lock().unwrap().is_empty());
    }
}
