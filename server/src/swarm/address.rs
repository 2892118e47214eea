//! Where the engine is.

use std::path::PathBuf;

use crate::domain::fault::Wrong;

/// Where the engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A unix socket: the ordinary way.
    Unix(PathBuf),
    /// `host:port` without TLS: for test clusters on a private network only, as whoever reaches it is root.
    Tcp(String),
}

impl Address {
    /// Where Docker listens if nobody says otherwise.
    pub const DEFAULT: &'static str = "unix:///var/run/docker.sock";

    /// Reads a `DOCKER_HOST`: `unix:///path`, `tcp://host:port`, or a bare absolute path.
    ///
    /// # Errors
    /// Any other form.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let path = text.strip_prefix("unix://").unwrap_or(text);
        if path.starts_with('/') {
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        match text.strip_prefix("tcp://").map(|host| host.trim_end_matches('/')) {
            Some(host) if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => {
                Ok(Self::Tcp(host.to_owned()))
            }
            _ => Err(Wrong::coded(
                "invalid_docker_host",
                "must be unix:///path/to/docker.sock or tcp://host:port; \
                 for an engine on another machine run Skep there",
            )),
        }
    }
}

impl Default for Address {
    fn default() -> Self {
        Self::Unix(PathBuf::from("/var/run/docker.sock"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_forms() {
        assert_eq!(Address::parse(Address::DEFAULT).unwrap(), Address::default());
        assert_eq!(Address::parse("/run/d.sock").unwrap(), Address::Unix("/run/d.sock".into()));
        assert_eq!(Address::parse("tcp://10.0.0.1:2375/").unwrap(), Address::Tcp("10.0.0.1:2375".into()));
    }

    #[test]
    fn refuses_what_it_cannot_reach() {
        for text in ["", "docker.sock", "ssh://host", "https://host:1", "tcp://host", "tcp://host:x"] {
            assert_eq!(Address::parse(text).unwrap_err().code, "invalid_docker_host", "{text}");
        }
    }
}
