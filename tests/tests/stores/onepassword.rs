//! 1Password Connect: vaults and items by name or id.

use crate::server::{Seen, Server, json, nothing, read};

const VAULT: &str = "ftz4pm2xxwmwrsd7rjqn7grzfz";
const ITEM: &str = "2fcbqwe9ndg175zg2dzwftvkpa";

fn answers(seen: &Seen) -> axum::response::Response {
    if seen.header("authorization") != "Bearer connect-token" {
        return json(401, r#"{"status": 401, "message": "Invalid token signature"}"#);
    }
    let items = format!("/v1/vaults/{VAULT}/items");
    match seen.uri.as_str() {
        "/v1/vaults" => json(200, "[]"),
        "/v1/vaults?filter=name+eq+%22My+Apps%22" => {
            json(200, &format!(r#"[{{"id": "{VAULT}", "name": "My Apps", "items": 3}}]"#))
        }
        uri if uri.starts_with("/v1/vaults?filter=") => json(200, "[]"),
        uri if uri == format!("{items}?filter=title+eq+%22Shop+login%22") => json(
            200,
            &format!(r#"[{{"id": "{ITEM}", "title": "Shop login", "vault": {{"id": "{VAULT}"}}}}]"#),
        ),
        uri if uri == format!("{items}?filter=title+eq+%22Twice%22") => {
            json(200, r#"[{"id": "a", "title": "Twice"}, {"id": "b", "title": "Twice"}]"#)
        }
        uri if uri == format!("{items}/{ITEM}") => json(
            200,
            r#"{"id": "2fcbqwe9ndg175zg2dzwftvkpa", "title": "Shop login", "category": "LOGIN", "fields": [{"id": "username", "type": "STRING", "purpose": "USERNAME", "label": "username", "value": "shop"}, {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": "pa$$word"}, {"id": "x1", "label": "key", "value": "1"}, {"id": "x2", "label": "key", "value": "2"}, {"id": "notesPlain", "label": "notes"}]}"#,
        ),
        uri if uri.starts_with(&items) => json(404, r#"{"status": 404, "message": "item not found"}"#),
        _ => nothing(),
    }
}

#[tokio::test]
async fn a_field_is_read_by_names_and_by_ids() {
    let server = Server::start(answers).await;
    let store = server.open("", r#"{"kind": "onepassword"}"#, "", "connect-token");
    assert_eq!(read(&*store, "My Apps/Shop login", "password").await.unwrap(), "pa$$word");
    assert_eq!(server.seen().len(), 3);
    let by_id = format!("{VAULT}/{ITEM}");
    assert_eq!(read(&*store, &by_id, "x2").await.unwrap(), "2");
    assert_eq!(server.seen().len(), 4);
    store.check().await.unwrap();
    for (path, key, code, words) in [
        ("Other/Shop login", "password", "secret_missing", "there is no vault `Other` that the token sees"),
        ("My Apps/Twice", "password", "store_unusable", "there are several items `Twice`"),
        (by_id.as_str(), "key", "store_unusable", "there are several fields `key`"),
        (by_id.as_str(), "none", "secret_missing", "there is no field `none` in this item"),
        (by_id.as_str(), "notes", "secret_missing", "there is no field `notes`"),
        ("My Apps/aaaaaaaaaaaaaaaaaaaaaaaaaa", "x", "secret_missing", "item not found"),
    ] {
        let (found, said) = read(&*store, path, key).await.unwrap_err();
        assert_eq!(found, code, "{path}#{key}: {said}");
        assert!(said.contains(words), "{path}#{key}: {said}");
    }
    let other = server.open("", r#"{"kind": "onepassword"}"#, "", "wrong-token");
    let (code, words) = read(&*other, &by_id, "password").await.unwrap_err();
    assert_eq!(
        (code, words.as_str()),
        ("store_denied", "it refuses: 401 Unauthorized: Invalid token signature")
    );
}
