//! What a team has, and how an operation names it.

use serde_json::{Value, json};
use skep_tests::{app::TestApp, client::Client};

/// One of each, in one team.
#[derive(Debug, Clone)]
pub struct Things {
    pub team: String,
    pub project: String,
    pub environment: String,
    /// A second environment of the project, without apps.
    pub empty: String,
    pub app: String,
    pub deployment: String,
    pub credential: String,
    pub store: String,
    /// A DNS provider.
    pub dns: String,
    /// A domain whose proof was begun.
    pub proof: String,
    /// A certificate that the team brought along.
    pub own_certificate: String,
    pub webhook: String,
    pub domain: String,
    /// A public port of the app.
    pub port: String,
    /// Its host name.
    pub host: String,
    pub delivery: String,
    pub role: String,
    pub invitation: String,
    pub member: String,
    /// An identity provider.
    pub sso: String,
    pub service_account: String,
    /// One of its tokens.
    pub token: String,
    /// The certificate of the host.
    pub certificate: String,
    /// A directory of the instance, if its owner made these.
    pub directory: String,
}

/// An id that nothing has.
pub const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

/// Makes one of each, named with `tag`.
pub async fn make(app: &TestApp, owner: &Client, tag: &str) -> Things {
    let project = owner.post("/api/v1/projects", json!({"name": format!("shop-{tag}")})).await.ok(201);
    let environment = id(&project["environments"][0]);
    let path = format!("/api/v1/projects/{}/environments", id(&project));
    let empty = id(&owner.post(&path, json!({"name": "empty"})).await.ok(201));
    let source = json!({"kind": "image", "image": "nginx:1"});
    let body = json!({"environment": environment, "name": "web", "source": source});
    let made = id(&owner.post("/api/v1/apps", body).await.ok(201));
    let path = format!("/api/v1/apps/{made}");
    let credential = id(&owner.post("/api/v1/credentials", body_of_credential(&environment)).await.ok(201));
    owner.post("/api/v1/host-keys", body_of_host_key(&environment)).await.ok(204);
    let store =
        id(&owner.post("/api/v1/stores", body_of_store(&format!("vault-{tag}"), &environment)).await.ok(201));
    let dns = id(&owner
        .post("/api/v1/dns-providers", body_of_dns(&format!("dns-{tag}"), &environment))
        .await
        .ok(201));
    let domain = json!({"domain": format!("{tag}.example.net")});
    let proof = id(&owner.post("/api/v1/verified-domains", domain).await.ok(201));
    let variables = json!({"variables": [{"key": "A", "value": "b"}]});
    for place in [
        path.clone(),
        format!("/api/v1/projects/{}", id(&project)),
        format!("/api/v1/environments/{environment}"),
    ] {
        let second = json!({"variables": [{"key": "A", "value": "b2"}]});
        owner.patch(&format!("{place}/variables"), variables.clone()).await.ok(200);
        owner.patch(&format!("{place}/variables"), second).await.ok(200);
    }
    let deployment = id(&owner.post(&format!("{path}/deployments"), json!({})).await.ok(202));
    let hook = owner.post(&format!("{path}/webhooks"), json!({"provider": "generic"})).await.ok(201);
    let host = format!("{tag}.example.org");
    let domain = id(&owner.post(&format!("{path}/domains"), json!({"host": host})).await.ok(201));
    let port = id(&port(owner, &path).await);
    let own = format!("own-{tag}.example.org");
    owner.post(&format!("{path}/domains"), json!({"host": own})).await.ok(201);
    let own_certificate =
        id(&owner.post("/api/v1/own-certificates", body_of_own_certificate(&own)).await.ok(201));
    let delivery = deliver(app, owner, &path, &hook).await;
    let role = json!({"name": format!("looks {tag}"), "rights": ["view"]});
    let role = id(&owner.post("/api/v1/roles", role).await.ok(201));
    let invited = json!({"email": format!("new-{tag}@example.org"), "role": "viewer"});
    let invitation = owner.post("/api/v1/invitations", invited).await.ok(201);
    let second = json!({"email": format!("member-{tag}@example.org"), "role": "viewer"});
    let code = owner.post("/api/v1/invitations", second).await.ok(201);
    let joins = json!({"code": code["code"], "password": "a password that is long"});
    let member =
        id(&app.browser().from([192, 0, 2, 77]).post("/api/v1/invitations/accept", joins).await.ok(201));
    let sso = id(&owner.post("/api/v1/sso", body_of_sso()).await.ok(201));
    let account =
        id(&owner.post("/api/v1/service-accounts", json!({"name": format!("ci-{tag}")})).await.ok(201));
    let grants = json!({"grants": [{"place": {"kind": "team"}, "role": "deployer"}]});
    owner.json(axum::http::Method::PUT, &format!("/api/v1/members/{account}"), grants).await.ok(200);
    let path = format!("/api/v1/service-accounts/{account}/tokens");
    let token = id(&owner.post(&path, json!({"name": "pipeline"})).await.ok(201));
    let certificates = owner.get(&format!("/api/v1/apps/{made}/certificates")).await.ok(200);
    let certificate = id(&certificates["items"][0]);
    let directory = directory(owner).await;
    let team = owner.get("/api/v1/team").await.ok(200)["team"].clone();
    Things {
        team: id(&team),
        project: id(&project),
        environment,
        empty,
        app: made,
        deployment,
        credential,
        store,
        dns,
        proof,
        own_certificate,
        webhook: id(&hook),
        domain,
        port,
        host,
        delivery,
        role,
        invitation: id(&invitation),
        member,
        sso,
        service_account: account,
        token,
        certificate,
        directory,
    }
}

/// The one directory of the instance; only its owner can enter it.
async fn directory(owner: &Client) -> String {
    let known = owner.get("/api/v1/directories").await.ok(200);
    match known["items"].as_array().and_then(|all| all.first()) {
        Some(known) => id(known),
        None => {
            let made = owner.post("/api/v1/directories", body_of_directory()).await;
            made.json["id"].as_str().unwrap_or(NOTHING).to_owned()
        }
    }
}

/// The first public port that nobody has yet.
async fn port(owner: &Client, path: &str) -> Value {
    for public in 5432..5832 {
        let body = json!({"protocol": "tcp", "public": public, "port": 5432});
        let made = owner.post(&format!("{path}/ports"), body).await;
        if made.status == 201 {
            return made.json;
        }
    }
    panic!("no port is free");
}

/// A delivery that the app's webhook took.
async fn deliver(app: &TestApp, owner: &Client, path: &str, hook: &Value) -> String {
    use hmac::{Hmac, Mac as _};
    let body = json!({"ref": "refs/heads/main"}).to_string();
    let secret = hook["secret"].as_str().expect("a secret");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let to = format!("/hooks/generic/{}", id(hook));
    let sender = app.stranger().with("x-skep-signature-256", &signature).with("x-skep-delivery", &id(hook));
    let answer = sender.post(&to, serde_json::from_str(&body).unwrap()).await;
    let list = owner.get(&format!("{path}/deliveries")).await.ok(200);
    list["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{}: {list}", answer.text)).to_owned()
}

/// The path with its ids put in.
pub fn fill(path: &str, operation: &str, things: &Things) -> String {
    let first = if path.contains("/projects/") {
        &things.project
    } else if path.contains("/environments/") {
        if operation == "delete_environments" { &things.empty } else { &things.environment }
    } else if path.contains("/apps/") {
        &things.app
    } else if path.contains("/deployments/") {
        &things.deployment
    } else if path.contains("/credentials/") {
        &things.credential
    } else if path.contains("/stores/") {
        &things.store
    } else if path.contains("/dns-providers/") {
        &things.dns
    } else if path.contains("/verified-domains/") {
        &things.proof
    } else if path.contains("/own-certificates/") {
        &things.own_certificate
    } else if path.contains("/teams/") {
        &things.team
    } else if path.contains("/members/") {
        &things.member
    } else if path.contains("/roles/") {
        &things.role
    } else if path.contains("/invitations/") {
        &things.invitation
    } else if path.contains("/sso/") {
        &things.sso
    } else if path.contains("/service-accounts/") {
        &things.service_account
    } else if path.contains("/certificates/") {
        &things.certificate
    } else if path.contains("/directories/") {
        &things.directory
    } else {
        NOTHING
    };
    let path = match operation {
        "forget_host_keys" => format!("{path}?place=environment:{}", things.environment),
        _ => path.to_owned(),
    };
    path.replace("{id}", first)
        .replace("{webhook}", &things.webhook)
        .replace("{domain}", &things.domain)
        .replace("{port}", &things.port)
        .replace("{host}", if path.contains("/host-keys/") { "git.example.org" } else { &things.host })
        .replace("{delivery}", &things.delivery)
        .replace("{token}", &things.token)
        .replace("{key}", "A")
}

/// The same things as if they were not there.
pub fn missing() -> Things {
    let id = || NOTHING.to_owned();
    Things {
        team: id(),
        project: id(),
        environment: id(),
        empty: id(),
        app: id(),
        deployment: id(),
        credential: id(),
        store: id(),
        dns: id(),
        proof: id(),
        own_certificate: id(),
        webhook: id(),
        domain: id(),
        port: id(),
        host: "nothing.example.org".to_owned(),
        delivery: id(),
        role: id(),
        invitation: id(),
        member: id(),
        sso: id(),
        service_account: id(),
        token: id(),
        certificate: id(),
        directory: id(),
    }
}

/// A body that the operation takes.
pub fn body(operation: &str, things: &Things) -> Value {
    match operation {
        "adopt_environments" => {
            json!({"stack": "legacy", "name": "legacy", "compose": "services: {a: {image: a}}"})
        }
        "approve_deployments" | "reject_deployments" => json!({"comment": "seen"}),
        "protect_environments" => json!({"approvals": 1, "branches": ["main"]}),
        "reset_environments" => json!({"volumes": false}),
        "accept_invitations" => json!({"code": "none", "password": "a password that is long"}),
        "add_ports" => json!({"protocol": "udp", "public": 5353, "port": 53}),
        "add_domains" => json!({"host": "other.example.org"}),
        "change_domains" => json!({"options": {"compress": true}}),
        "change_members" => json!({"grants": [{"place": {"kind": "team"}, "role": "viewer"}]}),
        "change_password_session" => json!({"current": "x", "password": "another long password"}),
        "change_roles" => json!({"name": "sees"}),
        "change_settings" => json!({"acme_email": "ops@example.org"}),
        "change_team" => json!({"name": "Renamed"}),
        "create_directories" => json!({"address": "https://other.example.net/directory"}),
        "change_directories" => json!({"backup": true}),
        "import_certificates" => json!({"text": "{\"le\": {\"Certificates\": []}}"}),
        "create_apps" => {
            let source = json!({"kind": "image", "image": "nginx:1"});
            json!({"environment": things.environment, "name": "second", "source": source})
        }
        "create_credentials" => body_of_credential(&things.environment),
        "create_environments" => json!({"name": "staging"}),
        "create_invitations" => json!({"email": "another@example.org", "role": "viewer"}),
        "create_projects" => json!({"name": "another"}),
        "create_roles" => json!({"name": "sees too", "rights": ["view"]}),
        "create_service_accounts" => json!({"name": "another"}),
        "create_setup" => {
            json!({"token": "x", "email": "x@example.org", "password": "a password that is long"})
        }
        "create_sso" => body_of_sso(),
        "change_sso" => json!({"name": "Other"}),
        "set_team_sso" => json!({"only": false}),
        "connect_identities" | "disconnect_identities" => json!({"password": "x"}),
        "create_stores" => body_of_store("second", &things.environment),
        "create_dns_providers" => body_of_dns("second", &things.environment),
        "change_dns_providers" => json!({"zones": ["example.com"]}),
        "claim_verified_domains" => json!({"domain": "second.example.net"}),
        "upload_own_certificates" => body_of_own_certificate(&things.host),
        "change_stores" => json!({"login": {"secret": "hunter3"}}),
        "create_teams" => json!({"name": "Another"}),
        "create_token_service_accounts" => json!({"name": "t"}),
        "create_tokens" => json!({"name": "t"}),
        "create_webhooks" => json!({"provider": "github"}),
        "login_session" => json!({"email": "nobody@example.org", "password": "a password that is long"}),
        "look_at_team" => json!({"team": things.team}),
        "set_quota" => json!({"apps": 100, "memory": null}),
        "look_up_host_keys" => json!({"host": "git.example.org", "place": environment(&things.environment)}),
        "move_projects" => json!({"team": things.team}),
        "pin_host_keys" => body_of_host_key(&things.environment),
        "reserve_nodes" => json!({"environment": things.environment}),
        "rename_service_accounts" => json!({"name": "renamed"}),
        "set_retention_audit" => json!({"days": 30}),
        "scale_apps" => json!({"replicas": 2}),
        "deliver_of_app_variables" => json!({"kind": "file", "name": "a.txt"}),
        name if name.starts_with("import_of_") => json!({"text": "A=c\nB=d"}),
        name if name.starts_with("restore_of_") => json!({"version": 1}),
        name if name.starts_with("set_of_") => json!({"variables": [{"key": "A", "value": "c"}]}),
        _ => json!({}),
    }
}

fn body_of_sso() -> Value {
    let mappings = json!([{"group": "dev", "place": {"kind": "team"}, "role": "viewer"}]);
    json!({
        "name": "Acme", "kind": "oidc", "issuer": "https://login.example.org", "client": "skep",
        "secret": "hunter2", "mappings": mappings,
    })
}

fn body_of_directory() -> Value {
    json!({"address": "https://ca.example.org/directory"})
}

fn environment(id: &str) -> Value {
    json!({"kind": "environment", "id": id})
}

fn body_of_credential(of: &str) -> Value {
    json!({
        "kind": "git_token", "title": "t", "host": "git.example.org", "secret": "hunter2", "place": environment(of)
    })
}

fn body_of_host_key(of: &str) -> Value {
    let key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    json!({
        "host": "git.example.org", "line": format!("git.example.org ssh-ed25519 {key}"), "place": environment(of)
    })
}

fn body_of_store(name: &str, environment: &str) -> Value {
    json!({
        "name": name, "place": {"kind": "environment", "id": environment},
        "address": "https://vault.example.org:8200", "settings": {"kind": "vault"}, "login": {"secret": "hunter2"},
    })
}

pub fn body_of_dns(name: &str, environment: &str) -> Value {
    json!({
        "name": name, "place": {"kind": "environment", "id": environment}, "zones": ["example.org"],
        "settings": {"kind": "cloudflare"}, "login": {"secret": "hunter2"},
    })
}

/// A certificate for a host that signed itself.
pub fn body_of_own_certificate(host: &str) -> Value {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec![host.to_owned()]).expect("a name");
    json!({"chain": params.self_signed(&key).expect("a certificate").pem(), "key": key.serialize_pem()})
}
