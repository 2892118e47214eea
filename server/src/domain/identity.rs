//! Who acts: users, sessions, tokens, and the actor that every command and query carries.

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    id::{PasskeyId, SessionId, TeamId, TokenId, UserId},
    name::Email,
    right::{Place, Rights},
    sso::Through,
};

/// A person who signs in, or a service account, which nobody is. What they may do is said by their roles in teams (`domain/right.rs`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address; unique.
    pub email: Email,
    /// Argon2id in PHC form; none if they sign in another way.
    pub password_hash: Option<String>,
    /// They own the instance: its settings, its machines, its teams.
    pub owner: bool,
    /// The team whose service account this is; none for a person.
    pub service: Option<TeamId>,
    /// When they were made.
    pub created_at: Time,
}

/// A signed-in browser. The cookie's value is kept as its SHA-256 only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// The team that they look at.
    pub team: Option<TeamId>,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// The browser's own words about itself, cut to 200 characters.
    pub agent: String,
    /// By whose word it was begun; none: by a password.
    pub through: Option<Through>,
}

/// An API token. Its value is kept as its SHA-256 only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub user: UserId,
    /// The team that it is for.
    pub team: TeamId,
    /// For people.
    pub name: String,
    /// What it is limited to; all that its person may do if there is none.
    pub rights: Option<Rights>,
    /// Where it is limited to; the whole team if there is none.
    pub places: Option<Vec<Place>>,
    /// When it was made.
    pub created_at: Time,
    /// When it ends, if ever.
    pub expires_at: Option<Time>,
    /// When it was last used, to the minute.
    pub used_at: Option<Time>,
}

/// The public half of a key that an authenticator of a person keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// By what the authenticator knows it.
    pub credential: Vec<u8>,
    /// For people.
    pub name: String,
    /// The key and what is known of it: JSON of `webauthn-rs`. Nothing of it is secret.
    pub public: String,
    /// Uses that the authenticator has counted; 0 for one that does not count.
    pub counter: i64,
    /// When it was registered.
    pub created_at: Time,
    /// When it last signed in.
    pub used_at: Option<Time>,
}

/// Who acts, as every command and query of `control` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Their team: part of every query.
    pub team: TeamId,
}
