//! A server without an engine, its first admin, and the program to ask it with.

use std::{
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use skep_tests::parts::process::Process;
use tempfile::TempDir;

/// The first admin's.
pub const PASSWORD: &str = "a long password of the stage";

/// What a run of the program gave.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A running server.
pub struct Stage {
    folder: TempDir,
    port: u16,
    _server: Process,
}

fn program() -> PathBuf {
    PathBuf::from(std::env::var_os("SKEP_BIN").expect("SKEP_BIN names the program that is tested"))
}

/// Runs the program with nothing but `PATH` and these variables.
pub fn bare(args: &[&str], variables: &[(&str, &str)], input: &str) -> Ended {
    let mut child = Command::new(program())
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that asks nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

impl Stage {
    /// A new server without an engine, with its first admin, who is signed in.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let nobody = format!("unix://{}", folder.path().join("no-engine.sock").display());
        Self::with_engine(folder, &nobody)
    }

    /// One that works with the lab's engine.
    pub fn on_the_lab() -> Self {
        let engine = std::env::var("SKEP_TEST_ENGINE").expect("SKEP_TEST_ENGINE is not set; run tests/run");
        Self::with_engine(tempfile::tempdir().unwrap(), &engine)
    }

    fn with_engine(folder: TempDir, engine: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let data = folder.path().join("data");
        let listen = format!("127.0.0.1:{port}");
        let mut server = Process::start(
            &program(),
            &["serve", "--data", data.to_str().unwrap(), "--listen", &listen],
            &[("PATH", &std::env::var("PATH").unwrap_or_default()), ("DOCKER_HOST", engine)],
            folder.path().join("server.log"),
        );
        let began = Instant::now();
        while bare(&["health", "--listen", &listen], &[], "").code != 0 {
            server.check();
            assert!(began.elapsed() < Duration::from_secs(60), "not ready:\n{}", server.output());
            std::thread::sleep(Duration::from_millis(50));
        }
        let stage = Self { folder, port, _server: server };
        let token = data.join("setup-token");
        let address = stage.server();
        let admin = ["user", "create", "admin", "--server", &address, "--email", "admin@example.org"];
        let with_token = [&admin[..], &["--setup-token-file", token.to_str().unwrap()]].concat();
        stage.done(&with_token, &format!("{PASSWORD}\n"));
        stage
    }

    /// Its address.
    pub fn server(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the program keeps what it keeps.
    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the program as the admin, its output to be read by the test.
    pub fn spawn(&self, args: &[&str]) -> std::process::Child {
        Command::new(program())
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("XDG_CONFIG_HOME", self.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs the program with further variables.
    pub fn with(&self, args: &[&str], variables: &[(&str, &str)], input: &str) -> Ended {
        let home = self.home().to_str().unwrap();
        bare(args, &[variables, &[("XDG_CONFIG_HOME", home)]].concat(), input)
    }

    /// Runs the program as the admin.
    pub fn run(&self, args: &[&str], input: &str) -> Ended {
        self.with(args, &[], input)
    }

    /// Runs it, and it must be done; gives what it said.
    pub fn done(&self, args: &[&str], input: &str) -> String {
        let ended = self.run(args, input);
        assert_eq!(ended.code, 0, "{args:?}: {}{}", ended.stdout, ended.stderr);
        ended.stdout
    }

    /// Runs it, and it must be done; gives the JSON that it said.
    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.done(args, "")).unwrap()
    }
}
