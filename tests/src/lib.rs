//! What the tests share: real parts to talk to, and the tools to make something happen in them.

pub mod app;
pub mod authenticator;
pub mod client;
pub mod corpus;
pub mod database;
pub mod git_server;
pub mod idp;
pub mod many;
pub mod mutate;
pub mod parts;
pub mod sealed;
pub mod ssh_server;
pub mod worktree;
pub mod world;
