//! What Skep talks about: ids, checked names, entities and state machines. No I/O, no async.
//!
//! Everything that crosses a border is parsed once into a type from here, by its only
//! constructor (`parse`), whether it came from the API, a form, a webhook, an import or a restore.
//!
//! To add an entity: a file named by its noun, its id in `id.rs`, its states as an enum whose
//! transitions consume `self` and can refuse, and a line below.

pub mod app;
pub mod audit;
pub mod canary;
pub mod certificate;
pub mod clock;
pub mod credential;
pub mod data_key;
pub mod delivery;
pub mod deployment;
pub mod dns_provider;
pub mod domain_name;
pub mod fault;
pub mod git_url;
pub mod host_pattern;
pub mod id;
pub mod identity;
pub mod instance;
pub mod job;
pub mod name;
pub mod outbound;
pub mod port;
pub mod project;
pub mod protection;
pub mod push;
pub mod quota;
pub mod redirect;
pub mod release;
pub mod right;
pub mod route;
pub mod seal;
pub mod secret;
pub mod shift;
pub mod sso;
pub mod step;
pub mod store;
pub mod team;
pub mod totp;
pub mod traffic;
pub mod variable;
pub mod verified_domain;
