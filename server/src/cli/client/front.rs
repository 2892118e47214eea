//! `skep ha` and `skep proxy`: configuration for what stands in front of the edges.

use std::net::IpAddr;

use super::{api::Api, fault::Failure, show::cell};
use crate::{
    cli::say,
    edge::front::{self, Backend, Pair, Tls},
};

/// Labels of nodes that face visitors.
const EDGE_LABELS: [&str; 2] = ["edge", "public_ip"];

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Ha {
    /// HAProxy's configuration, the same for each balancer: `skep ha haproxy > /etc/haproxy/haproxy.cfg`
    ///
    /// The edges are the nodes with the label edge=true (or public_ip=true); --edge names others, without a server.
    Haproxy {
        /// An edge by name and address, in place of the nodes that the server knows: `hive-1=10.0.0.11`
        #[arg(long = "edge", value_name = "NAME=ADDRESS")]
        edges: Vec<String>,
    },
    /// Keepalived's configuration for one balancer of a pair
    ///
    ///   skep ha keepalived --vip 10.0.0.100/24 --interface eth0 --balancer 10.0.0.5 --balancer 10.0.0.6 --this 10.0.0.5
    #[command(verbatim_doc_comment)]
    Keepalived {
        /// The address that moves, with its network's bits
        #[arg(long, value_name = "ADDRESS/BITS")]
        vip: String,
        /// The network interface that it is on
        #[arg(long)]
        interface: String,
        /// Each balancer's own address; the first has the shared one first
        #[arg(long = "balancer", value_name = "ADDRESS", required = true)]
        balancers: Vec<String>,
        /// Which of them this is for
        #[arg(long, value_name = "ADDRESS")]
        this: IpAddr,
        /// Tells this pair from others in one network
        #[arg(long, default_value_t = 51)]
        router: u8,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Proxy {
    /// A part of a Caddyfile: `skep proxy caddy --port 8480 shop.example.org >> /etc/caddy/Caddyfile`
    Caddy(Behind),
    /// A part of nginx' configuration: `skep proxy nginx --port 8480 shop.example.org --chain FILE --key FILE`
    ///
    /// Without --chain and --key the certificates are Skep's, and nginx passes https on as it is.
    Nginx {
        #[command(flatten)]
        behind: Behind,
        /// nginx' certificate for these hosts
        #[arg(long, value_name = "FILE", requires = "key")]
        chain: Option<String>,
        /// Its key
        #[arg(long, value_name = "FILE", requires = "chain")]
        key: Option<String>,
        /// With Skep's certificates: where nginx' own https servers listen then
        #[arg(long, value_name = "PORT", default_value_t = 8444)]
        own: u16,
    },
}

/// What each proxy is told.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Behind {
    /// As given to `install.sh --behind`
    #[arg(long, value_parser = clap::value_parser!(u16).range(1024..65535))]
    port: u16,
    /// Host names that lead to Skep; `*.apps.example.org` for all below
    #[arg(required = true, value_parser = front::host)]
    hosts: Vec<String>,
}

/// Nothing of a server is needed.
pub(super) fn proxy(verb: Proxy) -> Result<(), Failure> {
    let text = match verb {
        Proxy::Caddy(Behind { port, hosts }) => front::caddy(&hosts, port),
        Proxy::Nginx { behind: Behind { port, hosts }, chain, key, own } => {
            let tls = match (chain, key) {
                (Some(chain), Some(key)) => Tls::Theirs { chain: path(&chain)?, key: path(&key)? },
                _ => Tls::Ours { own },
            };
            front::nginx(&hosts, port, &tls)
        }
    };
    say(text.trim_end());
    Ok(())
}

/// A path that stands in nginx' configuration as it is.
fn path(text: &str) -> Result<String, Failure> {
    let fit = |b: u8| b.is_ascii_alphanumeric() || b"-_./+@".contains(&b);
    if text.starts_with('/') && text.bytes().all(fit) {
        return Ok(text.to_owned());
    }
    Err(Failure::Usage(format!(
        "`{text}` must be a whole path of letters, digits and `-_./+@`: /etc/ssl/shop.pem"
    )))
}

/// Of what is given alone, or of the server's nodes.
pub(super) async fn ha(verb: Ha) -> Result<(), Failure> {
    match verb {
        Ha::Keepalived { vip, interface, balancers, this, router } => {
            let pair = Pair::new(&vip, &interface, &balancers, router).map_err(Failure::Usage)?;
            let text = front::keepalived(&pair, this).ok_or_else(|| {
                Failure::Usage("--this must be one of the addresses given by --balancer".to_owned())
            })?;
            say(text.trim_end());
        }
        Ha::Haproxy { edges } => {
            let edges = if edges.is_empty() { of_nodes().await? } else { given(&edges)? };
            say(front::haproxy(&edges).trim_end());
        }
    }
    Ok(())
}

fn given(edges: &[String]) -> Result<Vec<Backend>, Failure> {
    let backend = |text: &String| {
        let (name, address) =
            text.split_once('=').ok_or("--edge must be NAME=ADDRESS: `hive-1=10.0.0.11`")?;
        Backend::new(name, address)
    };
    edges.iter().map(backend).collect::<Result<_, String>>().map_err(Failure::Usage)
}

async fn of_nodes() -> Result<Vec<Backend>, Failure> {
    let nodes = Api::signed_in()?.list("/nodes").await?;
    let edges = nodes.iter().filter(|node| EDGE_LABELS.iter().any(|label| node["labels"][label] == "true"));
    let mut edges: Vec<Backend> = edges
        .map(|node| Backend::new(&cell(node, "hostname"), &cell(node, "address")))
        .collect::<Result<_, String>>()
        .map_err(Failure::NotDone)?;
    edges.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
    if edges.is_empty() {
        return Err(Failure::NotDone(
            "no node has the label edge=true: `docker node update --label-add edge=true NODE`, or name them by --edge".to_owned(),
        ));
    }
    Ok(edges)
}
