//! Grammars of the texts that the engine or the kernel takes, shared by all ways to a stack.
//! To add one: a predicate here with its source, and its refused values in the tests.

/// The longest name that Swarm takes for services and networks.
pub const NAME_MAX: usize = 63;
/// Linux refuses a single argument or variable from here on (`MAX_ARG_STRLEN`, execve(2)).
pub const ARGUMENT_MAX: usize = 128 * 1024;

/// Where images are called that only exist on the engine that built them: no registry can ever answer
/// for it (RFC 2606).
pub const LOCAL_REGISTRY: &str = "skep.invalid";

/// What comes after that in the name of such an image.
#[must_use]
pub fn local_image(image: &str) -> Option<&str> {
    image.strip_prefix(LOCAL_REGISTRY)?.strip_prefix('/')
}

/// A name of a service or network: a DNS label of letters, digits, `-` and `_`.
#[must_use]
pub fn name(text: &str) -> bool {
    text.len() <= NAME_MAX && label(text, b"-_")
}

/// A host name that containers may call each other by (RFC 1123 labels, `_` allowed, at most 253).
#[must_use]
pub fn alias(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(name)
}

/// A name of a volume, config or secret: letters, digits, `.`, `_`, `-`.
#[must_use]
pub fn object(text: &str) -> bool {
    label(text, b"-_.")
}

fn label(text: &str, inner: &[u8]) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    edge(text.bytes().next())
        && edge(text.bytes().next_back())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || inner.contains(&b))
}

/// The name of an environment variable (POSIX: letters, digits and `_`, no digit first).
#[must_use]
pub fn env_key(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// An absolute path in a container, not the root, without `.` and `..` parts and control characters.
#[must_use]
pub fn target(text: &str) -> bool {
    text.len() <= 1024
        && text.len() > 1
        && text.starts_with('/')
        && !text.contains("//")
        && !text.chars().any(char::is_control)
        && !text.split('/').any(|part| part == ".." || part == ".")
}

/// What an object of a stack is called in its file: `web` for `shop_web`. None if it is not the stack's.
#[must_use]
pub fn short<'n>(stack: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(stack)?.strip_prefix('_')
}

/// Whether `path` is `folder` or lies below it.
#[must_use]
pub fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Name, tag and digest of an image reference, which is not checked: see [`image`]. A colon before
/// a slash belongs to a registry's port.
#[must_use]
pub fn image_parts(reference: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (reference, None),
    };
    match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag), digest),
        _ => (rest, None, digest),
    }
}

/// An image reference (distribution spec): `[registry[:port]/]path[:tag][@sha256:digest]`.
#[must_use]
pub fn image(text: &str) -> bool {
    let (name, tag, digest) = image_parts(text);
    let digest_ok = digest.is_none_or(|digest| {
        digest.strip_prefix("sha256:").is_some_and(|hex| {
            hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
    });
    let tag_ok = tag.is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && !tag.starts_with(['.', '-'])
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    });
    let path = match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
            let host_ok = !host.starts_with(['-', '.'])
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
            if !host_ok {
                return false;
            }
            path
        }
        _ => name,
    };
    let part = |part: &str| {
        let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        edge(part.bytes().next())
            && edge(part.bytes().next_back())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    };
    text.len() <= 512 && digest_ok && tag_ok && path.split('/').all(part)
}

/// A user (and group) of a container: names or numbers.
#[must_use]
pub fn user(text: &str) -> bool {
    let part = |part: &str| {
        (1..=64).contains(&part.len())
            && !part.starts_with('-')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    match text.split_once(':') {
        Some((user, group)) => part(user) && part(group),
        None => part(text),
    }
}

/// A signal by name (`SIGTERM`, `TERM`) or number (1 to 64).
#[must_use]
pub fn signal(text: &str) -> bool {
    signal_number(text).is_some()
}

/// The number of a signal by its name or number, as Linux counts on `x86_64` and `aarch64`; those of
/// real time begin at 34, as C libraries keep the first two.
#[must_use]
pub fn signal_number(text: &str) -> Option<u8> {
    const NAMES: [(&str, u8); 20] = [
        ("HUP", 1),
        ("INT", 2),
        ("QUIT", 3),
        ("ILL", 4),
        ("TRAP", 5),
        ("ABRT", 6),
        ("BUS", 7),
        ("FPE", 8),
        ("KILL", 9),
        ("USR1", 10),
        ("SEGV", 11),
        ("USR2", 12),
        ("PIPE", 13),
        ("ALRM", 14),
        ("TERM", 15),
        ("CHLD", 17),
        ("CONT", 18),
        ("STOP", 19),
        ("WINCH", 28),
        ("PWR", 30),
    ];
    let name = text.strip_prefix("SIG").unwrap_or(text);
    let real_time = |prefix: &str, sign: char| {
        let rest = name.strip_prefix(prefix)?;
        if rest.is_empty() {
            return Some(0);
        }
        rest.strip_prefix(sign)?.parse::<u8>().ok().filter(|n| *n <= 15)
    };
    NAMES
        .iter()
        .find_map(|(known, number)| (*known == name).then_some(*number))
        .or_else(|| real_time("RTMIN", '+').map(|n| 34 + n))
        .or_else(|| real_time("RTMAX", '-').map(|n| 64 - n))
        .or_else(|| text.parse().ok().filter(|number| (1..=64).contains(number)))
}

/// `key == value` or `key != value`, split; none if it is no constraint that Swarm takes.
#[must_use]
pub fn constraint(text: &str) -> Option<(&str, bool, &str)> {
    let (key, same, value) = match (text.split_once("=="), text.split_once("!=")) {
        (Some((key, value)), None) => (key, true, value),
        (None, Some((key, value))) => (key, false, value),
        _ => return None,
    };
    let (key, value) = (key.trim(), value.trim());
    let value_ok = (1..=255).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:/ ".contains(&b));
    (node_key(key) && value_ok).then_some((key, same, value))
}

/// What a constraint or a preference may look at: `node.labels.zone`, `node.platform.arch`.
#[must_use]
pub fn node_key(text: &str) -> bool {
    const FIXED: [&str; 5] =
        ["node.id", "node.hostname", "node.role", "node.platform.os", "node.platform.arch"];
    let lower = text.to_ascii_lowercase();
    FIXED.contains(&lower.as_str())
        || ["node.labels.", "engine.labels."].iter().any(|prefix| {
            lower.strip_prefix(prefix).is_some_and(|rest| {
                (1..=255).contains(&rest.len())
                    && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_104_object_names() {
        for text in ["data", "pg_data", "a.b-c", "A1"] {
            assert!(object(text), "{text}");
        }
        for text in ["", ".", "..", "a/b", "a b", "-a", "a-", "a\0", "a\n", "é", "$(x)", "a;b"] {
            assert!(!object(text), "{text:?}");
        }
        assert!(name(&"a".repeat(63)) && !name(&"a".repeat(64)) && !name("a.b"));
        assert!(alias("db.internal") && !alias("db..internal") && !alias("db internal"));
    }

    #[test]
    fn case_084_targets() {
        for text in ["/data", "/etc/nginx/conf.d/x.conf", "/a b"] {
            assert!(target(text), "{text}");
        }
        for text in ["", "/", "data", "../x", "/a/../b", "/a/..", "/./a", "//a", "/a\0", "/a\nb"] {
            assert!(!target(text), "{text:?}");
        }
        assert!(below("/proc/1", "/proc") && below("/proc", "/proc") && !below("/process", "/proc"));
    }

    #[test]
    fn case_100_variable_names() {
        for text in ["A", "_a9", "PATH"] {
            assert!(env_key(text), "{text}");
        }
        for text in ["", "9A", "A=B", "A B", "A\n", "A\0", "A-B", "$A", "é"] {
            assert!(!env_key(text), "{text:?}");
        }
    }

    #[test]
    fn users_and_signals() {
        assert!(user("1000:1000") && user("app") && user("_apt"));
        assert!(!user("") && !user("a:b:c") && !user(":x") && !user("a b") && !user("-u"));
        assert!(
            signal("SIGTERM") && signal("TERM") && signal("15") && signal("SIGRTMIN+3") && signal("RTMAX-1")
        );
        assert!(!signal("SIGNOPE") && !signal("0") && !signal("65") && !signal("") && !signal("SIGRTMIN+99"));
    }

    #[test]
    fn constraints() {
        assert_eq!(constraint("node.labels.disk == ssd"), Some(("node.labels.disk", true, "ssd")));
        assert_eq!(constraint("node.role!=manager"), Some(("node.role", false, "manager")));
        for text in [
            "",
            "node.role",
            "node.role = manager",
            "node.ip == 1",
            "node.labels. == x",
            "node.id == ",
            "node.id == a\nb",
            "a == b != c",
        ] {
            assert_eq!(constraint(text), None, "{text:?}");
        }
    }
}
