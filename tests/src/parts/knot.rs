//! A real name server, Knot, that takes dynamic updates: for the zone `example.org`, on loopback.

use std::{net::SocketAddr, path::PathBuf};

use tempfile::TempDir;

use super::{free_ports, process::Process, until};

/// The name of the key that may update, and its secret.
pub const KEY: (&str, &str) = ("skep.test", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
/// The same for HMAC-SHA512.
pub const LONG_KEY: (&str, &str) = ("skep512.test", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=");

/// A running Knot.
#[derive(Debug)]
pub struct Knot {
    process: Process,
    /// Where it answers.
    pub address: SocketAddr,
    _home: TempDir,
}

impl Knot {
    /// Starts it.
    ///
    /// # Panics
    /// It does not come up. `SKEP_TEST_NAMESERVER` may name the program.
    pub async fn start() -> Self {
        let program = std::env::var_os("SKEP_TEST_NAMESERVER").unwrap_or_else(|| "/usr/sbin/knotd".into());
        let program = PathBuf::from(program);
        assert!(program.is_file(), "this test needs knotd (Debian package `knot`), or run tests/run");
        let [port] = free_ports();
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().display();
        let zone = "$ORIGIN example.org.\n$TTL 60\n@ SOA ns admin 1 60 60 60 1\n@ NS ns\nns A 127.0.0.1\n\
                    _acme-challenge.alias CNAME _acme-challenge.target\n";
        let keys = [(KEY, "hmac-sha256"), (LONG_KEY, "hmac-sha512")];
        let keys: String = keys
            .iter()
            .map(|((id, secret), kind)| {
                format!("  - id: {id}\n    algorithm: {kind}\n    secret: {secret}\n")
            })
            .collect();
        let config = format!(
            "server:\n  rundir: \"{folder}\"\n  listen: 127.0.0.1@{port}\n\
             log:\n  - target: stderr\n    any: info\n\
             database:\n  storage: \"{folder}/db\"\n\
             key:\n{keys}\
             acl:\n  - id: update\n    key: [{}, {}]\n    action: update\n\
             zone:\n  - domain: example.org\n    storage: \"{folder}\"\n    file: zone\n    acl: update\n",
            KEY.0, LONG_KEY.0
        );
        std::fs::create_dir(home.path().join("db")).expect("it can be made");
        std::fs::write(home.path().join("zone"), zone).expect("it can be written");
        std::fs::write(home.path().join("knot.conf"), config).expect("it can be written");
        let config = home.path().join("knot.conf");
        let args = ["-c", config.to_str().expect("a plain path")];
        let mut process = Process::start(&program, &args, &[], home.path().join("log"));
        until("Knot has its zone", async || {
            process.check();
            process.output().contains("loaded, serial").then_some(())
        })
        .await;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        until("Knot answers", async || tokio::net::TcpStream::connect(address).await.ok()).await;
        Self { process, address, _home: home }
    }

    /// What it has written.
    #[must_use]
    pub fn output(&self) -> String {
        self.process.output()
    }
}
