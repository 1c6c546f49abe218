#![no_main]
//! A lock that gives a block gives one that is read back as it was written.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/lock.rs"]
mod property;

fuzz_target!(|text: &str| property::holds(text));
