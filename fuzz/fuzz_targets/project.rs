#![no_main]
//! No project file makes the bot panic or run away, also when it includes itself under other names.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/project.rs"]
mod property;

fuzz_target!(|text: &str| property::holds(text));
