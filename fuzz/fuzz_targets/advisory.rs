#![no_main]
//! An advisory is refused, or is the one that was asked for.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| cargo2_bot::fuzzing::advisory("a", "RUSTSEC-2020-0001", text));
