#![no_main]
//! No patch makes the evaluation panic or run away.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/patch.rs"]
mod property;

fuzz_target!(|input: (u8, &[u8], &[u8])| property::holds(input));
