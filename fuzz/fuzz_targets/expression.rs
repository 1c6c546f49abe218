#![no_main]
//! An expression of a workflow has the same value each time, and a text without expressions is itself.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| cargo2_bot::fuzzing::expression(text));
