#![no_main]
//! No element makes the rules about how it is built panic, and they say the same each time.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/lint.rs"]
mod property;

fuzz_target!(|text: &str| property::holds(text));
