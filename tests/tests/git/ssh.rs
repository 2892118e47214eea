//! Git over ssh: deploy keys and pinned host keys, against a real sshd.

use std::time::{Duration, Instant};

use skep::{
    domain::clock::SystemClock,
    git::key::{DeployKey, generate},
};
use skep_tests::{git_server::create, ssh_server::TestSshServer, worktree::Worktree};

use super::*;

struct Set {
    server: TestSshServer,
    root: tempfile::TempDir,
    client: Client,
    key: DeployKey,
    sha: String,
    into: tempfile::TempDir,
}

/// A server with one repository of one commit, whose deploy key may read it.
async fn set() -> Set {
    let server = TestSshServer::start();
    let root = tempfile::tempdir().unwrap();
    let folder = create(root.path(), "team/app").await.unwrap();
    let tree = Worktree::new();
    tree.write("a", "by ssh");
    let sha = tree.commit("One");
    tree.push(folder.to_str().unwrap(), "main");
    let key = generate(&SystemClock, "skep").unwrap();
    server.let_in(&key.public);
    Set { server, root, client: Client::new(), key, sha, into: tempfile::tempdir().unwrap() }
}

impl Set {
    fn url(&self) -> String {
        self.server.url("127.0.0.1", &self.root.path().join("team/app.git"))
    }

    fn access(&self, hosts: Vec<String>) -> Access {
        Access::Key { private: self.key.private.clone(), hosts }
    }

    async fn shown(&self) -> Vec<String> {
        self.client.git.host_keys(&address(&self.url())).await.unwrap()
    }

    async fn get(&self, url: &str, access: &Access) -> Result<Commit, GitError> {
        self.client.checkout_with(url, &self.sha, access, self.into.path(), LIMITS).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_key_and_a_pinned_host_fetch_by_ssh() {
    let set = set().await;
    let hosts = set.shown().await;
    assert!(hosts[0].starts_with(&format!("[127.0.0.1]:{} ssh-ed25519 AAAA", set.server.port)), "{hosts:?}");
    let access = set.access(hosts);
    let head = set.client.git.head(&address(&set.url()), &branch("main"), &access).await.unwrap();
    assert_eq!(head.sha.as_str(), set.sha);
    set.get(&set.url(), &access).await.unwrap();
    assert_eq!(std::fs::read(set.into.path().join("a")).unwrap(), b"by ssh");
    let missing = set.server.url("127.0.0.1", &set.root.path().join("none.git"));
    assert_eq!(
        code(set.client.git.head(&address(&missing), &branch("main"), &access).await),
        "repository_not_found"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn case_042_ssh_connects_to_the_checked_address() {
    let mut set = set().await;
    let access = set.access(set.shown().await);
    let named = set.server.url("git.example.test", &set.root.path().join("team/app.git"));
    set.client = Client::new().resolving(&["127.0.0.1"]);
    set.get(&named, &access).await.unwrap();
    set.client = Client::with(Outbound::default()).resolving(&["127.0.0.1"]);
    assert_eq!(code(set.get(&named, &access).await), "address_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_051_an_unknown_or_changed_host_key_is_not_trusted() {
    let mut set = set().await;
    let pinned = set.shown().await;
    assert_eq!(code(set.get(&set.url(), &set.access(Vec::new())).await), "host_key_changed");
    let other = generate(&SystemClock, "other").unwrap().public;
    assert_eq!(code(set.get(&set.url(), &set.access(vec![other.clone()])).await), "host_key_changed");
    // The right one among several is enough, in whatever form the line is.
    let mixed = vec![other, pinned[0].replace("[127.0.0.1]", "elsewhere")];
    set.get(&set.url(), &set.access(mixed)).await.unwrap();
    set.server.change_host_key();
    let head =
        async |hosts| set.client.git.head(&address(&set.url()), &branch("main"), &set.access(hosts)).await;
    assert_eq!(code(head(pinned.clone()).await), "host_key_changed");
    let new = set.shown().await;
    assert_ne!(new, pinned);
    assert_eq!(head(new).await.unwrap().sha.as_str(), set.sha);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_052_a_key_that_may_not_read_is_unauthorized() {
    let set = set().await;
    let hosts = set.shown().await;
    let stranger = generate(&SystemClock, "stranger").unwrap().private;
    let refused = set.get(&set.url(), &Access::Key { private: stranger, hosts: hosts.clone() }).await;
    assert_eq!(code(refused), "unauthorized");
    let junk = skep::domain::secret::Secret::new("no key at all");
    let refused = set.get(&set.url(), &Access::Key { private: junk, hosts }).await;
    assert_eq!(code(refused), "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_052_a_silent_ssh_host_ends_with_the_deadline() {
    let set = set().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ssh://git@127.0.0.1:{}/a", silent.local_addr().unwrap().port());
    let limits = Limits { time: Duration::from_secs(2), ..LIMITS };
    let access = set.access(set.shown().await);
    let start = Instant::now();
    let late = set.client.checkout_with(&url, &set.sha, &access, set.into.path(), limits).await;
    assert!(matches!(late, Err(GitError::Unreachable(_))), "{late:?}");
    assert!(start.elapsed() < Duration::from_secs(6));
    // What took the place of ssh is dead too: its connection is closed.
    let (mut stream, _) = silent.accept().await.unwrap();
    let mut said = Vec::new();
    let closed = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut said);
    tokio::time::timeout(Duration::from_secs(5), closed).await.unwrap().unwrap();
}
