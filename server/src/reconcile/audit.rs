//! Signs the audit log at intervals, and takes away what is older than it is to be kept.
//!
//! A chain is signed a minute after its first entry that is not, and at once when there are many: what
//! somebody who may write to the database could write anew unseen is never more than that.

use chrono::Duration;

use super::Trouble;
use crate::{
    db::{self, Tx, audit::Due},
    deploy::parts::Parts,
    domain::{
        audit::{
            Action, Change, Checkpoint, Doer, HEAD, Key, Note, Object, Outcome, PublicKey, REMOVED, Who,
        },
        clock::Time,
        id::TeamId,
    },
};

/// The setting: days that entries are kept; 0 keeps all.
pub const DAYS: &str = "audit_days";
/// If nothing is set.
pub const KEEP: i64 = 400;
/// Entries that are signed at once.
const MANY: i64 = 100;
/// Entries that are taken away at once.
const MOST: i64 = 10_000;

/// Signs what is due.
///
/// # Errors
/// See [`Trouble`].
pub async fn round(parts: Parts) -> Result<(), Trouble> {
    let since = parts.clock.now() - Duration::minutes(1);
    sign(&parts, Due::Sign(MANY, since.timestamp_micros())).await
}

/// Signs all that is not signed yet.
///
/// # Errors
/// See [`Trouble`].
pub async fn sign_all(parts: &Parts) -> Result<(), Trouble> {
    sign(parts, Due::Sign(1, i64::MIN)).await
}

async fn sign(parts: &Parts, due: Due) -> Result<(), Trouble> {
    let mut tx = parts.db.read().await?;
    let teams = db::audit::due(&mut tx, due).await?;
    drop(tx);
    if teams.is_empty() {
        return Ok(());
    }
    let key = key(parts).await?;
    for team in teams {
        let mut tx = parts.db.write().await?;
        // Another server may have been here meanwhile.
        if let Some(chain) =
            db::audit::hold(&mut tx, team).await?.filter(|chain| chain.seq > chain.signed_seq)
        {
            let checkpoint = key.sign(Checkpoint {
                team,
                number: chain.checkpoints + 1,
                kind: HEAD.to_owned(),
                seq: chain.seq,
                hash: chain.hash,
                first: chain.oldest_checkpoint,
                at: parts.clock.now().timestamp_micros(),
                signature: String::new(),
            });
            db::audit::insert_checkpoint(&mut tx, &checkpoint).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// The key of the instance; made if there is none.
///
/// # Errors
/// See [`Trouble`].
pub async fn key(parts: &Parts) -> Result<Key, Trouble> {
    let mut tx = parts.db.read().await?;
    let mut kept = db::audit::key(&mut tx).await?;
    drop(tx);
    if kept.is_none() {
        let key = Key::new(&*parts.clock);
        let sealed = parts.seal.seal(&*parts.clock, "audit key", &key.secret());
        let mut tx = parts.db.write().await?;
        db::audit::insert_key(&mut tx, &key.public(), &sealed).await?;
        // Another server's, if that was first.
        kept = db::audit::key(&mut tx).await?;
        tx.commit().await?;
    }
    let (_, sealed) = kept.ok_or_else(|| Trouble::Other("the key of the audit log is gone".to_owned()))?;
    let secret = parts.seal.open("audit key", &sealed).map_err(|error| Trouble::Other(error.to_string()))?;
    Key::from_secret(&secret).map_err(|error| Trouble::Other(error.to_string()))
}

/// The public half of the instance's key.
///
/// # Errors
/// See [`Trouble`].
pub async fn public_key(parts: &Parts) -> Result<PublicKey, Trouble> {
    key(parts).await.map(|key| key.public())
}

/// How many days entries are kept; 0 keeps all.
///
/// # Errors
/// The database's.
pub async fn days(tx: &mut Tx) -> Result<i64, db::DbError> {
    let set = db::setting::get(tx, DAYS).await?;
    Ok(set.and_then(|text| text.parse().ok()).unwrap_or(KEEP))
}

/// Takes away the beginnings of chains that are older than what is kept, each once a day. A signed
/// mark and an entry say how much.
pub(super) async fn sweep(parts: &Parts) -> Result<(), Trouble> {
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let days = days(&mut tx).await?;
    let yesterday = (now - Duration::days(1)).timestamp_micros();
    let teams = db::audit::due(&mut tx, Due::Sweep(yesterday)).await?;
    drop(tx);
    if days == 0 || teams.is_empty() {
        return Ok(());
    }
    let key = key(parts).await?;
    for team in teams {
        sweep_one(parts, &key, team, days, now).await?;
    }
    Ok(())
}

async fn sweep_one(parts: &Parts, key: &Key, team: TeamId, days: i64, now: Time) -> Result<(), Trouble> {
    let mut tx = parts.db.write().await?;
    let Some(chain) = db::audit::hold(&mut tx, team).await? else { return Ok(()) };
    let before = (now - Duration::days(days)).timestamp_micros();
    let border = db::audit::border(&mut tx, team, &chain, before, MOST).await?;
    // What is left of a long beginning has its turn at the next round.
    if border.as_ref().is_none_or(|(last, _)| last - chain.first_seq + 1 < MOST) {
        db::audit::swept(&mut tx, team, now.timestamp_micros()).await?;
    }
    let Some((seq, hash)) = border else { return Ok(tx.commit().await?) };
    let number = chain.checkpoints + 1;
    let first = db::audit::oldest_after(&mut tx, team, seq).await?.unwrap_or(number);
    let at = now.timestamp_micros();
    let (kind, signature) = (REMOVED.to_owned(), String::new());
    let mark = key.sign(Checkpoint { team, number, kind, seq, hash, first, at, signature });
    db::audit::insert_checkpoint(&mut tx, &mark).await?;
    let gone = serde_json::json!({"first": chain.first_seq, "last": seq, "older_than_days": days});
    let note = Note {
        team,
        at: now,
        doer: Doer::Machine,
        who: Who::default(),
        action: Action::AuditSweep,
        outcome: Outcome::Done,
        object: Object::audit(),
        change: Change::gone(&gone),
    };
    db::audit::append(&mut tx, note).await?;
    tx.commit().await?;
    Ok(())
}
