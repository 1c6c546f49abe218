#![no_main]
//! No bytes of a git server make the decoders panic, and pieces make no difference to what they read.

use libfuzzer_sys::fuzz_target;

#[path = "../properties/git_protocol.rs"]
mod property;

fuzz_target!(|input: (u8, &[u8])| property::holds(input));
