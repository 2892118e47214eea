//! Repositories that mean harm, or are merely odd.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

use skep_tests::{
    git_server::{Settings, TestGitServer},
    worktree::Worktree,
};

use super::*;

struct Set {
    _server: TestGitServer,
    url: String,
    tree: Worktree,
    client: Client,
    into: tempfile::TempDir,
}

async fn set() -> Set {
    let server = TestGitServer::start(Settings::default()).await;
    let url = server.repository("team/app").await;
    let into = tempfile::tempdir().unwrap();
    Set { _server: server, url, tree: Worktree::new(), client: Client::new(), into }
}

impl Set {
    async fn get(&self, sha: &str) -> Result<Commit, GitError> {
        self.tree.push(&self.url, "+HEAD:refs/heads/main");
        self.client.checkout(&self.url, sha, self.into.path()).await
    }

    /// A commit of a tree that is written down by hand: `mode type id\tpath` lines.
    fn odd_commit(&self, tree: &[u8]) -> String {
        let raw = self.tree.write(".git/odd", tree);
        let tree = self.tree.git(&["hash-object", "-t", "tree", "-w", "--literally", raw.to_str().unwrap()]);
        let commit = self.tree.git(&["commit-tree", "-m", "Odd", tree.trim()]);
        self.tree.git(&["update-ref", "HEAD", commit.trim()]);
        commit.trim().to_owned()
    }

    fn blob(&self, text: &str) -> String {
        let file = self.tree.write(".git/blob", text);
        self.tree.git(&["hash-object", "-w", file.to_str().unwrap()]).trim().to_owned()
    }
}

fn tree_entry(mode: &str, name: &str, id: &str) -> Vec<u8> {
    [format!("{mode} {name}\0").as_bytes(), &hex::decode(id).unwrap()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn case_048_hooks_filters_and_monitors_are_never_run() {
    let set = set().await;
    let marker = set.client.home.path().join("marker");
    let touch = format!("#!/bin/sh\ntouch {}\n", marker.display());
    for hook in ["post-checkout", "post-merge", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"]
    {
        for folder in [".githooks", "hooks"] {
            let path = set.tree.write(format!("{folder}/{hook}"), &touch);
            std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
    }
    set.tree
        .write(".gitattributes", "* filter=evil diff=evil merge=evil text eol=crlf ident export-ignore\n");
    set.tree.write(
        ".gitconfig",
        format!(
            "[core]\n hooksPath = .githooks\n fsmonitor = touch {0}\n sshCommand = touch {0}\n[filter \"evil\"]\n smudge = touch {0}\n required\n",
            marker.display()
        ),
    );
    // As if the repository were bare itself, with a configuration of its own.
    set.tree.write("config", format!("[core]\n fsmonitor = touch {}\n bare = true\n", marker.display()));
    set.tree.write("HEAD", "ref: refs/heads/main\n");
    set.tree.write("unix.txt", "$Id$\nline\n");
    let sha = set.tree.commit("Evil");
    set.get(&sha).await.unwrap();
    assert!(!marker.exists());
    assert_eq!(std::fs::read(set.into.path().join("unix.txt")).unwrap(), b"$Id$\nline\n", "bytes are kept");
    assert!(set.into.path().join(".githooks/post-checkout").exists(), "hooks are files like any other");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_046_links_are_kept_and_never_followed() {
    let set = set().await;
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), set.tree.path().join("out")).unwrap();
    std::os::unix::fs::symlink("../../../../etc/passwd", set.tree.path().join("Dockerfile")).unwrap();
    let sha = set.tree.commit("Links");
    set.get(&sha).await.unwrap();
    assert_eq!(std::fs::read_link(set.into.path().join("out")).unwrap(), outside.path());
    assert_eq!(
        std::fs::read_link(set.into.path().join("Dockerfile")).unwrap().to_str(),
        Some("../../../../etc/passwd")
    );

    // A tree that has `out` twice, as a link and as a folder with a file in it.
    let target = set.blob(outside.path().to_str().unwrap());
    let content = set.blob("written outside");
    let inner = set.tree.write(".git/inner", tree_entry("100644", "file", &content));
    let inner = set.tree.git(&["hash-object", "-t", "tree", "-w", inner.to_str().unwrap()]);
    let both = [tree_entry("120000", "out", &target), tree_entry("40000", "out", inner.trim())].concat();
    let sha = set.odd_commit(&both);
    let into = tempfile::tempdir().unwrap();
    set.tree.push(&set.url, "+HEAD:refs/heads/main");
    assert_eq!(code(set.client.checkout(&set.url, &sha, into.path()).await), "invalid_tree");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(into.path()).unwrap().count(), 0, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_047_submodules_are_not_fetched_and_named() {
    let set = set().await;
    let other = Worktree::new();
    other.write("secret", "of the host");
    other.commit("One");
    let file_url = format!("file://{}", other.path().display());
    set.tree.git(&["submodule", "--quiet", "add", "--", &file_url, "lib"]);
    let sha = set.tree.commit("With a submodule");
    match set.get(&sha).await {
        Err(GitError::Refused { code: "submodule_not_fetched", message }) => {
            assert!(message.contains("`lib`"), "{message}")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read_dir(set.into.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_049_too_large_sources_are_refused_and_leave_nothing() {
    let set = set().await;
    set.tree.write("big", vec![0_u8; 5 << 20]);
    let one_file = set.tree.commit("One file over its limit");
    assert_eq!(code(set.get(&one_file).await), "source_too_large");
    std::fs::remove_file(set.tree.path().join("big")).unwrap();
    for at in 0..3 {
        set.tree.write(format!("part{at}"), vec![at; 3 << 20]);
    }
    let together = set.tree.commit("Together over the limit");
    assert_eq!(code(set.get(&together).await), "source_too_large");
    for at in 0..3 {
        std::fs::remove_file(set.tree.path().join(format!("part{at}"))).unwrap();
    }
    for at in 0..101 {
        set.tree.write(format!("many/{at}"), "");
    }
    let many = set.tree.commit("Too many");
    assert_eq!(code(set.get(&many).await), "source_too_large");
    assert_eq!(std::fs::read_dir(set.into.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_049_a_pack_over_the_limit_is_cut_off_while_it_comes() {
    let set = set().await;
    let mut state = 7_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    let bytes: Vec<u8> = std::iter::repeat_with(&mut noise).take(20 << 20).collect();
    set.tree.write("noise", bytes);
    let sha = set.tree.commit("Noise");
    set.tree.push(&set.url, "main");
    let limits = Limits { bytes: 1 << 20, ..LIMITS }; // and 16 MiB of room
    let refused = set.client.checkout_with(&set.url, &sha, &Access::None, set.into.path(), limits).await;
    assert_eq!(code(refused), "source_too_large");
    let mut kept = 0;
    for path in files(&set.client.home.path().join("git/mirrors")) {
        kept += std::fs::metadata(set.client.home.path().join("git/mirrors").join(path)).unwrap().len();
    }
    assert!(kept < 18 << 20, "{kept} bytes are kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_050_odd_names_are_kept_byte_for_byte() {
    let set = set().await;
    let names: [&[u8]; 9] = [
        b"Readme",
        b"README",
        b"ends\r",
        b"two\nlines",
        b"latin-\xe9",
        b"-rf",
        b"$(touch x)",
        b"a b\t\"c\"",
        "\u{202e}txt".as_bytes(),
    ];
    for name in names {
        std::fs::write(set.tree.path().join(OsStr::from_bytes(name)), name).unwrap();
    }
    let sha = set.tree.commit("Odd names");
    set.get(&sha).await.unwrap();
    for name in names {
        assert_eq!(std::fs::read(set.into.path().join(OsStr::from_bytes(name))).unwrap(), name);
    }
    assert_eq!(std::fs::read_dir(set.into.path()).unwrap().count(), names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_050_paths_that_lead_elsewhere_are_refused() {
    let set = set().await;
    let content = set.blob("evil");
    for name in ["..", ".git", ".GIT", "."] {
        let inner = set.tree.write(".git/inner", tree_entry("100644", "file", &content));
        let inner = set.tree.git(&["hash-object", "-t", "tree", "-w", inner.to_str().unwrap()]);
        let sha = set.odd_commit(&tree_entry("40000", name, inner.trim()));
        assert_eq!(code(set.get(&sha).await), "path_outside_repository", "{name}");
        assert_eq!(std::fs::read_dir(set.into.path()).unwrap().count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_commit_is_an_empty_folder() {
    let set = set().await;
    let sha = set.tree.commit("Nothing");
    assert_eq!(set.get(&sha).await.unwrap().title.as_deref(), Some("Nothing"));
    assert_eq!(std::fs::read_dir(set.into.path()).unwrap().count(), 0);
}
