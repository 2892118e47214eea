//! Everything sealed that a database holds, and a world that holds something of each kind.

use std::collections::{BTreeMap, BTreeSet};

use skep::{
    control,
    db::{
        self, Db,
        sealed::{PLACES, page},
    },
    domain::{
        certificate::State,
        clock::{Clock as _, SystemClock},
        credential::Kind,
        data_key::KeyId,
        delivery::Provider,
        host_pattern::HostPattern,
        id::CertificateId,
        name::{DisplayName, EnvKey, Slug},
        right::Place,
        seal::{Seal, SealError, key_of},
        secret::Secret,
        sso,
        variable::Scope,
    },
};

use crate::world::{REPOSITORY, World};

/// A key that seals nothing.
const NONE: KeyId = KeyId::new([0; 4]);

/// Each sealed value, by its place and row.
///
/// # Panics
/// The database does not answer.
pub async fn values(db: &Db) -> BTreeMap<String, (&'static str, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let mut tx = db.read().await.expect("the database");
    for place in PLACES {
        for found in page(&mut tx, place, None, NONE, 1_000_000).await.expect("a page") {
            let Some(sealed) = found.sealed else { continue };
            let name = format!("{}.{} ({}) {}", place.table, place.column, place.what, found.key);
            all.insert(name, (place.what, sealed));
        }
    }
    all
}

/// What each says, opened with these keys.
///
/// # Errors
/// The first that does not open, with its place.
pub async fn opened(db: &Db, seal: &Seal) -> Result<BTreeMap<String, Vec<u8>>, (String, SealError)> {
    let all = values(db).await.into_iter();
    all.map(|(name, (what, sealed))| match seal.open(what, &sealed) {
        Ok(plain) => Ok((name, plain)),
        Err(why) => Err((name, why)),
    })
    .collect()
}

/// The keys that values are under.
pub async fn in_use(db: &Db) -> BTreeSet<KeyId> {
    values(db).await.values().filter_map(|(_, sealed)| key_of(sealed)).collect()
}

/// Sets a secret variable of the world's project.
///
/// # Panics
/// Control refuses it.
pub async fn set(cx: &control::Ctx, scope: Scope, key: &str, value: &str) {
    let key = EnvKey::parse(key).expect("a name");
    let new = control::variables::NewVariable { key, value: Secret::new(value), secret: true };
    control::variables::put_many(cx, scope, &[new]).await.expect("set");
}

/// Puts something into each place that holds something sealed, the way the server does.
///
/// # Panics
/// A part refuses it.
pub async fn fill(world: &World) -> Scope {
    let files = [
        ("compose.yaml", "services:\n  web:\n    build: .\n    environment: {PASSWORD: hunter2}\n"),
        ("Dockerfile", "FROM scratch\n"),
    ];
    world.git.push(REPOSITORY, "main", "First", &files);
    let app = world.compose_from_git("shop").await;
    let scope = Scope::App(app.id);
    set(&world.cx, scope, "TOKEN", "older t0ken").await;
    set(&world.cx, scope, "TOKEN", "t0ken").await;
    let registry = control::credentials::NewCredential {
        place: skep::domain::right::Place::Team,
        kind: Kind::Registry,
        title: DisplayName::parse("Registry").expect("a title"),
        host: "registry.example.org".to_owned(),
        username: Some("shop".to_owned()),
        secret: Some(Secret::new("pass")),
    };
    control::credentials::create(&world.cx, registry).await.expect("a credential");
    let store = control::stores::NewStore {
        name: Slug::parse("vault").expect("a name"),
        place: Place::Team,
        address: "https://vault.example.org".to_owned(),
        settings: serde_json::from_str(r#"{"kind": "vault"}"#).expect("settings"),
        login_id: String::new(),
        login_secret: Secret::new("vault-token"),
    };
    control::stores::create(&world.cx, store).await.expect("a store");
    let directory = control::directories::NewDirectory {
        name: String::new(),
        address: "zerossl".to_owned(),
        backup: true,
        external_key: "kid-1".to_owned(),
        hmac: Secret::new("aG1hYw"),
        profile: String::new(),
        key: skep::acme::KeyType::default(),
        limits: None,
    };
    control::directories::create(&world.cx, directory).await.expect("a directory");
    world.stores.put("shop", "key", "stored elsewhere");
    let provider = control::dns::NewProvider {
        name: Slug::parse("cloudflare").expect("a name"),
        place: Place::Team,
        zones: vec!["example.org".to_owned()],
        settings: serde_json::from_str(r#"{"kind": "cloudflare"}"#).expect("settings"),
        login_id: String::new(),
        login_secret: Secret::new("dns-token"),
    };
    control::dns::create(&world.cx, provider).await.expect("a DNS provider");
    set(&world.cx, scope, "STORED", "${{store.vault:shop#key}}").await;
    let (webhook, _) =
        control::webhooks::create(&world.cx, app.id, Provider::Github).await.expect("a webhook");
    control::webhooks::rotate(&world.cx, app.id, webhook.id).await.expect("a second secret");
    let provider = control::sso::New {
        of: control::sso::Of::Team,
        name: DisplayName::parse("Acme").expect("a name"),
        kind: sso::Kind::Oidc,
        issuer: sso::Issuer::parse("https://login.example.org").expect("an issuer"),
        client: sso::ClientName::parse("skep").expect("a client"),
        secret: Secret::new("client secret"),
        claim: sso::Claim::parse("groups").expect("a claim"),
        mappings: Vec::new(),
    };
    control::sso::create(&world.cx, provider).await.expect("an identity provider");
    world.deploy_live(&app).await;

    let (parts, now) = (&world.parts, SystemClock.now());
    skep::reconcile::audit_key(parts).await.expect("the key of the audit log");
    skep::deploy::secret_names::key(parts).await.expect("the key of names");
    let host = HostPattern::parse("shop.example.org").expect("a host");
    let mut tx = parts.db.write().await.expect("the database");
    let id = CertificateId::new(&SystemClock);
    db::acme::want(&mut tx, id, &host, "https://ca.example.org", now).await.expect("wanted");
    let mut row = db::acme::by_host(&mut tx, &host).await.expect("the database").expect("a row");
    row.state = State::Issued;
    row.sealed_key = Some(parts.seal.seal(&SystemClock, "certificate", b"private"));
    db::acme::save(&mut tx, &row).await.expect("saved");
    let authority = parts.seal.seal(&SystemClock, "internal ca", b"authority");
    db::own_certificate::put_authority(&mut tx, "chain", &authority, now).await.expect("an authority");
    let own = skep::domain::certificate::OwnCertificate {
        id: skep::domain::id::OwnCertificateId::new(&SystemClock),
        team: app.team,
        names: vec![host.clone()],
        issuer: "CN=Example".to_owned(),
        chain: "chain".to_owned(),
        sealed_key: parts.seal.seal(&SystemClock, "own certificate", b"brought along"),
        not_before: now,
        not_after: now,
        created_at: now,
    };
    db::own_certificate::insert(&mut tx, &own).await.expect("a certificate");
    let totp = parts.seal.seal(&SystemClock, "totp", b"shared secret");
    db::two_factor::begin(&mut tx, world.cx.actor.user, &totp, now).await.expect("begun");
    let account = parts.seal.seal(&SystemClock, "acme account", b"account");
    db::acme::put_account(&mut tx, "https://ca.example.org", None, &account, now).await.expect("an account");
    tx.commit().await.expect("the database");
    scope
}
