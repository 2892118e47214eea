//! What a forge or a registry told us: a hint, in one shape for all of them. Which repository
//! and branch an app follows comes from our own record, never from here.

use skep_stack::text::image_parts;

use super::{
    git_url::{GitUrl, same_repository},
    name::{ImageRef, RefName, Sha},
};

/// A verified webhook's meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The sender checks whether we are there.
    Ping,
    /// A branch or tag moved.
    Push(Push),
    /// A registry got a new image.
    Image(ImagePush),
    /// Valid, and nothing to do; the reason is shown in the delivery log.
    Ignored(&'static str),
}

/// A branch or tag that points to a new commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The sender's name of its repository, in every form it gave (full name, clone URLs), to
    /// compare with ours; never fetched from.
    pub repository: Vec<String>,
    /// What moved.
    pub target: Target,
    /// The commit it points to now; none when it was deleted. For an annotated tag it may be
    /// the tag object: the fetch peels it.
    pub after: Option<Sha>,
    /// The commit before; none when it was made by this push or not told.
    pub before: Option<Sha>,
    /// Not a fast-forward.
    pub forced: bool,
    /// First line and author of the head commit, if told.
    pub head: Option<Head>,
    /// Paths changed by all commits of the push; none if the list is not complete.
    pub paths: Option<Vec<String>>,
}

impl Push {
    /// Whether the sender means the repository at `url`. A sender that names none (only the
    /// generic form may) means the one of the webhook's app.
    #[must_use]
    pub fn is_of(&self, url: &GitUrl) -> bool {
        self.repository.is_empty() || self.repository.iter().any(|told| same_repository(url, told))
    }
}

/// The head commit as told by the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The whole message.
    pub message: String,
    /// Who wrote it.
    pub author: Option<String>,
}

/// A branch or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `refs/heads/…`
    Branch(RefName),
    /// `refs/tags/…`
    Tag(RefName),
}

/// A new image in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePush {
    /// `registry/path` or `path`, without tag.
    pub repository: String,
    /// The tag, if told.
    pub tag: Option<String>,
    /// `sha256:…`, if told.
    pub digest: Option<String>,
}

impl ImagePush {
    /// Whether it may have changed what `image` stands for: same repository, and the same tag
    /// (`latest` if `image` names none). An image pinned by digest never changes.
    #[must_use]
    pub fn is_of(&self, image: &ImageRef) -> bool {
        let (name, tag, None) = image_parts(image.as_str()) else { return false };
        let tag = tag.unwrap_or("latest");
        canonical(name) == canonical(&self.repository) && self.tag.as_deref().is_none_or(|told| told == tag)
    }
}

/// The full name: `docker.io/library/nginx` for `nginx`.
fn canonical(name: &str) -> String {
    let name = name.strip_prefix("index.docker.io/").unwrap_or(name);
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => name.to_owned(),
        Some(_) => format!("docker.io/{name}"),
        None => format!("docker.io/library/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_035_an_image_is_known_by_repository_and_tag() {
        let image = |text| ImageRef::parse(text).unwrap();
        let told = |repository: &str, tag: Option<&str>| ImagePush {
            repository: repository.into(),
            tag: tag.map(Into::into),
            digest: None,
        };
        for (ours, repository, tag) in [
            ("team/app:1", "team/app", Some("1")),
            ("team/app", "docker.io/team/app", Some("latest")),
            ("nginx:1", "library/nginx", Some("1")),
            ("registry.example.org:5000/app:1", "registry.example.org:5000/app", None),
        ] {
            assert!(told(repository, tag).is_of(&image(ours)), "{ours}");
        }
        let pinned = format!("team/app:1@sha256:{}", "a".repeat(64));
        for (ours, repository, tag) in [
            ("team/app:1", "team/app", Some("2")),
            ("team/app:1", "team/other", Some("1")),
            ("team/app:1", "ghcr.io/team/app", Some("1")),
            (pinned.as_str(), "team/app", Some("1")),
        ] {
            assert!(!told(repository, tag).is_of(&image(ours)), "{ours}");
        }
    }
}
