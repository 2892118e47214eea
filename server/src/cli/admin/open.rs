//! The server's own settings and database, beside the server that goes on.

use crate::{
    config::{Config, Options, Secret32, kept_key},
    db::Db,
};

/// Does `work` with the database and the key of the server whose data is there. Makes nothing where no
/// server has started before.
pub(super) fn beside(
    data: Option<String>,
    work: impl AsyncFnOnce(&Db, &Secret32) -> Result<(), String>,
) -> Result<(), String> {
    let options = Options { data, ..Options::default() };
    let config = Config::read(&options, &|name| std::env::var(name).ok());
    let config =
        config.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no thread to work with: {error}"))?;
    runtime.block_on(async {
        let key = kept_key(&config)?;
        let db = Db::open(&config.database).await;
        let db = db.map_err(|error| format!("the database does not open: {error}"))?;
        let done = work(&db, &key).await;
        db.close().await;
        done
    })
}
