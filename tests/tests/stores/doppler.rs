//! Doppler by a service token.

use crate::server::{Seen, Server, json, nothing, read};

const TOKEN: &str = "dp.st.prd.token";

fn answers(seen: &Seen) -> axum::response::Response {
    if seen.header("authorization") != format!("Bearer {TOKEN}") {
        return json(401, r#"{"messages": ["Invalid Auth token"], "success": false}"#);
    }
    match seen.uri.as_str() {
        "/v3/configs/config/secret?project=shop&config=prd&name=URL" => json(
            200,
            r#"{"name": "URL", "value": {"raw": "${HOST}/x", "computed": "db/x", "note": ""}, "success": true}"#,
        ),
        "/v3/configs/config/secret?project=shop&config=prd&name=HIDDEN" => json(
            200,
            r#"{"name": "HIDDEN", "value": {"raw": null, "computed": null, "rawVisibility": "restricted"}, "success": true}"#,
        ),
        uri if uri.starts_with("/v3/configs/config/secret?") => {
            json(404, r#"{"messages": ["Could not find requested secret: NONE"], "success": false}"#)
        }
        "/v3/me" => json(200, r#"{"name": "t", "type": "service_token"}"#),
        _ => nothing(),
    }
}

#[tokio::test]
async fn a_secret_of_a_config_is_read() {
    let server = Server::start(answers).await;
    let store = server.open("", r#"{"kind": "doppler"}"#, "", TOKEN);
    assert_eq!(read(&*store, "shop/prd", "URL").await.unwrap(), "db/x");
    store.check().await.unwrap();
    let (code, words) = read(&*store, "shop/dev", "NONE").await.unwrap_err();
    assert_eq!(code, "secret_missing");
    assert!(words.contains("Could not find requested secret: NONE"), "{words}");
    assert_eq!(read(&*store, "shop/prd", "HIDDEN").await.unwrap_err().0, "secret_missing");
    let other = server.open("", r#"{"kind": "doppler"}"#, "", "dp.st.another");
    let (code, words) = read(&*other, "shop/prd", "URL").await.unwrap_err();
    assert_eq!((code, words.as_str()), ("store_denied", "it refuses: 401 Unauthorized: Invalid Auth token"));
}
