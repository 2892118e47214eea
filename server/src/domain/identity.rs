//! Who acts: users, sessions, tokens, and the actor that every command and query carries.

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    id::{SessionId, TeamId, TokenId, UserId},
    name::Email,
};

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their team.
    pub team: TeamId,
    /// Their address; unique.
    pub email: Email,
    /// Argon2id in PHC form.
    pub password_hash: String,
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
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// The browser's own words about itself, cut to 200 characters.
    pub agent: String,
}

/// An API token. Its value is kept as its SHA-256 only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub user: UserId,
    /// For people.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// When it ends, if ever.
    pub expires_at: Option<Time>,
    /// When it was last used, to the minute.
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
