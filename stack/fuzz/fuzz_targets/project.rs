//! See `skep_stack_fuzz::project`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| skep_stack_fuzz::project(bytes));
