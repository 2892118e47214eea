//! `skep edges`.

use super::{
    api::Api,
    fault::Failure,
    show::{self, ListArgs},
};

pub(super) async fn run(how: ListArgs, api: &Api) -> Result<(), Failure> {
    let columns = [
        ("NODE", "node"),
        ("STATE", "state"),
        ("SERVES", "version"),
        ("SEEN", "seen_at"),
        ("SINCE", "started_at"),
        ("PROGRAM", "program"),
    ];
    show::list(&api.list("/edges").await?, how, &columns);
    Ok(())
}
