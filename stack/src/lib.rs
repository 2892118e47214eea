//! From what a user wrote to what Swarm shall hold, and the way there. Pure: text and data in,
//! data out; no network, no clock, no async.
//!
//! - [`app`]: the settings of a single-image app, and their way to a [`spec::StackSpec`].
//! - [`compose`]: the same for Compose files; [`dotenv`]: files of variables, for them and for imports.
//! - [`secret_files`]: variables that containers get as files, for both.
//! - [`policy`]: what a team may ask of the host; one choke point over the final spec.
//! - [`validate`]: what the engine would refuse, found before the first write.
//! - [`cluster`]: what the swarm that it comes to cannot give.
//! - [`observed`], [`plan`]: what runs, and the ordered actions from there to what is wanted;
//!   [`part`]: for some of its services alone.
//!
//! What holds for any input is tried with generated projects (`compose::tests::properties`), with
//! changed samples in each run of the tests (`tests/fuzz.rs`), and without end by the fuzz targets
//! in `fuzz/` (`just fuzz`); that bombs are refused within 100 ms and 32 MiB, by `tests/bombs.rs`.
//!
//! `just bench-stack DIR` counts files per second against `docker stack config`, in one run over
//! the files that both take. With 160 files of public repositories on a virtual machine of two AMD
//! EPYC cores, busy with other builds, docker CLI 28.2.2: 30 of the docker CLI; 256 of
//! `examples/convert`, a program started for each file (9 times); 10,182 by a call of
//! [`compose::command::run`], which reads the file, too (343 times).

pub use bollard_stubs::models;

pub mod app;
pub mod cluster;
pub mod compose;
pub mod dotenv;
pub mod drain;
pub mod fault;
pub mod labels;
pub mod observed;
pub mod part;
pub mod plan;
pub mod policy;
pub mod replicas;
pub mod reserved;
pub mod secret_files;
pub mod spec;
pub mod text;
pub mod trial;
pub mod units;
pub mod validate;
pub mod vip;
pub mod volumes;
pub mod writer;
