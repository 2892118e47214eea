//! Single sign-on through the whole server: its pages, as a browser goes to a provider and back.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

mod account;
mod instance;
mod narrow;
mod only;
mod provider;
mod roles;
mod scene;
mod there_and_back;
