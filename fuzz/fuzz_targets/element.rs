#![no_main]
//! Whatever stands in an element: both readers agree on it, and an edit is right or refused.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/element.rs"]
mod property;

fuzz_target!(|text: &str| property::holds(text));
