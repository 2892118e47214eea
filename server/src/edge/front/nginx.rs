//! nginx in front of Traefik on the same machine (`install.sh --behind PORT`).

/// Whose certificates browsers see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// nginx's: the paths of chain and key.
    Theirs {
        /// PEM, leaf first.
        chain: String,
        /// PEM.
        key: String,
    },
    /// Skep's: nginx reads the name that is asked for and passes the connection on.
    Ours {
        /// Where nginx's own https listens then, on loopback.
        own: u16,
    },
}

/// What to put into nginx' configuration for these hosts; Traefik takes plain http on loopback at
/// `port`, and https at the next one.
#[must_use]
pub fn nginx(hosts: &[String], port: u16, tls: &Tls) -> String {
    match tls {
        Tls::Theirs { chain, key } => theirs(hosts, port, chain, key),
        Tls::Ours { own } => ours(hosts, port, *own),
    }
}

fn theirs(hosts: &[String], port: u16, chain: &str, key: &str) -> String {
    let names = hosts.join(" ");
    let plain = location(port);
    format!(
        "# Skep: these hosts are led to it, certificates by nginx. Made by `skep proxy nginx`. Goes into `http {{ }}`:
# a file in /etc/nginx/conf.d/.
map $http_upgrade $skep_connection {{
    default upgrade;
    ''      '';
}}

server {{
    listen 80;
    listen [::]:80;
    server_name {names};
{plain}}}

server {{
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    server_name {names};
    ssl_certificate {chain};
    ssl_certificate_key {key};
{plain}}}
"
    )
}

/// A host as `map` knows it.
fn pattern(host: &str) -> String {
    host.strip_prefix('*').unwrap_or(host).to_owned() // `.example.org` is the name itself, too
}

fn ours(hosts: &[String], port: u16, own: u16) -> String {
    let names = hosts.join(" ");
    let secure = port.saturating_add(1);
    let mut lines = String::new();
    for host in hosts {
        lines.push_str(&format!("        {} 127.0.0.1:{secure};\n", pattern(host)));
    }
    let plain = location(port);
    format!(
        "# Skep: these hosts are led to it, certificates by Skep. Made by `skep proxy nginx`. Two parts.
# The edge must believe nginx about addresses: SKEP_EDGE_PROXY_PROTOCOL=127.0.0.1
#
# 1. Into nginx.conf, beside `http {{ }}`; wants the module stream (Debian: libnginx-mod-stream). Your own https
#    servers listen at 127.0.0.1:{own} from then on: `listen 127.0.0.1:{own} ssl proxy_protocol;`.
stream {{
    map $ssl_preread_server_name $skep_leads_to {{
        hostnames;
{lines}        default 127.0.0.1:{own};
    }}
    server {{
        listen 443;
        listen [::]:443;
        ssl_preread on;
        proxy_protocol on;
        proxy_pass $skep_leads_to;
        proxy_timeout 1h;
    }}
}}

# 2. Into `http {{ }}`: a file in /etc/nginx/conf.d/.
map $http_upgrade $skep_connection {{
    default upgrade;
    ''      '';
}}

server {{
    listen 80;
    listen [::]:80;
    server_name {names};
{plain}}}
"
    )
}

/// Nothing is held back, cut, or asked again by nginx.
fn location(port: u16) -> String {
    format!(
        "    location / {{
        proxy_pass http://127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $skep_connection;
        proxy_next_upstream off;
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_read_timeout 1h;
        client_max_body_size 0;
    }}
"
    )
}
