//! The caller's chains as JSON lines, whole, so that whoever has them can verify them alone.
//!
//! They are written to a file without a name first: a reader that is slow holds no connection and no
//! snapshot of the database.

use std::{
    fs::File,
    io::{self, BufWriter, Seek as _},
};

use super::{Chain, Ctx, Error, any, key, readable, verify::AT_ONCE};
use crate::{
    db::{self, Tx},
    domain::{
        audit::{Head, Kept, Line, genesis},
        id::TeamId,
    },
};

/// Writes both chains that the caller may read, and gives the file, at its begin.
///
/// # Errors
/// The database; the disk is full.
pub async fn export(cx: &Ctx) -> Result<File, Error> {
    any(cx)?;
    let key = key(cx).await?.to_string();
    let file = tempfile::tempfile_in(&cx.parts.instance.data).map_err(Error::internal)?;
    let mut out = BufWriter::new(file);
    put(&mut out, &Line::Key { key })?;
    let mut tx = cx.parts.db.read().await?;
    db::audit::steady(&mut tx).await?;
    for chain in Chain::ALL.into_iter().filter(|chain| readable(cx, *chain).is_ok()) {
        write(&mut tx, chain.of(cx), &mut out).await?;
    }
    let mut file = out.into_inner().map_err(|error| Error::internal(error.into_error()))?;
    file.rewind().map_err(Error::internal)?;
    Ok(file)
}

async fn write(tx: &mut Tx, team: TeamId, out: &mut BufWriter<File>) -> Result<(), Error> {
    let mut last = i64::MIN;
    loop {
        let entries = db::audit::after(tx, team, last, AT_ONCE).await?;
        let Some(newest) = entries.last() else { break };
        last = newest.seq;
        for entry in entries {
            put(out, &Line::Entry(Box::new(Kept(entry))))?;
        }
    }
    for checkpoint in db::audit::checkpoints(tx, team).await? {
        put(out, &Line::Checkpoint(checkpoint))?;
    }
    let none = || Head { team, seq: 0, hash: genesis(team), checkpoints: 0 };
    put(out, &Line::Head(db::audit::head(tx, team).await?.unwrap_or_else(none)))
}

fn put(out: &mut impl io::Write, line: &Line) -> Result<(), Error> {
    writeln!(out, "{}", line.write()).map_err(Error::internal)
}
