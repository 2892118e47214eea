//! The real Pebble, an ACME CA that is made to be hard on its clients, and the DNS that it asks.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{free_ports, process::Process, until};

/// A running Pebble with its challtestsrv. All names lead to loopback unless told otherwise.
#[derive(Debug)]
pub struct Pebble {
    program: PathBuf,
    bad_nonces: String,
    /// Seconds that it sleeps at most before a validation.
    slow: u8,
    ca: Option<Process>,
    dns: Process,
    home: TempDir,
    client: reqwest::Client,
    http: u16,
    acme: u16,
    names: u16,
    asked: SocketAddr,
    management: u16,
    roots: u16,
}

impl Pebble {
    /// Starts both. `http` is the port at which it asks for answers to HTTP-01; it refuses
    /// `bad_nonces` percent of good nonces, and asks for every validation anew.
    ///
    /// # Panics
    /// They do not come up. `SKEP_TEST_PEBBLE` may name the program; else it is on the path.
    pub async fn start(http: u16, bad_nonces: u8) -> Self {
        Self::started(http, bad_nonces, 0, json!({}), None).await
    }

    /// The same, but the CA asks another name server than its own.
    ///
    /// # Panics
    /// They do not come up.
    pub async fn asking(names: SocketAddr) -> Self {
        Self::started(1, 20, 0, json!({}), Some(names)).await
    }

    /// The same with further settings of its file, and with a validation that takes up to `slow` seconds.
    ///
    /// # Panics
    /// They do not come up.
    pub async fn with(http: u16, bad_nonces: u8, slow: u8, further: Value) -> Self {
        Self::started(http, bad_nonces, slow, further, None).await
    }

    async fn started(http: u16, bad_nonces: u8, slow: u8, further: Value, asked: Option<SocketAddr>) -> Self {
        let program = std::env::var_os("SKEP_TEST_PEBBLE").map_or_else(|| on_path("pebble"), PathBuf::from);
        let beside = program.with_file_name("pebble-challtestsrv");
        let [acme, roots, names_port, management] = free_ports();
        let home = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| home.path().join(name);
        let root = own_certificate(home.path());
        let mut settings = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{acme}"),
            "managementListenAddress": format!("127.0.0.1:{roots}"),
            "certificate": at("cert.pem"), "privateKey": at("key.pem"),
            "httpPort": http, "tlsPort": 1,
        }});
        for (name, value) in further.as_object().into_iter().flatten() {
            settings["pebble"][name] = value.clone();
        }
        std::fs::write(at("config.json"), settings.to_string()).expect("it can be written");
        let names = format!("127.0.0.1:{names_port}");
        let manage = format!("127.0.0.1:{management}");
        let dns_args = [
            "-defaultIPv4",
            "127.0.0.1",
            "-defaultIPv6",
            "",
            "-dns01",
            &names,
            "-management",
            &manage,
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ];
        let dns = Process::start(&beside, &dns_args, &[], at("dns.log"));
        let client = reqwest::Client::builder()
            .add_root_certificate(reqwest::Certificate::from_pem(root.as_bytes()).expect("a certificate"))
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .expect("a client");
        let bad_nonces = bad_nonces.to_string();
        let (ca, names) = (None, names_port);
        let asked = asked.unwrap_or_else(|| ([127, 0, 0, 1], names).into());
        let mut pebble = Self {
            program,
            bad_nonces,
            slow,
            ca,
            dns,
            home,
            client,
            http,
            acme,
            names,
            asked,
            management,
            roots,
        };
        pebble.restart().await;
        pebble
    }

    /// Starts the CA, or starts it again: it knows no account and no order then, and has new roots.
    ///
    /// # Panics
    /// It does not come up.
    pub async fn restart(&mut self) {
        self.kill();
        let config = self.home.path().join("config.json");
        let names = self.asked.to_string();
        let slow = self.slow.to_string();
        let sleep =
            if self.slow == 0 { ("PEBBLE_VA_NOSLEEP", "1") } else { ("PEBBLE_VA_SLEEPTIME", slow.as_str()) };
        let variables =
            [sleep, ("PEBBLE_WFE_NONCEREJECT", self.bad_nonces.as_str()), ("PEBBLE_AUTHZREUSE", "0")];
        let args = ["-config", config.to_str().expect("a plain path"), "-dnsserver", &names];
        let mut ca = Process::start(&self.program, &args, &variables, self.home.path().join("log"));
        let directory = self.directory();
        let management = format!("http://127.0.0.1:{}/", self.management);
        until("Pebble answers", async || {
            ca.check();
            self.dns.check();
            let answer =
                self.client.get(&directory).send().await.ok().filter(|answer| answer.status().is_success());
            answer.and(self.client.get(&management).send().await.ok())
        })
        .await;
        self.ca = Some(ca);
    }

    /// The address of its directory.
    #[must_use]
    pub fn directory(&self) -> String {
        format!("https://127.0.0.1:{}/dir", self.acme)
    }

    /// Its management address: https, but no directory.
    #[must_use]
    pub fn no_directory(&self) -> String {
        format!("https://127.0.0.1:{}/roots/0", self.roots)
    }

    /// The file with the root of its own https.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.home.path().join("ca.pem")
    }

    /// The root that signs what it issues, PEM; another one after each start.
    ///
    /// # Panics
    /// It does not say.
    pub async fn root(&self) -> String {
        let answer = self.client.get(self.no_directory()).send().await.expect("an answer");
        answer.text().await.expect("a root")
    }

    /// Changes the DNS: `add-a`, `set-servfail`... (see pebble-challtestsrv).
    ///
    /// # Panics
    /// It refuses.
    pub async fn dns(&self, verb: &str, what: Value) {
        let address = format!("http://127.0.0.1:{}/{verb}", self.management);
        let answer = self.client.post(address).body(what.to_string()).send().await.expect("an answer");
        assert!(answer.status().is_success(), "challtestsrv {verb}: {}", answer.status());
    }

    /// The port at which it asks for answers.
    #[must_use]
    pub const fn http(&self) -> u16 {
        self.http
    }

    /// Its name server.
    #[must_use]
    pub fn name_server(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.names).into()
    }

    /// What the CA has written since its last start.
    #[must_use]
    pub fn output(&self) -> String {
        self.ca.as_ref().map(Process::output).unwrap_or_default()
    }

    /// Ends the CA; its DNS stays.
    pub fn kill(&mut self) {
        self.ca = None;
    }
}

fn on_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("this test needs {name} (Debian package `pebble`), or run tests/run"))
}

/// Lays `ca.pem`, and `cert.pem` with `key.pem` for 127.0.0.1; gives the root.
fn own_certificate(home: &Path) -> String {
    let root = authority();
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
    let leaf = params.signed_by(&key, &root).expect("a certificate");
    let write = |name: &str, text: String| std::fs::write(home.join(name), text).expect("it can be written");
    write("ca.pem", root.pem());
    write("cert.pem", leaf.pem());
    write("key.pem", key.serialize_pem());
    root.pem()
}

/// A new certificate authority.
///
/// # Panics
/// There are no keys to be had.
#[must_use]
pub fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(rcgen::DnType::CommonName, "Root of the tests");
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root")
}
