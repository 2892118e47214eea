//! Takes an archive as the source of an app: checked while it comes in, kept by its digest.

use std::{io, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::sync::{Semaphore, mpsc};

use super::{Ctx, Error, audit};
use crate::{
    bus::Hint,
    db,
    deploy::archive::{ArchiveError, LIMITS, receive},
    domain::{
        app::{App, Source, Wanted},
        audit::{Action, Change, Object},
        fault::Wrong,
        id::AppId,
        right::Right,
    },
};

/// Uploads at once.
const AT_ONCE: usize = 4;
/// The next piece must come within this.
const SILENCE: Duration = Duration::from_secs(30);

static ROOM: Semaphore = Semaphore::const_new(AT_ONCE);

/// Takes the archive (tar, tar.gz or zip) that `pieces` are, and answers its digest. It counts
/// from the next deployment on.
///
/// # Errors
/// [`Error::NotFound`]; the app has another source; too many uploads at once; the archive is
/// wrong: fault at `archive`, told as soon as it is seen.
pub async fn upload<S>(cx: &Ctx, id: AppId, pieces: S) -> Result<String, Error>
where
    S: Stream<Item = io::Result<Bytes>> + Send + Unpin,
{
    let mut tx = cx.parts.db.read().await?;
    taking(cx.app(&mut tx, id, Right::Deploy).await?)?;
    drop(tx);
    let Ok(_permit) = ROOM.try_acquire() else { return Err(Error::Busy(5)) };
    let (sender, incoming) = mpsc::channel(8);
    let (data, name) = (cx.parts.instance.data.clone(), cx.parts.clock.token());
    let received = tokio::task::spawn_blocking(move || receive(&data, &name, incoming, LIMITS));
    send(pieces, sender).await;
    let stored = received.await.map_err(Error::internal)?.map_err(refused)?;

    let mut tx = cx.parts.db.write().await?;
    let mut app = taking(cx.app(&mut tx, id, Right::Deploy).await?)?;
    let source = Source::Upload { digest: Some(stored.digest.clone()) };
    if app.source != source {
        app.source = source;
        if !db::app::update(&mut tx, &app, cx.now()).await? {
            return Err(Error::conflict("changed", "the app was changed meanwhile; send the archive again"));
        }
        audit::record(
            cx,
            &mut tx,
            Action::AppUpload,
            Object::app(&app),
            Change::made(&serde_json::json!({"digest": stored.digest})),
        )
        .await?;
        tx.commit().await?;
        cx.parts.bus.publish(Hint::App { app: id }).await;
    }
    Ok(stored.digest)
}

/// Gives the pieces on until they end, or nobody wants them any more.
async fn send<S>(mut pieces: S, sender: mpsc::Sender<io::Result<Bytes>>)
where
    S: Stream<Item = io::Result<Bytes>> + Send + Unpin,
{
    loop {
        let piece = match tokio::time::timeout(SILENCE, pieces.next()).await {
            Ok(None) => return,
            Ok(Some(piece)) => piece,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        let broken = piece.is_err();
        if sender.send(piece).await.is_err() || broken {
            return;
        }
    }
}

fn taking(app: App) -> Result<App, Error> {
    if app.wanted == Wanted::Removed {
        return Err(Error::conflict("removed", "the app is being removed"));
    }
    if !matches!(app.source, Source::Upload { .. }) {
        let message = "the app has another source: choose `upload` as its source first";
        return Err(Error::wrong("archive", Wrong::coded("source", message)));
    }
    Ok(app)
}

fn refused(error: ArchiveError) -> Error {
    match error {
        ArchiveError::Wrong(wrong) => Error::wrong("archive", wrong),
        ArchiveError::Io(error) => match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Error::Unavailable("the server's disk is full; make room and send it again".to_owned())
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Error::internal(error),
            _ => {
                let wrong = Wrong::coded("archive_damaged", "did not arrive whole: send it again");
                Error::wrong("archive", wrong)
            }
        },
    }
}
