#![no_main]
//! Findings with any text are shown in every form: nothing moves the cursor, each is one command, and documents are JSON.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/report.rs"]
mod property;

fuzz_target!(|input: (&str, &str, &str, usize, usize)| property::holds(input));
