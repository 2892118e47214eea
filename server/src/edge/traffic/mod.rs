//! What passed one edge: reads Traefik's access log, counts it in windows of ten seconds, and tells Skep.
//!
//! It runs on the edge node, beside Traefik (`run.rs`): no database, bounded maps, and nothing that a
//! slow or absent Skep could make it wait for. What it cannot count it says (`uncounted`). Client
//! addresses and whole paths are kept for nobody but who watches the log at that moment.
//!
//! To count something more: its field in `line.rs`, its sum in `domain/traffic/counts.rs`, and the line
//! that adds to it in `count.rs`.

mod count;
mod country;
pub mod fake;
mod line;
mod path;
mod queue;
mod run;
mod skep;
mod split;

pub use count::Counter;
pub use country::{Countries, NoCountries};
pub use line::Access;
pub use run::{Edge, run};
pub use skep::{NotTaken, Skep};
