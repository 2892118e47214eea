//! Image references as the docker CLI writes them on the wire.

use crate::text;

/// Hosts that mean the Docker Hub.
const HUB: [&str; 2] = ["docker.io", "index.docker.io"];
/// What the engine takes as a repository's name.
const NAME_MAX: usize = 255;

/// The short form: without the Docker Hub's name, with the tag `latest` if there is neither tag nor
/// digest. None if the text is no reference (distribution spec). A bare image id stays as it is.
pub(super) fn familiar(written: &str) -> Option<String> {
    let id = written.strip_prefix("sha256:").unwrap_or(written);
    if id.len() == 64 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Some(written.to_owned());
    }
    if !text::image(written) {
        return None;
    }
    let (name, tag, digest) = text::image_parts(written);
    let short = match name.split_once('/') {
        Some((host, path)) if HUB.contains(&host) => path.strip_prefix("library/").unwrap_or(path),
        _ => match name.strip_prefix("library/") {
            Some(path) if !path.contains('/') => path,
            _ => name,
        },
    };
    if name.len() > NAME_MAX {
        return None;
    }
    let mut all = short.to_owned();
    if let Some(tag) = tag.or_else(|| digest.is_none().then_some("latest")) {
        all.push(':');
        all.push_str(tag);
    }
    if let Some(digest) = digest {
        all.push('@');
        all.push_str(digest);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let digest = format!("@sha256:{}", "a".repeat(64));
        for (written, short) in [
            ("nginx", "nginx:latest"),
            ("docker.io/library/nginx", "nginx:latest"),
            ("library/nginx:1", "nginx:1"),
            ("docker.io/team/app", "team/app:latest"),
            ("ghcr.io/team/app:1.2", "ghcr.io/team/app:1.2"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            (&format!("nginx{digest}"), &format!("nginx{digest}")),
            (&format!("nginx:1{digest}"), &format!("nginx:1{digest}")),
        ] {
            assert_eq!(familiar(written).as_deref(), Some(short), "{written}");
        }
        for id in ["a".repeat(64), format!("sha256:{}", "0".repeat(64))] {
            assert_eq!(familiar(&id).as_deref(), Some(id.as_str()));
        }
        for wrong in ["", "A/b", "a b", "a:", "a@sha256:1", "/a"] {
            assert_eq!(familiar(wrong), None, "{wrong}");
        }
    }
}
