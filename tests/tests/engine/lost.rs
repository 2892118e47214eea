//! An engine between which and us something stands that loses answers.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use skep::swarm::{DockerEngine, Engine, EngineError, address::Address};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{UnixListener, UnixStream},
};

use crate::lab::{address, run};

/// Takes calls for the real engine, and breaks those that are meant.
struct Between {
    _folder: tempfile::TempDir,
    socket: PathBuf,
    seen: Arc<AtomicUsize>,
    cut: Arc<AtomicBool>,
}

impl Between {
    /// Breaks the first call whose request line contains `what`, after the engine has done it.
    fn losing(what: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        let (seen, cut) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, gone) = (seen.clone(), cut.clone());
        let Address::Unix(real) = address() else { panic!("the test engine must be on a unix socket") };
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                if !gone.load(Ordering::SeqCst) {
                    tokio::spawn(pass(client, real.clone(), what, count.clone()));
                }
            }
        });
        Self { _folder: folder, socket, seen, cut }
    }

    fn engine(&self) -> DockerEngine {
        DockerEngine::new(Address::Unix(self.socket.clone()))
    }
}

async fn pass(mut client: UnixStream, real: impl AsRef<Path>, what: &'static str, seen: Arc<AtomicUsize>) {
    let mut engine = UnixStream::connect(real).await.unwrap();
    let mut start = vec![0; 4096];
    let Ok(count) = client.read(&mut start).await else { return };
    let line = String::from_utf8_lossy(&start[..count]).lines().next().unwrap_or_default().to_owned();
    engine.write_all(&start[..count]).await.unwrap();
    if line.contains(what) && seen.fetch_add(1, Ordering::SeqCst) == 0 {
        // The rest of the request goes on; the answer is read, and lost.
        let (mut from, mut to) = client.split();
        let mut answer = [0; 1];
        tokio::select! {
            _ = tokio::io::copy(&mut from, &mut engine) => {}
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
        drop(engine.read(&mut answer).await);
        drop(to.shutdown().await);
        return;
    }
    drop(copy_bidirectional(&mut client, &mut engine).await);
}

#[tokio::test]
async fn fault_05_a_lost_answer_to_a_create_is_read_back() {
    run(async |lab| {
        let between = Between::losing("/services/create");
        let spec = lab.spec("exec /bin/busybox sleep 1000");
        let id = between.engine().perform(&lab.create(&spec), None).await.unwrap();
        assert_eq!(between.seen.load(Ordering::SeqCst), 1, "it is not asked again, it is read");
        let seen = lab.engine.observe(&lab.stack).await.unwrap();
        assert_eq!(seen.services[&lab.stack].id.as_ref(), Some(&id));
    })
    .await;
}

#[tokio::test]
async fn fault_05_a_lost_answer_to_an_update_is_read_back() {
    run(async |lab| {
        lab.engine.perform(&lab.create(&lab.spec("exec /bin/busybox sleep 1000")), None).await.unwrap();
        lab.running().await;
        let update = lab.update(&lab.spec("exec /bin/busybox sleep 1001")).await;
        let between = Between::losing("/update?");
        between.engine().perform(&update, None).await.unwrap();
        assert_eq!(between.seen.load(Ordering::SeqCst), 1);
        lab.running().await;
        assert!(lab.tasks().await.len() <= 2, "one update only");
    })
    .await;
}

#[tokio::test]
async fn fault_29_a_silent_or_vanished_engine_is_unreachable_and_comes_back() {
    run(async |lab| {
        let between = Between::losing("nothing");
        let engine = between.engine();
        engine.info().await.unwrap();
        between.cut.store(true, Ordering::SeqCst);
        let began = Instant::now();
        assert!(matches!(engine.observe(&lab.stack).await, Err(EngineError::Unreachable(_))));
        assert!(matches!(engine.tasks(&lab.stack).await, Err(EngineError::Unreachable(_))));
        between.cut.store(false, Ordering::SeqCst);
        engine.observe(&lab.stack).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(60));
    })
    .await;
}
