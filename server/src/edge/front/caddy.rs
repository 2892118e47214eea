//! Caddy with certificates of its own in front of Traefik on the same machine (`install.sh --behind PORT`).

/// What to put into the Caddyfile for these hosts; Traefik takes plain http on loopback at `port`.
#[must_use]
pub fn caddy(hosts: &[String], port: u16) -> String {
    let hosts = hosts.join(", ");
    format!(
        "# Skep: these hosts are led to it. Made by `skep proxy caddy`; Caddy gets their certificates itself.
# A host with `*` needs a DNS provider in Caddy, see its documentation of `tls`.
{hosts} {{
	reverse_proxy 127.0.0.1:{port} {{
		flush_interval -1
	}}
}}
"
    )
}
