//! Vault and OpenBao: keys and values of both versions, a token and an AppRole.

use axum::http::Method;

use crate::server::{Seen, Server, json, nothing, read};

const TOKEN: &str = "hvs.the-token-of-tests";

fn answers(seen: &Seen) -> axum::response::Response {
    match (seen.method.as_str(), seen.uri.as_str()) {
        ("POST", "/v1/auth/approle/login") => match seen.json()["secret_id"].as_str() {
            Some("good-secret") => json(
                200,
                &format!(
                    r#"{{"request_id": "1", "lease_id": "", "auth": {{"client_token": "{TOKEN}", "policies": ["default"], "lease_duration": 1200, "renewable": true}}}}"#
                ),
            ),
            _ => json(400, r#"{"errors": ["invalid role or secret ID"]}"#),
        },
        _ if seen.header("x-vault-token") != TOKEN => json(
            403,
            &format!(r#"{{"errors": ["permission denied", "bad token {}"]}}"#, seen.header("x-vault-token")),
        ),
        ("GET", "/v1/secret/data/apps/shop") => json(
            200,
            r#"{"request_id": "1", "data": {"data": {"URL": "postgres://a:b@db/shop", "PORT": 5432, "LIST": [1], "EMPTY": ""}, "metadata": {"version": 3, "destroyed": false}}, "warnings": null}"#,
        ),
        ("GET", "/v1/secret/data/apps/gone") => json(
            404,
            r#"{"data": {"data": null, "metadata": {"deletion_time": "2026-01-01T00:00:00Z", "version": 1}}}"#,
        ),
        ("GET", "/v1/team/kv/my%20app/sh@p") => {
            json(200, r#"{"data": {"URL": "v1"}, "lease_duration": 2764800}"#)
        }
        ("GET", "/v1/secret/data/forbidden") => {
            json(403, r#"{"errors": ["1 error occurred:\n\t* permission denied\n\n"]}"#)
        }
        ("GET", "/v1/auth/token/lookup-self") => json(200, r#"{"data": {"policies": ["default"]}}"#),
        ("GET", "/v1/secret/data/none") => json(404, r#"{"errors": []}"#),
        _ => nothing(),
    }
}

#[tokio::test]
async fn a_token_reads_a_key_of_version_two() {
    let server = Server::start(answers).await;
    let store = server.open("/", r#"{"kind": "vault", "namespace": "admin/shop"}"#, "", TOKEN);
    assert_eq!(read(&*store, "apps/shop", "URL").await.unwrap(), "postgres://a:b@db/shop");
    assert_eq!(read(&*store, "/apps/shop/", "PORT").await.unwrap(), "5432");
    assert_eq!(read(&*store, "apps/shop", "EMPTY").await.unwrap(), "");
    let asked = &server.seen()[0];
    assert_eq!((asked.method.clone(), asked.uri.as_str()), (Method::GET, "/v1/secret/data/apps/shop"));
    assert_eq!((asked.header("x-vault-token"), asked.header("x-vault-namespace")), (TOKEN, "admin/shop"));
    assert_eq!(asked.header("x-vault-request"), "true");
    store.check().await.unwrap();

    for (path, key, code, words) in [
        ("apps/shop", "NONE", "secret_missing", "there is no key `NONE` at this path"),
        ("apps/shop", "LIST", "store_unusable", "is no text"),
        ("apps/gone", "URL", "secret_missing", "nothing is at this path of mount `secret`"),
        ("none", "URL", "secret_missing", "nothing is at this path"),
        ("forbidden", "URL", "store_denied", "403 Forbidden: 1 error occurred: * permission denied"),
    ] {
        let (found, said) = read(&*store, path, key).await.unwrap_err();
        assert_eq!(found, code, "{path}");
        assert!(said.contains(words), "{path}: {said}");
    }
}

#[tokio::test]
async fn version_one_and_a_mount_of_several_parts() {
    let server = Server::start(answers).await;
    let settings = r#"{"kind": "vault", "mount": "team/kv", "version": "v1"}"#;
    let store = server.open("", settings, "", TOKEN);
    assert_eq!(read(&*store, "my app/sh@p", "URL").await.unwrap(), "v1");
    let settings = r#"{"kind": "vault", "version": "v1", "mount": "secret/data"}"#;
    let mixed = server.open("", settings, "", TOKEN);
    let (code, _) = read(&*mixed, "apps/shop", "URL").await.unwrap_err();
    assert_eq!(code, "secret_missing", "an engine of version two shows no key of its own");
}

#[tokio::test]
async fn an_app_role_signs_in_once_and_its_token_is_told_to_nobody() {
    let server = Server::start(answers).await;
    let store = server.open("", r#"{"kind": "vault"}"#, "shop-role", "good-secret");
    for _ in 0..3 {
        read(&*store, "apps/shop", "URL").await.unwrap();
    }
    let seen = server.seen();
    let logins: Vec<_> = seen.iter().filter(|seen| seen.method == Method::POST).collect();
    assert_eq!((logins.len(), seen.len()), (1, 4));
    let wanted = serde_json::json!({"role_id": "shop-role", "secret_id": "good-secret"});
    assert_eq!(logins[0].json(), wanted);

    let refused = server.open("", r#"{"kind": "vault"}"#, "shop-role", "bad-secret");
    let (code, words) = read(&*refused, "apps/shop", "URL").await.unwrap_err();
    assert_eq!(code, "store_denied");
    assert!(words.contains("invalid role or secret ID"), "{words}");

    let stolen = server.open("", r#"{"kind": "vault"}"#, "", "hvs.another-token");
    let (code, words) = read(&*stolen, "apps/shop", "URL").await.unwrap_err();
    assert_eq!(code, "store_denied");
    assert!(words.contains("permission denied; bad token ••••••"), "{words}");
    assert!(!words.contains("hvs."), "{words}");
    assert_eq!(stolen.check().await.unwrap_err().code(), "store_denied");
}
