//! Skep beside a proxy that has 80 and 443 already: the configuration that `skep proxy` writes, in the
//! real nginx and Caddy.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use skep::edge::{EdgeInput, Options, Scheme};
use skep_tests::parts::{edge::Edge, free_ports, process::Process, until};
use tempfile::TempDir;

use crate::{
    keeper::{World, loaded},
    stage::{App, certificate, route, told},
};

const HOST: &str = "shop.example.org";
/// The address from which the visitor comes.
const VISITOR: &str = "127.0.0.9";

fn skep(words: &[&str]) -> String {
    let program = std::env::var_os("SKEP_BIN").expect("SKEP_BIN names the program");
    let output = Command::new(program).args(words).env_clear().output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// An edge that trusts this machine, with an app whose plain http is sent to https, and its certificate.
struct Behind {
    _world: World,
    _app: App,
    _edge: Edge,
    web: u16,
    home: TempDir,
    root: String,
}

impl Behind {
    /// https is at `websecure` for browsers.
    async fn start(websecure: u16) -> Self {
        let (world, app) = (World::start(), App::start("shop").await);
        // https is at the port after that of plain http, as the installer has it.
        let web = loop {
            let [web] = free_ports();
            if web < 65_535 && std::net::TcpListener::bind(("127.0.0.1", web + 1)).is_ok() {
                break web;
            }
        };
        let at = |port: u16| format!("127.0.0.1:{port}");
        let trusted = [
            ("SKEP_EDGE_WEB", at(web)),
            ("SKEP_EDGE_WEBSECURE", at(web + 1)),
            ("SKEP_EDGE_TRUSTED", "127.0.0.1".to_owned()),
            ("SKEP_EDGE_PROXY_PROTOCOL", "127.0.0.1".to_owned()),
        ];
        let trusted: Vec<(&str, &str)> =
            trusted.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let edge = Edge::start(&world.url(), &trusted).await;
        let (certificate, root) = certificate(HOST);
        let input = EdgeInput {
            skep: vec![world.url().parse().unwrap()],
            routes: vec![skep::edge::Route {
                scheme: Scheme::Https { redirect: true },
                ..route(HOST, "/", &[app.address])
            }],
            certificates: vec![certificate],
            options: Options { loopback: true, https_port: Some(websecure), ..Options::default() },
            ..EdgeInput::default()
        };
        let version = world.publish(input);
        loaded(&edge, &version).await;
        Self { _world: world, _app: app, _edge: edge, web, home: TempDir::new().unwrap(), root }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// nginx with this in it.
    fn nginx(&self, http: &str, stream: &str) -> Process {
        let home = self.home.path().display();
        let module =
            if stream.is_empty() { "" } else { "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n" };
        let text = format!(
            "{module}daemon off; pid {home}/pid; error_log {home}/error.log;\nevents {{ }}\n{stream}\nhttp {{\n\
             access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;\n\
             uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;\n{http}\n}}\n"
        );
        let path = self.file("nginx.conf", &text);
        let words = ["-c", path.to_str().unwrap(), "-g", "user root;"];
        Process::start(Path::new("/usr/sbin/nginx"), &words, &[], self.home.path().join("nginx.log"))
    }
}

/// As a visitor of the host sees it: plain http is sent to https, and that is served by the app, which is
/// told the visitor's address and that it was https.
async fn serves(root: Option<&str>, web: SocketAddr, websecure: SocketAddr) {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .local_address(Some(VISITOR.parse().unwrap()))
        .pool_max_idle_per_host(0)
        .no_proxy()
        .resolve(HOST, web);
    builder = match root {
        Some(root) => builder.add_root_certificate(reqwest::Certificate::from_pem(root.as_bytes()).unwrap()),
        None => builder.danger_accept_invalid_certs(true),
    };
    let client = builder.build().unwrap();
    let secure = format!("https://{HOST}:{}/x", websecure.port());
    let answer = until("the proxy leads to the app", async || {
        let answer = client
            .get(&secure)
            .header("upgrade", "websocket")
            .header("connection", "upgrade")
            .send()
            .await
            .ok()?;
        (answer.status() == 200).then_some(answer)
    })
    .await;
    let body = told(&answer.text().await.unwrap());
    let header = |name: &str| body["headers"][name].as_str().unwrap_or_default().to_owned();
    assert!(header("x-forwarded-for").starts_with(VISITOR), "{body}");
    // Traefik's word for https, where the protocol is to be changed.
    assert!(["https", "wss"].contains(&header("x-forwarded-proto").as_str()), "{body}");
    assert_eq!(header("upgrade"), "websocket", "{body}");
    let answer = client.get(format!("http://{HOST}:{}/x", web.port())).send().await.unwrap();
    assert!(answer.status().is_redirection(), "{}", answer.status());
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// The shipped text at other ports than 80 and 443.
fn at(text: &str, web: u16, websecure: u16) -> String {
    let lines = text.lines().filter(|line| !line.contains("listen [::]"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    assert!(text.contains("listen 80;") && text.contains("listen 443"), "{text}");
    text.replace("listen 80;", &format!("listen 127.0.0.1:{web};"))
        .replace("listen 443", &format!("listen 127.0.0.1:{websecure}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requirement_82_behind_nginx_with_its_own_certificates() {
    let [web, websecure] = free_ports();
    let behind = Behind::start(websecure).await;
    let root = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
    let (chain, key) = (
        behind.file("chain.pem", &root.cert.pem()),
        behind.file("key.pem", &root.signing_key.serialize_pem()),
    );
    let port = behind.web.to_string();
    let text = skep(&[
        "proxy",
        "nginx",
        "--port",
        &port,
        HOST,
        "--chain",
        chain.to_str().unwrap(),
        "--key",
        key.to_str().unwrap(),
    ]);
    let mut nginx = behind.nginx(&at(&text, web, websecure), "");
    nginx.check();
    serves(None, local(web), local(websecure)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requirement_82_behind_nginx_with_our_certificates() {
    let [web, websecure, own] = free_ports();
    let behind = Behind::start(websecure).await;
    let (port, own) = (behind.web.to_string(), own.to_string());
    let text = at(&skep(&["proxy", "nginx", "--port", &port, HOST, "--own", &own]), web, websecure);
    let (stream, http) = text.split_once("# 2.").unwrap();
    let mut nginx = behind.nginx(&format!("# 2.{http}"), stream);
    nginx.check();
    serves(Some(&behind.root), local(web), local(websecure)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requirement_82_behind_caddy() {
    let [web, websecure] = free_ports();
    let behind = Behind::start(websecure).await;
    let text = skep(&["proxy", "caddy", "--port", &behind.web.to_string(), HOST]);
    // Certificates by an authority of its own here, as there is no public one.
    let global = format!(
        "{{\n\tadmin off\n\thttp_port {web}\n\thttps_port {websecure}\n\tlocal_certs\n\tskip_install_trust\n}}\n\n"
    );
    let path = behind.file("Caddyfile", &(global + &text));
    let home = behind.home.path().to_str().unwrap().to_owned();
    let words = ["run", "--adapter", "caddyfile", "--config", path.to_str().unwrap()];
    let variables = [("HOME", home.as_str()), ("XDG_DATA_HOME", &home), ("XDG_CONFIG_HOME", &home)];
    let mut caddy =
        Process::start(Path::new("/usr/bin/caddy"), &words, &variables, behind.home.path().join("caddy.log"));
    caddy.check();
    serves(None, local(web), local(websecure)).await;
}
