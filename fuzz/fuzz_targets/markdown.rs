#![no_main]
//! Nothing from outside becomes markup: a document of our own pieces is read by a renderer as nothing but these.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/markdown.rs"]
mod property;

fuzz_target!(|input: (&str, &str)| property::holds(input));
