//! The engine's client, the builder and the health probe on a real engine, whose address is in
//! `SKEP_TEST_ENGINE`. Without one these tests fail: nothing else shows that they are right.
//!
//! To add a case: a test in the file of what it is about, within [`lab::run`], which gives it names
//! of its own and takes everything away again.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails should end it at that line")]

mod around;
mod broken;
mod build;
mod compose;
mod lab;
mod lost;
mod nodes;
mod objects;
mod registry;
mod service;
mod site;
