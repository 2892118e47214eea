//! The keys of this instance, from the first start to the deletion of an old one.
//!
//! The master key is in a file, and seals data keys alone; data keys seal everything else, and lie
//! sealed in the database. A new data key is written first; each server learns it by its round, and only
//! from `active_from` on does anything come under it. What lies under older ones is sealed anew while all
//! goes on, and an old key is deleted a day after nothing was found under it, once nothing is found again.
//! So whoever is killed on the way leaves only values that open, and the next run goes on.
//!
//! To add an operation: a file named by its verb. One that writes data keys holds the canary
//! ([`canary::held`]) until it has committed.

pub mod canary;
mod change_master;
mod forget;
mod load;
mod reseal;
mod rotate;
mod start;

use std::fmt;

use chrono::Duration;

pub use change_master::change_master;
pub use forget::{KEEP, forget};
pub use load::load;
pub use reseal::Stuck;
pub use rotate::rotate;
pub use start::start;

use crate::{
    db::DbError,
    domain::{clock::Time, data_key::KeyId},
};

/// How much time there is between the steps of a rotation.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From when a data key is written until it seals; each server learns it within a second or so.
    pub learn: Duration,
    /// From one look at everything to the next, so that what was sealed before has been written.
    pub settle: Duration,
}

impl Pace {
    /// With a server that learns each second.
    pub const USUAL: Self = Self { learn: Duration::seconds(10), settle: Duration::seconds(5) };
}

/// Why nothing was done, or not all.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database did not answer.
    #[error("the database does not answer: {0}")]
    Database(#[from] DbError),
    /// The key is not the one of this database.
    #[error(
        "the encryption key does not fit this database: what it holds was sealed with another one. \
         Give the right key (SKEP_KEY_FILE, or the file `key` in the data folder; after \
         `skep admin rotate-key --master` the new one); nothing was changed"
    )]
    WrongMaster,
    /// A data key came under another master key, or is damaged.
    #[error(
        "data key {0} does not open with the encryption key of this process: that was changed by \
         `skep admin rotate-key --master`, or the row of the data key is damaged. Start again with the new \
         key file, or restore the table `data_key` from a backup"
    )]
    OtherMaster(KeyId),
    /// Servers that know nothing of data keys may still run, or have just gone.
    #[error(
        "values may still come under the encryption key itself, as versions before data keys sealed them: \
         try again after {0}"
    )]
    TooEarly(Time),
    /// The new master key is of no use.
    #[error("the new key must be another one than the one in use: make one by `openssl rand -hex 32`")]
    SameKey,
    /// Something would be lost.
    #[error("nothing was changed, as this does not open and would be lost: {}; set it anew, or remove it", list(.0))]
    Stuck(Vec<Stuck>),
}

fn list(stuck: &[Stuck]) -> String {
    let mut said: Vec<String> = stuck.iter().take(10).map(ToString::to_string).collect();
    if stuck.len() > 10 {
        said.push(format!("and {} more", stuck.len() - 10));
    }
    said.join("; ")
}

/// What a rotation says while it works, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A new data key was written; it seals in so many seconds.
    Made(KeyId, i64),
    /// An earlier run did not come to its end; its key is gone on with.
    GoesOn(KeyId),
    /// So many values of that table and column were sealed anew in this look.
    Resealed(&'static str, &'static str, u64),
    /// Everything was looked at, and something was found: it is looked at once more.
    Again(u64),
    /// Nothing is sealed with this key any more.
    Retired(KeyId),
    /// This key is gone.
    Deleted(KeyId),
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(id, seconds) => write!(f, "data key {id} is made, and used in {seconds} s"),
            Self::GoesOn(id) => write!(f, "an earlier rotation to data key {id} goes on"),
            Self::Resealed(table, column, count) => write!(f, "{table}.{column}: {count} sealed anew"),
            Self::Again(count) => write!(f, "{count} found in this look, looking once more"),
            Self::Retired(id) => write!(f, "key {id} is retired: nothing is sealed with it"),
            Self::Deleted(id) => write!(f, "data key {id} is deleted"),
        }
    }
}

/// Who is told how a rotation goes on.
pub type Say<'a> = &'a (dyn Fn(Progress) + Sync);
