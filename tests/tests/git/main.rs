//! Git over real transports: smart HTTP and ssh on loopback, with hostile repositories.

mod server;
