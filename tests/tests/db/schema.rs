//! The two schemas say the same, and every query is taken by both databases.

use std::collections::BTreeMap;

use skep::db::Tx;
use skep_tests::{
    database::{Kind, TestDb},
    db_test,
};

db_test! {
    async fn every_query_is_taken(db: TestDb) {
        let count = db.db.prepare_all().await.unwrap_or_else(|(text, error)| panic!("{text}: {error}"));
        assert!(count > 100, "{count}");
    }

    async fn case_002_no_webhook_has_an_empty_secret(db: TestDb) {
        // What is kept is sealed, so even an empty secret would be longer than 40 bytes.
        let text = "INSERT INTO webhook (id, app_id, provider, sealed_secret, created_at) VALUES ($1, $1, 'github', $2, $3)";
        let (id, at) = (uuid::Uuid::now_v7(), chrono::DateTime::UNIX_EPOCH);
        for sealed in [Vec::new(), vec![0_u8; 40]] {
            let refused = match db.db.write().await.unwrap() {
                Tx::Sqlite(mut tx) => tx.ask(text).bind(id).bind(sealed).bind(at).execute().await.unwrap_err(),
                Tx::Postgres(mut tx) => {
                    sqlx::query(text).bind(id).bind(sealed).bind(at).execute(&mut *tx).await.unwrap_err()
                }
            };
            assert!(refused.as_database_error().unwrap().is_check_violation(), "{refused}");
        }
    }

    async fn opening_twice_changes_nothing(db: TestDb) {
        let again = skep::db::Db::open(&db.location).await.unwrap();
        again.prepare_all().await.unwrap();
    }
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_and_columns() {
    let sqlite = columns(&TestDb::new(Kind::Sqlite).await).await;
    let postgres = columns(&TestDb::new(Kind::Postgres).await).await;
    assert_eq!(sqlite, postgres);
    assert!(sqlite.len() > 20);
}

#[test]
fn both_folders_have_the_same_migrations() {
    let names = |folder: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
        let mut names: Vec<_> = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// Column names and whether they may be null, by table.
async fn columns(db: &TestDb) -> BTreeMap<String, Vec<(String, bool)>> {
    let rows: Vec<(String, String, bool)> = match db.db.read().await.unwrap() {
        Tx::Sqlite(mut tx) => tx
            .ask(
                "SELECT m.name, c.name, c.\"notnull\" = 0 FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx%'",
            )
            .fetch_all()
            .await
            .unwrap(),
        Tx::Postgres(mut tx) => sqlx::query_as(
            "SELECT table_name::text, column_name::text, is_nullable = 'YES' FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'",
        )
        .fetch_all(&mut *tx)
        .await
        .unwrap(),
    };
    let mut tables: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for (table, column, null) in rows {
        tables.entry(table).or_default().push((column, null));
    }
    tables.values_mut().for_each(|columns| columns.sort());
    tables
}
