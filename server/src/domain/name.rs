//! Checked text: every kind of name that a user can give, each with one constructor.
//!
//! All are allow-lists: what is not named by the grammar is refused. To add one: a `checked!`
//! entry with its grammar and a line in the corpus of `tests/tests/bad_input`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{fault::Wrong, id::TeamId};

macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
        #[schema(value_type = String)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks `text` against the grammar of this type.
            ///
            /// # Errors
            /// The rule that was broken.
            pub fn parse(text: &str) -> Result<Self, Wrong> {
                let check: fn(&str) -> Result<String, Wrong> = $check;
                check(text).map(Self)
            }

            /// The checked text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Wrong;
            fn from_str(text: &str) -> Result<Self, Wrong> {
                Self::parse(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                Self::parse(&text).map_err(|wrong| wrong.for_serde())
            }
        }
    };
}

pub(super) use checked;

checked! {
    /// The name of a project, environment or app: a DNS label of at most 30 characters, so that
    /// `project-environment-app` with a suffix stays within Swarm's 63.
    Slug, |text| {
        let ok = (1..=30).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.as_bytes()[0].is_ascii_lowercase()
            && !text.ends_with('-')
            && !text.contains("--");
        if ok { Ok(text.to_owned()) } else {
            Err(Wrong::coded("invalid_name", "must be 1 to 30 lower-case letters, digits and single hyphens, starting with a letter: `my-shop`"))
        }
    }
}

checked! {
    /// A name shown to people: 1 to 100 characters, without control and direction characters.
    DisplayName, |text| {
        let text: String = text.trim().chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
        match text.chars().count() {
            0 => Err(Wrong::coded("invalid_name", "must not be empty")),
            1..=100 => Ok(text),
            _ => Err(Wrong::coded("invalid_name", "must have at most 100 characters")),
        }
    }
}

checked! {
    /// The name of an environment variable (POSIX: letters, digits and `_`, no digit first).
    EnvKey, |text| {
        let ok = (1..=255).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !text.as_bytes()[0].is_ascii_digit();
        if ok { Ok(text.to_owned()) } else {
            Err(Wrong::coded("invalid_key", "must be letters, digits and `_`, not starting with a digit, at most 255 characters"))
        }
    }
}

checked! {
    /// The name of a file in `/run/secrets`: no path, so that it is mounted there and nowhere else.
    SecretFileName, |text| {
        let ok = (1..=100).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            && !text.starts_with(['.', '-']);
        if ok { Ok(text.to_owned()) } else {
            Err(Wrong::coded("invalid_name", "must be 1 to 100 letters, digits, `.`, `_` and `-`, not starting with `.` or `-`: `db_password`"))
        }
    }
}

impl SecretFileName {
    /// The name of a variable as the name of its file.
    ///
    /// # Errors
    /// It is too long for one.
    pub fn of(key: &EnvKey) -> Result<Self, Wrong> {
        Self::parse(key.as_str())
    }
}

checked! {
    /// Whose a file in a container is: `uid` or `uid:gid`, as numbers.
    SecretFileOwner, |text| {
        let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok();
        if text.split(':').count() <= 2 && text.split(':').all(number) { Ok(text.to_owned()) } else {
            Err(Wrong::coded("invalid_owner", "must be the numbers of a user, or of a user and a group: `1000`, `1000:1000`"))
        }
    }
}

checked! {
    /// A full commit id: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, kept in lower case.
    Sha, |text| {
        if matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(text.to_ascii_lowercase())
        } else {
            Err(Wrong::coded("invalid_ref", "must be a full commit id of 40 or 64 hexadecimal digits"))
        }
    }
}

impl Sha {
    /// All zeros: git's way to say "none" for a branch that was made or deleted.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.bytes().all(|b| b == b'0')
    }

    /// The first 12 digits, for people and image tags.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

checked! {
    /// A branch or tag name without `refs/heads/` (git-check-ref-format(1)), at most 255 bytes.
    RefName, |text| {
        let bad = text.is_empty()
            || text.len() > 255
            || text.starts_with(['-', '/', '.'])
            || text.ends_with(['/', '.'])
            || text.contains("..") || text.contains("//") || text.contains("@{") || text == "@"
            || text.split('/').any(|part| part.starts_with('.') || part.ends_with(".lock"))
            || text.chars().any(|c| c.is_control() || " ~^:?*[\\".contains(c) || is_invisible(c));
        if bad {
            Err(Wrong::coded("invalid_ref", "must be a git branch or tag name: no blanks, `..`, `@{`, `~^:?*[\\`, `.lock`, nor a leading `-`; at most 255 bytes"))
        } else {
            Ok(text.to_owned())
        }
    }
}

checked! {
    /// A path inside a repository or an app's folder: relative, `/`-separated, no `..`.
    /// The empty path and `.` mean the top.
    RelPath, |text| {
        let bad = text.len() > 1024
            || text.starts_with('/')
            || text.contains('\\')
            || text.chars().any(char::is_control)
            || text.split('/').any(|part| part == "..")
            || (text.len() > 1 && text.as_bytes()[1] == b':');
        if bad {
            return Err(Wrong::coded("path_outside_repository", "must be a relative path inside the repository, with `/` and without `..`"));
        }
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        Ok(parts.join("/"))
    }
}

checked! {
    /// An image reference (distribution spec): `[registry[:port]/]path[:tag][@sha256:digest]`.
    ImageRef, parse_image
}

checked! {
    /// The host of a registry or git server, with its port if that is not the usual one, in
    /// lower case: what a credential is sent to, and nothing else.
    HostPort, |text| {
        host_port(text).ok_or_else(|| {
            Wrong::coded("invalid_host", "must be a host like `registry.example.org` or `10.0.0.5:5000`, without scheme and path")
        })
    }
}

checked! {
    /// An e-mail address, checked as far as it is needed to sign in with it.
    Email, |text| {
        let text = text.trim().to_ascii_lowercase();
        let ok = text.len() <= 254
            && text.split_once('@').is_some_and(|(user, host)| {
                !user.is_empty() && !host.is_empty() && !host.contains('@')
                    && text.bytes().all(|b| b.is_ascii_graphic()) && !text.contains(['<', '>', '"', ',', ';', '(', ')'])
            });
        if !ok {
            return Err(Wrong::coded("invalid_email", "must be an address like `you@example.org`"));
        }
        if text.ends_with(SERVICE_HOST) {
            return Err(Wrong::coded("service_account", "is that of a service account, which nobody is: it has no password, is not invited, and signs in by its tokens alone"));
        }
        Ok(text)
    }
}

/// What the address of a service account ends with. No mail can ever reach it (RFC 2606).
const SERVICE_HOST: &str = ".service.invalid";

impl Email {
    /// What a team's service account is called where a person's address stands: `ci@3f9a1c22b7d0.service.invalid`,
    /// with the end of the team's id, as each team may have a `ci`.
    #[must_use]
    pub fn of_service(name: &Slug, team: TeamId) -> Self {
        let id = team.uuid().simple().to_string();
        Self(format!("{name}@{}{SERVICE_HOST}", &id[20..]))
    }

    /// The name of the service account, if the address is that of one.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.0.strip_suffix(SERVICE_HOST).and_then(|rest| rest.split_once('@')).map(|(name, _)| name)
    }

    /// An address that was stored: a person's, or a service account's.
    ///
    /// # Errors
    /// It is none.
    pub fn stored(text: &str) -> Result<Self, Wrong> {
        if text.ends_with(SERVICE_HOST) { Ok(Self(text.to_owned())) } else { Self::parse(text) }
    }
}

/// Characters that change how the text around them is read but are not seen themselves.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}' | '\u{fff9}'..='\u{fffb}')
}

fn parse_image(text: &str) -> Result<String, Wrong> {
    let wrong = || {
        Wrong::coded(
            "invalid_image",
            "must be an image reference like `ghcr.io/team/app:1.2` or `name@sha256:…`",
        )
    };
    if text.is_empty() || text.len() > 512 {
        return Err(wrong());
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest {
        let hex = digest.strip_prefix("sha256:").ok_or_else(wrong)?;
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(wrong());
        }
    }
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    if let Some(tag) = tag {
        let ok = (1..=128).contains(&tag.len())
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            && (tag.as_bytes()[0].is_ascii_alphanumeric() || tag.as_bytes()[0] == b'_');
        if !ok {
            return Err(wrong());
        }
    }
    let mut parts: Vec<&str> = name.split('/').collect();
    if parts.len() > 1 && (parts[0].contains(['.', ':']) || parts[0] == "localhost") {
        let host = parts.remove(0);
        host_port(host).ok_or_else(wrong)?;
    }
    if name.len() > 255 || parts.is_empty() || !parts.iter().all(|part| is_path_component(part)) {
        return Err(wrong());
    }
    Ok(text.to_owned())
}

/// Lower-case letters and digits, joined by one `.`, one or two `_`, or any number of `-`
/// (distribution reference grammar, `path-component`).
fn is_path_component(part: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let edges = bytes.first().is_some_and(|b| plain(*b)) && bytes.last().is_some_and(|b| plain(*b));
    edges
        && bytes
            .split(|b| plain(*b))
            .all(|join| matches!(join, b"" | b"." | b"_" | b"__") || join.iter().all(|b| *b == b'-'))
}

/// `host` or `host:port` in lower case: a name, an IPv4 address, or an IPv6 address in brackets.
fn host_port(text: &str) -> Option<String> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port_ok = |port: &str| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|number| number > 0)
    };
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let host_ok = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.len() <= 253 && host.split('.').all(label_ok),
    };
    (host_ok && port.is_none_or(port_ok)).then(|| text.to_ascii_lowercase())
}
