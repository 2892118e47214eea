//! A database of an older version is brought to the newest with every row that it has, as an update of
//! Skep does it: from each schema there ever was on SQLite, from some on Postgres.
//!
//! A table's row is made from what the database says of its columns, so a new table needs nothing here,
//! unless a column of it refers to a table by another name (`REFERS`), takes only some texts (`TEXTS`), or
//! nothing (`EMPTY`).

use std::{collections::BTreeMap, path::Path};

use skep::db::{Db, Location};
use skep_tests::database::{Kind, TestDb};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection,
    migrate::Migrator,
};

/// Columns whose name, without `_id`, is not the table's that they refer to.
const REFERS: &[(&str, &str)] = &[
    ("changer_id", "person"),
    ("inviter_id", "person"),
    ("place_id", "team"),
    ("provider_id", "identity_provider"),
    ("role_id", "team_role"),
    ("scope_id", "app"),
];
/// Texts that a constraint asks for.
const TEXTS: &[(&str, &str, &str)] = &[("audit_key", "name", "instance")];
/// What is empty in the row: a constraint asks for it.
const EMPTY: &[(&str, &str)] = &[("person", "service_team_id")];
/// What a migration took away on purpose: the team of a person became their membership.
const GONE: &[(&str, &str)] = &[("person", "team_id")];

/// The rows of each table; each row as the texts of its values, by column.
type Rows = BTreeMap<String, Vec<BTreeMap<String, String>>>;
/// Column and type, by table.
type Columns = BTreeMap<String, Vec<(String, String)>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_older_schema_keeps_its_rows_sqlite() {
    from_each_version(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_schemas_keep_their_rows_postgres() {
    from_each_version(Kind::Postgres).await;
}

async fn from_each_version(kind: Kind) {
    let newest = migrations(kind).count();
    assert!(newest > 12, "{newest}");
    // Postgres makes a schema in seconds: from the first, the last before teams, and the one before the newest.
    let versions: Vec<_> = if kind == Kind::Sqlite { (1..newest).collect() } else { vec![1, 7, newest - 1] };
    for version in versions {
        let place = TestDb::empty(kind).await;
        let before = {
            let mut old = Old::open(&place.location).await;
            old.migrate(kind, version).await;
            old.fill().await;
            old.rows().await
        };
        assert!(before.len() >= 20 && before.values().all(|rows| !rows.is_empty()), "{version}: {before:?}");

        let db = Db::open(&place.location).await.unwrap_or_else(|error| panic!("from {version}: {error}"));
        db.prepare_all().await.unwrap_or_else(|(text, error)| panic!("from {version}: {text}: {error}"));
        let mut now = Old::open(&place.location).await;
        let after = now.rows().await;
        for (table, rows) in &before {
            for row in rows {
                let kept = after[table].iter().any(|found| {
                    row.iter().all(|(column, value)| {
                        GONE.contains(&(table, column)) || found.get(column) == Some(value)
                    })
                });
                assert!(kept, "from {version}, {table}: {row:?} is not in {:?}", after[table]);
            }
        }
        // Whoever was there before there were roles owns what they had, and is still signed in to it.
        let team = &before["team"][0]["id"];
        let owner = after["member_role"].iter().any(|row| {
            (version >= 8 || row["role"].contains("owner"))
                && &row["team_id"] == team
                && row["person_id"] == before["person"][0]["id"]
        });
        assert!(owner, "from {version}: {:?}", after["member_role"]);
        for table in ["session", "token"] {
            assert!(after[table].iter().all(|row| &row["team_id"] == team), "from {version}: {table}");
        }
        now.check_references().await;
    }
}

/// The files of the migrations, in their order.
fn migrations(kind: Kind) -> impl Iterator<Item = std::path::PathBuf> {
    let folder = if kind == Kind::Sqlite { "sqlite" } else { "postgres" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter()
}

/// A bare connection, below everything that knows the newest schema.
enum Old {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Old {
    async fn open(location: &Location) -> Self {
        match location {
            Location::Sqlite(file) => {
                let options =
                    sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
                Self::Sqlite(SqliteConnection::connect_with(&options).await.unwrap())
            }
            Location::Postgres(url) => Self::Postgres(PgConnection::connect(url.expose()).await.unwrap()),
        }
    }

    /// The schema as it was with the first `count` migrations.
    async fn migrate(&mut self, kind: Kind, count: usize) {
        let folder = tempfile::tempdir().unwrap();
        for file in migrations(kind).take(count) {
            std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
        }
        let migrator = Migrator::new(folder.path()).await.unwrap();
        match self {
            Self::Sqlite(connection) => migrator.run(connection).await.unwrap(),
            Self::Postgres(connection) => migrator.run(connection).await.unwrap(),
        }
    }

    async fn execute(&mut self, text: String) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.execute(AssertSqlSafe(text)).await.map(drop),
            Self::Postgres(connection) => connection.execute(AssertSqlSafe(text)).await.map(drop),
        }
    }

    /// Rows of texts.
    async fn ask(&mut self, text: String) -> Vec<Vec<String>> {
        macro_rules! texts {
            ($rows:expr) => {
                $rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect()
            };
        }
        match self {
            Self::Sqlite(connection) => texts!(connection.fetch_all(AssertSqlSafe(text)).await.unwrap()),
            Self::Postgres(connection) => texts!(connection.fetch_all(AssertSqlSafe(text)).await.unwrap()),
        }
    }

    async fn columns(&mut self) -> Columns {
        let text = match self {
            Self::Sqlite(_) => {
                "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx%'"
            }
            Self::Postgres(_) => {
                "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'"
            }
        };
        let mut columns = Columns::new();
        for row in self.ask(text.to_owned()).await {
            columns.entry(row[0].clone()).or_default().push((row[1].clone(), row[2].to_lowercase()));
        }
        columns
    }

    /// One row in each table. What a row refers to comes first: a table that has to wait is tried again.
    async fn fill(&mut self) {
        let columns = self.columns().await;
        let tables: Vec<&String> = columns.keys().collect();
        let mut left = tables.clone();
        while !left.is_empty() {
            let mut waits = Vec::new();
            let mut refused = None;
            for table in left.clone() {
                let names: Vec<_> = columns[table].iter().map(|(name, _)| format!("\"{name}\"")).collect();
                let values: Vec<_> = columns[table]
                    .iter()
                    .map(|(name, kind)| self.value(&tables, table, name, kind))
                    .collect();
                let text =
                    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
                if let Err(error) = self.execute(text).await {
                    waits.push(table);
                    refused = Some((table, error));
                }
            }
            assert!(waits.len() < left.len(), "no row for {refused:?}");
            left = waits;
        }
    }

    /// A value for a column, as the database reads it in a text.
    fn value(&self, tables: &[&String], table: &str, column: &str, kind: &str) -> String {
        if EMPTY.contains(&(table, column)) {
            return "NULL".to_owned();
        }
        let sqlite = matches!(self, Self::Sqlite(_));
        let id = column == "id" || column.ends_with("_id");
        match kind {
            "uuid" | "blob" if id => {
                let named = column.strip_suffix("_id").unwrap_or(table);
                let refers = REFERS.iter().find(|(name, _)| *name == column).map_or(named, |(_, to)| to);
                let at = tables.iter().position(|name| *name == refers);
                // What came before its table refers to nothing yet.
                let id = uuid::Uuid::from_u128(at.map_or(0, |at| at as u128 + 1));
                if sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
            }
            "blob" => format!("x'{}'", "5e".repeat(48)),
            "bytea" => format!("'\\x{}'", "5e".repeat(48)),
            "integer" | "bigint" => "1".to_owned(),
            "boolean" => "true".to_owned(),
            "jsonb" => "'{\"a\": [1]}'".to_owned(),
            "text" if sqlite && (column.ends_with("_at") || column.ends_with("_until")) => {
                "'2026-01-02T03:04:05+00:00'".to_owned()
            }
            "timestamp with time zone" => "'2026-01-02T03:04:05Z'".to_owned(),
            "text" => {
                let told = TEXTS.iter().find(|(t, c, _)| *t == table && *c == column);
                format!("'{}'", told.map_or("owner", |(_, _, text)| text))
            }
            _ => panic!("{table}.{column} is of type {kind}: say here what a value of it looks like"),
        }
    }

    async fn rows(&mut self) -> Rows {
        let mut rows = Rows::new();
        for (table, columns) in self.columns().await {
            let texts: Vec<_> = columns
                .iter()
                .map(|(name, _)| match self {
                    Self::Sqlite(_) => format!("quote(\"{name}\")"),
                    Self::Postgres(_) => format!("coalesce(\"{name}\"::text, 'NULL')"),
                })
                .collect();
            let found = self.ask(format!("SELECT {} FROM {table}", texts.join(", "))).await;
            let named = |row: Vec<String>| columns.iter().map(|(name, _)| name.clone()).zip(row).collect();
            rows.insert(table, found.into_iter().map(named).collect());
        }
        rows
    }

    /// SQLite does not look at references while a table is made anew; Postgres always does.
    async fn check_references(&mut self) {
        if let Self::Sqlite(_) = self {
            let broken = self.ask("SELECT \"table\" FROM pragma_foreign_key_check".to_owned()).await;
            assert!(broken.is_empty(), "{broken:?}");
        }
    }
}
