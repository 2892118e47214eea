//! Nothing sealed is kept where rotation does not look. What it looks at is `db::sealed::PLACES`; this
//! fails for a new column of bytes, and for a new call that seals something.

use std::{collections::BTreeSet, path::Path};

use skep::db::{Tx, sealed::PLACES};
use skep_tests::db_test;

/// Columns of bytes that hold nothing of what rotation is for, and why.
const OTHER_BYTES: &[(&str, &str, &str)] = &[
    ("session", "hash", "a hash"),
    ("token", "hash", "a hash"),
    ("invitation", "hash", "a hash"),
    ("recovery_code", "hash", "a hash"),
    ("passkey", "credential", "by what an authenticator knows its key; no secret"),
    ("passkey_challenge", "hash", "a hash"),
    ("pending_login", "hash", "a hash"),
    ("sign_on", "hash", "a hash"),
    ("delivery", "body", "what a forge sent, as it came"),
    ("data_key", "id", "the name of a key"),
    ("data_key", "sealed", "under the master key: keys::change_master"),
];

/// Each call that seals, and for which place. A place that is kept by rotation is one of `PLACES`.
const CALLS: &[(&str, &str)] = &[
    ("control/adopt.rs", "\"release\""),
    ("control/certificates/import.rs", "\"certificate\""),
    ("control/credentials.rs", "\"credential\""),
    ("control/directories/mod.rs", "\"acme key\""),
    ("control/dns/mod.rs", "\"dns provider\""),
    ("control/identity/session.rs", "KNOWN"), // a cookie: a browser that shows an old one signs in anew
    ("control/identity/two_factor/begin.rs", "\"totp\""),
    ("control/own_certificates/upload.rs", "\"own certificate\""),
    ("control/sso/mod.rs", "\"identity provider\""),
    ("control/stores/mod.rs", "\"store\""),
    ("control/variables.rs", "\"variable\""),
    ("control/variables/import.rs", "&place(cx, scope)"), // in a form, for an hour
    ("control/webhooks.rs", "\"webhook\""),
    ("deploy/composed.rs", "\"compose\""),
    ("deploy/plan.rs", "\"release\""),
    ("deploy/publish.rs", "\"release\""),
    ("deploy/secret_names.rs", "\"name key\""),
    ("deploy/stored.rs", "\"store reading\""),
    ("edge/keeper/kept.rs", "PLACE"), // on the node, under the token of the edge: fetched anew, never rotated
    ("http/gate.rs", "PLACE"),        // a code and a cookie: a browser that shows an old one signs in anew
    ("jobs/certificate/account.rs", "\"acme account\""),
    ("jobs/certificate/place.rs", "\"certificate\""),
    ("jobs/internal.rs", "\"certificate\""),
    ("jobs/internal.rs", "\"internal ca\""),
    ("keys/reseal.rs", "place.what"), // rotation itself
    ("reconcile/audit.rs", "\"audit key\""),
];

db_test! {
    async fn each_column_of_bytes_is_sealed_anew_or_known_to_hold_something_else(db: TestDb) {
        // In Postgres ids are no bytes; in SQLite they are known by their names.
        let columns: Vec<(String, String)> = match db.db.read().await.unwrap() {
            Tx::Sqlite(mut tx) => tx
                .ask(
                    "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' \
                     AND m.name NOT LIKE '_sqlx%' AND c.type = 'BLOB' AND c.name NOT LIKE '%\\_id' ESCAPE '\\' \
                     AND (c.name <> 'id' OR m.name = 'data_key')",
                )
                .fetch_all()
                .await
                .unwrap(),
            Tx::Postgres(mut tx) => sqlx::query_as(
                "SELECT table_name::text, column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' AND data_type = 'bytea'",
            )
            .fetch_all(&mut *tx)
            .await
            .unwrap(),
        };
        let found: BTreeSet<(&str, &str)> = columns.iter().map(|(t, c)| (t.as_str(), c.as_str())).collect();
        let sealed = PLACES.iter().map(|place| (place.table, place.column)).filter(|(_, c)| *c != "output");
        let known: BTreeSet<(&str, &str)> =
            OTHER_BYTES.iter().map(|(table, column, _)| (*table, *column)).chain(sealed).collect();
        assert_eq!(found, known, "a new one is a line in PLACES, if it is sealed, or in OTHER_BYTES");
    }
}

#[test]
fn each_call_that_seals_is_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src");
    let mut calls = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.starts_with("domain/seal") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                calls.extend(sealing(code).into_iter().map(|what| (name.clone(), what)));
            }
        }
    }
    calls.sort();
    let calls: Vec<_> = calls.iter().map(|(name, what)| (name.as_str(), what.as_str())).collect();
    assert_eq!(calls, CALLS, "a new one is a line in PLACES, if it is kept, and in CALLS");
    let kept = PLACES.iter().map(|place| format!("\"{}\"", place.what)).collect::<BTreeSet<_>>();
    let called: BTreeSet<String> =
        CALLS.iter().map(|(_, what)| (*what).to_owned()).filter(|what| what.starts_with('"')).collect();
    assert_eq!(kept, called);
}

/// The second argument of each `seal(clock, what, plain)`.
fn sealing(code: &str) -> Vec<String> {
    code.split(".seal(")
        .skip(1)
        .filter_map(|rest| {
            let (mut depth, mut args) = (0, vec![String::new()]);
            for c in rest.chars() {
                match c {
                    ')' if depth == 0 => break,
                    ',' if depth == 0 => {
                        args.push(String::new());
                        continue;
                    }
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth -= 1,
                    _ => {}
                }
                args.last_mut()?.push(c);
            }
            args.retain(|arg| !arg.trim().is_empty());
            (args.len() >= 3).then(|| args[1].trim().to_owned())
        })
        .collect()
}
