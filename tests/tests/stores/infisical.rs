//! Infisical by universal auth.

use serde_json::json as value;

use crate::server::{Seen, Server, json, nothing, read};

const SETTINGS: &str = r#"{"kind": "infisical", "project": "7f3c", "environment": "prod"}"#;

fn answers(seen: &Seen) -> axum::response::Response {
    let (path, query) = seen.uri.split_once('?').unwrap_or((&seen.uri, ""));
    match (seen.method.as_str(), path) {
        ("POST", "/api/v1/auth/universal-auth/login") => match seen.json()["clientSecret"].as_str() {
            Some("good") => json(
                200,
                r#"{"accessToken": "eyJ.token", "expiresIn": 2592000, "accessTokenMaxTTL": 2592000, "tokenType": "Bearer"}"#,
            ),
            _ => json(
                401,
                r#"{"reqId": "req-1", "statusCode": 401, "message": "Invalid credentials", "error": "Unauthorized"}"#,
            ),
        },
        _ if seen.header("authorization") != "Bearer eyJ.token" => {
            json(403, r#"{"statusCode": 403, "message": "no", "error": "TokenError"}"#)
        }
        ("GET", "/api/v3/secrets/raw/DB_URL") if query.contains("secretPath=%2Fback%2Fend") => json(
            200,
            r#"{"secret": {"id": "1", "version": 1, "type": "shared", "environment": "prod", "secretKey": "DB_URL", "secretValue": "pg://x", "secretComment": ""}}"#,
        ),
        ("GET", "/api/v3/secrets/raw/DB_URL") => {
            json(200, r#"{"secret": {"secretKey": "DB_URL", "secretValue": "top"}}"#)
        }
        ("GET", path) if path.starts_with("/api/v3/secrets/raw/") => json(
            404,
            r#"{"reqId": "req-2", "statusCode": 404, "message": "Secret with name 'NONE' not found", "error": "NotFound"}"#,
        ),
        _ => nothing(),
    }
}

#[tokio::test]
async fn a_secret_of_a_folder_is_read_with_one_sign_in() {
    let server = Server::start(answers).await;
    let store = server.open("/base", SETTINGS, "client", "good");
    // The address has a path of its own: the server answers below its top alone.
    assert_eq!(read(&*store, "/", "DB_URL").await.unwrap_err().0, "store_denied");
    assert_eq!(server.seen()[0].uri, "/base/api/v1/auth/universal-auth/login");

    let store = server.open("", SETTINGS, "client", "good");
    assert_eq!(read(&*store, "/", "DB_URL").await.unwrap(), "top");
    assert_eq!(read(&*store, "back/end", "DB_URL").await.unwrap(), "pg://x");
    let seen = &server.seen()[1..];
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].json(), value!({"clientId": "client", "clientSecret": "good"}));
    assert_eq!(
        seen[2].uri,
        "/api/v3/secrets/raw/DB_URL?workspaceId=7f3c&environment=prod&secretPath=%2Fback%2Fend&viewSecretValue=true"
    );
    let (code, words) = read(&*store, "/", "NONE").await.unwrap_err();
    assert_eq!(code, "secret_missing");
    assert!(words.contains("Secret with name 'NONE' not found"), "{words}");
    store.check().await.unwrap();
}

#[tokio::test]
async fn wrong_credentials_are_told_as_such() {
    let server = Server::start(answers).await;
    let store = server.open("", SETTINGS, "client", "wrong-secret");
    let (code, words) = read(&*store, "/", "DB_URL").await.unwrap_err();
    assert_eq!((code, words.as_str()), ("store_denied", "it refuses: 401 Unauthorized: Invalid credentials"));
    assert_eq!(store.check().await.unwrap_err().code(), "store_denied");
    assert_eq!(server.seen().len(), 2, "a sign-in is not tried again");
}
