//! A real sshd on loopback that lets git in, with host keys that can be changed.
//!
//! It runs as whoever runs the tests and signs in the same user, by key alone.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use skep::{domain::clock::SystemClock, git::key};

/// The server; ended when dropped.
#[derive(Debug)]
pub struct TestSshServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    folder: tempfile::TempDir,
    child: Child,
}

impl TestSshServer {
    /// Starts one with a new host key; nobody may sign in yet.
    ///
    /// # Panics
    /// If sshd is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all("/run/sshd").expect("sshd's own folder");
        fs::write(folder.path().join("authorized_keys"), "").expect("a file");
        new_host_key(folder.path());
        let port = free_port();
        let child = run(folder.path(), port);
        Self { port, folder, child }
    }

    /// Lets the owner of a key sign in.
    ///
    /// # Panics
    /// If the list of keys cannot be written.
    pub fn let_in(&self, public: &str) {
        fs::write(self.folder.path().join("authorized_keys"), format!("{public}\n")).expect("a file");
    }

    /// Starts again at the same port, with another host key.
    ///
    /// # Panics
    /// If it does not start.
    pub fn change_host_key(&mut self) {
        self.stop();
        new_host_key(self.folder.path());
        self.child = run(self.folder.path(), self.port);
    }

    /// The URL of a repository in a folder of this machine.
    #[must_use]
    pub fn url(&self, host: &str, folder: &Path) -> String {
        format!("ssh://{}@{host}:{}{}", user(), self.port, folder.display())
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for TestSshServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn user() -> String {
    let out = Command::new("id").arg("--user").arg("--name").output().expect("id");
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn new_host_key(folder: &Path) {
    let pair = key::generate(&SystemClock, "host").expect("a key");
    let path = folder.join("host_key");
    let _ = fs::remove_file(&path);
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).expect("a file");
    std::io::Write::write_all(&mut file, pair.private.expose().as_bytes()).expect("a key");
}

fn run(folder: &Path, port: u16) -> Child {
    let at = |name: &str| folder.join(name).display().to_string();
    let config = [
        format!("Port {port}"),
        "ListenAddress 127.0.0.1".to_owned(),
        format!("HostKey {}", at("host_key")),
        format!("AuthorizedKeysFile {}", at("authorized_keys")),
        format!("PidFile {}", at("pid")),
        "StrictModes no".to_owned(),
        "UsePAM no".to_owned(),
        "PermitRootLogin prohibit-password".to_owned(),
        "PasswordAuthentication no".to_owned(),
        "KbdInteractiveAuthentication no".to_owned(),
        "AllowTcpForwarding no".to_owned(),
        "PermitTTY no".to_owned(),
    ];
    fs::write(folder.join("config"), config.join("\n") + "\n").expect("a file");
    let log = fs::File::create(folder.join("log")).expect("a log");
    let child = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f", &at("config")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("sshd");
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(start.elapsed() < Duration::from_secs(10), "sshd does not answer: {}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}
