//! Heads, commits and failures over smart HTTP.

use std::{
    os::unix::process::CommandExt as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use skep::domain::secret::Secret;
use skep_tests::{
    git_server::{Settings, TestGitServer},
    worktree::Worktree,
};
use tokio::io::AsyncReadExt as _;

use super::*;

async fn served(settings: Settings) -> (TestGitServer, String, Worktree) {
    let server = TestGitServer::start(settings).await;
    let url = server.repository("team/app").await;
    (server, url, Worktree::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_fetched_alone_and_laid_out() {
    let (_server, url, tree) = served(Settings::default()).await;
    tree.write("old.txt", "gone later");
    let first = tree.commit("One");
    std::fs::remove_file(tree.path().join("old.txt")).unwrap();
    tree.write("src/main.txt", "hello");
    let program = tree.write("run", "#!/bin/true");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("src/main.txt", tree.path().join("link")).unwrap();
    let second = tree.commit("Two\n\nwith more");
    tree.push(&url, "main");

    let client = Client::new();
    assert_eq!(client.head(&url, &branch("main")).await.unwrap().as_str(), second);
    let into = tempfile::tempdir().unwrap();
    let commit = client.checkout(&url, &second, into.path()).await.unwrap();
    assert_eq!(
        (commit.sha.as_str(), commit.title.as_deref(), commit.author.as_deref()),
        (&*second, Some("Two"), Some("Ada"))
    );
    assert_eq!(files(into.path()), ["link", "run", "src/main.txt"]);
    let mode = |path: &str| {
        let meta = std::fs::symlink_metadata(into.path().join(path)).unwrap();
        std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o777
    };
    assert_eq!((mode("run"), mode("src/main.txt")), (0o755, 0o644));
    assert_eq!(std::fs::read_link(into.path().join("link")).unwrap().to_str(), Some("src/main.txt"));

    // An older commit of the same repository, by its id; and the same one again, from the mirror.
    for sha in [&first, &first] {
        let into = tempfile::tempdir().unwrap();
        client.checkout(&url, sha, into.path()).await.unwrap();
        assert_eq!(files(into.path()), ["old.txt"]);
    }
    // Only what was asked for came: the first commit is not an ancestor in the mirror.
    let mirrors = client.home.path().join("git/mirrors");
    assert_eq!(
        std::fs::read_dir(&mirrors).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir()).count(),
        1
    );
    assert_eq!(
        std::fs::read_dir(client.home.path().join("git/run")).unwrap().count(),
        0,
        "a box was left behind"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_gives_no_commit_by_its_id_is_asked_for_all() {
    let (_server, url, tree) = served(Settings { oldest_protocol: true, ..Settings::default() }).await;
    tree.write("a", "1");
    let first = tree.commit("One");
    tree.write("a", "2");
    tree.commit("Two");
    tree.push(&url, "main");
    let client = Client::new();
    let into = tempfile::tempdir().unwrap();
    client.checkout(&url, &first, into.path()).await.unwrap();
    assert_eq!(std::fs::read(into.path().join("a")).unwrap(), b"1");
    let into = tempfile::tempdir().unwrap();
    let absent = "0123456789012345678901234567890123456789";
    assert_eq!(code(client.checkout(&url, absent, into.path()).await), "commit_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_025_a_tag_is_peeled_to_its_commit() {
    let (_server, url, tree) = served(Settings::default()).await;
    let first = tree.commit("One");
    tree.git(&["tag", "v1.9.0"]);
    tree.write("a", "1");
    let second = tree.commit("Two");
    tree.git(&["tag", "--annotate", "--message", "Release", "v1.10.0"]);
    tree.git(&["tag", "other", &first]);
    tree.push(&url, "main");
    tree.push(&url, "refs/tags/*:refs/tags/*");
    let object = tree.git(&["rev-parse", "v1.10.0"]).trim().to_owned();
    assert_ne!(object, second);
    let client = Client::new();
    assert_eq!(client.head(&url, &tags("v*")).await.unwrap().as_str(), second);
    assert_eq!(client.head(&url, &tags("v1.9*")).await.unwrap().as_str(), first);
    assert_eq!(code(client.head(&url, &tags("w*")).await), "ref_not_found");
    let into = tempfile::tempdir().unwrap();
    let commit = client.checkout(&url, &object, into.path()).await.unwrap();
    assert_eq!(commit.sha.as_str(), second);
    assert_eq!(files(into.path()), ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_040_plain_http_is_not_spoken_unless_allowed() {
    let (_server, url, tree) = served(Settings::default()).await;
    tree.commit("One");
    tree.push(&url, "main");
    let home = tempfile::tempdir().unwrap();
    let git = GitCli::new(GitHome(home.path().join("git")), Outbound::parse("127.0.0.0/8").unwrap(), false)
        .unwrap();
    assert_eq!(code(git.head(&address(&url), &branch("main"), &Access::None).await), "scheme_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_041_addresses_are_judged_before_anything_is_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connected = Arc::new(AtomicUsize::new(0));
    let count = connected.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let client = Client::with(Outbound::default());
    assert_eq!(
        code(client.head(&format!("http://127.0.0.1:{port}/a"), &branch("main")).await),
        "address_not_allowed"
    );
    assert_eq!(
        code(client.head(&format!("http://[::1]:{port}/a"), &branch("main")).await),
        "address_not_allowed"
    );
    assert_eq!(
        code(client.head(&format!("http://localhost:{port}/a"), &branch("main")).await),
        "address_not_allowed"
    );
    assert_eq!(
        code(client.git.host_keys(&address(&format!("ssh://git@127.0.0.1:{port}/a"))).await),
        "address_not_allowed"
    );
    assert_eq!(connected.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_042_the_checked_address_is_the_one_connected_to() {
    let (server, url, tree) = served(Settings::default()).await;
    let sha = tree.commit("One");
    tree.push(&url, "main");
    // A name that no name server knows: only the pinned address can lead there.
    let named = url.replace("127.0.0.1", "git.example.test");
    let client = Client::new().resolving(&["127.0.0.1"]);
    assert_eq!(client.head(&named, &branch("main")).await.unwrap().as_str(), sha);
    // The same name, private by the time of the fetch, or private beside public.
    for addresses in [["127.0.0.1"].as_slice(), &["8.8.8.8", "127.0.0.1"], &["::1"]] {
        let client = Client::with(Outbound::default()).resolving(addresses);
        let into = tempfile::tempdir().unwrap();
        assert_eq!(
            code(client.checkout(&named, &sha, into.path()).await),
            "address_not_allowed",
            "{addresses:?}"
        );
        assert!(files(into.path()).is_empty());
    }
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_042_redirects_are_not_followed() {
    let (_server, url, tree) = served(Settings::default()).await;
    tree.commit("One");
    tree.push(&url, "main");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}/team/app.git", listener.local_addr().unwrap());
    let base = url.trim_end_matches("/team/app.git").to_owned();
    let router = axum::Router::new().fallback(async move |uri: axum::http::Uri| {
        axum::response::Redirect::permanent(&format!("{base}{uri}"))
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(code(Client::new().head(&other, &branch("main")).await), "address_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_052_what_is_missing_is_named() {
    let (server, url, tree) = served(Settings::default()).await;
    let client = Client::new();
    assert_eq!(code(client.head(&url, &branch("main")).await), "empty_repository");
    let sha = tree.commit("One");
    tree.push(&url, "main");
    assert_eq!(code(client.head(&url, &branch("other")).await), "ref_not_found");
    // Not a branch that merely ends like the one that is asked for.
    tree.push(&url, "main:refs/heads/x/refs/heads/wanted");
    assert_eq!(code(client.head(&url, &branch("wanted")).await), "ref_not_found");
    let absent = "0123456789012345678901234567890123456789";
    let into = tempfile::tempdir().unwrap();
    assert_eq!(code(client.checkout(&url, absent, into.path()).await), "commit_not_found");
    let tree_object = tree.git(&["rev-parse", "HEAD^{tree}"]).trim().to_owned();
    assert_eq!(code(client.checkout(&url, &tree_object, into.path()).await), "commit_not_found");
    let missing = url.replace("team/app", "team/none");
    assert_eq!(code(client.head(&missing, &branch("main")).await), "repository_not_found");
    drop(server);
    let gone = client.checkout(&url.replace("team", "t"), &sha, into.path()).await;
    assert!(matches!(gone, Err(GitError::Unreachable(_))), "{gone:?}");
    assert!(files(into.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_052_a_credential_is_wanted_and_a_mirror_is_not_shared_without_it() {
    let login = Some(("ada".to_owned(), "pass: word".to_owned()));
    let (server, url, tree) = served(Settings { login, ..Settings::default() }).await;
    tree.write("a", "private");
    let sha = tree.commit("One");
    tree.push(&url.replace("http://", "http://ada:pass%3a%20word@"), "main");
    let client = Client::new();
    let right = Access::Token { username: "ada".into(), token: Secret::new("pass: word") };
    let wrong = Access::Token { username: "ada".into(), token: Secret::new("guess") };
    let into = tempfile::tempdir().unwrap();
    client.checkout_with(&url, &sha, &right, into.path(), LIMITS).await.unwrap();
    assert_eq!(files(into.path()), ["a"]);
    // The commit is on our disk by now; who cannot sign in does not get it from there.
    for access in [Access::None, wrong] {
        let into = tempfile::tempdir().unwrap();
        assert_eq!(
            code(client.checkout_with(&url, &sha, &access, into.path(), LIMITS).await),
            "unauthorized"
        );
        assert!(files(into.path()).is_empty());
    }
    drop(server);
}

/// A host that takes connections and says nothing.
async fn silent() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/team/app.git", listener.local_addr().unwrap());
    let open = Arc::new(AtomicUsize::new(0));
    let count = open.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let count = count.clone();
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                while stream.read(&mut [0; 1024]).await.is_ok_and(|got| got > 0) {}
                count.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (url, open)
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(10), "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn case_052_a_hanging_host_ends_with_the_deadline_and_the_whole_group_is_gone() {
    let (url, open) = silent().await;
    let client = Client::new();
    let into = tempfile::tempdir().unwrap();
    let limits = Limits { time: Duration::from_secs(2), ..LIMITS };
    let start = Instant::now();
    let sha = "0123456789012345678901234567890123456789";
    let late = client.checkout_with(&url, sha, &Access::None, into.path(), limits).await;
    assert!(matches!(late, Err(GitError::Unreachable(why)) if why.contains("2 seconds")));
    assert!(start.elapsed() < Duration::from_secs(6));
    // git's helper for http held the connection: it is closed, since the helper is dead.
    until("the connection is closed", || open.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_a_cancelled_fetch_ends_at_once_and_blocks_nothing() {
    let (url, open) = silent().await;
    let client = Client::new();
    let into = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    let sha = Sha::parse("0123456789012345678901234567890123456789").unwrap();
    let url = address(&url);
    let work = client.git.checkout(&url, &sha, &Access::None, into.path(), LIMITS, &cancel);
    let stop = async {
        until("the host is connected to", || open.load(Ordering::SeqCst) == 1).await;
        cancel.cancel();
        Instant::now()
    };
    let (result, cancelled_at) = tokio::join!(work, stop);
    assert!(matches!(result, Err(GitError::Cancelled)));
    assert!(cancelled_at.elapsed() < Duration::from_secs(2));
    until("the connection is closed", || open.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_locks_and_halves_of_a_killed_fetch_are_cleared() {
    let (_server, url, tree) = served(Settings::default()).await;
    tree.write("a", "1");
    let first = tree.commit("One");
    tree.write("a", "2");
    let second = tree.commit("Two");
    tree.push(&url, "main");
    let client = Client::new();
    let into = tempfile::tempdir().unwrap();
    client.checkout(&url, &first, into.path()).await.unwrap();
    let mirrors = client.home.path().join("git/mirrors");
    let mirror =
        std::fs::read_dir(&mirrors).unwrap().map(|e| e.unwrap().path()).find(|path| path.is_dir()).unwrap();
    for left in ["shallow.lock", "config.lock", "HEAD.lock", "packed-refs.lock", "objects/pack/tmp_pack_x"] {
        std::fs::write(mirror.join(left), "").unwrap();
    }
    std::fs::write(mirror.join(format!("refs/skep/{second}.lock")), "").unwrap();
    // A fetch that has outlived its server: same leader, same start.
    let mut orphan = std::process::Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", orphan.id())).unwrap();
    let start = stat.rsplit_once(") ").unwrap().1.split(' ').nth(19).unwrap().to_owned();
    std::fs::write(mirror.join("skep-running"), format!("{} {start}", orphan.id())).unwrap();
    let into = tempfile::tempdir().unwrap();
    client.checkout(&url, &second, into.path()).await.unwrap();
    assert_eq!(std::fs::read(into.path().join("a")).unwrap(), b"2");
    assert!(!orphan.wait().unwrap().success(), "it was ended");
    assert!(!mirror.join("objects/pack/tmp_pack_x").exists());
    // A note about a process that is another one by now ends nobody.
    let mut other = std::process::Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
    std::fs::write(mirror.join("skep-running"), format!("{} 1", other.id())).unwrap();
    let into = tempfile::tempdir().unwrap();
    client.checkout(&url, &second, into.path()).await.unwrap();
    assert_eq!(other.try_wait().unwrap(), None);
    other.kill().unwrap();
    other.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_fetches_of_one_repository_do_not_collide() {
    let (_server, url, tree) = served(Settings::default()).await;
    let mut commits = Vec::new();
    for round in 0..6 {
        tree.write("a", round.to_string());
        commits.push(tree.commit("Round"));
    }
    tree.push(&url, "main");
    let client = Client::new();
    let one = async |round: usize| {
        let into = tempfile::tempdir().unwrap();
        client.checkout(&url, &commits[round % commits.len()], into.path()).await.unwrap();
        assert_eq!(
            std::fs::read_to_string(into.path().join("a")).unwrap(),
            (round % commits.len()).to_string()
        );
    };
    futures::future::join_all((0..12).map(one)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_has_grown_starts_anew() {
    let (_server, url, tree) = served(Settings::default()).await;
    let sha = tree.commit("One");
    tree.push(&url, "main");
    let client = Client::new();
    let into = tempfile::tempdir().unwrap();
    client.checkout(&url, &sha, into.path()).await.unwrap();
    let mirrors = client.home.path().join("git/mirrors");
    let mirror =
        std::fs::read_dir(&mirrors).unwrap().map(|e| e.unwrap().path()).find(|path| path.is_dir()).unwrap();
    for at in 0..41 {
        std::fs::write(mirror.join(format!("objects/pack/pack-{at}.pack")), "").unwrap();
    }
    client.checkout(&url, &sha, into.path()).await.unwrap();
    assert!(!mirror.join("objects/pack/pack-7.pack").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_19_cancelled_at_any_moment_nothing_is_left() {
    let (_server, url, tree) = served(Settings::default()).await;
    for at in 0..90 {
        tree.write(format!("folder{}/{at}", at % 7), vec![at; 20_000]);
    }
    let sha = tree.commit("Many");
    tree.push(&url, "main");
    let (url, sha) = (address(&url), Sha::parse(&sha).unwrap());
    let (mut done, mut stopped) = (0, 0);
    for millis in [0, 5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 10_000] {
        let client = Client::new();
        let into = tempfile::tempdir().unwrap();
        let cancel = CancellationToken::new();
        let timer = cancel.clone();
        let timer = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            timer.cancel();
        });
        match client.git.checkout(&url, &sha, &Access::None, into.path(), LIMITS, &cancel).await {
            Ok(_) => {
                assert_eq!(files(into.path()).len(), 90);
                done += 1;
            }
            Err(GitError::Cancelled) => {
                assert_eq!(std::fs::read_dir(into.path()).unwrap().count(), 0, "after {millis} ms");
                stopped += 1;
            }
            other => panic!("after {millis} ms: {other:?}"),
        }
        timer.abort();
        // Whatever was cut off does not stand in the way.
        let into = tempfile::tempdir().unwrap();
        let whole = CancellationToken::new();
        client.git.checkout(&url, &sha, &Access::None, into.path(), LIMITS, &whole).await.unwrap();
        assert_eq!(files(into.path()).len(), 90);
    }
    assert!(done > 0 && stopped > 0, "{done} done, {stopped} stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_fetch_is_ended_too() {
    let (url, open) = silent().await;
    let client = Arc::new(Client::new());
    let fetch = tokio::spawn({
        let client = client.clone();
        async move { client.head(&url, &branch("main")).await }
    });
    until("the host is connected to", || open.load(Ordering::SeqCst) == 1).await;
    fetch.abort();
    until("the connection is closed", || open.load(Ordering::SeqCst) == 0).await;
    let runs = client.home.path().join("git/run");
    until("its box is gone", || std::fs::read_dir(&runs).unwrap().count() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_mirrors_and_left_boxes_are_swept() {
    let (_server, url, tree) = served(Settings::default()).await;
    let sha = tree.commit("One");
    tree.push(&url, "main");
    let client = Client::new();
    let into = tempfile::tempdir().unwrap();
    client.checkout(&url, &sha, into.path()).await.unwrap();
    let left = client.home.path().join("git/run/git-left");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("key"), "private").unwrap();
    let long_ago = chrono::DateTime::from_timestamp(0, 0).unwrap();
    let far_ahead = chrono::DateTime::from_timestamp(1 << 35, 0).unwrap();
    assert_eq!(client.git.sweep(long_ago).await.unwrap(), 0);
    assert_eq!(client.git.sweep(far_ahead).await.unwrap(), 2);
    assert_eq!(client.git.sweep(far_ahead).await.unwrap(), 0);
    assert!(!left.exists());
    client.checkout(&url, &sha, into.path()).await.unwrap();
}
