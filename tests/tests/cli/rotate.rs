//! `skep admin rotate-key` beside a server that goes on: killed in the middle, run again, and then the
//! master key itself.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use skep::{
    db::{self, Db, Location},
    domain::{
        clock::{Clock as _, SystemClock},
        id::{ProjectId, UserId, VariableId},
        name::EnvKey,
        seal::{Seal, key_of},
        variable::Scope,
    },
    keys,
};
use skep_tests::sealed::{in_use, opened, values};

use super::stage::{Ended, Stage, bare};

/// Enough that a rotation is in the middle of them when its third line is read.
const MANY: usize = 3_000;

struct Data {
    folder: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Data {
    fn of(stage: &Stage) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { folder: stage.home().join("data"), runtime }
    }

    fn key(&self) -> [u8; 32] {
        let text = std::fs::read_to_string(self.folder.join("key")).unwrap();
        hex::decode(text.trim()).unwrap().try_into().unwrap()
    }

    /// The database with the keys of the file, beside the server.
    fn with<T>(&self, work: impl AsyncFnOnce(&Db, &Seal) -> T) -> T {
        self.runtime.block_on(async {
            let db = Db::open(&Location::Sqlite(self.folder.join("skep.db"))).await.unwrap();
            let seal = Seal::new(&self.key());
            keys::start(&db, &seal, &SystemClock).await.unwrap();
            let done = work(&db, &seal).await;
            db.close().await;
            done
        })
    }

    fn rotate(&self, more: &[&str]) -> Ended {
        let folder = self.folder.to_str().unwrap();
        bare(&[&["admin", "rotate-key", "--data", folder], more].concat(), &[], "")
    }
}

async fn many(db: &Db, seal: &Seal) {
    let scope = Scope::Project(ProjectId::new(&SystemClock));
    let mut tx = db.write().await.unwrap();
    for i in 0..MANY {
        let new = db::variable::New {
            id: VariableId::new(&SystemClock),
            before: VariableId::new(&SystemClock),
            key: &EnvKey::parse(&format!("V{i}")).unwrap(),
            sealed: &seal.seal(&SystemClock, "variable", i.to_string().as_bytes()),
            secret: true,
            by: UserId::new(&SystemClock),
            at: SystemClock.now(),
        };
        db::variable::put(&mut tx, scope, new).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn write_key(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn fault_36_killed_in_the_middle_beside_a_busy_server_nothing_is_lost() {
    let stage = Stage::start();
    stage.done(&["projects", "create", "shop"], "");
    let data = Data::of(&stage);
    let before = data.with(async |db, seal| {
        many(db, seal).await;
        opened(db, seal).await.unwrap()
    });

    // Until the rotation is over the server is written to, by its API.
    let over = AtomicBool::new(false);
    let written = std::thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let mut round = 0;
            while !over.load(Ordering::Relaxed) {
                round += 1;
                stage.done(&["vars", "set", "--environment", "shop/production", &format!("R={round}")], "");
            }
            round
        });
        let folder = data.folder.to_str().unwrap();
        let mut dying = stage.spawn(&["admin", "rotate-key", "--data", folder]);
        let lines = BufReader::new(dying.stdout.take().unwrap()).lines().map(Result::unwrap);
        let resealed: Vec<String> =
            lines.filter(|line| line.starts_with("variable.sealed")).take(3).collect();
        dying.kill().unwrap();
        dying.wait().unwrap();
        assert_eq!(resealed.len(), 3, "{resealed:?}");
        data.with(async |db, seal| {
            assert!(in_use(db).await.len() > 1, "it was killed in the middle");
            let after = opened(db, seal).await.unwrap();
            assert!(before.iter().all(|(name, plain)| after[name] == *plain));
        });

        let ended = data.rotate(&[]);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stdout.starts_with("an earlier rotation to data key"), "{}", ended.stdout);
        assert!(ended.stdout.contains(" is retired"), "{}", ended.stdout);
        over.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    data.with(async |db, seal| {
        let after = opened(db, seal).await.unwrap();
        assert!(before.iter().all(|(name, plain)| after[name] == *plain));
        assert!(after.values().any(|plain| plain == format!("{written}").as_bytes()));
        let old =
            values(db).await.values().filter(|(_, sealed)| key_of(sealed) != Some(seal.sealing())).count();
        assert_eq!(old, 0);
    });
    another_master_key(&stage, &data);
}

fn another_master_key(stage: &Stage, data: &Data) {
    let new = stage.home().join("new-key");
    let path = new.to_str().unwrap();
    let key = "0123456789abcdef".repeat(4);
    write_key(&new, &key, 0o644);
    let refused = data.rotate(&["--master", path]);
    assert!(refused.code == 1 && refused.stderr.contains("chmod 600"), "{}", refused.stderr);
    write_key(&new, "changeme", 0o600);
    let refused = data.rotate(&["--master", path]);
    assert!(refused.code == 1 && refused.stderr.contains("openssl rand -hex 32"), "{}", refused.stderr);
    write_key(&new, &hex::encode(data.key()), 0o600);
    let refused = data.rotate(&["--master", path]);
    assert!(refused.code == 1 && refused.stderr.contains("another one"), "{}", refused.stderr);

    write_key(&new, &key, 0o600);
    let ended = data.rotate(&["--master", path]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains(&key), "no key is ever told");
    // The server goes on; one that starts with the old key does not.
    stage.done(&["vars", "set", "--environment", "shop/production", "AFTER=master"], "");
    let folder = data.folder.to_str().unwrap();
    let refused = bare(&["serve", "--data", folder, "--listen", "127.0.0.1:0"], &[], "");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("the encryption key does not fit this database"), "{}", refused.stderr);
    let refused = data.rotate(&[]);
    assert!(refused.code == 1 && refused.stderr.contains("does not fit"), "{}", refused.stderr);
    write_key(&data.folder.join("key"), &key, 0o600);
    data.with(async |db, seal| {
        let all = opened(db, seal).await.unwrap();
        assert!(all.values().any(|plain| plain == b"master"));
        assert!(all.len() > MANY);
    });
}

#[test]
fn rotation_makes_nothing_where_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let refused = bare(&["admin", "rotate-key", "--data", path], &[], "");
    assert!(refused.code == 1 && refused.stderr.contains("holds no database"), "{}", refused.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
