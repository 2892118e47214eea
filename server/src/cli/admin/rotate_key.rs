//! `skep admin rotate-key`: other keys for what is kept encrypted, while the server goes on.

use std::path::PathBuf;

use super::open::beside;
use crate::{
    cli::{say, say_error},
    config::{Secret32, read_key},
    db::Db,
    domain::{clock::SystemClock, seal::Seal},
    keys::{self, Pace},
};

/// Make a new data key and seal everything anew under it, while the server goes on
///
/// Run it where the server runs, with the server's settings: in its container
///   docker exec CONTAINER skep admin rotate-key
/// Stopped or killed, it goes on when it is run again; everything opens meanwhile.
///
/// With --master the data keys come under the master key of that file (32 random bytes, as
/// `openssl rand -hex 32` gives them; nobody else may read it), all at once or not at all:
///   docker exec -i CONTAINER skep admin rotate-key --master - < new-key
/// The server goes on until it is started again, and then needs the new key.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(in crate::cli) struct Args {
    /// Folder of the server's data [default: /var/lib/skep]
    #[arg(long, env = "SKEP_DATA", value_name = "DIR")]
    data: Option<String>,
    /// A file with the new master key; `-` is standard input
    #[arg(long, value_name = "NEW_KEY_FILE")]
    master: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Result<(), String> {
    // Checked before anything is opened.
    let master = args.master.as_deref().map(read_key).transpose()?;
    beside(args.data, async |db, key| match master {
        None => rotate(db, key).await,
        Some(master) => change_master(db, key, &master).await,
    })
}

async fn rotate(db: &Db, key: &Secret32) -> Result<(), String> {
    let seal = Seal::new(&key.0);
    keys::start(db, &seal, &SystemClock).await.map_err(|error| error.to_string())?;
    let stuck = keys::rotate(db, &seal, &SystemClock, Pace::USUAL, &|progress| say(progress)).await;
    let stuck = stuck.map_err(|error| format!("{error}; everything opens: run it again to go on"))?;
    if stuck.is_empty() {
        say(
            "done: the server deletes retired keys after a day, once it has found again that nothing needs them",
        );
        return Ok(());
    }
    stuck.iter().for_each(say_error);
    Err("these do not open with any key that is here, and stay as they are, as do the keys that they name: \
         set them anew, or remove them"
        .to_owned())
}

async fn change_master(db: &Db, key: &Secret32, new: &Secret32) -> Result<(), String> {
    let (seal, new) = (Seal::new(&key.0), Seal::new(&new.0));
    let work = async {
        keys::start(db, &seal, &SystemClock).await?;
        keys::change_master(db, &seal, &new, &SystemClock, Pace::USUAL, &|progress| say(progress)).await
    };
    let count = work.await.map_err(|error| error.to_string())?;
    say(format_args!("done: {count} data keys are sealed under the new master key, and open with it alone"));
    say("Now put the new key in the place of the old one (the Swarm secret, SKEP_KEY_FILE, or `key` in the \
         data folder) and start the server again. Until then it goes on with what it has in memory.");
    say("Keep the old key as long as you keep backups of before.");
    Ok(())
}
