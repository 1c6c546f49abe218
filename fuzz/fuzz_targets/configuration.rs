#![no_main]
//! A configuration is refused with a place, or is read the same when it is written again.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| cargo2_bot::fuzzing::configuration(text));
