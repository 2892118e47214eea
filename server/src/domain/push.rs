//! What a forge or a registry told us: a hint, in one shape for all of them. Which repository
//! and branch an app follows comes from our own record, never from here.

use super::name::{RefName, Sha};

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
