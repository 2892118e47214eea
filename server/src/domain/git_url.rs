//! Git URLs that Skep may fetch from, and whether a sender's name for a repository means ours.
//!
//! Only https and ssh, a plain host, a plain path, no credentials; plain http where the owner of
//! the instance allows it (S11). Whether the host's address may be reached is not decided here
//! but when it is connected to: see `outbound.rs`.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::fault::Wrong;

/// How a git host is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `https://`
    Https,
    /// `http://`, only where the instance allows it.
    Http,
    /// `ssh://`, or `user@host:path`.
    Ssh,
}

impl Scheme {
    /// The port that is meant when the URL names none.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
            Self::Ssh => 22,
        }
    }
}

/// A checked git URL: `https://host/path`, `ssh://user@host/path` or `user@host:path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitUrl {
    text: String,
    scheme: Scheme,
    user: Option<String>,
    host: String,
    port: Option<u16>,
    path: String,
}

impl GitUrl {
    /// Checks `text`; plain http is refused.
    ///
    /// # Errors
    /// `scheme_not_allowed`, `credentials_in_url` or `invalid_url`, with the rule.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let url = Self::parse_allowing_http(text)?;
        url.permitted(false)?;
        Ok(url)
    }

    /// Checks `text` for an instance whose owner allows plain http (`SKEP_GIT_ALLOW_HTTP`).
    ///
    /// # Errors
    /// As for [`GitUrl::parse`].
    pub fn parse_allowing_http(text: &str) -> Result<Self, Wrong> {
        if text.len() > 2048 {
            return Err(invalid("must have at most 2048 characters"));
        }
        if text.starts_with('-') {
            return Err(invalid("must not start with `-`"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(invalid("must not hold blanks, line breaks or control characters"));
        }
        if text.contains("::") && !text.contains('[') {
            return Err(scheme_not_allowed()); // git's `helper::address`: runs a program
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ssh") => (Scheme::Ssh, rest),
            Some(_) => return Err(scheme_not_allowed()),
            None => return Self::scp(text),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        let user = match (scheme, user) {
            (_, None) => None,
            (Scheme::Ssh, Some(user)) if !user.contains(':') => Some(ssh_user(user)?),
            _ => return Err(credentials_in_url()),
        };
        let (host, port) = split_port(address)?;
        let host = checked_host(host)?;
        let path = checked_path(&format!("/{path}"))?;
        let at = user.as_ref().map_or(String::new(), |user| format!("{user}@"));
        let colon = port.map_or(String::new(), |port| format!(":{port}"));
        let name = match scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
            Scheme::Ssh => "ssh",
        };
        Ok(Self { text: format!("{name}://{at}{host}{colon}{path}"), scheme, user, host, port, path })
    }

    /// `user@host:path`, as ssh hosts show it; the path is relative to the user's home.
    fn scp(text: &str) -> Result<Self, Wrong> {
        let Some((user, rest)) = text.split_once('@') else { return Err(scheme_not_allowed()) };
        let Some((host, path)) = rest.split_once(':') else { return Err(scheme_not_allowed()) };
        if user.contains('/') {
            return Err(scheme_not_allowed());
        }
        let user = ssh_user(user)?;
        let host = checked_host(host)?;
        let path = checked_path(path)?;
        Ok(Self {
            text: format!("{user}@{host}:{path}"),
            scheme: Scheme::Ssh,
            user: Some(user),
            host,
            port: None,
            path,
        })
    }

    /// Refuses plain http unless the instance allows it. To be asked wherever a URL comes in as
    /// part of something larger: deserialising accepts http, since stored URLs are read so too.
    ///
    /// # Errors
    /// `scheme_not_allowed`.
    pub fn permitted(&self, allow_http: bool) -> Result<(), Wrong> {
        if self.scheme == Scheme::Http && !allow_http {
            return Err(Wrong::coded(
                "scheme_not_allowed",
                "must be https or ssh; plain http only where the owner of this instance allows it (SKEP_GIT_ALLOW_HTTP)",
            ));
        }
        Ok(())
    }

    /// The checked text, as git takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// https, http or ssh.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether ssh is spoken, in either form.
    #[must_use]
    pub fn is_ssh(&self) -> bool {
        self.scheme == Scheme::Ssh
    }

    /// The host in lower case: a name in punycode, an IPv4 address, or an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port that is connected to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.scheme.port())
    }

    /// The user to sign in as by ssh; none was named: `git`.
    #[must_use]
    pub fn user(&self) -> &str {
        self.user.as_deref().unwrap_or("git")
    }

    /// The path of the repository, as written; only the scp form may lack the leading `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Whether `told`, a sender's name for its repository, means the one at `url`: a clone URL of
/// any scheme with the same host and path, or the bare `owner/name`.
///
/// User, port, scheme and a final `.git` do not count, and neither does the case: the hosts
/// compare names without it, and a wrong yes only makes us look at our own repository's head.
#[must_use]
pub fn same_repository(url: &GitUrl, told: &str) -> bool {
    let ours = bare(&url.path);
    if let Some((_, rest)) = told.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
        let host = match address.strip_prefix('[') {
            Some(inner) => inner.split(']').next().unwrap_or(inner),
            None => address.split(':').next().unwrap_or(address),
        };
        return same_host(url, host) && bare(path).eq_ignore_ascii_case(ours);
    }
    if let Some((login, path)) = told.split_once(':') {
        let host = login.rsplit_once('@').map_or(login, |(_, host)| host);
        return same_host(url, host) && bare(path).eq_ignore_ascii_case(ours);
    }
    !ours.is_empty() && bare(told).eq_ignore_ascii_case(ours)
}

fn same_host(url: &GitUrl, told: &str) -> bool {
    let told = told.trim_end_matches('.');
    url.host.trim_matches(['[', ']']).eq_ignore_ascii_case(told)
}

/// `/Team/App.git/` as `Team/App`.
fn bare(path: &str) -> &str {
    let path = path.trim_matches('/');
    path.strip_suffix(".git").unwrap_or(path)
}

fn invalid(message: &str) -> Wrong {
    Wrong::coded("invalid_url", message)
}

fn scheme_not_allowed() -> Wrong {
    Wrong::coded(
        "scheme_not_allowed",
        "must be a repository's address by https or ssh: `https://host/path` or `git@host:path`",
    )
}

fn credentials_in_url() -> Wrong {
    Wrong::coded(
        "credentials_in_url",
        "must not hold a user or password: store them as a git credential and choose it for the app",
    )
}

fn ssh_user(user: &str) -> Result<String, Wrong> {
    if user.contains(':') {
        return Err(credentials_in_url());
    }
    let ok = (1..=64).contains(&user.len())
        && !user.starts_with('-')
        && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b));
    if ok { Ok(user.to_owned()) } else { Err(invalid("must have a plain user name before the `@`")) }
}

fn split_port(address: &str) -> Result<(&str, Option<u16>), Wrong> {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => return Ok((address, None)),
    };
    let number = port.parse::<u16>().ok().filter(|n| *n > 0 && port.bytes().all(|b| b.is_ascii_digit()));
    match number {
        Some(number) => Ok((host, Some(number))),
        None => Err(invalid("must have a port from 1 to 65535 after the `:`")),
    }
}

/// A name, an IPv4 address in its usual form, or an IPv6 address in brackets; nothing that
/// another reader would take for an address in disguise (`0x7f.1`, `2130706433`).
fn checked_host(host: &str) -> Result<String, Wrong> {
    let wrong = || invalid("must name a host like `git.example.org` after the scheme");
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or_else(wrong)?;
        let address: std::net::Ipv6Addr = inner.parse().map_err(|_| wrong())?;
        return Ok(format!("[{address}]"));
    }
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return Ok(host.to_owned());
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let ascii = if host.is_ascii() {
        host.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii_strict(host).map_err(|_| wrong())?
    };
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    if ascii.len() > 253 || numeric || !ascii.split('.').all(label_ok) {
        return Err(wrong());
    }
    Ok(ascii)
}

fn checked_path(path: &str) -> Result<String, Wrong> {
    let wrong = || {
        invalid(
            "must have a path of letters, digits and `-._~+@/` to the repository, without `..`, query or fragment",
        )
    };
    let bytes = path.as_bytes();
    let escapes_ok = path.match_indices('%').all(|(at, _)| {
        let code = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        code.is_some_and(|byte| !byte.is_ascii_control() && byte != b'/' && byte != b'.')
    });
    let plain = bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-._~+@/%".contains(b));
    let parts_ok = !path.split('/').any(|part| part == ".." || part == ".");
    if plain && escapes_ok && parts_ok && !path.starts_with('-') && !bare(path).is_empty() {
        Ok(path.to_owned())
    } else {
        Err(wrong())
    }
}

impl fmt::Display for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl utoipa::PartialSchema for GitUrl {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for GitUrl {}

impl Serialize for GitUrl {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for GitUrl {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse_allowing_http(&text).map_err(|wrong| wrong.for_serde())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms_are_read() {
        let url = GitUrl::parse("https://Git.Example.org:8443/team/app.git").unwrap();
        assert_eq!((url.host(), url.port(), url.path()), ("git.example.org", 8443, "/team/app.git"));
        assert_eq!(url.as_str(), "https://git.example.org:8443/team/app.git");
        let url = GitUrl::parse("git@git.example.org:team/app.git").unwrap();
        assert!(url.is_ssh());
        assert_eq!((url.user(), url.port(), url.path()), ("git", 22, "team/app.git"));
        let url = GitUrl::parse("ssh://deploy@[2001:db8::1]:2222/srv/app").unwrap();
        assert_eq!((url.host(), url.port(), url.user()), ("[2001:db8::1]", 2222, "deploy"));
        assert_eq!(GitUrl::parse("https://bücher.example/a").unwrap().host(), "xn--bcher-kva.example");
    }

    #[test]
    fn a_read_url_reads_itself_again() {
        for text in ["https://h/a", "ssh://h/a", "ssh://u@h:22/~me/a", "u@h:a/b.git", "https://h/a%20b"] {
            let url = GitUrl::parse(text).unwrap();
            assert_eq!(GitUrl::parse(url.as_str()).unwrap(), url);
        }
    }

    #[test]
    fn case_028_a_repository_is_known_by_host_and_path() {
        let url = GitUrl::parse("https://git.example.org/Team/app.git").unwrap();
        for told in [
            "https://git.example.org/team/app",
            "https://someone@GIT.example.org:443/Team/app.git/",
            "git@git.example.org:Team/app.git",
            "ssh://git@git.example.org:2222/Team/app.git",
            "git://git.example.org/Team/app.git",
            "Team/app",
        ] {
            assert!(same_repository(&url, told), "{told}");
        }
        for told in [
            "https://git.example.org/fork/app.git",
            "https://other.example.org/Team/app.git",
            "git@other.example.org:Team/app.git",
            "Team/app2",
            "app",
            "",
            "https://git.example.org/",
        ] {
            assert!(!same_repository(&url, told), "{told}");
        }
    }
}
