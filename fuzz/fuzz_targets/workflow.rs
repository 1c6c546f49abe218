#![no_main]
//! No workflow makes the reader of trackers and merges panic, and what it finds can be fixed and read again.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/workflow.rs"]
mod property;

fuzz_target!(|text: &str| property::holds(text));
