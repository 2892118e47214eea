//! AWS Secrets Manager: requests as AWS documents them, and a server of its interface that checks each
//! signature itself (moto).

use std::sync::Arc;

use serde_json::json as value;
use skep::domain::clock::SystemClock;

use crate::server::{Seen, Server, answer, open_at, read};

const SETTINGS: &str = r#"{"kind": "aws", "region": "eu-central-1"}"#;
const JSON: &str = "application/x-amz-json-1.1";

fn answers(seen: &Seen) -> axum::response::Response {
    let no = |status, kind: &str, message: &str| {
        answer(status, JSON, format!(r#"{{"__type": "{kind}", "Message": "{message}"}}"#))
    };
    let target = seen.header("x-amz-target");
    if target == "secretsmanager.ListSecrets" {
        let words = "User: arn:aws:iam::1:user/x is not authorized to perform: secretsmanager:ListSecrets";
        return no(400, "com.amazonaws.secretsmanager#AccessDeniedException", words);
    }
    assert_eq!(target, "secretsmanager.GetSecretValue");
    match seen.json()["SecretId"].as_str().unwrap() {
        "prod/shop" => answer(
            200,
            JSON,
            r#"{"ARN": "arn:x", "Name": "prod/shop", "SecretString": "{\"URL\":\"pg://x\",\"PORT\":5432}", "VersionStages": ["AWSCURRENT"]}"#,
        ),
        "plain" => answer(200, JSON, r#"{"Name": "plain", "SecretString": "as it is"}"#),
        "bytes" => answer(200, JSON, r#"{"Name": "bytes", "SecretBinary": "AAEC"}"#),
        "denied" => {
            no(400, "AccessDeniedException", "is not authorized to perform: secretsmanager:GetSecretValue")
        }
        "stale" => no(400, "InvalidSignatureException", "The request signature we calculated does not match"),
        "unknown" => {
            no(400, "UnrecognizedClientException", "The security token included in the request is invalid.")
        }
        "busy" => no(400, "ThrottlingException", "Rate exceeded"),
        "gone" => no(
            400,
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        ),
        _ => no(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
    }
}

#[tokio::test]
async fn a_key_of_a_secret_or_all_of_its_text_is_read() {
    let server = Server::start(answers).await;
    let store = server.open("", SETTINGS, "AKIDEXAMPLE", "the-secret-key");
    assert_eq!(read(&*store, "prod/shop", "URL").await.unwrap(), "pg://x");
    assert_eq!(read(&*store, "prod/shop", "PORT").await.unwrap(), "5432");
    assert_eq!(read(&*store, "plain", "").await.unwrap(), "as it is");
    let asked = &server.seen()[0];
    assert_eq!((asked.method.as_str(), asked.uri.as_str()), ("POST", "/"));
    assert_eq!(asked.json(), value!({"SecretId": "prod/shop"}));
    assert_eq!((asked.header("content-type"), asked.header("x-amz-date")), (JSON, "20150830T123600Z"));
    let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/secretsmanager/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=";
    let signature = asked.header("authorization").strip_prefix(scope).unwrap();
    assert!(signature.len() == 64 && !asked.header("authorization").contains("the-secret-key"));
    store.check().await.unwrap();
}

#[tokio::test]
async fn refusals_are_told_apart_by_their_type() {
    let server = Server::start(answers).await;
    let store = server.open("", SETTINGS, "AKIDEXAMPLE", "the-secret-key");
    for (path, key, code, words) in [
        ("none", "a", "secret_missing", "ResourceNotFoundException"),
        ("prod/shop", "NONE", "secret_missing", "there is no key `NONE` in this secret"),
        ("plain", "a", "store_unusable", "the secret is no JSON object"),
        ("bytes", "a", "secret_missing", "it holds bytes"),
        ("denied", "a", "store_denied", "is not authorized to perform"),
        ("stale", "a", "store_denied", "InvalidSignatureException"),
        ("unknown", "a", "store_denied", "UnrecognizedClientException"),
        ("busy", "a", "store_unreachable", "Rate exceeded"),
        ("gone", "a", "store_unusable", "marked for deletion"),
    ] {
        let (found, said) = read(&*store, path, key).await.unwrap_err();
        assert_eq!(found, code, "{path}: {said}");
        assert!(said.contains(words), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_server_that_checks_signatures_takes_ours_and_no_other() {
    let told = std::env::var("SKEP_TEST_MOTO")
        .expect("this test needs moto: eval \"$(tests/lab/parts up moto)\", or run tests/run");
    let [address, id, secret] = told.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let open =
        |secret| open_at(Arc::new(SystemClock), address, SETTINGS, id, secret, "127.0.0.0/8 10.0.0.0/8");
    let store = open(secret);
    assert_eq!(read(&*store, "prod/shop", "URL").await.unwrap(), "pg://ü x");
    assert_eq!(read(&*store, "plain", "").await.unwrap(), "as it is");
    assert_eq!(read(&*store, "none", "a").await.unwrap_err().0, "secret_missing");
    store.check().await.unwrap();
    let wrong = open("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    assert_eq!(read(&*wrong, "plain", "").await.unwrap_err().0, "store_denied");
    assert_eq!(wrong.check().await.unwrap_err().code(), "store_denied");
}
