//! Public ports: connections and packets to the app that has them.

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use skep::{
    domain::{
        clock::SystemClock,
        domain_name::Hostname,
        id::PortId,
        port::{PortTls, Protocol},
    },
    edge::{Port, entry_point},
};
use skep_tests::parts::{free_ports, until};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
};

use crate::stage::{App, Stage, certificate, told};

fn port(protocol: Protocol, public: u16, servers: Vec<SocketAddr>) -> Port {
    Port { id: PortId::new(&SystemClock), protocol, public, tls: None, host: None, allow: None, servers }
}

async fn stage(ports: &[(Protocol, u16)]) -> Stage {
    let one = |(protocol, port): &(Protocol, u16)| {
        let kind = if *protocol == Protocol::Udp { "/udp" } else { "" };
        (entry_point(*protocol, *port), format!("127.0.0.1:{port}{kind}"))
    };
    Stage::start_with(&ports.iter().map(one).collect::<Vec<_>>()).await
}

/// Says its name first, as many databases do.
async fn greets(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.write_all(name.as_bytes()).await.ok();
                let mut said = [0; 64];
                while let Ok(length @ 1..) = stream.read(&mut said).await {
                    if stream.write_all(&said[..length]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

/// What a connection is greeted with; empty if it is closed.
async fn greeting(port: u16) -> String {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return String::new() };
    let mut said = [0; 64];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut said)).await;
    let length = read.ok().and_then(Result::ok).unwrap_or(0);
    String::from_utf8_lossy(&said[..length]).into_owned()
}

#[tokio::test]
async fn connections_reach_the_app_that_has_the_port_and_nobody_else() {
    let [one, two, shut, none] = free_ports();
    let tcp = [one, two, shut, none].map(|port| (Protocol::Tcp, port));
    let stage = stage(&tcp).await;
    let (first, second) = (greets("first").await, greets("second").await);
    let mut input = stage.input(Vec::new());
    let allow = serde_json::from_value(json!(["192.0.2.0/24"])).unwrap();
    input.ports = vec![
        port(Protocol::Tcp, one, vec![first]),
        port(Protocol::Tcp, two, vec![second]),
        Port { allow: Some(allow), ..port(Protocol::Tcp, shut, vec![first]) },
        port(Protocol::Tcp, none, Vec::new()),
    ];
    stage.publish(input).await;
    assert_eq!((greeting(one).await.as_str(), greeting(two).await.as_str()), ("first", "second"));
    assert_eq!((greeting(shut).await.as_str(), greeting(none).await.as_str()), ("", ""));
    let faults: Vec<_> = stage.traefik.faults().into_iter().filter(|f| !f.contains("rejected")).collect();
    assert_eq!(faults, [""; 0]);
}

#[tokio::test]
async fn tls_is_spoken_for_the_host_that_is_named_by_the_edge_or_by_the_app() {
    let [ended, passed] = free_ports();
    let stage = stage(&[(Protocol::Tcp, ended), (Protocol::Tcp, passed)]).await;
    let app = App::start("db").await;
    // Another Traefik stands in for an app that speaks TLS itself.
    let behind = Stage::start().await;
    let mut theirs = behind.input(vec![crate::stage::route("own.example.org", "/", &[app.address])]);
    let (own, own_root) = certificate("own.example.org");
    theirs.certificates = vec![own];
    behind.publish(theirs).await;
    let (ours, root) = certificate("db.example.org");
    let mut input = stage.input(Vec::new());
    input.certificates = vec![ours];
    let named = |host: &str| Some(Hostname::parse(host).unwrap());
    input.ports = vec![
        Port {
            tls: Some(PortTls::Terminate),
            host: named("db.example.org"),
            ..port(Protocol::Tcp, ended, vec![app.address])
        },
        Port {
            tls: Some(PortTls::Passthrough),
            host: named("own.example.org"),
            ..port(Protocol::Tcp, passed, vec![behind.traefik.websecure])
        },
    ];
    stage.publish(input).await;
    for (host, root, port) in [("db.example.org", &root, ended), ("own.example.org", &own_root, passed)] {
        let client = stage.traefik.client(&[host], Some(root));
        let answer = client.get(format!("https://{host}:{port}/")).send().await.unwrap();
        assert_eq!(told(&answer.text().await.unwrap())["app"], "db", "{host}");
        let other = stage.traefik.client(&["other.example.org"], Some(root));
        assert!(other.get(format!("https://other.example.org:{port}/")).send().await.is_err(), "{host}");
    }
}

#[tokio::test]
async fn packets_reach_the_app_and_its_answers_the_sender() {
    let [public] = free_ports();
    let stage = stage(&[(Protocol::Udp, public)]).await;
    let app = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = app.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 64];
        while let Ok((length, from)) = app.recv_from(&mut packet).await {
            app.send_to(&packet[..length], from).await.ok();
        }
    });
    let mut input = stage.input(Vec::new());
    input.ports = vec![port(Protocol::Udp, public, vec![address])];
    stage.publish(input).await;
    let visitor = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    visitor.connect(("127.0.0.1", public)).await.unwrap();
    until("a packet comes back", async || {
        visitor.send(b"ping").await.ok()?;
        let mut packet = [0; 64];
        let read = tokio::time::timeout(Duration::from_millis(500), visitor.recv(&mut packet)).await;
        (&packet[..read.ok()?.ok()?] == b"ping").then_some(())
    })
    .await;
}
