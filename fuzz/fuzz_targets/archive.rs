#![no_main]
//! No bytes of an archive make the reader panic or run away, and it gives each path the same answer alone and among others.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/archive.rs"]
mod property;

fuzz_target!(|input: (u8, &[u8])| property::holds(input));
